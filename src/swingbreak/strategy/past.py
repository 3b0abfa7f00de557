"""What has been seen of one symbol's day: its swings, its last price, its highs.

Rule of this file: a bar costs what it changes: no pass over the day's bars.
"""

from bisect import bisect_left
from typing import Protocol

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import SwingRule
from swingbreak.market.swings import Swing, SwingDetector
from swingbreak.market.vwap import SessionVwap

__all__ = ["BarPast", "Past"]


class Past(Protocol):
    """Follows one symbol's bars and prints."""

    def reset(self) -> None:
        """Start afresh."""

    def close(self, bar: Bar, forming: Bar | None) -> Swing | None:
        """Learn a closed bar and what has been seen of the next minute; return its swing."""

    def tick(self, price: Paise) -> None:
        """Learn a print."""

    @property
    def last(self) -> Paise:
        """Return the last price seen, paise; 0 before the first."""

    @property
    def minute(self) -> int:
        """Return the minute of the last closed bar; -1 before the first."""

    def highest_since(self, minute: int) -> Paise:
        """Return the highest high of the bars after *minute* and of the prints since; 0 if none."""

    @property
    def newest_high(self) -> Paise:
        """Return the high of the last closed bar, paise."""


class BarPast:
    """The past as bars and prints tell it one by one."""

    __slots__ = ("_detector", "_peaks", "_rule", "_running", "_vwap", "last")

    def __init__(self, rule: SwingRule) -> None:
        self._rule = rule
        self.reset()

    def reset(self) -> None:
        """Start afresh."""
        self.last: Paise = 0
        self._vwap = SessionVwap()
        self._detector = SwingDetector(self._rule)
        # bars whose high no later bar has reached: the first of any tail is the tail's highest
        self._peaks: list[Bar] = []
        self._running: Paise = 0  # highest print since the last closed bar

    def close(self, bar: Bar, forming: Bar | None) -> Swing | None:
        """Learn a closed bar and what has been seen of the next minute; return its swing.

        Raises:
            DataError: The bar does not follow the one before.
        """
        vwap = self._vwap
        vwap.add(bar)
        swing = self._detector.add(bar, vwap.ratio)
        high = bar.high
        peaks = self._peaks
        while peaks and peaks[-1].high <= high:
            peaks.pop()
        peaks.append(bar)
        if forming is None:
            self.last = bar.close
            self._running = 0
        else:
            self.last = forming.close
            self._running = forming.high
        return swing

    def tick(self, price: Paise) -> None:
        """Learn a print."""
        self.last = price
        if price > self._running:  # noqa: PLR1730 - calling max() would double the cost of a print
            self._running = price

    @property
    def minute(self) -> int:
        """Return the minute of the last closed bar; -1 before the first."""
        return self._peaks[-1].minute if self._peaks else -1

    def highest_since(self, minute: int) -> Paise:
        """Return the highest high of the bars after *minute* and of the prints since; 0 if none."""
        later = bisect_left(self._peaks, (minute + 1,))  # a bar compares by its minute first
        closed = self._peaks[later].high if later < len(self._peaks) else 0
        return max(closed, self._running)

    @property
    def newest_high(self) -> Paise:
        """Return the high of the last closed bar, paise."""
        return self._peaks[-1].high
