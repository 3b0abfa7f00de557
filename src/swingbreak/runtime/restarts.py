"""Whether a process that starts at some minute of a day decides from there as the one that ran on.

Rules of this file:

1. The heir knows what a real one would: the ledger's records, the day's bars from history, what the
   minute now forming has shown, and the last tick of what it holds, with which a feed begins.
2. It is at once where its feed is whole. A real one waits for its first look at the account and for
   history; until then it enters nothing and withdraws what rests: its loop, not its engine.
3. One thing is forgotten: since when an entry has been triggered. An heir counts from when it
   learns of the break, so it may give an entry up later, by up to the time that such an entry has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple, TypeGuard

from swingbreak.domain.commands import CancelOrder, Command, Tell
from swingbreak.domain.errors import InvalidTransition, Livelock
from swingbreak.domain.events import (
    Event,
    HistoryLoaded,
    MarketEvent,
    MinuteClosed,
    OrderEvent,
    SymbolsHeld,
    TickReceived,
)
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import DayTerms
from swingbreak.runtime.replay import Mismatch

__all__ = ["Restart", "restarts"]


@dataclass(slots=True)
class _Market:
    """What has been shown of the market so far.

    Attributes:
        bars: Closed bars by symbol.
        ticks: The last tick by symbol.
        held: What may not be entered.
    """

    bars: dict[str, list[Bar]]
    ticks: dict[str, Tick]
    held: SymbolsHeld | None = None

    def learn(self, event: Event) -> None:
        """Take in what *event* shows."""
        match event:
            case HistoryLoaded(bars=bars):
                self.bars |= {symbol: list(rows) for symbol, rows in bars.items()}
            case MinuteClosed(bars=bars):
                for symbol, bar in bars.items():
                    self.bars[symbol].append(bar)
            case TickReceived(tick=tick):
                self.ticks[tick.symbol] = tick
            case SymbolsHeld():
                self.held = event
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Restart:
    """What became of an heir.

    Attributes:
        minute: At whose close it started.
        mismatch: Where it first decides otherwise; ``None`` where it never does.
        later: Entries that it would give up later than the one that ran on: rule 3.
    """

    minute: int
    mismatch: Mismatch | None
    later: int


class _Step(NamedTuple):
    event: Event
    records: list[Record]


def restarts(terms: DayTerms, events: Iterable[Event]) -> Iterator[Restart]:
    """Start an heir at the close of every minute of a day and yield what became of it.

    Args:
        terms: What the day is decided by.
        events: All that the engine was told.
    """
    through, market = terms.engine(), _Market({each.symbol: [] for each in terms.contracts}, {})
    steps = [_Step(event, _records(event, through.step(event))) for event in events]
    through = terms.engine()
    for n, (event, _) in enumerate(steps):
        through.step(event)
        market.learn(event)
        if isinstance(event, MinuteClosed):
            heir = terms.engine()
            heir.restore(record for step in steps[: n + 1] for record in step.records)
            for past in _past(market, event):
                heir.view.learn(past, heir.wake)  # it is held until it knows all of that
            snapshot = [_Step(each, []) for each in _snapshot(market, event.at, through)]
            yield _compared(event.minute, heir, [*snapshot, *steps[n + 1 :]])


def _past(market: _Market, closed: MinuteClosed) -> Iterator[MarketEvent]:
    at = closed.at
    yield HistoryLoaded(at, {symbol: tuple(rows) for symbol, rows in market.bars.items()})
    for symbol, bar in closed.forming.items():
        for price in (bar.high, bar.low, bar.close):
            yield TickReceived(at, Tick(symbol, at, price))


def _snapshot(market: _Market, at: datetime, through: Engine) -> Iterator[Event]:
    for symbol in through.state.holdings.positions:
        if symbol in market.ticks:
            yield TickReceived(at, market.ticks[symbol])
    if market.held is not None:
        yield SymbolsHeld(at, market.held.reasons)


def _compared(minute: int, heir: Engine, steps: Iterable[_Step]) -> Restart:
    later = row = 0
    for event, kept in steps:
        try:
            decided = _records(event, heir.step(event))
        except (InvalidTransition, Livelock):
            decided = []  # it gives up where the other one did not
        late = [each for each in kept if _gives_up(each) and each not in decided]
        if decided != [each for each in kept if each not in late]:
            return Restart(minute, _mismatch(event.at, row, decided, kept), later)
        for command in late:
            heir.state.record(command)
        later += len(late)
        row += len(kept)
    return Restart(minute, None, later)


def _gives_up(record: Record) -> TypeGuard[CancelOrder]:
    return isinstance(record, CancelOrder) and record.reason == "unfilled"


def _mismatch(at: datetime, row: int, decided: list[Record], kept: list[Record]) -> Mismatch:
    pairs = zip_longest(decided, kept)
    n, (mine, theirs) = next((n, pair) for n, pair in enumerate(pairs) if pair[0] != pair[1])
    return Mismatch(
        row + n + 1,
        process=2,
        decided=None if mine is None else (at, mine),
        kept=None if theirs is None else (at, theirs),
    )


def _records(event: Event, commands: list[Command]) -> list[Record]:
    caused: list[Record] = [event] if isinstance(event, OrderEvent) else []
    return caused + [command for command in commands if not isinstance(command, Tell)]
