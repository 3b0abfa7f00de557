"""Ticks of all symbols to one-minute bars.

Rules of this file:

1. A tick belongs to the minute of its own time. Minutes are closed from outside, in order, and a
   closed minute never changes: a tick that comes too late for it is counted and dropped.
2. A bar's volume is what the cumulative day volume rose by, so nothing is lost with a late tick:
   the next accepted one brings its volume along. A cumulative volume of 0 says nothing; one that
   falls is a reset, counted, and never a negative volume. But a tick older than the last one, of
   a lower volume, is an old print that comes again or late: it may be an extreme of its minute, and
   is nobody's price any more.
3. A tick that repeats price and cumulative volume is a quote, not a trade: it makes no bar.
4. What is handed out is a value; what is still forming has one writer, this one.
"""

from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum

from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session

__all__ = ["BarBuilder", "TickVerdict"]

# No cumulative volume is known from which the next one could have risen.
_UNKNOWN = -1
_NEVER = datetime.min.replace(tzinfo=UTC)


class TickVerdict(StrEnum):
    """What became of a tick."""

    ACCEPTED = "accepted"
    NOT_A_TRADE = "not_a_trade"
    LATE = "late"
    OUTDATED = "outdated"
    FOREIGN = "foreign"
    INVALID = "invalid"


class _Forming:
    """A bar in the making."""

    __slots__ = ("close", "high", "low", "open", "ticks", "volume")

    def __init__(self, price: Paise) -> None:
        self.open = self.high = self.low = self.close = price
        self.volume = 0
        self.ticks = 0

    def bar(self, minute: int) -> Bar:
        return Bar(minute, self.open, self.high, self.low, self.close, self.volume, self.ticks)


class _Seen:
    """What the feed last said of a symbol, and up to which day volume it is in bars."""

    __slots__ = ("at", "counted", "price", "volume")

    def __init__(self) -> None:
        self.at = _NEVER
        self.price: Paise = 0
        self.volume = 0
        self.counted = _UNKNOWN


class BarBuilder:
    """Builds the bars of one session from its ticks.

    Attributes:
        late: How many ticks came too late for their minute, by symbol.
        resets: How often the cumulative volume fell, by symbol.
    """

    def __init__(self, session: Session) -> None:
        self.late: Counter[str] = Counter()
        self.resets: Counter[str] = Counter()
        self._session = session
        self._minutes = session.minutes
        self._seen: dict[str, _Seen] = {}
        self._open: dict[int, dict[str, _Forming]] = {}
        self._closed = -1
        # the minute of the last tick: the next one mostly lies in it too
        self._minute = -1
        self._from = self._until = session.opens

    def add(self, tick: Tick) -> TickVerdict:
        """Take one tick of any symbol; a quote may carry the time of a trade long past."""
        symbol, at, price, volume, _, _, _, _ = tick
        if price <= 0:
            return TickVerdict.INVALID
        seen = self._seen.get(symbol)
        if seen is not None and volume and volume == seen.volume and price == seen.price:
            return TickVerdict.NOT_A_TRADE
        if not self._from <= at < self._until and not self._locate(at):
            return TickVerdict.FOREIGN
        if seen is None:
            seen = self._seen[symbol] = _Seen()
        elif 0 < volume < seen.volume and at < seen.at:
            return self._recall(symbol, price)
        is_first = not seen.price
        seen.at, seen.price = at, price
        if volume:
            seen.volume = volume
            if is_first and volume == seen.counted:  # history has it already
                return TickVerdict.NOT_A_TRADE
        is_late = self._minute <= self._closed
        return self._miss(symbol, seen) if is_late else self._take(symbol, price, volume, seen)

    def baseline(self, symbol: str, volume: int) -> None:
        """Say that the symbol's closed bars hold *volume* units in all; 0 if it has none.

        What has traded since belongs to the bars still forming, whatever they made of ticks that
        came before this was known.
        """
        seen = self._seen.setdefault(symbol, _Seen())
        forming = [bars[symbol] for _, bars in sorted(self._open.items()) if symbol in bars]
        if not forming or seen.counted == _UNKNOWN:
            seen.counted = volume
            return
        later = sum(bar.volume for bar in forming[1:])
        forming[0].volume = max(0, seen.counted - volume - later)

    def close(self, minute: int) -> dict[str, Bar]:
        """Close *minute* and all before it; return its bar of each symbol that traded in it.

        To be called for every minute from the first one watched. What ticks made of a minute
        before that one is incomplete and counts as late.
        """
        for skipped in sorted(m for m in self._open if m < minute):
            self._give_up(skipped)
        self._closed = max(self._closed, minute)
        bars = self._open.pop(minute, {})
        return {symbol: forming.bar(minute) for symbol, forming in bars.items()}

    def forming(self, minute: int) -> dict[str, Bar]:
        """Return what has been seen of *minute* so far, of each symbol that traded in it."""
        bars = self._open.get(minute, {})
        return {symbol: forming.bar(minute) for symbol, forming in bars.items()}

    def day_volume(self, symbol: str) -> int:
        """Return the last cumulative day volume of *symbol*, units; 0 where none is known."""
        seen = self._seen.get(symbol)
        return seen.volume if seen is not None else 0

    def _locate(self, at: datetime) -> bool:
        minute = self._session.minute_of(at)
        if not 0 <= minute < self._minutes:
            return False
        self._minute = minute
        self._from = self._session.start_of(minute)
        self._until = self._session.start_of(minute + 1)
        return True

    def _take(self, symbol: str, price: Paise, volume: int, seen: _Seen) -> TickVerdict:
        bars = self._open.setdefault(self._minute, {})
        forming = bars.get(symbol)
        if forming is None:
            forming = bars[symbol] = _Forming(price)
        elif price > forming.high:
            forming.high = price
        elif price < forming.low:
            forming.low = price
        forming.close = price
        forming.ticks += 1
        if volume:
            if volume < seen.counted:
                self.resets[symbol] += 1
            elif seen.counted != _UNKNOWN:
                forming.volume += volume - seen.counted
            seen.counted = volume
        return TickVerdict.ACCEPTED

    def _recall(self, symbol: str, price: Paise) -> TickVerdict:
        if self._minute <= self._closed:
            self.late[symbol] += 1
            return TickVerdict.OUTDATED
        forming = self._open.setdefault(self._minute, {}).setdefault(symbol, _Forming(price))
        forming.high, forming.low = max(forming.high, price), min(forming.low, price)
        forming.ticks += 1
        return TickVerdict.OUTDATED

    def _miss(self, symbol: str, seen: _Seen) -> TickVerdict:
        self.late[symbol] += 1
        if seen.counted == _UNKNOWN and seen.volume:
            seen.counted = seen.volume
        return TickVerdict.LATE

    def _give_up(self, minute: int) -> None:
        for symbol, forming in self._open.pop(minute).items():
            seen = self._seen[symbol]
            self.late[symbol] += forming.ticks
            if forming.volume:
                seen.counted = max(0, seen.counted - forming.volume)
