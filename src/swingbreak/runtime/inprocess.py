"""A whole day in one process: tape, venue and engine without a wire, for research and parity.

Rules of this file:

1. The same day over the wire in lock-step gives the same decisions: the venue sees a second of
   market before the engine does, a second ends early where an order changed, and what the engine
   decides reaches the venue at that end.
2. A tick that can change nothing is not looked at; ``span`` says which symbols have one that can.
3. Of a day that is known ahead, a minute that can change nothing is passed over: ``stillness`` says
   which. The onlooker sees it close all the same.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from swingbreak.domain.commands import CancelStray, Outgoing
from swingbreak.domain.events import (
    Event,
    HistoryLoaded,
    MinuteClosed,
    SymbolsHeld,
    TickReceived,
    TimerFired,
    WindowMoved,
)
from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.runtime.local_broker import LocalBroker
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.span import Span
from swingbreak.runtime.stillness import Stillness
from swingbreak.runtime.trader import Trader
from swingbreak.runtime.waiting import Waiting
from swingbreak.simulation.cut_day import Minute
from swingbreak.simulation.desk import REFERENCE_WINDOW
from swingbreak.simulation.foreseen import Foreseen
from swingbreak.simulation.venue import OrderUpdate, Venue

__all__ = ["InProcessDay", "SeenDay"]

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_INSTANT = timedelta(microseconds=1)


class SeenDay(Protocol):
    """A day of market data that can be looked at anywhere: a ``CutDay`` or a ``BarDay``."""

    @property
    def session(self) -> Session:
        """Return the day's session."""

    @property
    def minutes(self) -> Sequence[Minute]:
        """Return every minute of the session."""

    def begin(self, minute: int, held: Collection[str]) -> None:
        """Begin *minute* with positions in *held*."""

    def between(self, symbols: Iterable[str], after: datetime, until: datetime) -> list[Tick]:
        """Return the ticks of *symbols* later than *after* and not later than *until*, in order."""

    def records(
        self, symbol: str, after: datetime, until: datetime, band: tuple[Paise, Paise]
    ) -> list[Tick]:
        """Return the ticks of *symbol* that matter outside *band*, likewise."""

    def last(self, symbol: str, at: datetime) -> Tick | None:
        """Return the newest tick of *symbol* that is not later than *at*."""

    def recent(self, symbol: str, at: datetime, window: timedelta) -> list[Tick]:
        """Return what a venue must know of *symbol* at *at* that has not followed it."""

    def order(self, tick: Tick) -> tuple[datetime, int]:
        """Return what ticks of several symbols are ordered by."""


