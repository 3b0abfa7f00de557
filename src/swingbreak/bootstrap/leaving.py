"""Ends a running day when a signal asks for it: with manners at first, then without.

Source: OpenAlgo's strategy host kills five seconds after SIGTERM, read 2026-11-22.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, Final, TypeVar

__all__ = ["Departure", "until_signal"]

_T = TypeVar("_T")

_PATIENCE_S: Final = 3.0
_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last one is Windows' Ctrl+Break


class Departure:
    """The wish to end, and whom to tell.

    Attributes:
        signal: What asked for it; ``None`` while nothing has.
        tell: Asks the day to end, if need be at once; ``None`` while no day is running.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self.tell: Callable[[bool], None] | None = None


async def until_signal(work: Coroutine[Any, Any, _T], departure: Departure) -> _T:
    """Run *work* to its end; a signal asks it to end sooner.

    Raises:
        CancelledError: A signal came before there was anything to end with manners.
    """
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def leave(number: int) -> None:
        again, departure.signal = departure.signal is not None, signal.Signals(number)
        if departure.tell is None:
            task.cancel()
            return
        departure.tell(again)
        loop.call_later(_PATIENCE_S, departure.tell, True)

    def caught(number: int, _: FrameType | None) -> None:
        loop.call_soon_threadsafe(leave, number)

    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, caught) for number in numbers}
    try:
        return await task
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
