"""A day of minute bars as the in-process runner reads it: no tick exists before it is asked for.

Rules of this file:

1. What it shows is what a :class:`CutDay` shows of the tape of the same bars: four ticks a bar, at
   second 0, 20, 40 and 59. A test compares the two.
2. Which extreme comes first is chosen when a minute begins, from what is held then; the choice
   stands, so that after the run the day can be played as a tape.
3. A bar without volume is no bar where its contract has volumes: nothing traded.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.market.day_bars import DayBars, traded_bars
from swingbreak.market.offers import offer
from swingbreak.simulation.cut_day import Minute
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.recorded import PATH_S, parity_forward, traded_by

__all__ = ["LATEST_CLOSE_MS", "BarDay", "BarSheet", "Track"]

_MS = timedelta(milliseconds=1)
_STEPS = len(PATH_S)
_STEPS_MS = tuple(second * 1000 for second in PATH_S)
_MINUTE_MS = 60_000
# a minute that closes later has seen more of the next one than its first tick
LATEST_CLOSE_MS = _STEPS_MS[1] - 1


class Track:
    """One contract's bars in columns of plain numbers.

    Attributes:
        contract: The option.
        minutes: Of its bars; the other columns are parallel.
        rising: Whether each closed at or above its open.
        before: Units traded before each.
    """

    __slots__ = (
        "before", "close", "contract", "high", "low", "minutes", "open", "rising", "row_of",
        "volume",
    )  # fmt: skip

    def __init__(self, contract: OptionContract, bars: Sequence[Bar], minutes: int) -> None:
        """Take *bars* of a session of *minutes*, in order; those outside it are left out."""
        kept = traded_bars(bars, minutes)
        self.contract = contract
        self.minutes = [bar.minute for bar in kept]
        self.open = [bar.open for bar in kept]
        self.high = [bar.high for bar in kept]
        self.low = [bar.low for bar in kept]
        self.close = [bar.close for bar in kept]
        self.volume = [bar.volume for bar in kept]
        self.rising = [bar.close >= bar.open for bar in kept]
        self.before = [0]
        for volume in self.volume:
            self.before.append(self.before[-1] + volume)
        # the first row of this minute or a later one
        self.row_of = [bisect_left(self.minutes, minute) for minute in range(minutes + 1)]

    def count(self, ms: int) -> int:
        """Return how many ticks are not later than *ms* milliseconds after the open."""
        minute, rest = divmod(ms, _MINUTE_MS)
        if minute < 0:
            return 0
        if minute >= len(self.row_of) - 1:
            return _STEPS * len(self.minutes)
        row = self.row_of[minute]
        ticks = _STEPS * row
        if row < len(self.minutes) and self.minutes[row] == minute:
            ticks += sum(step <= rest for step in _STEPS_MS)
        return ticks

    def row_at(self, ms: int) -> int:
        """Return the row of the newest tick at *ms* milliseconds after the open."""
        return (self.count(ms) - 1) // _STEPS

    def time(self, number: int) -> int:
        """Return when tick *number* comes, milliseconds after the open."""
        row, step = divmod(number, _STEPS)
        return self.minutes[row] * _MINUTE_MS + _STEPS_MS[step]

    def price(self, row: int, step: int, *, low_first: bool) -> Paise:
        """Return the price of one of a bar's four ticks, paise."""
        if step in {0, _STEPS - 1}:
            return (self.close if step else self.open)[row]
        return (self.low if (step == 1) is low_first else self.high)[row]


