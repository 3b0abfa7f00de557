"""An event loop whose time is made up: where nothing is ready it jumps to the next timer.

Rules of this file:

1. No sockets, no threads, no waiting: a day takes as long as the work that is done in it.
2. The same callbacks run in the same order every time; what is due at one instant runs in the order
   of its deadline, then as it was scheduled.
"""

import asyncio
from asyncio.base_events import BaseEventLoop
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

__all__ = ["Stuck", "VirtualClock", "VirtualLoop", "run_virtually"]

_T = TypeVar("_T")


class Stuck(AssertionError):
    """Everybody waits and nothing is scheduled: the run would hang for ever."""


class _Jump:
    """Stands where a loop has its selector: instead of waiting, time moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def select(self, timeout: float | None) -> list[object]:
        """Let *timeout* seconds pass at once; nothing ever arrives from outside."""
        if timeout is None:
            raise Stuck("nothing is ready and nothing is scheduled")
        self.now += timeout
        return []


class VirtualLoop(BaseEventLoop):
    """An event loop for one simulated day; its time starts at 0."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Jump()
        self._clock_resolution = 1e-6  # timers nearer than this run together

    def time(self) -> float:
        """Return the virtual seconds passed."""
        return self._selector.now

    def _process_events(self, event_list: list[object]) -> None:
        """Do nothing: there are no events from outside."""

    def _write_to_self(self) -> None:
        """Do nothing: nobody else can add a callback while the loop waits."""


class VirtualClock:
    """The market's time as one machine sees it; a clock in the sense of ``runtime.live``.

    Attributes:
        skew: How far this machine's clock is off.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, start: datetime) -> None:
        self.skew = timedelta()
        self._loop = loop
        self._start = start
        self._known = (0.0, start)

    def now(self) -> datetime:
        """Return the time this machine shows, aware, UTC."""
        return self.true() + self.skew if self.skew else self.true()

    def true(self) -> datetime:
        """Return what time it is, aware, UTC, to the microsecond."""
        seconds = self._loop.time()
        if seconds != self._known[0]:
            self._known = seconds, self._start + timedelta(microseconds=round(seconds * 1e6))
        return self._known[1]

    def advance(self, at: datetime) -> None:
        """Do nothing: time passes by itself, whatever a feed says."""


def run_virtually(work: Coroutine[Any, Any, _T]) -> _T:
    """Run *work* to its end in a loop of its own and return what it does.

    Raises:
        Stuck: It waits for something that can never happen.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
