"""Swing lows and highs of one symbol from its closed bars, the rule ``watch-2``.

Rules of this file:

1. A bar votes for the low side of an earlier one when its high and its close are both higher, for
   the high side when its low and its close are both lower. So the high side is the low side of
   the mirrored prices, and no bar votes for both sides of the same earlier one.
2. The second vote fires. No votes are counted beyond that: a side only knows which bars have one.
3. The window is every bar after the last swing's. Only these are voted for, and a swing sits on
   their extreme, the new bar included, on the earliest of equals.
4. A new swing forgets all votes; an update keeps those of the bars that stay in the window.
5. What cannot happen is not looked for: a bar that does not rise above the window's least high and
   least close votes for nobody, and who has a vote matters only while a second one may fire. A
   straight trend, however long, costs no more a bar than a random walk.
6. Where a new swing leaves a long window, as on prices that touch the same low all day, equal bars
   count as one: every vote that comes is for all of them and the earliest fires first. An update
   cannot come between them, for its bar is beyond the swing and so later than all of these.
"""
# ruff: noqa: PLR1730 - min() costs several times the comparison, and this runs for every bar

from bisect import bisect_left
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import SwingRule

__all__ = ["Swing", "SwingDetector", "SwingKind"]

# Above every index and every price: "none".
_NONE = 1 << 62

# More bars than a window keeps after a swing while prices move.
_MANY = 24

# A bar as a side sees it: index, high, low, close.
_Past: TypeAlias = tuple[int, Paise, Paise, Paise]


class SwingKind(StrEnum):
    """Which extreme a swing is."""

    LOW = "low"
    HIGH = "high"


class Swing(NamedTuple):
    """A confirmed swing; a named tuple for the reason that a bar is one.

    Attributes:
        index: Position of its bar among the day's bars.
        minute: Minutes since the open of its bar.
        price: Its bar's low or high, paise.
        vwap: Session VWAP at the close of the bar on which it was first found, as numerator and
            denominator, paise.
        is_update: Whether it is the last swing moved, not a new one.
        confirmed_index: Position of the bar that confirmed it.
    """

    kind: SwingKind
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody misses
    minute: int
    price: Paise
    vwap: tuple[int, int]
    is_update: bool
    confirmed_index: int


class _Window:
    """The bars after the last swing."""

    __slots__ = ("_equal", "_recent", "add")

    def __init__(self) -> None:
        self._equal: dict[tuple[Paise, Paise, Paise], list[int]] = {}
        self._recent: list[_Past] = []
        self.add = self._recent.append

    def cut(self, start: int) -> list[_Past]:
        """Begin at bar *start*; return what is left in order, of equal bars the earliest."""
        recent = self._recent
        gone = start - recent[0][0]
        if gone > 0:
            del recent[:gone]
        if not self._equal and len(recent) <= _MANY:
            return recent.copy()
        self._forget(start)
        for index, high, low, close in recent:
            self._equal.setdefault((high, low, close), []).append(index)
        recent.clear()
        return sorted((at[0], *prices) for prices, at in self._equal.items())

    def _forget(self, start: int) -> None:
        for prices, at in tuple(self._equal.items()):
            del at[: bisect_left(at, start)]
            if not at:
                del self._equal[prices]