class BarSheet:
    """A stored day made ready to be run many times, under any settings and any fill model.

    Args:
        day: Of one expiry.

    Attributes:
        contracts: What is followed.
        tracks: By symbol, of every contract.
        bars: Each minute's bars of what is followed, by symbol.
        forming: Each minute's first ticks, likewise.
        times: When the session's ticks come: four a minute.

    Raises:
        DataError: No bar lies in the session.
    """

    def __init__(self, day: DayBars) -> None:
        session = day.session
        self.session = session
        self.spot_symbol = day.spot_symbol
        self.contracts: tuple[OptionContract, ...] = ()
        self.tracks = {
            contract.symbol: Track(contract, list(day.bars(place)), session.minutes)
            for place, contract in enumerate(day.contracts)
        }
        self.rank = {symbol: rank for rank, symbol in enumerate((day.spot_symbol, *self.tracks))}
        self.times = [
            session.start_of(minute) + timedelta(seconds=second)
            for minute in range(session.minutes)
            for second in PATH_S
        ]
        self._index = day.index
        self.bars: list[dict[str, Bar]] = [{} for _ in range(session.minutes)]
        self.forming: list[dict[str, Bar]] = [{} for _ in range(session.minutes + 1)]
        if not any(track.minutes for track in self.tracks.values()):
            raise DataError(f"{day.label}: no bar lies in the session of {day.day}")

    def follow(self, contracts: Sequence[OptionContract]) -> None:
        """Lay the bars of *contracts* out by minute: these are what a day shows."""
        self.contracts = tuple(contracts)
        for contract in contracts:
            self._lay_out(contract.symbol, self.tracks[contract.symbol])

    def previous_close(self, symbol: str) -> Paise:
        """Return where the index opens, paise, as all that is known before; 0 of anything else."""
        return self.index[0][1] if symbol == self.spot_symbol and self.index else 0

    def spot(self, at: datetime) -> Paise:
        """Return the index as last told at *at*, before that where it opens, paise."""
        ms = (at - self.session.opens) // _MS
        place = bisect_left(self.index, (ms + 1,))
        return self.index[place - 1][1] if place else self.previous_close(self.spot_symbol)

    @cached_property
    def index(self) -> list[tuple[int, Paise]]:
        """The index's ticks: milliseconds since the open, paise."""
        index = self._index
        rows = zip(index.minute, index.open, index.high, index.low, index.close, strict=True)
        found = [
            (minute * _MINUTE_MS + step, price)
            for minute, *prices in rows
            if 0 <= minute < self.session.minutes
            for step, price in zip(_STEPS_MS, _turns(*prices), strict=True)
        ]
        return found if len(index.minute) else list(self._parity())

    def _parity(self) -> Iterator[tuple[int, Paise]]:
        closes: list[dict[tuple[Paise, Right], Paise]] = [{} for _ in self.bars]
        for track in self.tracks.values():
            key = track.contract.strike, track.contract.right
            for minute, close in zip(track.minutes, track.close, strict=True):
                closes[minute][key] = close
        for minute, last in enumerate(closes):
            forward = parity_forward(last)
            if forward is not None:
                yield minute * _MINUTE_MS + _STEPS_MS[-1], forward

    def _lay_out(self, symbol: str, track: Track) -> None:
        columns = (track.minutes, track.open, track.high, track.low, track.close, track.volume)
        for minute, open_, high, low, close, volume in zip(*columns, strict=True):
            self.bars[minute][symbol] = Bar(minute, open_, high, low, close, volume, _STEPS)
            first = traded_by(volume, 1)
            self.forming[minute][symbol] = Bar(minute, open_, open_, open_, open_, first, 1)


def _turns(open_: Paise, high: Paise, low: Paise, close: Paise) -> tuple[Paise, ...]:
    return (open_, low, high, close) if close >= open_ else (open_, high, low, close)


class _Marks:
    """At what a short could have been marked in a minute, reckoned when it is asked for."""

    def __init__(self, day: "BarDay", minute: int) -> None:
        self._day = day
        self._minute = minute

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._day.sheet.bars[self._minute]

    def __getitem__(self, symbol: str) -> tuple[Paise, Paise]:
        ticks = self._day.ticks(symbol, self._minute)
        marks = [offer(tick.price, tick.ask) or tick.price for tick in ticks]
        return min(marks), max(marks)


