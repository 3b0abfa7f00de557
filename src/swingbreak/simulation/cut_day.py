"""A tape's day cut up once, so that many runs on it need neither build bars nor search ticks."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.market.bars import BarBuilder
from swingbreak.market.offers import offer
from swingbreak.simulation.tape import ArrayTape

__all__ = ["CutDay", "CutMinute", "Minute"]

_MS = timedelta(milliseconds=1)


class Minute(Protocol):
    """What a minute shows once it is over."""

    @property
    def has_bars(self) -> bool:
        """Return whether anything traded in it."""

    @property
    def bars(self) -> Mapping[str, Bar]:
        """Return its bars by symbol."""

    @property
    def forming(self) -> Mapping[str, Bar]:
        """Return what the next minute had shown when this one closed, likewise."""

    def reach(self, symbol: str) -> tuple[Paise, Paise] | None:
        """Return its lowest and highest price of *symbol*, paise."""

    def marks(self, symbol: str) -> tuple[Paise, Paise] | None:
        """Return the lowest and highest price at which a short could have been marked, paise."""


@dataclass(frozen=True, slots=True)
class CutMinute:
    """The same of a tape.

    Attributes:
        by_symbol: The marks.
    """

    bars: Mapping[str, Bar]
    forming: Mapping[str, Bar]
    by_symbol: Mapping[str, tuple[Paise, Paise]]

    @property
    def has_bars(self) -> bool:
        """Whether anything traded in it."""
        return bool(self.bars)

    def reach(self, symbol: str) -> tuple[Paise, Paise] | None:
        """Return its lowest and highest price of *symbol*, paise."""
        bar = self.bars.get(symbol)
        return None if bar is None else (bar.low, bar.high)

    def marks(self, symbol: str) -> tuple[Paise, Paise] | None:
        """Return the lowest and highest price at which a short could have been marked, paise."""
        return self.by_symbol.get(symbol)


class CutDay:
    """A tape with its minutes as the live desk would close them, and its ticks by symbol.

    Bars are made by the live bar builder, so they are the same bars.

    Args:
        tape: The day.
        grace_ms: How long after its end a minute closes.
        contracts: What is followed; the tape's own by default.

    Attributes:
        session: Of the tape.
        contracts: What is followed.
        minutes: Every minute of the session.
    """

    def __init__(
        self, tape: ArrayTape, grace_ms: int, contracts: Sequence[OptionContract] = ()
    ) -> None:
        self.tape = tape
        self.session = tape.session
        self.contracts = tuple(contracts) or tape.contracts
        followed = frozenset(contract.symbol for contract in self.contracts)
        self.minutes: Sequence[Minute] = _cut(tape, timedelta(milliseconds=grace_ms), followed)
        rows = [array("i") for _ in tape.symbols]
        times = [array("i") for _ in tape.symbols]
        for row, (symbol, time_ms) in enumerate(
            zip(tape.columns.symbol, tape.columns.time_ms, strict=True)
        ):
            rows[symbol].append(row)
            times[symbol].append(time_ms)
        self._rows = dict(zip(tape.symbols, rows, strict=True))
        self._times = dict(zip(tape.symbols, times, strict=True))
        self._rank = {symbol: rank for rank, symbol in enumerate(tape.symbols)}

    def begin(self, minute: int, held: Collection[str]) -> None:
        """Begin *minute* with positions in *held*: nothing of a tape depends on that."""

    def between(self, symbols: Iterable[str], after: datetime, until: datetime) -> list[Tick]:
        """Return the ticks of *symbols* later than *after* and not later than *until*, in order."""
        first, last = self._ms(after), self._ms(until)
        rows: list[int] = []
        for symbol in symbols:
            times = self._times[symbol]
            start = bisect_right(times, first)
            rows += self._rows[symbol][start : bisect_right(times, last, lo=start)]
        rows.sort()  # rows are in order of time
        return [self.tape.tick(row) for row in rows]

    def records(
        self, symbol: str, after: datetime, until: datetime, band: tuple[Paise, Paise]
    ) -> list[Tick]:
        """Return the ticks of *symbol* that leave *band* upwards, each higher than the last one.

        The first that reaches the band's lower end is the last that is returned.
        """
        floor, ceiling = band
        first, last = self._ms(after), self._ms(until)
        times, prices = self._times[symbol], self.tape.columns.price
        start = bisect_right(times, first)
        found = []
        for row in self._rows[symbol][start : bisect_right(times, last, lo=start)]:
            price = prices[row]
            if price <= floor:
                found.append(row)
                break
            if price > ceiling:
                found.append(row)
                ceiling = price
        return [self.tape.tick(row) for row in found]

    def last(self, symbol: str, at: datetime) -> Tick | None:
        """Return the newest tick of *symbol* that is not later than *at*."""
        place = bisect_right(self._times[symbol], self._ms(at))
        return self.tape.tick(self._rows[symbol][place - 1]) if place else None

    def spot(self, at: datetime) -> Paise:
        """Return the index as last told at *at*, before that yesterday's close, paise."""
        last = self.last(self.tape.spot_symbol, at)
        return last.price if last else self.tape.previous_close(self.tape.spot_symbol)

    def recent(self, symbol: str, at: datetime, window: timedelta) -> list[Tick]:
        """Return what a venue must know of *symbol* at *at* that has not followed it.

        Its ticks from the last *window*, counted from the open, before the current one on, and one
        before them; empty before its first tick.
        """
        times, span = self._times[symbol], window // _MS
        end = bisect_right(times, self._ms(at))
        current = bisect_left(times, self._ms(at) // span * span, hi=end)
        first = bisect_left(times, times[current - 1] // span * span, hi=end) if current else 0
        return [self.tape.tick(row) for row in self._rows[symbol][max(0, first - 1) : end]]

    def order(self, tick: Tick) -> tuple[datetime, int]:
        """Return what ticks of several symbols are ordered by."""
        return tick.at, self._rank[tick.symbol]

    def _ms(self, at: datetime) -> int:
        return (at - self.tape.session.opens) // _MS


def _cut(tape: ArrayTape, grace: timedelta, options: AbstractSet[str]) -> tuple[Minute, ...]:
    session, builder = tape.session, BarBuilder(tape.session)
    for symbol in options:
        builder.baseline(symbol, 0)
    marks: list[dict[str, tuple[Paise, Paise]]] = [{} for _ in range(session.minutes + 1)]
    cuts: list[tuple[Mapping[str, Bar], Mapping[str, Bar]]] = []
    closes = session.start_of(1) + grace
    for tick in tape.ticks():
        while tick.at >= closes and len(cuts) < session.minutes:
            cuts.append(_close(builder, len(cuts)))
            closes = session.start_of(len(cuts) + 1) + grace
        if tick.symbol in options:
            builder.add(tick)
            minute = marks[min(max(session.minute_of(tick.at), 0), session.minutes)]
            mark = offer(tick.price, tick.ask) or tick.price
            low, high = minute.get(tick.symbol, (mark, mark))
            minute[tick.symbol] = (min(low, mark), max(high, mark))
    while len(cuts) < session.minutes:
        cuts.append(_close(builder, len(cuts)))
    return tuple(CutMinute(*cut, mark) for cut, mark in zip(cuts, marks, strict=False))


def _close(builder: BarBuilder, minute: int) -> tuple[Mapping[str, Bar], Mapping[str, Bar]]:
    return builder.close(minute), builder.forming(minute + 1)
