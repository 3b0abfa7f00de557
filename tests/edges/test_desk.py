from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from swingbreak.domain.events import (
    HistoryLoaded,
    MarketEvent,
    MinuteClosed,
    SymbolsHeld,
    TickReceived,
    TimerFired,
)
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.parameters import Parameters
from swingbreak.runtime.desk import Desk
from tests.builders import CE, OPEN, PE, SESSION, at, bar, tick

NEVER = datetime.max.replace(tzinfo=UTC)
EARLY = OPEN - timedelta(seconds=30)
SYMBOLS = (CE.symbol, PE.symbol)
SPOT = "NIFTY"


class Watcher:
    """An engine that watches what it is told to."""

    def __init__(self) -> None:
        self.wake = NEVER
        self.seen = {CE.symbol, PE.symbol}
        self.bound: set[str] = set()

    def watches(self, symbol: str) -> bool:
        return symbol in self.seen

    def pinned(self) -> set[str]:
        return self.bound


def new_desk(watcher: Watcher | None = None, **settings: int) -> Desk:
    return Desk(SESSION, SYMBOLS, Parameters(**settings), watcher or Watcher())  # type: ignore[arg-type]


def begun(watcher: Watcher | None = None, **settings: int) -> Desk:
    """A desk at the open, with the empty history of a day that has not begun."""
    one = new_desk(watcher, **settings)
    one.started(EARLY)
    list(one.repaired(EARLY, dict.fromkeys(SYMBOLS, ())))
    return one


def kinds(events: Iterable[MarketEvent]) -> list[tuple[str, datetime]]:
    return [(type(event).__name__, event.at) for event in events]


def held(events: Iterable[MarketEvent]) -> list[dict[str, str]]:
    return [dict(event.reasons) for event in events if isinstance(event, SymbolsHeld)]


def alive(desk: Desk, until: datetime, symbols: Iterable[str] = SYMBOLS) -> list[MarketEvent]:
    """Let time pass to *until* with a quote of each symbol every second."""
    events: list[MarketEvent] = []
    now = desk._second
    while now <= until:
        for symbol in symbols:
            events += desk.tick(now, Tick(symbol, now, 150_00))
        now += timedelta(seconds=1)
    return events


# Order of what is due.


def test_a_minute_closes_after_its_grace_and_before_the_second_that_follows() -> None:
    watcher = Watcher()
    watcher.wake = at(1)
    desk = begun(watcher)
    alive(desk, at(0, 59))
    events = list(desk.tick(at(1, 2.5), tick(151_00, 1, 2.5)))
    assert kinds(events) == [
        ("TimerFired", at(1)),
        ("TimerFired", at(1, 1)),
        ("MinuteClosed", at(1, 1.5)),
        ("TimerFired", at(1, 2)),
        ("TickReceived", at(1, 2.5)),
    ]


def test_a_timer_fires_only_from_when_time_matters_and_before_a_tick_of_its_instant() -> None:
    watcher = Watcher()
    watcher.wake = at(0, 10)
    desk = begun(watcher)
    assert [e for e in alive(desk, at(0, 9)) if isinstance(e, TimerFired)] == []
    assert kinds(desk.tick(at(0, 10), tick(151_00, 0, 10))) == [
        ("TimerFired", at(0, 10)),
        ("TickReceived", at(0, 10)),
    ]


def test_a_tick_within_the_grace_belongs_to_its_own_minute() -> None:
    desk = begun()
    alive(desk, at(0, 58))
    list(desk.tick(at(1, 0.2), tick(140_00, 0, 59.9)))  # received late, traded in time
    list(desk.tick(at(1, 1), tick(160_00, 1, 1)))
    (closed,) = [e for e in desk.advance(at(1, 1.5)) if isinstance(e, MinuteClosed)]
    assert closed.minute == 0
    assert closed.bars[CE.symbol].low == 140_00
    assert closed.bars[CE.symbol].high == 150_00
    assert closed.forming[CE.symbol].low == 160_00
    assert desk.bars[CE.symbol] == [closed.bars[CE.symbol]]


