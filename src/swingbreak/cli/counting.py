"""Progress of work that can be counted: a line drawn over itself, or one a minute in a log."""

import sys
import time
from collections.abc import Callable

__all__ = ["counting", "no_count", "say"]

_MINUTE = 60


def counting(noun: str) -> Callable[[int, int, int], None]:
    """Return what is told how many are done, how many there are, and how many were done before."""
    began = logged = time.monotonic()

    def told(done: int, of: int, resumed: int) -> None:
        nonlocal logged
        ran, now = done - resumed, time.monotonic()
        rate = ran / (now - began)
        left = f", {rate:.1f} a second, {_span((of - done) / rate)} left" if ran else ""
        _redraw(line := f"{done}/{of} {noun}{left}")
        if not sys.stderr.isatty() and now - logged >= _MINUTE:
            logged = now
            say(line)

    return told


def no_count() -> None:
    """Take the line away."""
    _redraw("")


def say(line: str) -> None:
    """Write *line* to standard error, to stay."""
    no_count()
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _redraw(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
