"""Session VWAP, exact."""

from swingbreak.domain.market import Bar

__all__ = ["SessionVwap"]


class SessionVwap:
    """Volume-weighted average of the typical price (high + low + close) / 3 since the open.

    It depends on nothing but the day's bars, so history and live bars give the same value.

    Attributes:
        ratio: Numerator and denominator, paise; while nothing has traded with a known volume, the
            typical price of the last bar, and ``(0, 1)`` before the first.
    """

    __slots__ = ("_turnover", "_volume", "ratio")

    def __init__(self) -> None:
        self._turnover = 0
        self._volume = 0
        self.ratio: tuple[int, int] = (0, 1)

    def add(self, bar: Bar) -> None:
        """Take the day's next closed bar."""
        _, _, high, low, close, volume, _ = bar
        thrice_typical = high + low + close
        self._turnover += thrice_typical * volume
        self._volume += volume
        if self._volume:
            self.ratio = (self._turnover, 3 * self._volume)
        else:
            self.ratio = (thrice_typical, 3)