def test_a_tick_after_the_grace_rewrites_nothing() -> None:
    desk = begun()
    alive(desk, at(1, 2))
    before = list(desk.bars[CE.symbol])
    list(desk.tick(at(1, 2), tick(140_00, 0, 59.9)))
    list(desk.advance(at(1, 10)))
    assert desk.bars[CE.symbol] == before


def test_minutes_close_one_by_one_over_a_gap_and_empty_ones_say_nothing() -> None:
    desk = begun(feed_stale_after_s=10_000, stale_after_s=10_000)
    list(desk.tick(at(0, 5), tick(150_00, 0, 5)))
    events = list(desk.tick(at(4, 30), tick(150_05, 4, 30)))
    events += desk.advance(at(5, 1.5))
    closed = [e for e in events if isinstance(e, MinuteClosed)]
    assert [(e.minute, e.at) for e in closed] == [(0, at(1, 1.5)), (4, at(5, 1.5))]


def test_no_minute_closes_after_the_last_one() -> None:
    desk = new_desk(feed_stale_after_s=100_000, stale_after_s=100_000)
    last = SESSION.minutes - 1
    desk.started(at(last, 10))
    list(desk.tick(at(last, 50), tick(150_00, last, 50)))
    events = list(desk.advance(SESSION.closes + timedelta(minutes=3)))
    assert [e.minute for e in events if isinstance(e, MinuteClosed)] == [last]


def test_ticks_of_others_are_time_and_a_sign_of_life_and_nothing_else() -> None:
    desk = begun(stale_after_s=10_000)
    events = alive(desk, at(1, 2), [SPOT])
    assert events == []
    assert SPOT not in desk.bars


@pytest.mark.parametrize(
    "useless",
    [tick(0, 0, 3), Tick(CE.symbol, OPEN - timedelta(hours=1), 150_00, 5)],
    ids=["no price", "of another session"],
)
def test_useless_ticks_are_not_told(useless: Tick) -> None:
    assert list(begun().tick(at(0, 3), useless)) == []


def test_what_a_feed_tells_again_is_no_price_of_now() -> None:
    desk = begun()
    list(desk.tick(at(20), Tick(CE.symbol, at(20), 150_00, 9000, ask=150_10)))
    old = Tick(CE.symbol, at(2), 220_00, 650, ask=220_10)
    assert not any(isinstance(event, TickReceived) for event in desk.tick(at(20, 1), old))
    again = Tick(CE.symbol, at(20), 150_00, 9000, ask=150_20)
    assert TickReceived(at(20, 2), again) in list(desk.tick(at(20, 2), again))


def test_only_what_is_watched_is_told() -> None:
    watcher = Watcher()
    desk = begun(watcher)
    watcher.seen.discard(PE.symbol)
    events = alive(desk, at(0, 2))
    assert {e.tick.symbol for e in events if isinstance(e, TickReceived)} == {CE.symbol}


# Starts.


def test_before_the_open_an_empty_history_makes_the_market_whole() -> None:
    desk = new_desk()
    desk.started(EARLY)
    assert desk.wants_history
    assert desk.incomplete == SYMBOLS
    events = list(desk.repaired(EARLY, dict.fromkeys(SYMBOLS, ())))
    assert events == [HistoryLoaded(EARLY, dict.fromkeys(SYMBOLS, ()))]
    assert (desk.incomplete, desk.wants_history) == ((), False)


