"""How the estimate moves. Short portfolios only: a bought option may turn each of these round.

Monotone in spot it is by nature only as a scale: with the index at another level and the same
chain around it, strikes and all, margin grows with the notional. With the strikes fixed it is not:
a put's margin falls as the index rises.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.risk.margin import Leg, Margin, MarginModel

DAY = date(2026, 11, 20)
PARTS = 4  # of an answer that are rounded to a paisa each, and one for the sum

# whole thousands of paise, scaled by whole per cent: strikes stay exact
SPOTS = st.integers(10, 60).map(lambda thousands: thousands * 1000_00)
VOLATILITIES = st.floats(0.0, 0.8)
DISTANCES = st.integers(-120, 120)  # of a strike from the index, thousandths of it
UNITS = st.integers(1, 50).map(lambda lots: 65 * lots)
SHORTS = st.lists(
    st.tuples(DISTANCES, st.sampled_from(Right), st.integers(0, 30), UNITS), min_size=1, max_size=6
)
Shorts = list[tuple[int, Right, int, int]]


def legs(shorts: Shorts, spot: int) -> list[Leg]:
    return [
        Leg(
            OptionContract(
                underlying="NIFTY",
                expiry=DAY + timedelta(days=days),
                strike=spot + distance * spot // 1000,
                right=right,
                lot=65,
                freeze=1800,
                tick=5,
                exchange="NFO",
                symbol="",
            ),
            -units,
        )
        for distance, right, days, units in shorts
    ]


def required(shorts: Shorts, spot: int, volatility: float) -> Margin:
    return MarginModel(DAY).required(legs(shorts, spot), spot, volatility)


@given(SHORTS, SPOTS, st.integers(101, 300), VOLATILITIES)
def test_with_the_chain_scaled_margin_is_in_proportion_to_spot(
    shorts: Shorts, spot: int, percent: int, volatility: float
) -> None:
    before = required(shorts, spot, volatility).total
    after = required(shorts, spot * percent // 100, volatility).total
    assert after > before
    assert after == pytest.approx(before * percent / 100, abs=PARTS * 2)


@given(SHORTS, SPOTS, VOLATILITIES, VOLATILITIES)
def test_more_volatility_never_frees_margin(
    shorts: Shorts, spot: int, first: float, second: float
) -> None:
    low, high = sorted((first, second))
    less, more = required(shorts, spot, low), required(shorts, spot, high)
    assert more.total >= less.total - PARTS
    assert more.exposure == less.exposure


@given(SHORTS, SPOTS, VOLATILITIES, st.data())
def test_more_units_of_any_leg_need_more_margin(
    shorts: Shorts, spot: int, volatility: float, data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(shorts) - 1))
    distance, right, days, units = shorts[which]
    larger = [*shorts]
    larger[which] = (distance, right, days, units + data.draw(UNITS))
    assert required(larger, spot, volatility).total > required(shorts, spot, volatility).total


@given(SHORTS, SPOTS, VOLATILITIES, st.integers(2, 9))
def test_a_multiple_of_the_portfolio_needs_that_multiple(
    shorts: Shorts, spot: int, volatility: float, times: int
) -> None:
    many = [(distance, right, days, times * units) for distance, right, days, units in shorts]
    one = required(shorts, spot, volatility).total
    assert required(many, spot, volatility).total == pytest.approx(times * one, abs=times * PARTS)


@given(SHORTS, SHORTS, SPOTS, VOLATILITIES)
def test_held_together_never_needs_more_than_apart(
    some: Shorts, others: Shorts, spot: int, volatility: float
) -> None:
    apart = required(some, spot, volatility) + required(others, spot, volatility)
    assert required([*some, *others], spot, volatility).total <= apart.total + 2 * PARTS


@given(SHORTS, SPOTS, VOLATILITIES)
def test_the_order_of_legs_and_questions_changes_nothing(
    shorts: Shorts, spot: int, volatility: float
) -> None:
    model = MarginModel(DAY)
    held = legs(shorts, spot)
    model.required(held, spot + 100, volatility)
    again = model.required(held[::-1], spot, volatility)
    once = required(shorts, spot, volatility)
    assert (again.exposure, again.expiry_day) == (once.exposure, once.expiry_day)
    assert again.span == pytest.approx(once.span, abs=1)
