"""What a day that was cut up answers is what looking through its tape would find."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from swingbreak.domain.market import Tick
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.tape import ArrayTape
from tests.made_up_days import SPOT, made_up_tape

SEEDS = range(5)


@pytest.fixture(params=SEEDS)
def tape(request: pytest.FixtureRequest) -> ArrayTape:
    return made_up_tape(Random(request.param))  # noqa: S311 - seeded on purpose


def spans(tape: ArrayTape) -> Iterator[tuple[Tick, Tick]]:
    """Pairs of ticks of the tape, the first not later than the second, and a tick with itself."""
    dice, ticks = Random(7), list(tape.ticks())  # noqa: S311 - seeded on purpose
    for _ in range(40):
        first, last = sorted(dice.choices(range(len(ticks)), k=2))
        yield ticks[first], ticks[last]
    yield ticks[0], ticks[0]


def test_ticks_between_two_moments_are_those_of_the_tape(tape: ArrayTape) -> None:
    cut, symbols = CutDay(tape, 1500), [contract.symbol for contract in tape.contracts[:2]]
    for first, last in spans(tape):
        found = [t for t in tape.ticks() if t.symbol in symbols and first.at < t.at <= last.at]
        assert cut.between(symbols, first.at, last.at) == found
        assert sorted(found, key=cut.order) == found


def test_the_newest_tick_is_that_of_the_tape(tape: ArrayTape) -> None:
    cut = CutDay(tape, 1500)
    for symbol in tape.symbols:
        for _, now in spans(tape):
            found = [t for t in tape.ticks() if t.symbol == symbol and t.at <= now.at]
            assert cut.last(symbol, now.at) == (found[-1] if found else None)
            if symbol == SPOT:
                assert cut.spot(now.at) == found[-1].price


def test_before_its_first_tick_the_index_is_yesterdays(tape: ArrayTape) -> None:
    before = tape.session.opens - timedelta(seconds=1)
    assert CutDay(tape, 1500).last(SPOT, before) is None
    assert CutDay(tape, 1500).spot(before) == tape.previous_close(SPOT)


def test_records_rise_above_the_band_and_end_where_it_is_broken(tape: ArrayTape) -> None:
    cut, symbol = CutDay(tape, 1500), tape.contracts[0].symbol
    for first, last in spans(tape):
        ticks = cut.between([symbol], first.at, last.at)
        floor, ceiling = first.price // 2, first.price
        found: list[Tick] = []
        for tick in ticks:
            if tick.price <= floor:
                found.append(tick)
                break
            if tick.price > max((t.price for t in found), default=ceiling):
                found.append(tick)
        assert cut.records(symbol, first.at, last.at, (floor, ceiling)) == found


def test_a_band_is_broken_by_the_first_tick_at_its_lower_end(tape: ArrayTape) -> None:
    cut, symbol = CutDay(tape, 1500), tape.contracts[0].symbol
    ticks = cut.between([symbol], tape.session.opens, tape.session.closes)
    lowest = min(ticks, key=lambda tick: tick.price)
    band = (lowest.price, max(tick.price for tick in ticks))
    assert cut.records(symbol, tape.session.opens, tape.session.closes, band) == [lowest]


def test_nothing_is_begun_for_what_is_held(tape: ArrayTape) -> None:
    cut, symbol = CutDay(tape, 1500), tape.contracts[0].symbol
    now = tape.session.closes
    before = cut.last(symbol, now)
    cut.begin(3, {symbol})
    assert cut.last(symbol, now) == before
