"""The quick runner decides as if it had read every tick, on days that are hard on shortcuts."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_up_days import made_up_parameters, made_up_tape
from tests.naive_day import NaiveDay, quick

# What the days that always run must have had in them.
SEEN = {"place entry": 150, "modify entry": 80, "cancel": 100, "place close": 30, "trades": 20}
HALTS = {"force_exit": 20, "daily_stop": 1, "daily_target": 1}


def compare(seed: int, freeze_lots: int = 27) -> Counter[str]:
    """Run one day both ways; return what was in it."""
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    tape = made_up_tape(dice, hole=seed % 5 == 3, freeze_lots=freeze_lots)
    parameters = made_up_parameters(dice, tape.session.minutes)
    naive = NaiveDay(tape, tape.contracts, parameters)
    naive.run()
    engine, record = quick(tape, tape.contracts, parameters)
    closes = tape.session.closes.isoformat()  # from then on the exchange refuses everything
    given, expected = (
        [line for line in each.decisions if line < closes] for each in (record, naive.record)
    )
    assert given == expected, seed
    assert record.curve == naive.record.curve, seed
    assert engine.state.holdings.trades == naive.engine.state.holdings.trades, seed
    seen = Counter(what for what in SEEN for line in record.decisions if f" {what}" in line)
    return seen + Counter({"trades": len(engine.state.holdings.trades), engine.state.halted: 1})


def lacking(seen: Counter[str]) -> dict[str, int]:
    return {what: seen[what] for what, least in (SEEN | HALTS).items() if seen[what] < least}


def test_no_tick_that_matters_is_skipped() -> None:
    seen: Counter[str] = sum((compare(seed) for seed in range(60)), Counter())
    assert lacking(seen) == {}


def test_no_tick_that_matters_is_skipped_where_all_is_sliced() -> None:
    seen: Counter[str] = sum((compare(seed, freeze_lots=2) for seed in range(30)), Counter())
    assert seen["place entry"] >= 300
    assert seen["place close"] >= 50


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([27, 27, 1, 2, 3]))
def test_no_tick_that_matters_is_skipped_on_any_day(seed: int, freeze_lots: int) -> None:
    compare(seed, freeze_lots)


# Days on which a shortcut once went wrong.
@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(9, id="a force exit priced from an old offer"),
        pytest.param(21, id="an entry given up on a tick of another symbol"),
        pytest.param(417, id="an exit that is overdue on a tick of another symbol"),
        pytest.param(171, id="what begins to matter within the second of the close"),
        pytest.param(332, id="a change judged by an old price at the venue"),
        pytest.param(5, id="a fill while another position has an old mark"),
        pytest.param(41, id="a tick at the very instant of the close"),
    ],
)
def test_days_that_were_hard(seed: int) -> None:
    compare(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_no_tick_that_matters_is_skipped_on_many_days(block: int) -> None:
    seen: Counter[str] = sum(
        (compare(seed) for seed in range(1000 * block, 1000 * block + 300)), Counter()
    )
    assert lacking(seen) == {}