class BarDay:
    """A sheet read under one fill model, once.

    Attributes:
        sheet: The day.
        minutes: Every minute of the session.
    """

    def __init__(self, sheet: BarSheet, passage: Passage) -> None:
        self.sheet = sheet
        self.session: Session = sheet.session
        self.contracts = sheet.contracts
        self.minutes: Sequence[Minute] = [
            Minute(bars, sheet.forming[minute + 1], _Marks(self, minute))
            for minute, bars in enumerate(sheet.bars)
        ]
        self._passage = passage
        self._held: dict[int, frozenset[str]] = {}  # when each minute began

    def begin(self, minute: int, held: Collection[str]) -> None:
        """Begin *minute* with positions in *held*: from now on its extremes have their order."""
        if held:
            self._held[minute] = frozenset(held)

    def between(self, symbols: Iterable[str], after: datetime, until: datetime) -> list[Tick]:
        """Return the ticks of *symbols* later than *after* and not later than *until*, in order."""
        first, last = self._ms(after), self._ms(until)
        found = [tick for symbol in symbols for tick in self._ticks(symbol, first, last)]
        found.sort(key=self.order)
        return found

    def records(
        self, symbol: str, after: datetime, until: datetime, band: tuple[Paise, Paise]
    ) -> list[Tick]:
        """Return the ticks of *symbol* that leave *band*, as :meth:`CutDay.records` does."""
        floor, ceiling = band
        found = []
        for tick in self._ticks(symbol, self._ms(after), self._ms(until)):
            if tick.price <= floor:
                found.append(tick)
                break
            if tick.price > ceiling:
                found.append(tick)
                ceiling = tick.price
        return found

    def last(self, symbol: str, at: datetime) -> Tick | None:
        """Return the newest tick of *symbol* that is not later than *at*."""
        track = self.sheet.tracks[symbol]
        count = track.count(self._ms(at))
        return self._tick(track, count - 1) if count else None

    def spot(self, at: datetime) -> Paise:
        """Return the index as last told at *at*, before that where it opens, paise."""
        return self.sheet.spot(at)

    def recent(self, symbol: str, at: datetime, window: timedelta) -> list[Tick]:
        """Return what a venue must know of *symbol*, as :meth:`CutDay.recent` does."""
        track, span = self.sheet.tracks[symbol], window // _MS
        ms = self._ms(at)
        end = track.count(ms)
        current = min(track.count(ms // span * span - 1), end)
        first = track.count(track.time(current - 1) // span * span - 1) if current else 0
        return [self._tick(track, number) for number in range(max(0, first - 1), end)]

    def order(self, tick: Tick) -> tuple[datetime, int]:
        """Return what ticks of several symbols are ordered by."""
        return tick.at, self.sheet.rank[tick.symbol]

    def ticks(self, symbol: str, minute: int) -> list[Tick]:
        """Return the ticks of *symbol* in *minute*."""
        start = minute * _MINUTE_MS
        return list(self._ticks(symbol, start - 1, start + _MINUTE_MS - 1))

    def _ticks(self, symbol: str, after: int, until: int) -> Iterator[Tick]:
        track = self.sheet.tracks[symbol]
        for number in range(track.count(after), track.count(until)):
            yield self._tick(track, number)

    def _tick(self, track: Track, number: int) -> Tick:
        row, step = divmod(number, _STEPS)
        symbol, minute = track.contract.symbol, track.minutes[row]
        price = track.price(row, step, low_first=self._is_low_first(track, row, minute))
        volume = track.before[row] + traded_by(track.volume[row], step + 1)
        bid, ask = self._passage.quote(price, track.low[row], track.high[row])
        return Tick(symbol, self.sheet.times[minute * _STEPS + step], price, volume, bid, ask)

    def _is_low_first(self, track: Track, row: int, minute: int) -> bool:
        if self._passage.model is FillModel.CALIBRATED:
            return track.rising[row]
        is_held = track.contract.symbol in self._held.get(minute, ())
        return is_held is (self._passage.model is FillModel.OPTIMISTIC)

    def _ms(self, at: datetime) -> int:
        return (at - self.sheet.session.opens) // _MS
