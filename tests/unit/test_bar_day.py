"""What a day of bars shows; the property tests compare it with its tape."""

from array import array
from datetime import timedelta

import pytest

from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import SwingRule
from swingbreak.market.day_bars import IndexColumns
from swingbreak.simulation.bar_day import BarDay, BarSheet
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.track import Track
from tests.bar_days import SPREADS, day_bars, tape_of
from tests.builders import CE, PE, SESSION, at, bar

CALLS = [
    bar(0, 150_00, 155_00, 148_00, 152_00, 260),
    bar(1, 152_00, 153_00, 145_00, 146_00, 520),
    bar(3, 146_00, 147_00, 140_00, 141_00, 260),
]
PUTS = [bar(1, 100_00, 104_00, 99_00, 103_00, 260)]
HALF_A_MINUTE = timedelta(seconds=30)


def sheet(*, index: IndexColumns | None = None) -> BarSheet:
    made = BarSheet(day_bars([CE, PE], [CALLS, PUTS], SESSION, index))
    made.follow([CE, PE])
    return made


def day(model: FillModel = FillModel.CALIBRATED) -> BarDay:
    return BarDay(sheet(), Passage(model, SESSION, SPREADS))


def prices(made: BarDay, minute: int) -> list[int]:
    return [tick.price // 100 for tick in made.ticks(CE.symbol, minute)]


def test_the_calibrated_path_follows_the_close() -> None:
    assert prices(day(), 0) == [150, 148, 155, 152]
    assert prices(day(), 1) == [152, 153, 145, 146]
    assert prices(day(), 2) == []


@pytest.mark.parametrize(
    ("model", "held", "free"),
    [
        (FillModel.PESSIMISTIC, [152, 153, 145, 146], [152, 145, 153, 146]),
        (FillModel.OPTIMISTIC, [152, 145, 153, 146], [152, 153, 145, 146]),
    ],
)
def test_the_other_paths_follow_what_is_held(
    model: FillModel, held: list[int], free: list[int]
) -> None:
    made = day(model)
    made.begin(1, [CE.symbol])
    assert prices(made, 1) == held
    nothing_held = day(model)
    nothing_held.begin(1, [])
    assert prices(nothing_held, 1) == free


def test_ticks_have_their_times_volumes_and_quotes() -> None:
    first, *_, last = day().between([CE.symbol], at(0, -1), at(1, 0))
    assert (first.at, first.volume, first.bid, first.ask) == (at(0), 65, 149_65, 150_35)
    assert (last.at, last.volume) == (at(1), 260 + 130)
    assert [tick.at for tick in day().between([PE.symbol, CE.symbol], at(1), at(1, 20))] == [
        at(1, 20),
        at(1, 20),
    ]


def test_what_leaves_a_band_is_found() -> None:
    made = day()
    high = made.records(CE.symbol, at(0), at(1, 59), (146_00, 152_00))
    assert [tick.price for tick in high] == [155_00, 145_00]
    assert made.records(CE.symbol, at(0), at(0, 59), (140_00, 160_00)) == []


def test_the_last_tick_is_known_at_any_time() -> None:
    made = day()
    assert made.last(CE.symbol, at(0, -1)) is None
    assert made.last(PE.symbol, at(0, 59)) is None
    newest = made.last(CE.symbol, at(2, 30))
    assert newest is not None
    assert (newest.at, newest.price) == (at(1, 59), 146_00)
    assert (
        made.last(CE.symbol, SESSION.closes + timedelta(minutes=1)) == made.ticks(CE.symbol, 3)[-1]
    )


def test_what_a_venue_must_know_is_told() -> None:
    made = day()
    assert made.recent(PE.symbol, at(0, 30), HALF_A_MINUTE) == []
    assert [t.at for t in made.recent(CE.symbol, at(1, 10), HALF_A_MINUTE)] == [
        *(at(0, 20), at(0, 40)),
        *(at(0, 59), at(1, 0)),
    ]


def test_a_minute_is_what_it_showed() -> None:
    made = day()
    assert [minute.has_bars for minute in made.minutes[:5]] == [True, True, False, True, False]
    assert made.minutes[0].bars == {CE.symbol: CALLS[0]}
    assert made.minutes[0].forming == {
        CE.symbol: Bar(1, *[152_00] * 4, 130, 1),
        PE.symbol: Bar(1, *[100_00] * 4, 65, 1),
    }
    assert made.minutes[-1].forming == {}
    assert made.minutes[1].reach(PE.symbol) == (99_00, 104_00)
    assert made.minutes[0].reach(PE.symbol) is None
    assert made.minutes[0].marks(PE.symbol) is None
    assert made.minutes[1].marks(PE.symbol) == (99_15, 104_00)


def test_the_index_is_that_of_the_store_or_follows_from_parity() -> None:
    minutes, (opens, high, low, close) = (
        [-1, 0, 1],
        ([24_000_00] * 3, [24_010_00] * 3, [0] * 3, [5] * 3),
    )
    stored = sheet(index=IndexColumns(minutes, opens, high, low, close))
    assert stored.previous_close("NIFTY") == stored.spot(at(0, -5)) == 24_000_00
    assert stored.previous_close(CE.symbol) == 0
    assert [stored.spot(at(0, second)) for second in (0, 20, 40, 59)] == [
        *(24_000_00, 24_010_00),
        *(0, 5),
    ]
    parity = sheet()
    assert parity.spot(at(0)) == parity.spot(at(1, 59)) == 146_00 - 103_00 + CE.strike
    alone = BarSheet(day_bars([CE], [CALLS], SESSION))
    assert alone.previous_close("NIFTY") == alone.spot(at(1)) == 0


def test_a_bar_that_only_repeats_a_price_is_none() -> None:
    rows = [bar(-1, *[1] * 4), bar(0, *[5] * 4, 0), bar(1, *[6] * 4, 65), bar(900, *[7] * 4)]
    assert Track(day_bars([CE], [rows], SESSION), 0).minutes == [1]
    unknown = [bar(minute, *[5] * 4, 0) for minute in (0, 1)]
    assert Track(day_bars([CE], [unknown], SESSION), 0).minutes == [0, 1]
    whole = [bar(minute, *[5] * 4) for minute in range(SESSION.minutes)]
    assert Track(day_bars([CE], [whole], SESSION), 0).row_of == [*range(SESSION.minutes + 1)]


def test_the_reach_of_the_lows_is_known_whenever_asked() -> None:
    track = Track(day_bars([CE], [CALLS], SESSION), 0)
    lows = [row.low for row in CALLS]
    assert [track.lows, track.lows] == [(min(lows), max(lows))] * 2
    empty = Track(day_bars([CE], [[]], SESSION), 0)
    assert empty.lows[0] > empty.lows[1]


def test_a_day_without_a_bar_is_none() -> None:
    with pytest.raises(DataError, match="no bar lies in the session"):
        BarSheet(day_bars([CE], [[bar(900, *[7] * 4)]], SESSION))


def test_a_sheet_finds_swings_once_and_counts_what_is_followed() -> None:
    made = sheet()
    swings = made.swings(SwingRule.WATCH2)
    assert made.swings(SwingRule.WATCH2) is swings
    assert made.swings(SwingRule.WATCH2_ALTERNATING) is not swings
    assert len(made) == 4
    made.follow([PE])
    assert (len(made), made.swings(SwingRule.WATCH2) is swings) == (1, False)
    assert swings.reach(CE.symbol, 3) == swings.reach(CE.symbol, 1) == swings.minutes(CE.symbol)


def test_a_time_outside_the_session_has_all_ticks_or_none() -> None:
    track = Track(day_bars([CE], [CALLS], SESSION), 0)
    assert (track.count(-1), track.count(10**9)) == (0, 4 * len(CALLS))
    assert [track.row_at(ms) for ms in (0, 60_000, 170_000, 180_000)] == [0, 1, 1, 2]
    assert day().spot(at(1)) == sheet().spot(at(1))


def test_its_tape_cut_into_minutes_shows_the_same() -> None:
    made = day()
    cut = CutDay(tape_of(made), 1500)
    cut.begin(1, [CE.symbol])  # nothing of a tape depends on it
    for ours, its in zip(made.minutes, cut.minutes, strict=True):
        assert ours.has_bars is its.has_bars
        assert [ours.reach(c.symbol) for c in (CE, PE)] == [its.reach(c.symbol) for c in (CE, PE)]
        assert [ours.marks(c.symbol) for c in (CE, PE)] == [its.marks(c.symbol) for c in (CE, PE)]


def test_the_index_by_minute_is_that_of_its_ticks() -> None:
    rows = [(-1, 7, 7, 7, 7), (0, 24500_00, 24520_00, 24490_00, 24510_00), (2, 1, 3, 1, 2)]
    columns = (array("q", column) for column in zip(*rows, strict=True))
    stored = sheet(index=IndexColumns(*columns))
    told = [(0, 24500_00), (0, 24510_00), (2, 1), (2, 2)]
    assert list(stored.index_by_minute()) == told
    assert {ms // 60_000: price for ms, price in stored.index} == dict(told)  # the last of each
    parity = list(sheet().index_by_minute())  # nothing is stored of it
    assert parity == [(1, 24500_00 + 146_00 - 103_00)]
