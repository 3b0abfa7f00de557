"""Clocks: the wall's, and one that follows the feed of a simulated market."""

from datetime import UTC, datetime

__all__ = ["FeedClock", "WallClock"]


class WallClock:
    """Real time."""

    def now(self) -> datetime:
        """Return the current time, aware, UTC."""
        return datetime.now(UTC)

    def advance(self, at: datetime) -> None:
        """Do nothing: real time passes by itself, whatever a feed says."""


class FeedClock:
    """The latest instant a feed has told of; stands still in between and never goes back."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the market's time, aware, UTC."""
        return self._now

    def advance(self, at: datetime) -> None:
        """Move on to *at*; an earlier instant changes nothing."""
        self._now = max(self._now, at)
