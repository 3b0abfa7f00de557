"""The line to the exchange: every message takes a while, and they arrive in their own order.

Rules of this file:

1. A delay depends on the seed, the symbol, the side and how many messages about that symbol came
   before: what else is traded changes nothing.
2. Messages about one symbol arrive in the order they were sent.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple, TypeAlias

from swingbreak.domain.orders import Side
from swingbreak.simulation.venue import OrderUpdate

__all__ = ["Action", "Draw", "Line"]

# What a message does when it arrives, given the instant.
Action: TypeAlias = Callable[[datetime], list[OrderUpdate]]


class Draw(NamedTuple):
    """What chance does to one message.

    Attributes:
        luck: Uniform in [0, 1).
    """

    delay: timedelta
    luck: float


class Line:
    """Messages under way."""

    def __init__(self, seed: int, latency_ms: tuple[int, int]) -> None:
        """Draw delays between the two numbers of milliseconds, both included."""
        self._seed = seed
        self._latency_ms = latency_ms
        self._sent: Counter[str] = Counter()
        self._busy: dict[str, datetime] = {}
        self._queue: list[tuple[datetime, int, Action]] = []
        self._posted = 0

    def draw(self, symbol: str, side: Side) -> Draw:
        """Return what chance does to the next message about *symbol*."""
        self._sent[symbol] += 1
        key = f"{self._seed}:{symbol}:{side}:{self._sent[symbol]}"
        chance = Random(key)  # noqa: S311 - a simulation's seeded dice, no secret
        return Draw(timedelta(milliseconds=chance.randint(*self._latency_ms)), chance.random())

    def send(self, arrives: datetime, symbol: str, action: Action) -> None:
        """Put a message on the line that shall arrive at *arrives* or behind its forerunner."""
        arrives = self._busy[symbol] = max(arrives, self._busy.get(symbol, arrives))
        self.post(arrives, action)

    def post(self, at: datetime, action: Action) -> None:
        """Have *action* happen at *at*, after what is already due then."""
        self._posted += 1
        heapq.heappush(self._queue, (at, self._posted, action))

    def next_due(self) -> datetime | None:
        """Return when the next message arrives."""
        return self._queue[0][0] if self._queue else None

    def receive(self) -> tuple[datetime, Action]:
        """Take the next message off the line."""
        at, _, action = heapq.heappop(self._queue)
        return at, action