class _Side:
    """The window and the votes of one side; fed mirrored prices, the high side is this too."""

    __slots__ = (
        "before", "floor", "floor_at", "fresh", "kind", "least_close", "least_high", "limit",
        "voted",
    )  # fmt: skip

    def __init__(self, kind: SwingKind) -> None:
        self.kind = kind
        self.fresh: list[_Past] = []  # the window's bars without a vote, in no order
        self.voted: list[_Past] = []  # those with one; the newest bar's votes last
        self.before = _NONE  # where in voted those begin
        self.limit = _NONE  # it fires only while the window's low is below this
        self.floor = self.floor_at = _NONE  # the window's low and whose it is
        self.least_high = self.least_close = _NONE

    def vote(self, bar: _Past) -> int:
        """Let a new bar vote; return the first bar that this fires on, ``_NONE`` if none does."""
        index, high, low, close = bar
        if low < self.floor:
            self.floor, self.floor_at = low, index
        if high <= self.least_high or close <= self.least_close:
            self.before = _NONE
            if high < self.least_high:
                self.least_high = high
            if close < self.least_close:
                self.least_close = close
            self.fresh.append(bar)
            return _NONE
        hit = _NONE
        voted = self.voted
        self.before = len(voted)
        if voted and self.floor < self.limit:
            for j, its_high, _, its_close in voted:
                if its_high < high and its_close < close and j < hit:
                    hit = j
        kept = []
        for earlier in self.fresh:
            _, its_high, _, its_close = earlier
            if its_high < high and its_close < close:
                voted.append(earlier)
            else:
                kept.append(earlier)
        kept.append(bar)
        self.fresh = kept
        return hit

    def withdraw(self, after: int) -> None:
        """Take back the newest bar's votes for the bars after *after*."""
        given = self.voted[self.before :]
        del self.voted[self.before :]
        for bar in given:
            (self.fresh if bar[0] > after else self.voted).append(bar)

    def restart(self, window: list[_Past]) -> None:
        """Go on with *window*, without votes."""
        self.fresh = window
        self.voted = []
        self._measure(window)

    def shrink(self, window: list[_Past], start: int) -> None:
        """Go on with *window*, which begins at *start*; votes are kept."""
        self.fresh = [bar for bar in self.fresh if bar[0] >= start]
        self.voted = [bar for bar in self.voted if bar[0] >= start]
        self._measure(window)

    def _measure(self, window: list[_Past]) -> None:
        floor = floor_at = least_high = least_close = _NONE
        for index, high, low, close in window:
            if low < floor:
                floor, floor_at = low, index
            if high < least_high:
                least_high = high
            if close < least_close:
                least_close = close
        self.floor, self.floor_at = floor, floor_at
        self.least_high, self.least_close = least_high, least_close


class SwingDetector:
    """Finds the swings of one symbol's day, bar by bar."""

    def __init__(self, rule: SwingRule) -> None:
        self._opposite_first = rule is SwingRule.WATCH2_ALTERNATING
        self._low = _Side(SwingKind.LOW)
        self._high = _Side(SwingKind.HIGH)
        self._window = _Window()
        self._minutes: list[int] = []
        self._vwaps: list[tuple[int, int]] = []
        self._last: Swing | None = None

    def add(self, bar: Bar, vwap: tuple[int, int]) -> Swing | None:
        """Take the day's next bar; return the swing it confirms or moves, if any.

        Args:
            bar: Closed, of a later minute than the one before.
            vwap: Session VWAP at its close as numerator and denominator, paise.

        Raises:
            DataError: The bar is not newer than the last one; nothing has changed.
        """
        minute, _, high, low, close, _, _ = bar
        return self.see(minute, high, low, close, vwap)

    def see(
        self, minute: int, high: Paise, low: Paise, close: Paise, vwap: tuple[int, int]
    ) -> Swing | None:
        """Take the day's next bar in parts; see :meth:`add`."""
        minutes = self._minutes
        if minutes and minute <= minutes[-1]:
            raise DataError(
                f"bar of minute {minute} after that of minute {minutes[-1]}: feed bars in order"
            )
        index = len(minutes)
        minutes.append(minute)
        self._vwaps.append(vwap)
        upright = (index, high, low, close)
        self._window.add(upright)
        low_hit = self._low.vote(upright)
        high_hit = self._high.vote((index, -low, -high, -close))
        if low_hit == high_hit:  # neither fired, for one bar never fires on both sides
            return None
        return self._confirm(low_hit, high_hit)

    def _confirm(self, low_hit: int, high_hit: int) -> Swing:
        last = self._last
        low_wins = low_hit < high_hit
        if last is not None and self._opposite_first:
            low_wins = high_hit == _NONE if last.kind is SwingKind.LOW else low_hit != _NONE
        side, other = (self._low, self._high) if low_wins else (self._high, self._low)
        kind, index, price = side.kind, side.floor_at, side.floor
        start = index + 1
        window = self._window.cut(start)
        mirrored = [(i, -low, -high, -close) for i, high, low, close in window]
        if last is not None and last.kind is kind:
            vwap, is_update = last.vwap, True
            self._end_scan(side, other, min(low_hit, high_hit))
            self._low.shrink(window, start)
            self._high.shrink(mirrored, start)
        else:
            vwap, is_update = self._vwaps[index], False
            self._low.restart(window)
            self._high.restart(mirrored)
            other.limit = _NONE
        side.limit = price
        minutes = self._minutes
        # by position: keywords cost a third more
        swing = Swing(kind, index, minutes[index], abs(price), vwap, is_update, len(minutes) - 1)
        self._last = swing
        return swing

    def _end_scan(self, side: _Side, other: _Side, hit: int) -> None:
        # the bar that fired was the last to be voted for; but to find no opposite swing first,
        # the alternating rule has gone through the whole other side
        side.withdraw(hit)
        if not self._opposite_first:
            other.withdraw(hit)
