"""What each fill model makes of an order, and that none is better than a kinder one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.orders import Side
from swingbreak.simulation.fills import FillModel, Passage, worse
from tests.bar_days import SPREADS
from tests.builders import SESSION, tick

PESSIMISTIC, CALIBRATED, OPTIMISTIC = (Passage(model, SESSION, SPREADS) for model in FillModel)


@pytest.mark.parametrize(
    ("passage", "low", "expected"),
    [
        (PESSIMISTIC, 170_00, 171_95),  # down to its limit
        (PESSIMISTIC, 173_00, 173_00),  # as far as the price went
        (CALIBRATED, 170_00, 174_60),  # one usual spread
        (CALIBRATED, 174_80, 174_80),
        (OPTIMISTIC, 170_00, 174_95),
    ],
)
def test_an_entry_that_is_passed(passage: Passage, low: int, expected: int) -> None:
    assert passage.set_off(Side.SELL, 174_95, 171_95, low) == expected


@pytest.mark.parametrize(
    ("passage", "high", "expected"),
    [
        (PESSIMISTIC, 195_00, 188_00),
        (PESSIMISTIC, 186_00, 186_00),
        (CALIBRATED, 195_00, 185_35),
        (CALIBRATED, 185_10, 185_10),
        (OPTIMISTIC, 195_00, 185_00),
    ],
)
def test_a_stop_that_is_passed(passage: Passage, high: int, expected: int) -> None:
    assert passage.set_off(Side.BUY, 185_00, 188_00, high) == expected


def test_the_quote_never_leaves_the_bar() -> None:
    assert PESSIMISTIC.quote(150_00, 140_00, 160_00) == (149_10, 150_90)
    assert PESSIMISTIC.quote(150_00, 149_50, 150_05) == (149_50, 150_05)
    assert CALIBRATED.quote(150_00, 140_00, 160_00) == (149_65, 150_35)
    assert OPTIMISTIC.quote(150_00, 140_00, 160_00) == (150_00, 150_00)


def test_prices_go_through_every_value_within_a_minute_only() -> None:
    early, late, next_ = tick(100_00, 3, 0), tick(110_00, 3, 59), tick(90_00, 4, 0)
    assert CALIBRATED.goes_through(early, late)
    assert not CALIBRATED.goes_through(late, next_)
    assert not CALIBRATED.goes_through(None, early)


PRICES = st.integers(20, 8000).map(lambda ticks: ticks * 5)


@given(st.sampled_from(Side), PRICES, st.integers(0, 200), st.integers(0, 400), st.integers(0, 400))
def test_a_kinder_model_never_fills_worse(
    side: Side, trigger: int, buffer: int, passed: int, range_: int
) -> None:
    limit, reached = worse(side, trigger, buffer * 5), worse(side, trigger, passed * 5)
    fills = [
        p.set_off(side, trigger, limit, reached) for p in (PESSIMISTIC, CALIBRATED, OPTIMISTIC)
    ]
    assert fills == sorted(fills, reverse=side is Side.BUY)
    assert all(min(trigger, reached) <= fill <= max(trigger, reached) for fill in fills)
    assert all(min(trigger, limit) <= fill <= max(trigger, limit) for fill in fills)
    low, high = trigger - range_ * 5, trigger + passed * 5
    quotes = [p.quote(trigger, low, high) for p in (PESSIMISTIC, CALIBRATED, OPTIMISTIC)]
    bids, asks = zip(*quotes, strict=True)
    assert list(bids) == sorted(bids)
    assert list(asks) == sorted(asks, reverse=True)
    assert all(low <= bid <= trigger <= ask <= high for bid, ask in quotes)
