"""One contract's minute bars in columns of numbers, and the four ticks that each amounts to."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.market.day_bars import DayBars
from swingbreak.simulation.recorded import PATH_S, traded_by

__all__ = ["MINUTE_MS", "STEPS", "STEPS_MS", "Track"]

STEPS = len(PATH_S)
STEPS_MS = tuple(second * 1000 for second in PATH_S)
MINUTE_MS = 60_000


class Track:
    """The bars of one contract; a bar without volume is none where others have one.

    Attributes:
        contract: The option.
        minutes: Of its bars; the other columns are parallel.
        row_of: First row of each minute of the session or of a later one; one entry more.
    """

    __slots__ = (
        "_before", "_lows", "close", "contract", "high", "low", "minutes", "open", "row_of",
        "volume",
    )  # fmt: skip

    def __init__(self, day: DayBars, place: int) -> None:
        """Take the bars of ``day.contracts[place]`` that lie in the session."""
        length = day.session.minutes
        span = slice(day.starts[place], day.starts[place + 1])
        self.contract: OptionContract = day.contracts[place]
        self.minutes = list(day.minute[span])
        self.open = list(day.open[span])
        self.high = list(day.high[span])
        self.low = list(day.low[span])
        self.close = list(day.close[span])
        self.volume = list(day.volume[span])
        self._before: list[int] | None = None
        self._lows: tuple[Paise, Paise] | None = None
        minutes = self.minutes
        is_outside = bool(minutes) and not 0 <= minutes[0] <= minutes[-1] < length
        if is_outside or (0 in self.volume and any(self.volume)):
            has_volumes = any(self.volume)
            self._keep(
                row
                for row, minute in enumerate(minutes)
                if 0 <= minute < length and (self.volume[row] or not has_volumes)
            )
        if len(self.minutes) == length:
            self.row_of = list(range(length + 1))
        else:
            self.row_of = [bisect_left(self.minutes, minute) for minute in range(length + 1)]

    def _keep(self, rows: Iterable[int]) -> None:
        kept = list(rows)
        for name in ("minutes", "open", "high", "low", "close", "volume"):
            column = getattr(self, name)
            setattr(self, name, [column[row] for row in kept])

    def __len__(self) -> int:
        return len(self.minutes)

    def row(self, minute: int) -> int:
        """Return the row of *minute*, -1 where nothing traded in it."""
        row = self.row_of[minute]
        return row if row < len(self.minutes) and self.minutes[row] == minute else -1

    @property
    def lows(self) -> tuple[Paise, Paise]:
        """The least and the highest low of the day, paise; the first above the second if none."""
        if self._lows is None:
            self._lows = min(self.low, default=1), max(self.low, default=-1)
        return self._lows

    def before(self, row: int) -> int:
        """Return the units traded before the bar in *row*."""
        if self._before is None:
            self._before = list(accumulate(self.volume, initial=0))
        return self._before[row]

    def bar(self, row: int) -> Bar:
        """Return the bar in *row*."""
        prices = self.open[row], self.high[row], self.low[row], self.close[row]
        return Bar(self.minutes[row], *prices, self.volume[row], STEPS)

    def first(self, row: int) -> Bar:
        """Return what the first tick makes of the bar in *row*."""
        price = self.open[row]
        return Bar(self.minutes[row], price, price, price, price, traded_by(self.volume[row], 1), 1)

    def count(self, ms: int) -> int:
        """Return how many ticks are not later than *ms* milliseconds after the open."""
        minute, rest = divmod(ms, MINUTE_MS)
        if minute < 0:
            return 0
        if minute >= len(self.row_of) - 1:
            return STEPS * len(self.minutes)
        row = self.row_of[minute]
        if row < len(self.minutes) and self.minutes[row] == minute:
            return STEPS * row + bisect_right(STEPS_MS, rest)
        return STEPS * row

    def row_at(self, ms: int) -> int:
        """Return the row of the newest tick at *ms* milliseconds after the open."""
        return (self.count(ms) - 1) // STEPS

    def time(self, number: int) -> int:
        """Return when tick *number* comes, milliseconds after the open."""
        row, step = divmod(number, STEPS)
        return self.minutes[row] * MINUTE_MS + STEPS_MS[step]

    def is_rising(self, row: int) -> bool:
        """Whether the bar in *row* closed at or above its open."""
        return self.close[row] >= self.open[row]