def test_in_the_middle_of_the_day_history_is_wanted_when_the_minute_is_over() -> None:
    desk = new_desk()
    desk.started(at(30, 20))
    events = alive(desk, at(31, 1))
    assert held(events) == [dict.fromkeys(SYMBOLS, "incomplete")]
    assert not desk.wants_history
    (closed, *_) = [e for e in alive(desk, at(31, 2)) if isinstance(e, MinuteClosed)]
    assert closed.minute == 30
    assert desk.wants_history
    rows = [bar(minute, *[150_00] * 4) for minute in range(31)]
    events = list(desk.repaired(at(31, 2), {CE.symbol: rows, PE.symbol: rows}))
    loaded = events[0]
    assert isinstance(loaded, HistoryLoaded)
    assert [each.minute for each in loaded.bars[CE.symbol]] == list(range(31))
    assert held(events) == [{}]
    assert not desk.wants_history


def test_history_wins_over_the_bar_that_we_began_in_the_middle_of() -> None:
    desk = new_desk()
    desk.started(at(30, 20))
    alive(desk, at(31, 2))
    whole = bar(30, 150_00, 170_00, 150_00, 150_00)
    list(desk.repaired(at(31, 2), {CE.symbol: [whole], PE.symbol: [whole]}))
    assert desk.bars[CE.symbol] == [whole]


def test_history_that_ends_before_what_we_have_seen_does_not_make_whole() -> None:
    desk = new_desk()
    desk.started(at(30, 20))
    alive(desk, at(31, 2))
    old = [bar(minute, *[150_00] * 4) for minute in range(30)]
    new = [*old, bar(30, *[150_00] * 4)]
    events = list(desk.repaired(at(31, 2), {CE.symbol: old, PE.symbol: new}))
    assert isinstance(events[0], HistoryLoaded)
    assert events[0].bars.keys() == {PE.symbol}
    assert held(events) == [{CE.symbol: "incomplete"}]
    assert (desk.incomplete, desk.wants_history) == ((CE.symbol,), True)
    assert list(desk.repaired(at(31, 5), {CE.symbol: old})) == []
    events = list(desk.repaired(at(31, 9), {CE.symbol: new}))
    assert held(events) == [{}]


def test_a_symbol_that_has_not_traded_since_is_whole_with_what_history_has() -> None:
    desk = new_desk(stale_after_s=10_000)
    desk.started(at(30, 20))
    alive(desk, at(31, 2), [CE.symbol])
    row = [bar(30, *[150_00] * 4)]
    list(desk.repaired(at(31, 2), {CE.symbol: row, PE.symbol: [bar(3, *[90_00] * 4)]}))
    assert desk.incomplete == ()


def test_volume_since_the_last_bar_of_history_is_in_the_forming_one() -> None:
    desk = new_desk()
    desk.started(at(30, 20))
    for second in (25, 62):
        list(desk.tick(at(30, second), Tick(CE.symbol, at(30, second), 150_00, 1000 + second)))
    list(desk.advance(at(31, 2)))
    rows = [bar(30, *[150_00] * 4, volume=1030)]
    list(desk.repaired(at(31, 2), {CE.symbol: rows}))
    (closed,) = [e for e in desk.advance(at(32, 2)) if isinstance(e, MinuteClosed)]
    assert closed.bars[CE.symbol].volume == 32


def test_a_symbol_starts_afresh_with_what_the_forming_minute_has_shown() -> None:
    watcher = Watcher()
    desk = new_desk(watcher)
    desk.started(at(30, 20))
    for symbol in SYMBOLS:
        for second, price in ((25, 150_00), (60.1, 170_00), (60.4, 130_00), (61.9, 151_00)):
            list(desk.tick(at(30, second), Tick(symbol, at(30, second), price)))
    watcher.bound = {PE.symbol}
    rows = [bar(30, *[150_00] * 4)]
    events = list(desk.repaired(at(31, 2), {CE.symbol: rows, PE.symbol: rows}))
    assert isinstance(events[0], HistoryLoaded)
    told = [(e.tick.symbol, e.tick.price) for e in events if isinstance(e, TickReceived)]
    assert told == [(CE.symbol, 170_00), (CE.symbol, 130_00), (CE.symbol, 151_00)]
    assert isinstance(events[-1], SymbolsHeld)  # only then may it be entered


