"""A whole day in one process: tape, venue and engine without a wire, for research and parity.

Rules of this file:

1. The same day over the wire in lock-step gives the same decisions: the venue sees a second of
   market before the engine does, a second ends early where an order changed, and what the engine
   decides reaches the venue at that end.
2. A tick that can change nothing is not looked at; ``span`` says which symbols have one that can.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from swingbreak.domain.commands import OrderCommand, SubmitOrder
from swingbreak.domain.events import (
    Event,
    HistoryLoaded,
    MinuteClosed,
    SymbolsHeld,
    TickReceived,
    TimerFired,
)
from swingbreak.domain.market import Tick
from swingbreak.domain.parameters import Parameters
from swingbreak.runtime.local_broker import LocalBroker
from swingbreak.runtime.span import Span
from swingbreak.runtime.trader import Trader
from swingbreak.runtime.waiting import Waiting
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.venue import OrderUpdate, Venue

__all__ = ["InProcessDay"]

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_INSTANT = timedelta(microseconds=1)


class InProcessDay:
    """Runs one tape through one engine and one venue.

    Args:
        day: The tape, cut with the engine's grace.
        trader: The engine and whoever looks on.
        venue: Where orders go.
        parameters: The engine's settings.
    """

    def __init__(self, day: CutDay, trader: Trader, venue: Venue, parameters: Parameters) -> None:
        self._day = day
        self._session = day.tape.session
        self._trader = trader
        self._engine = trader.engine
        self._venue = venue
        self._broker = LocalBroker(venue)
        self._waiting = Waiting()
        self._grace = timedelta(milliseconds=parameters.bar_grace_ms)
        self._minute = 0  # the next to close
        self._second = self._session.opens  # the next to pass
        self._ticks: list[Tick] = []  # of the span, still to come, the last one first
        self._seen: list[Tick] = []  # passed at the venue, not yet at the engine, likewise
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
            self._begin_span()
            while (until := self._next_second()) is not None and not self._is_done():
                self._pass(until)

    def _is_done(self) -> bool:
        state = self._engine.state
        return bool(state.halted) and not state.holdings.positions and not state.book.live

    def _begin_span(self) -> None:
        # spans end on the second after a minute has closed, so that each holds one close
        start = self._span_ends
        self._span_ends = _whole_second(self._closes)
        span = Span(self._engine, self._day.minutes[self._minute : self._minute + 2])
        self._read = span.eventful()
        self._ticks = self._day.between(self._read, start, self._span_ends)
        self._ticks.reverse()

    @property
    def _closes(self) -> datetime:
        return self._session.start_of(self._minute + 1) + self._grace

    def _next_second(self) -> datetime | None:
        instants = [self._closes, max(self._engine.wake, self._second)]
        if self._ticks:
            instants.append(self._ticks[-1].at)
        if (due := self._venue.next_due()) is not None:
            instants.append(due)
        if self._waiting:
            instants.append(self._second)
        until = _whole_second(min(instants))
        return until if until <= self._span_ends and self._second <= self._span_ends else None

    def _pass(self, until: datetime) -> None:
        stop, updates = self._trade(until)
        while self._seen:
            tick = self._seen.pop()
            self._pass_time(tick.at)
            if self._engine.watches(tick.symbol):
                self._act(TickReceived(tick.at, tick))
        self._pass_time(stop)
        for event in self._broker.learn(stop, updates):
            self._act(event)
        for command in self._waiting.admitted(stop):
            self._execute(stop, command)

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
                passed.append(self._ticks.pop())
                updates += self._venue.on_tick(passed[-1])
            until = at if updates else until
        self._seen = passed[::-1]
        return until, updates

    def _pass_time(self, at: datetime) -> None:
        while True:
            timer = _whole_second(max(self._engine.wake, self._second))
            if self._closes <= min(at, timer) and self._minute < len(self._day.minutes):
                self._close()
            elif timer <= at:
                self._second = timer + _SECOND
                self._act(TimerFired(timer))
            else:
                self._second = max(self._second, _whole_second(at + _INSTANT))
                return

    def _close(self) -> None:
        closes, minute = self._closes, self._day.minutes[self._minute]
        self._minute += 1
        if not minute.bars:
            return
        self._act(MinuteClosed(closes, self._minute - 1, minute.bars, minute.forming))
        # what began to matter just now, for the rest of the span
        fresh = [s for s in self._engine.watched() if s not in self._read]
        self._add(self._seen, self._day.between(fresh, closes - _INSTANT, self._span_ends))

    def _act(self, event: Event) -> None:
        for command in self._trader.act(event):
            self._waiting.put(command, closes=self._trader.closes(command))

    def _execute(self, at: datetime, command: OrderCommand) -> None:
        if isinstance(command, SubmitOrder):
            self._introduce(command.intent.symbol, at)
        for event in self._broker.execute(at, command):
            self._act(event)

    def _introduce(self, symbol: str, at: datetime) -> None:
        last = self._day.last(symbol, at)
        if last is not None and self._venue.last(symbol) != last:
            for event in self._broker.learn(at, self._venue.on_tick(last)):
                self._act(event)
        if symbol not in self._read:
            self._read.add(symbol)
            self._add(self._ticks, self._day.between((symbol,), at, self._span_ends))

    def _add(self, stack: list[Tick], ticks: Iterable[Tick]) -> None:
        stack.extend(ticks)
        stack.sort(key=self._day.order, reverse=True)


def _whole_second(at: datetime) -> datetime:
    return at if not at.microsecond else at.replace(microsecond=0) + _SECOND
