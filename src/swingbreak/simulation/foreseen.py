"""What a day's bars will do to the strategy, found ahead so that a run need not look at every bar.

Rules of this file:

1. Nothing is decided here, and nobody who decides sees ahead: a past shows what had happened by the
   minute its clock stands at, and the runner is told only which minutes it may pass over.
2. A minute may be passed over when it confirms no low that matters, and no price of it, nor the
   first of the next, reaches what a level or an order waits for.
3. A low that the static filter rejects matters only where it takes the place of an armed level,
   or where its symbol has an order or a position. Symbols whose every low is rejected by its price
   have none that matters.
4. Swings depend on data and rule alone: they are found once, as far as any run has come.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters, SwingRule
from swingbreak.market.swings import Swing, SwingDetector, SwingKind
from swingbreak.simulation.track import Track
from swingbreak.strategy.baseline import Baseline
from swingbreak.strategy.filters import static_reason

__all__ = ["DaySwings", "Foreseen"]

_AHEAD = 30  # minutes: many days end early


class _Finder:
    """The swing lows of one track, found as far as anybody has asked."""

    __slots__ = ("_detector", "_done", "_track", "_turnover", "_units", "lows", "minutes")

    def __init__(self, track: Track, rule: SwingRule) -> None:
        self._track = track
        self._detector = SwingDetector(rule)
        self._done = 0  # rows
        self._turnover = self._units = 0
        self.lows: dict[int, Swing] = {}  # by confirming minute
        self.minutes: list[int] = []  # their keys

    def reach(self, minute: int) -> None:
        """Find those of all bars up to and with *minute*."""
        track = self._track
        until = track.row_of[min(minute + 1, len(track.row_of) - 1)]
        rows = slice(self._done, until)
        if until <= self._done:
            return
        self._done = until
        see, turnover, units = self._detector.see, self._turnover, self._units
        columns = (track.minutes, track.high, track.low, track.close, track.volume)
        for at, high, low, close, volume in zip(*(each[rows] for each in columns), strict=True):
            thrice = high + low + close
            turnover += thrice * volume
            units += volume
            swing = see(at, high, low, close, (turnover, 3 * units) if units else (thrice, 3))
            if swing is not None and swing.kind is SwingKind.LOW:
                self.lows[at] = swing
                self.minutes.append(at)
        self._turnover, self._units = turnover, units


class DaySwings:
    """The swing lows of a day under one rule, shared by all runs of the day.

    Attributes:
        tracks: By symbol.
    """

    def __init__(self, tracks: Mapping[str, Track], rule: SwingRule) -> None:
        self.tracks = tracks
        self._finders = {symbol: _Finder(track, rule) for symbol, track in tracks.items()}

    def lows(self, symbol: str) -> dict[int, Swing]:
        """Return the lows of *symbol* by confirming minute, as far as they have been found."""
        return self._finders[symbol].lows

    def minutes(self, symbol: str) -> Sequence[int]:
        """Return the confirming minutes of *symbol*, likewise."""
        return self._finders[symbol].minutes

    def reach(self, symbol: str, minute: int) -> Sequence[int]:
        """Find the lows of *symbol* up to and with *minute*; return all confirming minutes."""
        finder = self._finders[symbol]
        finder.reach(minute)
        return finder.minutes


class _KnownPast:
    """The past of one symbol as its bars and the run's clock have it; a ``Past``."""

    __slots__ = ("_high", "_last", "_lows", "_row", "_run", "_track")

    def __init__(self, run: "Foreseen", track: Track, lows: dict[int, Swing]) -> None:
        self._run = run
        self._track = track
        self._lows = lows
        self.reset()

    def reset(self) -> None:
        """Forget prints; the bars and the clock are the day's."""
        self._row = -1  # rows that were closed when the last print came
        self._last = self._high = 0

    def close(self, bar: Bar, forming: Bar | None) -> Swing | None:
        """Return the low that the bar of the clock's minute confirms."""
        del forming  # it is the first tick of the next bar
        return self._lows.get(bar.minute)

    def tick(self, price: Paise) -> None:
        """Learn a print."""
        row = self._closed()
        if row != self._row:
            self._row, self._high = row, self._first_high(row)
        self._last = price
        self._high = max(self._high, price)

    @property
    def last(self) -> Paise:
        """Return the last price seen, paise; 0 before the first."""
        track, row = self._track, self._closed()
        if row == self._row:
            return self._last
        return self._first_high(row) or (track.close[row - 1] if row else 0)

    @property
    def minute(self) -> int:
        """Return the minute of the last closed bar; -1 before the first."""
        row = self._closed()
        return self._track.minutes[row - 1] if row else -1

    def highest_since(self, minute: int) -> Paise:
        """Return the highest high of the bars after *minute* and of the prints since; 0 if none."""
        track, row = self._track, self._closed()
        running = self._high if row == self._row else self._first_high(row)
        first = track.row_of[minute + 1]
        return max(running, *track.high[first:row]) if first < row else running

    @property
    def newest_high(self) -> Paise:
        """Return the high of the last closed bar, paise."""
        return self._track.high[self._closed() - 1]

    def _closed(self) -> int:
        return self._track.row_of[self._run.minute + 1]

    def _first_high(self, row: int) -> Paise:
        """Return what was seen of the next minute when the last one closed, paise; 0 if nothing."""
        track = self._track
        minutes = track.minutes
        # by the clock: in the minute that closed last there may have been no bar
        follows = 0 < row < len(minutes) and minutes[row] == self._run.minute + 1
        return track.open[row] if follows else 0


