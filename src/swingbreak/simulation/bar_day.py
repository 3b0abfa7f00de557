"""A day of minute bars as the in-process runner reads it: no tick exists before it is asked for.

Rules of this file:

1. What it shows is what a :class:`CutDay` shows of the tape of the same bars: four ticks a bar, at
   second 0, 20, 40 and 59. A test compares the two.
2. Which extreme comes first is chosen when a minute begins, from what is held then; the choice
   stands, so that after the run the day can be played as a tape.
3. A bar without volume is no bar where its contract has volumes: nothing traded.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import SwingRule
from swingbreak.domain.session import Session
from swingbreak.market.day_bars import DayBars
from swingbreak.market.offers import offer
from swingbreak.simulation.cut_day import Minute
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.foreseen import DaySwings
from swingbreak.simulation.recorded import parity_forward, traded_by
from swingbreak.simulation.track import MINUTE_MS, STEPS, STEPS_MS, Track

__all__ = ["LATEST_CLOSE_MS", "BarDay", "BarSheet"]

_MS = timedelta(milliseconds=1)
# a minute that closes later has seen more of the next one than its first tick
LATEST_CLOSE_MS = STEPS_MS[1] - 1


class BarSheet:
    """A stored day made ready to be run many times, under any settings and any fill model.

    Args:
        day: Of one expiry.

    Attributes:
        contracts: What is followed.
        tracks: By symbol, of every contract.
        followed: Likewise, of what is followed.

    Raises:
        DataError: No bar lies in the session.
    """

    def __init__(self, day: DayBars) -> None:
        session = day.session
        self.session = session
        self.spot_symbol = day.spot_symbol
        self.contracts: tuple[OptionContract, ...] = ()
        self.followed: Mapping[str, Track] = {}
        self._swings: dict[SwingRule, DaySwings] = {}
        self.tracks = {
            contract.symbol: Track(day, place) for place, contract in enumerate(day.contracts)
        }
        self.rank = {symbol: rank for rank, symbol in enumerate((day.spot_symbol, *self.tracks))}
        self._index = day.index
        if not any(self.tracks.values()):
            raise DataError(f"{day.label}: no bar lies in the session of {day.day}")

    def follow(self, contracts: Sequence[OptionContract]) -> None:
        """Show the bars of *contracts* and no other."""
        self.contracts = tuple(contracts)
        self.followed = {each.symbol: self.tracks[each.symbol] for each in contracts}
        self._swings = {}

    def __len__(self) -> int:
        """How many bars of what is followed it has."""
        return sum(map(len, self.followed.values()))

    def swings(self, rule: SwingRule) -> DaySwings:
        """Return the swings under *rule*, found once."""
        if rule not in self._swings:
            self._swings[rule] = DaySwings(self.followed, rule)
        return self._swings[rule]

    def previous_close(self, symbol: str) -> Paise:
        """Return where the index opens, paise, as all that is known before; 0 of anything else."""
        if symbol != self.spot_symbol:
            return 0
        minute, opens = self._index.minute, self._index.open
        inside = (row for row, at in enumerate(minute) if 0 <= at < self.session.minutes)
        first = next(inside, None)
        if first is not None:
            return opens[first]
        return self.index[0][1] if self.index else 0

    def spot(self, at: datetime) -> Paise:
        """Return the index as last told at *at*, before that where it opens, paise."""
        ms = (at - self.session.opens) // _MS
        place = bisect_left(self.index, (ms + 1,))
        return self.index[place - 1][1] if place else self.previous_close(self.spot_symbol)

    def index_by_minute(self) -> Iterator[tuple[int, Paise]]:
        """Yield the index's first and last price of each minute of the session with its number."""
        index = self._index
        if not len(index.minute):
            yield from ((ms // MINUTE_MS, price) for ms, price in self.index)
            return
        for minute, first, last in zip(index.minute, index.open, index.close, strict=True):
            if 0 <= minute < self.session.minutes:
                yield minute, first
                yield minute, last

    @cached_property
    def index(self) -> list[tuple[int, Paise]]:
        """The index's ticks: milliseconds since the open, paise; reckoned when first asked for."""
        index = self._index
        rows = zip(index.minute, index.open, index.high, index.low, index.close, strict=True)
        found = [
            (minute * MINUTE_MS + step, price)
            for minute, *prices in rows
            if 0 <= minute < self.session.minutes
            for step, price in zip(STEPS_MS, _turns(*prices), strict=True)
        ]
        return found if len(index.minute) else list(self._parity())

    def _parity(self) -> Iterator[tuple[int, Paise]]:
        closes: list[dict[tuple[Paise, Right], Paise]] = [{} for _ in range(self.session.minutes)]
        for track in self.tracks.values():
            key = track.contract.strike, track.contract.right
            for minute, close in zip(track.minutes, track.close, strict=True):
                closes[minute][key] = close
        for minute, last in enumerate(closes):
            forward = parity_forward(last)
            if forward is not None:
                yield minute * MINUTE_MS + STEPS_MS[-1], forward


def _turns(open_: Paise, high: Paise, low: Paise, close: Paise) -> tuple[Paise, ...]:
    return (open_, low, high, close) if close >= open_ else (open_, high, low, close)


class _BarMinute:
    """What a minute of a day of bars shows once it is over, reckoned when it is asked for."""

    __slots__ = ("_number", "_passage", "_sheet")

    def __init__(self, sheet: BarSheet, passage: Passage, number: int) -> None:
        # not the day, which has all its minutes: a day that is over shall go without a collector
        self._sheet = sheet
        self._passage = passage
        self._number = number

    @property
    def has_bars(self) -> bool:
        return any(track.row(self._number) >= 0 for track in self._sheet.followed.values())

    @property
    def bars(self) -> dict[str, Bar]:
        found = self._rows(self._number)
        return {symbol: track.bar(row) for symbol, track, row in found}

    @property
    def forming(self) -> dict[str, Bar]:
        last = self._number + 1 == self._sheet.session.minutes
        found = () if last else self._rows(self._number + 1)
        return {symbol: track.first(row) for symbol, track, row in found}

    def reach(self, symbol: str) -> tuple[Paise, Paise] | None:
        track = self._sheet.tracks[symbol]
        row = track.row(self._number)
        return (track.low[row], track.high[row]) if row >= 0 else None

    def marks(self, symbol: str) -> tuple[Paise, Paise] | None:
        reach = self.reach(symbol)
        if reach is None:
            return None
        # the offer never falls while the price rises, and never leaves the bar
        low, high = reach
        _, offered = self._passage.quote(low, low, high)
        return offer(low, offered) or low, high

    def _rows(self, minute: int) -> Iterator[tuple[str, Track, int]]:
        for symbol, track in self._sheet.followed.items():
            row = track.row(minute)
            if row >= 0:
                yield symbol, track, row


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
            _BarMinute(sheet, passage, n) for n in range(sheet.session.minutes)
        ]
        self._passage = passage
        self._told: dict[tuple[str, int], Tick] = {}  # by symbol and number
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
        track = self.sheet.tracks[symbol]
        for number in range(track.count(self._ms(after)), track.count(self._ms(until))):
            price = self._price(track, number)
            if price <= floor:
                found.append(self._tick(track, number))
                break
            if price > ceiling:
                found.append(self._tick(track, number))
                ceiling = price
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
        start = minute * MINUTE_MS
        return list(self._ticks(symbol, start - 1, start + MINUTE_MS - 1))

    def _ticks(self, symbol: str, after: int, until: int) -> Iterator[Tick]:
        track = self.sheet.tracks[symbol]
        for number in range(track.count(after), track.count(until)):
            yield self._tick(track, number)

    def _tick(self, track: Track, number: int) -> Tick:
        key = track.contract.symbol, number
        tick = self._told.get(key)
        if tick is None:
            tick = self._told[key] = self._made(track, number)
        return tick

    def _made(self, track: Track, number: int) -> Tick:
        row, step = divmod(number, STEPS)
        symbol, minute = track.contract.symbol, track.minutes[row]
        price = self._price(track, number)
        volume = track.before(row) + traded_by(track.volume[row], step + 1)
        bid, ask = self._passage.quote(price, track.low[row], track.high[row])
        at = self.session.opens + _MS * (minute * MINUTE_MS + STEPS_MS[step])
        return Tick(symbol, at, price, volume, bid, ask)

    def _price(self, track: Track, number: int) -> Paise:
        row, step = divmod(number, STEPS)
        if step == 0:
            return track.open[row]
        if step == STEPS - 1:
            return track.close[row]
        is_low = (step == 1) is self._is_low_first(track, row)
        return (track.low if is_low else track.high)[row]

    def _is_low_first(self, track: Track, row: int) -> bool:
        model = self._passage.model
        if model is FillModel.CALIBRATED:
            return track.is_rising(row)
        held = self._held.get(track.minutes[row])
        is_held = held is not None and track.contract.symbol in held
        return is_held is (model is FillModel.OPTIMISTIC)

    def _ms(self, at: datetime) -> int:
        return (at - self.sheet.session.opens) // _MS