def test_what_breaks_while_catching_up_is_told_no_more() -> None:
    watcher = Watcher()
    desk = new_desk(watcher)
    desk.started(at(30, 20))
    alive(desk, at(31, 2))
    told = []
    for event in desk.repaired(at(31, 2), {CE.symbol: [bar(30, *[150_00] * 4)]}):
        told.append(type(event))
        if isinstance(event, TickReceived):
            watcher.seen.clear()
    assert told == [HistoryLoaded, TickReceived, SymbolsHeld]


# A feed that is lost, silent or back.


def test_a_lost_feed_is_whole_again_only_after_history() -> None:
    desk = begun()
    alive(desk, at(5, 10))
    assert held(desk.lost(at(5, 10))) == [dict.fromkeys(SYMBOLS, "incomplete")]
    assert not desk.wants_history  # while it is gone, history would be old again
    desk.resumed(at(5, 30))
    alive(desk, at(6, 1))
    assert not desk.wants_history
    alive(desk, at(6, 2))
    assert desk.wants_history
    rows = [bar(minute, *[150_00] * 4) for minute in range(6)]
    assert held(desk.repaired(at(6, 3), dict.fromkeys(SYMBOLS, rows))) == [{}]


def test_a_silent_feed_holds_all_and_stays_incomplete_when_it_speaks_again() -> None:
    desk = begun()
    alive(desk, at(2, 10))
    silent = list(desk.advance(at(2, 21)))
    assert held(silent) == [dict.fromkeys(SYMBOLS, "feed_stale")]
    back = list(desk.tick(at(2, 30), tick(150_00, 2, 30)))
    back += desk.advance(at(2, 31))
    assert held(back)[-1] == dict.fromkeys(SYMBOLS, "incomplete")
    assert not desk.wants_history
    alive(desk, at(3, 2))
    rows = [bar(minute, *[150_00] * 4) for minute in range(3)]
    assert held(desk.repaired(at(3, 3), dict.fromkeys(SYMBOLS, rows))) == [{}]


def test_a_silent_symbol_with_an_order_or_a_position_is_stale_and_free_when_it_ticks() -> None:
    watcher = Watcher()
    watcher.bound = {PE.symbol}
    desk = begun(watcher)
    alive(desk, at(0, 5))
    events = alive(desk, at(0, 40), [CE.symbol])
    assert held(events) == [{PE.symbol: "stale"}]
    assert held(alive(desk, at(0, 42))) == [{}]


def test_the_silent_symbol_of_nobody_is_not_stale() -> None:
    desk = begun()
    alive(desk, at(0, 5))
    assert held(alive(desk, at(0, 40), [CE.symbol])) == []


def test_a_symbol_that_never_ticked_is_held() -> None:
    events = alive(begun(), at(0, 40), [CE.symbol])
    assert held(events) == [{PE.symbol: "no_tick"}]


def test_nothing_changes_is_not_told_again() -> None:
    desk = begun()
    events = alive(desk, at(3))
    assert held(events) == []


def test_whoever_leaves_holds_everything() -> None:
    desk = begun()
    alive(desk, at(0, 5))
    assert held(desk.shut(at(0, 5))) == [dict.fromkeys(SYMBOLS, "leaving")]
    assert held(desk.advance(at(0, 9))) == []
    assert set(desk.held.values()) == {"leaving"}


def test_bars_of_others_do_not_reach_the_engine() -> None:
    desk = begun()
    list(desk.tick(at(0, 1), Tick(SPOT, at(0, 1), 24500_00)))
    alive(desk, at(0, 58))
    (closed,) = [e for e in alive(desk, at(1, 2)) if isinstance(e, MinuteClosed)]
    assert closed.bars.keys() == set(SYMBOLS)
    assert isinstance(closed.bars[CE.symbol], Bar)