class Foreseen:
    """One run's way through a day that is known.

    Args:
        swings: The day's, under the rule of *parameters*.
        parameters: Of the run.

    Attributes:
        minute: The last one that has closed, -1 before the first. The runner moves it.
    """

    def __init__(self, swings: DaySwings, parameters: Parameters) -> None:
        self.minute = -1
        self._swings = swings
        self._parameters = parameters
        self._ends = len(next(iter(swings.tracks.values())).row_of) - 1
        self._symbols = [s for s, track in swings.tracks.items() if self._may_qualify(track)]
        self._qualified: defaultdict[int, list[str]] = defaultdict(list)  # by minute
        self._known = -1  # minute up to which that is complete
        self._placed = dict.fromkeys(self._symbols, 0)
        self._reached: dict[tuple[str, Paise, Paise], int] = {}

    def past(self, symbol: str) -> _KnownPast:
        """Return the past of *symbol*."""
        return _KnownPast(self, self._swings.tracks[symbol], self._swings.lows(symbol))

    def changed(
        self, strategy: Baseline, pinned: Iterable[str], minute: int
    ) -> dict[str, tuple[Bar, Bar | None]]:
        """Return the bars, and what is seen of the next ones, whose close changes a level.

        Args:
            strategy: The run's.
            pinned: Symbols with an order or a position.
            minute: The one that closes.
        """
        self._look_ahead(minute)
        lows, reached = self._swings.lows, self.reached
        symbols = dict.fromkeys(self._qualified.get(minute, ()))
        for symbol, break_at, raise_at in strategy.edges():
            is_reached = reached(symbol, minute, break_at, raise_at + 1) == minute
            if is_reached or minute in lows(symbol):
                symbols[symbol] = None
        symbols.update((symbol, None) for symbol in pinned if minute in lows(symbol))
        found = {}
        for symbol in symbols:
            track = self._swings.tracks[symbol]
            row = track.row(minute)
            if row >= 0:
                follows = track.row(minute + 1) if minute + 1 < self._ends else -1
                found[symbol] = track.bar(row), track.first(follows) if follows >= 0 else None
        return found

    def next_change(self, strategy: Baseline, pinned: Iterable[str], minute: int) -> int:
        """Return the first minute, from *minute* on, whose bars may change a level."""
        self._look_ahead(minute)
        until = min(self._known + 1, self._ends)
        for symbol, break_at, raise_at in strategy.edges():
            until = min(until, self.reached(symbol, minute, break_at, raise_at + 1))
            until = min(until, self._next_low(symbol, minute))
        for symbol in pinned:
            until = min(until, self._next_low(symbol, minute))
        while minute < until and minute not in self._qualified:
            minute += 1
        return minute

    def reached(self, symbol: str, minute: int, floor: Paise, ceiling: Paise) -> int:
        """Return the first minute, from *minute* on, in which *symbol* is at or beyond either.

        What the first price of a minute reaches counts for the minute before, too: it is seen when
        that one closes.
        """
        key = symbol, floor, ceiling
        known = self._reached.get(key, -1)
        if known < minute:
            known = self._reached[key] = self._search(symbol, minute, floor, ceiling)
        return known

    def _search(self, symbol: str, minute: int, floor: Paise, ceiling: Paise) -> int:
        track = self._swings.tracks[symbol]
        low, high = track.low, track.high
        for row in range(track.row_of[minute], len(low)):
            if low[row] <= floor or high[row] >= ceiling:
                at_once = track.open[row] <= floor or track.open[row] >= ceiling
                return max(track.minutes[row] - at_once, minute)
        return self._ends

    def _next_low(self, symbol: str, minute: int) -> int:
        minutes = self._swings.minutes(symbol)
        place = bisect_left(minutes, minute)
        return minutes[place] if place < len(minutes) else self._ends

    def _look_ahead(self, minute: int) -> None:
        if minute <= self._known:
            return
        self._known = minute + _AHEAD
        for symbol in self._symbols:
            minutes, lows = self._swings.reach(symbol, self._known), self._swings.lows(symbol)
            placed = self._placed[symbol]
            while placed < len(minutes) and minutes[placed] <= self._known:
                swing = lows[minutes[placed]]
                if not static_reason(swing.price, swing.vwap, self._parameters):
                    self._qualified[minutes[placed]].append(symbol)
                placed += 1
            self._placed[symbol] = placed

    def _may_qualify(self, track: Track) -> bool:
        least, most = track.lows
        return least <= self._parameters.price_max and most >= self._parameters.price_min