class InProcessDay:
    """Runs one tape through one engine and one venue.

    Args:
        day: What there is to see, cut with the engine's grace.
        trader: The engine and whoever looks on.
        venue: Where orders go.
        parameters: The engine's settings.
        check: Whether the account can carry an entry; without one every entry leaves.
        foreseen: What the day's bars will do, where it is known; its pasts are the engine's.
        moves: New centres of the engine's window by the minute with whose close they begin.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a day is made of
        self,
        day: SeenDay,
        trader: Trader,
        venue: Venue,
        parameters: Parameters,
        check: LocalCheck | None = None,
        foreseen: Foreseen | None = None,
        moves: Mapping[int, Paise] | None = None,
    ) -> None:
        self._day = day
        self._session = day.session
        self._trader = trader
        self._engine = trader.engine
        self._venue = venue
        self._broker = LocalBroker(venue, check)
        self._waiting = Waiting()
        self._foreseen = foreseen
        self._moves = dict(moves or {})
        self._stillness = Stillness(trader.engine, foreseen) if foreseen is not None else None
        self._grace = timedelta(milliseconds=parameters.bar_grace_ms)
        self._minute = 0  # the next to close
        self._closes = self._session.start_of(1) + self._grace
        self._passed = self._session.opens - _INSTANT  # how far the engine is
        self._ticks: list[Tick] = []  # of the span, still to come, the last one first
        self._seen: list[Tick] = []  # passed at the venue, not yet at the engine, likewise
        self._shown: dict[str, Tick] = {}  # the last one that a position was marked by
        self._read: set[str] = set()  # symbols whose ticks the span holds
        self._span_ends = self._session.opens

    def run(self) -> None:
        """Run the day to its end.

        Raises:
            SwingbreakError: The engine or its ledger gave up.
        """
        opens = self._session.opens
        self._act(HistoryLoaded(opens, dict.fromkeys(self._engine.contracts, ())))
        self._act(SymbolsHeld(opens, {}))
        while self._span_ends < self._session.closes + _MINUTE and not self._is_done():
            self._pass_over()
            self._begin_span()
            while (until := self._next_second()) is not None and not self._is_done():
                self._pass(until)

    def _is_done(self) -> bool:
        state = self._engine.state
        return bool(state.halted) and not state.holdings.positions and not state.book.live

    def _pass_over(self) -> None:
        """Pass over the minutes that change nothing."""
        if self._stillness is None or self._waiting:
            return
        until, stirs = self._stillness.ends(self._minute), self._engine.wake
        until = min((until, *(move for move in self._moves if move >= self._minute)))
        if (due := self._venue.next_due()) is not None:
            stirs = min(stirs, due)
        positions = self._engine.state.holdings.positions
        stretch = Span(self._engine, self._day.minutes[self._minute : until + 1])
        is_calm = until > self._minute and not stretch.may_decide()
        while self._minute < until and _whole_second(self._closes) < stirs:
            if not is_calm and Span(self._engine, self._coming).may_decide():
                return
            closes, self._read = self._closes, set()
            self._day.begin(self._minute, positions)
            if not self._tick_over():
                continue
            self._catch_up(closes - _INSTANT)
            self._trader.onlooker.saw(closes, MinuteClosed(closes, self._minute - 1, {}, {}), [])
            self._passed, self._span_ends = closes, _whole_second(closes)

    @property
    def _coming(self) -> Sequence[Minute]:
        return self._day.minutes[self._minute : self._minute + 2]

    def _begin_span(self) -> None:
        # spans end on the second after a minute has closed, so that each holds one close
        start, self._span_ends = self._span_ends, _whole_second(self._closes)
        self._day.begin(self._minute, self._engine.state.holdings.positions)
        span = Span(self._engine, self._coming)
        eventful = span.eventful()
        self._read, self._ticks = set(), []
        for symbol in eventful:
            self._introduce(symbol, start)
        if candidates := span.candidates(eventful):
            self._add(self._ticks, self._outside(candidates, start))

    def _outside(self, symbols: Iterable[str], after: datetime) -> Iterator[Tick]:
        for symbol in symbols:
            band = self._engine.view.strategy.band(symbol)
            yield from self._day.records(symbol, after, self._span_ends, band)

    def _next_second(self) -> datetime | None:
        """Return the next whole second at which something happens, ``None`` after the span."""
        first = self._closes
        if self._ticks and self._ticks[-1].at < first:
            first = self._ticks[-1].at
        due = self._venue.next_due()
        if due is not None and due < first:
            first = due
        if self._engine.wake < first or self._waiting:
            second = _whole_second(self._passed + _INSTANT)
            first = min(first, second if self._waiting else max(self._engine.wake, second))
        until = _whole_second(first)
        return until if until <= self._span_ends and self._passed < self._span_ends else None

    def _pass(self, until: datetime) -> None:
        stop, updates = self._trade(until)
        self._show()
        self._pass_time(stop)
        self._show()  # what the close of a minute made matter
        if updates:
            self._hear(stop, updates)
        for command in self._waiting.admitted(stop):
            self._execute(stop, command)

    def _show(self) -> None:
        while self._seen:
            tick = self._seen.pop()
            if tick.at >= self._quiet_until:
                self._pass_time(tick.at)
            if self._engine.watches(tick.symbol):
                self._act(TickReceived(tick.at, tick))

    def _hear(self, at: datetime, updates: Iterable[OrderUpdate]) -> None:
        self._catch_up(at)
        for event in self._broker.learn(at, updates):
            self._act(event)
        # what a fill changed was not foreseen when the span began
        for symbol in self._engine.state.holdings.positions:
            self._introduce(symbol, at)

    def _catch_up(self, at: datetime) -> None:
        """Mark the positions whose ticks are not read as of *at*."""
        for symbol in self._engine.state.holdings.positions.keys() - self._read:
            tick = self._day.last(symbol, at)
            if tick is not None and self._shown.get(symbol) is not tick:
                self._shown[symbol] = tick
                self._act(TickReceived(at, tick))

    def _trade(self, until: datetime) -> tuple[datetime, list[OrderUpdate]]:
        passed: list[Tick] = []
        updates: list[OrderUpdate] = []
        while not updates:
            due = self._venue.next_due()
            at = self._ticks[-1].at if self._ticks else until + _SECOND
            at = at if due is None else min(at, due)
            if at > until:
                break
            updates += self._venue.advance(at) if due == at else []
            while self._ticks and self._ticks[-1].at == at:
                tick = self._ticks.pop()
                passed.append(tick)
                if tick.symbol in self._read:  # of the others it is told no order's tick
                    updates += self._venue.on_tick(tick)
            until = at if updates else until
        self._seen = passed[::-1]
        return until, updates

    @property
    def _quiet_until(self) -> datetime:
        return min(self._closes, self._engine.wake)

    def _pass_time(self, at: datetime) -> None:
        while self._quiet_until <= at:
            second = _whole_second(self._passed + _INSTANT)
            timer = _whole_second(max(self._engine.wake, second))
            if self._closes <= min(at, timer):
                self._close()
            elif timer <= at:
                self._passed = timer
                self._catch_up(timer - _INSTANT)
                self._act(TimerFired(timer))
            else:
                break
        self._passed = max(self._passed, at)

    def _close(self) -> None:
        closes, number = self._closes, self._minute
        if number in self._moves:
            self._act(WindowMoved(closes, self._moves[number]))
        if not self._tick_over():
            return
        self._catch_up(closes - _INSTANT)
        self._open(closes - _INSTANT, number)
        self._act(self._minute_closed(closes, number))
        # what began to matter just now, for the rest of the span
        live = self._engine.view.strategy.live_symbols()
        fresh = [symbol for symbol in live if symbol not in self._read]
        self._add(self._seen, self._outside(fresh, closes - _INSTANT))

    def _open(self, at: datetime, number: int) -> None:
        """Show what by *at* trades again that had no bar in minute *number*, just over."""
        # its close tells of the others, by their bars and what is seen of the next ones
        began = self._session.start_of(number + 1) - _INSTANT
        for symbol in self._engine.view.strategy.live_symbols():
            if symbol in self._read or self._day.minutes[number].reach(symbol) is not None:
                continue
            band = self._engine.view.strategy.band(symbol)
            for tick in self._day.records(symbol, began, at, band):
                self._act(TickReceived(at, tick))

    def _tick_over(self) -> bool:
        """Go on to the next minute; return whether anything traded in the one that ends."""
        number = self._minute
        self._minute += 1
        self._closes = self._session.start_of(self._minute + 1) + self._grace
        return number < len(self._day.minutes) and self._day.minutes[number].has_bars

    def _minute_closed(self, closes: datetime, number: int) -> MinuteClosed:
        minute, foreseen = self._day.minutes[number], self._foreseen
        if foreseen is None:
            return MinuteClosed(closes, number, minute.bars, minute.forming)
        engine = self._engine
        changed = foreseen.changed(engine.view.strategy, engine.pinned(), number)
        foreseen.minute = number
        bars = {symbol: bar for symbol, (bar, _) in changed.items()}
        forming = {symbol: first for symbol, (_, first) in changed.items() if first is not None}
        return MinuteClosed(closes, number, bars, forming)

    def _act(self, event: Event) -> None:
        commands = self._trader.act(event)
        for command in commands:
            self._waiting.put(command, closes=self._trader.closes(command))
        if self._stillness is not None:
            self._stillness.heard(event, answered=bool(commands))

    def _execute(self, at: datetime, command: Outgoing) -> None:
        if isinstance(command, CancelStray):
            return  # nobody else trades here
        symbol = self._engine.state.book.orders[command.order_id].intent.symbol
        self._introduce(symbol, at)
        for event in self._broker.execute(at, command):
            self._act(event)

    def _introduce(self, symbol: str, at: datetime) -> None:
        last = self._day.last(symbol, at)
        if last is not None and self._venue.last(symbol) != last:
            self._venue.recall(at, self._day.recent(symbol, at, REFERENCE_WINDOW))
        if symbol not in self._read:
            self._catch_up(at)
            self._read.add(symbol)
            self._ticks = [tick for tick in self._ticks if tick.symbol != symbol]
            self._add(self._ticks, self._day.between((symbol,), at, self._span_ends))

    def _add(self, stack: list[Tick], ticks: Iterable[Tick]) -> None:
        stack.extend(ticks)
        stack.sort(key=self._day.order, reverse=True)


def _whole_second(at: datetime) -> datetime:
    return at if not at.microsecond else at.replace(microsecond=0) + _SECOND
