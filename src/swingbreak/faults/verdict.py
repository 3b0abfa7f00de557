"""The verdict on a day: the first thing that must never happen, and did."""

from collections.abc import Callable
from dataclasses import dataclass

from swingbreak.faults.trace import Trace

__all__ = ["Verdict", "Violation"]


@dataclass(frozen=True, slots=True)
class Violation:
    """What must never happen, and did.

    Attributes:
        invariant: Its number in the product's list; 0 is a program that gives up on a mistake of
            its own, 14 one that stays deaf to a feed that could be had.
        line: Number of the trace's line at which it was noticed.
    """

    invariant: int
    what: str
    line: int


class Verdict:
    """Keeps the first violation and tells who ends the day.

    Attributes:
        violation: ``None`` while there is none.
    """

    def __init__(
        self, trace: Trace, seconds: Callable[[], float], found: Callable[[], None]
    ) -> None:
        self.violation: Violation | None = None
        self._trace = trace
        self._seconds = seconds
        self._found = found

    @property
    def now(self) -> float:
        """Seconds since the day began."""
        return self._seconds()

    def say(self, text: str) -> None:
        """Add a line to the trace."""
        self._trace.say(self._seconds(), text)

    def fail(self, invariant: int, what: str) -> None:
        """Note a violation; the first one ends the day."""
        if self.violation is None:
            self.say(f"VIOLATION of {invariant}: {what}")
            self.violation = Violation(invariant, what, self._trace.count)
            self._found()
