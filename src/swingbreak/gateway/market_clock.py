"""How market time passes: paced by the wall clock, or in step with the clients.

Rules of this file:

1. In step, time moves by one quantum, or less when an order changes, and only after every
   subscribed client has answered a ping sent behind everything it was told.
2. In step, time stands still while nobody is subscribed, and while an answer made something happen.
3. Clients learn market time from the pings: their payload is ``t=<epoch ms>``, in step with
   ``;step`` behind it.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from swingbreak.gateway.floor import Floor, Happening

__all__ = ["Audience", "LockStep", "MarketClock", "Paced"]

_QUANTUM = timedelta(seconds=1)
_MOST_ROUNDS = 1000  # at one instant; a client that polls on every ping must not stop the day


class Audience(Protocol):
    """The connected clients."""

    @property
    def activity(self) -> int:
        """Return how many messages and requests have come from clients so far."""

    @property
    def is_present(self) -> bool:
        """Return whether anybody is subscribed to anything."""

    async def presence(self) -> None:
        """Wait until somebody is subscribed to something."""

    def tell(self, happenings: Iterable[Happening]) -> None:
        """Queue what *happenings* mean for each client."""

    def mark(self, at: datetime) -> None:
        """Send what is queued, and behind it a ping with market time *at*."""

    async def settle(self, at: datetime) -> None:
        """Do as ``mark`` and wait until every subscribed client has answered or is gone."""


class MarketClock(Protocol):
    """Decides how market time passes."""

    def now(self) -> datetime:
        """Bring the floor up to date and return market time."""

    def elapsed(self) -> float:
        """Return seconds for rate limits: market time, and the wall's while that stands still."""

    async def run(self) -> None:
        """Let the day pass; return when it is over."""


class LockStep:
    """As fast as the clients keep up, and the same every time."""

    def __init__(self, floor: Floor, audience: Audience, quantum: timedelta = _QUANTUM) -> None:
        """Stand still at the floor's time."""
        self._floor = floor
        self._audience = audience
        self._quantum = quantum
        self._start = floor.now
        self._idle = 0.0
        self._idle_since: float | None = None

    def now(self) -> datetime:
        """Return market time."""
        return self._floor.now

    def elapsed(self) -> float:
        """Return market seconds passed, plus the wall's while nobody was subscribed."""
        waiting = 0.0 if self._idle_since is None else _wall() - self._idle_since
        return (self._floor.now - self._start).total_seconds() + self._idle + waiting

    async def run(self) -> None:
        """Let the day pass."""
        while not self._floor.is_over:
            await self._presence()
            await self._quiesce()
            if self._audience.is_present:
                self._audience.tell(self._floor.advance(self._next_beat()))
        await self._quiesce()

    def _next_beat(self) -> datetime:
        # on one grid all day, wherever an order may have made time stop in between
        passed = (self._floor.now - self._start) // self._quantum
        return self._start + (passed + 1) * self._quantum

    async def _presence(self) -> None:
        self._idle_since = _wall()
        await self._audience.presence()
        self._idle += _wall() - self._idle_since
        self._idle_since = None

    async def _quiesce(self) -> None:
        for _ in range(_MOST_ROUNDS):
            seen = self._audience.activity
            await self._audience.settle(self._floor.now)
            if self._audience.activity == seen:
                return


class Paced:
    """So many times as fast as the wall clock, whether or not clients keep up."""

    def __init__(self, floor: Floor, audience: Audience, speed: float) -> None:
        """Start when ``run`` does."""
        self._floor = floor
        self._audience = audience
        self._speed = speed
        self._start = floor.now
        self._started: float | None = None
        self._marked = floor.now
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        """Bring the floor up to the wall clock and return market time."""
        reached = self._reached()
        while self._floor.now < reached and not self._floor.is_over:
            self._audience.tell(self._floor.advance(reached))
        self._changed.set()
        return self._floor.now

    def elapsed(self) -> float:
        """Return market seconds passed; they go on after the day."""
        return 0.0 if self._started is None else (_wall() - self._started) * self._speed

    async def run(self) -> None:
        """Let the day pass."""
        self._started = _wall()
        while not self._floor.is_over:
            self._step()
            await self._pause()
        self._audience.mark(self._floor.now)

    def _reached(self) -> datetime:
        return self._start + timedelta(seconds=self.elapsed())

    def _step(self) -> None:
        # a floor that lags behind catches up in quanta, so that the loop can breathe in between
        until = min(self._reached(), self._floor.now + _QUANTUM)
        self._audience.tell(self._floor.advance(until))
        if self._floor.now - self._marked >= _QUANTUM:
            self._marked = self._floor.now
            self._audience.mark(self._floor.now)

    async def _pause(self) -> None:
        wake = min(self._floor.due(), self._marked + _QUANTUM)
        delay = (wake - self._reached()).total_seconds() / self._speed
        self._changed.clear()
        if delay <= 0:
            await asyncio.sleep(0)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._changed.wait()


def _wall() -> float:
    return asyncio.get_running_loop().time()
