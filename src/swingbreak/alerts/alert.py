"""One thing that a person should hear of, and how it is worded."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from swingbreak.domain.session import ist_clock

__all__ = ["Alert", "Severity", "short"]

_LONGEST: Final = 600  # characters: a message holds 4,096 of them, a phone's screen fewer


class Severity(IntEnum):
    """What a person does about it."""

    INFO = 1  # reads it some time
    WARNING = 2  # looks at it soon
    CRITICAL = 3  # acts now


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that happened, once.

    Attributes:
        at: When, by the day's clock.
        kind: Dotted name of what happened, ``stop.lost``.
        subject: What it is about; with the kind it says which alerts are repeats of each other.
        text: The rest, for a person.
    """

    at: datetime
    severity: Severity
    kind: str
    subject: str
    text: str

    @property
    def key(self) -> str:
        """What tells repeats from news."""
        return f"{self.kind} {self.subject}"

    @property
    def line(self) -> str:
        """The alert in a line: ``CRITICAL 10:31:05 stop.lost NIFTY...CE: cancelled``."""
        word = "" if self.severity is Severity.INFO else f"{self.severity.name} "
        return f"{word}{ist_clock(self.at)} {self.kind} {self.subject}: {short(self.text)}"


def short(text: str, longest: int = _LONGEST) -> str:
    """Return *text* on one line and in at most *longest* characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."
