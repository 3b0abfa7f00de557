"""Days on which the window of strikes moves: alike with and without shortcuts, and for heirs."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from swingbreak.bootstrap.backtest.way import Followed, Way, way_of
from swingbreak.domain.events import Event
from swingbreak.domain.instrument import parse_option_symbol
from swingbreak.domain.parameters import Parameters
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.lookahead import prefixes
from swingbreak.runtime.restarts import restarts
from swingbreak.simulation.bar_day import BarDay, BarSheet
from swingbreak.simulation.exchange import ExchangeRules
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.tape import ArrayTape
from tests.bar_days import SPREADS, bars_of, quick_bars, tape_of
from tests.made_up_days import made_up_parameters, made_up_tape
from tests.naive_day import NaiveDay, quick, way_through
from tests.taped_days import TapedDay

STRIKES, EACH_SIDE, AFTER = 9, 1, 1
SEEDS = range(10)
GRACE = timedelta(milliseconds=Parameters().bar_grace_ms)


def a_day(seed: int) -> tuple[ArrayTape, Parameters]:
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    tape = made_up_tape(dice, hole=seed % 5 == 3, wanders=STRIKES)
    return tape, made_up_parameters(dice, tape.session.minutes)


def way_on(tape: ArrayTape) -> Way:
    return way_through(tape, EACH_SIDE, AFTER)


def seen_on(way: Way, tape: ArrayTape, record: DayRecord) -> Counter[str]:
    """What a day shows; that nothing was entered in a strike outside the window of its moment."""
    assert way.window is not None
    placed = 0
    for line in record.decisions:
        at, what, *rest = line.split()
        if what == "place" and rest[0].startswith("entry"):
            placed += 1
            strike = parse_option_symbol(rest[3])[2]
            assert strike in way.window.around(centre_at(way, tape, datetime.fromisoformat(at)))
    outside = sum(line.endswith(" outside") for line in record.decisions)
    return Counter(moves=len(way.moves), placed=placed, outside=outside)


def centre_at(way: Way, tape: ArrayTape, at: datetime) -> int:
    assert way.window is not None
    centre = way.window.centre
    for minute, moved in way.moves.items():
        if tape.session.start_of(minute + 1) + GRACE <= at:
            centre = moved
    return centre


def before_the_close(tape: ArrayTape, record: DayRecord) -> list[str]:
    return [line for line in record.decisions if line < tape.session.closes.isoformat()]


def compare(seed: int) -> Counter[str]:
    """Run a day with and without shortcuts."""
    tape, parameters = a_day(seed)
    way = way_on(tape)
    _, record = quick(tape, way.contracts, parameters, way=way)
    naive = NaiveDay(tape, tape.contracts, parameters, window=way.window)
    naive.run()
    assert before_the_close(tape, record) == before_the_close(tape, naive.record), seed
    return seen_on(way, tape, record)


def test_the_window_moves_alike_with_and_without_shortcuts() -> None:
    seen = sum(map(compare, SEEDS), Counter[str]())
    assert min(seen["moves"], seen["placed"]) > 25
    assert seen["outside"] > 1


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_it_moves_alike_on_many_days(block: int) -> None:
    for seed in range(100 + 50 * block, 150 + 50 * block):
        compare(seed)


def compare_bars(seed: int) -> Counter[str]:
    """Run a day of bars, whose minutes are passed over where nothing happens, and its tape."""
    made, parameters = a_day(seed)
    bars = bars_of(made)
    passage = Passage(list(FillModel)[seed % len(FillModel)], bars.session, SPREADS)
    sheet = BarSheet(bars)
    opens = sheet.previous_close(sheet.spot_symbol)
    followed = Followed(EACH_SIDE, None, None, 0, 0, 0, AFTER)
    way = way_of(followed, bars.contracts, opens, sheet.index_by_minute, bars.session)
    sheet.follow(way.contracts)
    seen = BarDay(sheet, passage)
    _, record = quick_bars(seen, parameters, passage, way)
    tape = tape_of(seen)
    assert way_on(tape) == way
    rules = ExchangeRules(passage=passage)
    _, cut = quick(tape, way.contracts, parameters, way=way, rules=rules)
    assert record.decisions == cut.decisions, seed
    assert record.curve == cut.curve, seed
    return seen_on(way, tape, record)


def test_bars_are_decided_as_their_tape() -> None:
    seen = sum(map(compare_bars, SEEDS), Counter[str]())
    assert min(seen["moves"], seen["placed"]) > 20
    assert seen["outside"]


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_many_days_of_bars_are_decided_as_their_tape(block: int) -> None:
    for seed in range(100 + 50 * block, 150 + 50 * block):
        compare_bars(seed)


def test_no_move_knows_what_comes_later() -> None:
    for seed in (1, 6):
        tape, parameters = a_day(seed)

        def decide(
            ends: datetime | None, whole: ArrayTape = tape, by: Parameters = parameters
        ) -> Sequence[str]:
            known = whole if ends is None else whole.until(ends)
            way = way_on(known)
            return quick(known, way.contracts, by, way=way)[1].decisions

        cuts = [
            tape.session.start_of(minute) + GRACE for minute in range(3, tape.session.minutes, 3)
        ]
        cut = [*prefixes(decide, cuts)]
        assert [each for each in cut if each.parting is not None] == [], seed
        assert cut[-1].alike > 3


def start_again(seed: int) -> int:
    tape, parameters = a_day(seed)
    way = way_on(tape)
    day = TapedDay(tape, way.contracts, parameters, way=way)
    found = [*restarts(day.terms, [each for each in day.heard if isinstance(each, Event)])]
    assert [each for each in found if each.mismatch is not None] == [], seed
    return len(found)


def test_a_start_at_any_minute_goes_on_with_the_window_as_it_is() -> None:
    assert sum(map(start_again, range(5))) > 40


@pytest.mark.parametrize(("atm", "after"), [(24600_00, AFTER), (None, 0)])
def test_what_is_fixed_never_moves(atm: int | None, after: int) -> None:
    tape, _ = a_day(1)
    followed = Followed(EACH_SIDE, None, atm, 0, 0, 0, after)
    way = way_of(followed, tape.contracts, 24600_00, list, tape.session)
    strikes = {24550_00, 24600_00, 24650_00}
    assert {contract.strike for contract in way.contracts} == strikes
    assert (way.window, way.moves, way.notes) == (None, {}, ())


def test_a_day_that_has_too_few_strikes_says_so() -> None:
    tape, _ = a_day(1)
    followed = Followed(STRIKES, None, None, 0, 0, 0, 2)
    index = [(0, 24600_00), (3, 25400_00)]
    way = way_of(followed, tape.contracts, 24600_00, lambda: index, tape.session)
    assert way.contracts == tape.contracts
    assert (way.window, way.moves) == (None, {})
    (note,) = way.notes
    assert "the window of strikes stayed behind" in note
