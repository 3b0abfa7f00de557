"""Progress of work that can be counted, as one line that is drawn over itself on a terminal."""

import sys
import time
from collections.abc import Callable

__all__ = ["counting", "no_count"]

_MINUTE = 60


def counting(noun: str) -> Callable[[int, int, int], None]:
    """Return what is told how many are done, how many there are, and how many were done before."""
    began = time.monotonic()

    def told(done: int, of: int, resumed: int) -> None:
        ran = done - resumed
        rate = ran / (time.monotonic() - began)
        left = f", {rate:.1f} a second, {_span((of - done) / rate)} left" if ran else ""
        _redraw(f"{done}/{of} {noun}{left}")

    return told


def no_count() -> None:
    """Take the line away."""
    _redraw("")


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _redraw(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
