"""Turns what the feed delivers, and the passing of time, into market events for the engine.

Rules of this file:

1. Pure: no I/O and no clock. Live and in-process runs use it alike, so they see the same market.
2. Minutes close by time, in order, and before anything that happened after their grace.
3. After a start, a lost feed or a silence the market is whole only when history has been read
   up to and with the minute in which ticks came back; until then nothing may be entered. The same
   holds for a symbol that begins to be followed during the day.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from swingbreak.domain.events import (
    HistoryLoaded,
    MarketEvent,
    MinuteClosed,
    SymbolsHeld,
    TickReceived,
    TimerFired,
    WindowMoved,
)
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.market.bars import BarBuilder, TickVerdict
from swingbreak.market.freshness import FeedHealth
from swingbreak.market.history import merge
from swingbreak.runtime.following import Following

__all__ = ["Desk", "Shown", "Watcher"]

Shown: TypeAlias = MarketEvent | WindowMoved

_SECOND = timedelta(seconds=1)
_USELESS = frozenset({TickVerdict.INVALID, TickVerdict.FOREIGN, TickVerdict.OUTDATED})


class Watcher(Protocol):
    """What the desk asks of the engine."""

    @property
    def wake(self) -> datetime:
        """Return the earliest instant at which time alone matters."""

    def watches(self, symbol: str) -> bool:
        """Whether a tick of *symbol* may change anything."""

    def pinned(self) -> Container[str]:
        """Return the symbols with a position or a live order."""


class Desk:
    """The day's market as the engine gets to see it.

    Attributes:
        bars: Every closed bar of the day by symbol, oldest first.
        held: Symbols that may not be entered, and why.
        followed: Symbols whose ticks are wanted; replaced when they change.
        following: Why these; ``None`` where all are, all day.
    """

    def __init__(
        self,
        session: Session,
        symbols: Sequence[str],
        parameters: Parameters,
        watcher: Watcher,
        following: Following | None = None,
    ) -> None:
        self.bars: dict[str, list[Bar]] = {symbol: [] for symbol in symbols}
        self.held: Mapping[str, str] = {}
        self.followed: AbstractSet[str] = following.symbols() if following else self.bars.keys()
        self.following = following
        self._session = session
        self._watcher = watcher
        self._grace = timedelta(milliseconds=parameters.bar_grace_ms)
        self._builder = BarBuilder(session)
        self._health = FeedHealth(session, parameters.stale_after_s, parameters.feed_stale_after_s)
        self._minute = 0  # the next one to close
        self._second = session.opens
        self._incomplete: set[str] = set(self.followed)
        self._whole_after: int | None = None
        self._is_lost = False
        self._shut = False

    def tick(self, at: datetime, tick: Tick) -> Iterator[Shown]:
        """Take one tick that was received at *at*; yield what is due and what it means."""
        yield from self.advance(at)
        if self._is_mute():
            self.resumed(at)
        if tick.symbol not in self.followed:
            self._aside(at, tick)
            return
        self._health.seen(tick.symbol, at)
        if self._builder.add(tick) in _USELESS:
            return
        if self._watcher.watches(tick.symbol):
            yield TickReceived(at, tick)

    def advance(self, at: datetime) -> Iterator[Shown]:
        """Let time pass to *at*; yield what came due, oldest first."""
        began = self._second
        while True:
            closes = self._session.start_of(self._minute + 1) + self._grace
            if closes <= self._second and closes <= at and self._minute < self._session.minutes:
                yield from self._close(closes)
            elif self._second <= at:
                yield from self._beat(self._second)
                self._second += _SECOND
            else:
                break
        if self.following is not None and self._second != began:
            self._follow(at, self.following.symbols())

    def started(self, at: datetime) -> None:
        """Begin the day at *at*, which may be the middle of it: ticks are expected from now on."""
        if self.following is not None:
            self.followed = self.following.begin()
            self._incomplete = set(self.followed)
        self._health.subscribe(self.followed, at)
        if at > self._session.opens:
            self._minute = max(0, self._session.minute_of(at))
            self._second = at.replace(microsecond=0)
        self.resumed(at)

    def resumed(self, at: datetime) -> None:
        """Note that the feed starts, or starts again, at *at*: what came before may be missing."""
        self._incomplete.update(self.followed)
        self._is_lost = False
        self._wait(at)

    def lost(self, at: datetime) -> Iterator[MarketEvent]:
        """Note that the feed is gone: nothing may be entered until it is back and repaired."""
        self._incomplete.update(self.followed)
        self._is_lost = True
        self._whole_after = None
        yield from self._hold(at)  # now: without a feed there may be no second to wait for

    def shut(self, at: datetime) -> Iterator[MarketEvent]:
        """Let nothing be entered any more."""
        self._shut = True
        yield from self._hold(at)

    def heard(self) -> dict[str, datetime | None]:
        """Return when each symbol last ticked; ``None`` for one that is expected and never did."""
        return self._health.heard()

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Return the symbols whose day so far is not known whole, in order."""
        return tuple(symbol for symbol in self.bars if symbol in self._incomplete)

    @property
    def wants_history(self) -> bool:
        """Whether reading history now would make the market whole."""
        return self._whole_after is not None and self._minute > self._whole_after

    def repaired(self, at: datetime, history: Mapping[str, Sequence[Bar]]) -> Iterator[MarketEvent]:
        """Take the day so far as history has it; yield the fresh start of the symbols made whole.

        A symbol whose history does not reach what we have seen ourselves stays incomplete, and
        history is wanted again.
        """
        whole: dict[str, tuple[Bar, ...]] = {}
        for symbol, rows in history.items():
            if symbol not in self.followed or self._lags(symbol, rows):
                continue
            # the symbol starts afresh from these bars, so none of its own was acted upon
            merged = merge((), rows, self._minute, pending=self.bars[symbol])
            self.bars[symbol] = list(merged.bars)
            whole[symbol] = merged.bars
            self._builder.baseline(symbol, sum(bar.volume for bar in merged.bars))
        self._incomplete.difference_update(whole)
        if not self._incomplete:
            self._whole_after = None
        if whole:
            yield HistoryLoaded(at, whole)
            yield from self._caught_up(at, whole)
        yield from self._hold(at)

    def _caught_up(self, at: datetime, whole: Container[str]) -> Iterator[MarketEvent]:
        # still held, a symbol learns what the minute now forming has shown before it started afresh
        for symbol, bar in self._builder.forming(self._minute).items():
            if symbol not in whole or symbol in self._watcher.pinned():
                continue  # a position has a price, which these would not be
            for price in (bar.high, bar.low, bar.close):
                if self._watcher.watches(symbol):
                    yield TickReceived(at, Tick(symbol, at, price))

    def _lags(self, symbol: str, rows: Sequence[Bar]) -> bool:
        after = self._whole_after
        seen = self.bars[symbol]
        if after is None or not seen or seen[-1].minute < after:
            return False
        ours = next(bar.minute for bar in seen if bar.minute >= after)
        return all(bar.minute < ours for bar in rows)

    def _follow(self, at: datetime, wanted: AbstractSet[str]) -> None:
        """Follow the *wanted* from *at* on; of those that are new the day is to be read."""
        came, left = wanted - self.followed, self.followed - wanted
        if not (came or left):
            return
        self.followed = wanted
        self._health.drop(left)
        self._health.subscribe(came, at)
        self._incomplete -= left
        self._incomplete |= came
        if came and not self._is_lost:
            self._wait(at)

    def _wait(self, at: datetime) -> None:
        self._whole_after = min(self._session.minute_of(at), self._session.minutes - 1)

    def _aside(self, at: datetime, tick: Tick) -> None:
        """Take a tick that no level waits for: of the index, or of what is not followed."""
        if tick.symbol not in self.bars:
            self._health.seen(tick.symbol, at)
        if self.following is not None and tick.symbol == self.following.spot:
            self.following.recentring.tick(self._session.minute_of(tick.at), tick.price)

    def _close(self, at: datetime) -> Iterator[Shown]:
        minute = self._minute
        if self.following is not None:
            moved = self.following.recentring.close(minute)
            if moved is not None:
                yield WindowMoved(at, moved)
        bars = {s: bar for s, bar in self._builder.close(minute).items() if s in self.followed}
        self._minute += 1
        for symbol, bar in bars.items():
            self.bars[symbol].append(bar)
        if bars:
            yield MinuteClosed(at, minute, bars, self._builder.forming(minute + 1))

    def _beat(self, at: datetime) -> Iterator[MarketEvent]:
        yield from self._hold(at)
        if at >= self._watcher.wake:
            yield TimerFired(at)

    def _hold(self, at: datetime) -> Iterator[MarketEvent]:
        held = self._health.held(at, self._watcher.pinned())
        reasons = dict.fromkeys(self._incomplete, "incomplete") | held
        if self._shut:
            reasons = dict.fromkeys(self.followed, "leaving")
        if reasons != self.held:
            self.held = reasons
            yield SymbolsHeld(at, reasons)

    def _is_mute(self) -> bool:
        return bool(self.held) and "feed_stale" in self.held.values()
