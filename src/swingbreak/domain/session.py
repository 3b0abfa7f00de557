"""The trading day: the only place that knows Indian Standard Time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

__all__ = ["IST", "MINUTE", "Session", "ist_clock", "ist_stamp"]

# India keeps one offset all year since 1945; no time-zone database is needed.
IST = timezone(timedelta(hours=5, minutes=30), "IST")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """One continuous session of one day.

    Attributes:
        day: The trading day in India.
        opens: First instant of continuous trading, aware.
        closes: First instant after continuous trading, aware.
    """

    day: date
    opens: datetime
    closes: datetime

    @classmethod
    def on(cls, day: date, opens: time, closes: time) -> "Session":
        """Return the session of *day* between two clock times in India."""
        start = datetime.combine(day, opens, IST).astimezone(UTC)
        return cls(day, start, datetime.combine(day, closes, IST).astimezone(UTC))

    @property
    def minutes(self) -> int:
        """How many one-minute bars the session has."""
        return (self.closes - self.opens) // MINUTE

    def minute_of(self, at: datetime) -> int:
        """Return the minute *at* lies in: 0 is the opening minute, negative is before the open."""
        return (at - self.opens) // MINUTE

    def start_of(self, minute: int) -> datetime:
        """Return the instant *minute* starts."""
        return self.opens + minute * MINUTE

    def at(self, clock: time) -> datetime:
        """Return the instant of this day's *clock* time in India."""
        return datetime.combine(self.day, clock, IST).astimezone(UTC)

    def is_open(self, at: datetime) -> bool:
        """Whether the exchange trades at *at*."""
        return self.opens <= at < self.closes


def ist_clock(at: datetime) -> str:
    """Return *at* as ``09:31:05`` in India."""
    return at.astimezone(IST).strftime("%H:%M:%S")


def ist_stamp(at: datetime) -> str:
    """Return *at* as ``2026-11-20 09:31:05`` in India, the form OpenAlgo's books use."""
    return at.astimezone(IST).strftime("%Y-%m-%d %H:%M:%S")
