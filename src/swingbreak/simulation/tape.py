"""A day of ticks in columns: small enough to keep many, quick to read in order of time."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session

__all__ = ["ArrayTape", "TapeColumns"]


_MS = timedelta(milliseconds=1)


def _ints() -> "array[int]":
    return array("i")


def _longs() -> "array[int]":
    return array("q")


@dataclass(slots=True)
class TapeColumns:
    """Ticks as parallel arrays, one entry per tick.

    Attributes:
        time_ms: Milliseconds since the open.
        symbol: Index into the tape's symbols.
        price: Paise, like ``bid`` and ``ask``; the rest as in :class:`Tick`.
    """

    time_ms: "array[int]" = field(default_factory=_ints)
    symbol: "array[int]" = field(default_factory=_ints)
    price: "array[int]" = field(default_factory=_ints)
    volume: "array[int]" = field(default_factory=_longs)
    bid: "array[int]" = field(default_factory=_ints)
    ask: "array[int]" = field(default_factory=_ints)
    bid_size: "array[int]" = field(default_factory=_longs)
    ask_size: "array[int]" = field(default_factory=_longs)

    def append(  # noqa: PLR0913, PLR0917 - one argument per column
        self,
        time_ms: int,
        symbol: int,
        price: Paise,
        volume: int = 0,
        bid: Paise = 0,
        ask: Paise = 0,
        bid_size: int = 0,
        ask_size: int = 0,
    ) -> None:
        """Add one tick at the end."""
        self.time_ms.append(time_ms)
        self.symbol.append(symbol)
        self.price.append(price)
        self.volume.append(volume)
        self.bid.append(bid)
        self.ask.append(ask)
        self.bid_size.append(bid_size)
        self.ask_size.append(ask_size)

    def sort(self) -> None:
        """Bring the ticks into order of time, then of symbol; stable."""
        keys = list(zip(self.time_ms, self.symbol, strict=True))
        order = sorted(range(len(keys)), key=keys.__getitem__)
        for name in self.__slots__:
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, map(column.__getitem__, order)))


class ArrayTape:
    """One day of market data in memory; a :class:`swingbreak.ports.DayTape`.

    Attributes:
        symbols: Everything that has ticks: the index first, then the contracts.
        columns: The ticks, in order of time. Read only.
        notes: What was left out or derived when the tape was made, for a person.
    """

    def __init__(  # noqa: PLR0913 - the tape's facts, all required and all named
        self,
        *,
        label: str,
        synthetic: bool,
        session: Session,
        underlying: str,
        spot_symbol: str,
        contracts: tuple[OptionContract, ...],
        symbols: tuple[str, ...],
        columns: TapeColumns,
        cadence_s: int,
        previous_closes: Mapping[str, Paise],
        notes: tuple[str, ...] = (),
    ) -> None:
        self.label = label
        self.synthetic = synthetic
        self.session = session
        self.underlying = underlying
        self.spot_symbol = spot_symbol
        self.contracts = contracts
        self.symbols = symbols
        self.columns = columns
        self.cadence_s = cadence_s
        self.notes = notes
        self._previous_closes = dict(previous_closes)

    def __len__(self) -> int:
        return len(self.columns.time_ms)

    def until(self, ends: datetime) -> "ArrayTape":
        """Return the same day as it was known at *ends*: no later tick, and nothing else less."""
        known = bisect_right(self.columns.time_ms, (ends - self.session.opens) / _MS)
        columns = (getattr(self.columns, name)[:known] for name in self.columns.__slots__)
        shorter = copy(self)
        shorter.columns = TapeColumns(*columns)
        return shorter

    def previous_close(self, symbol: str) -> Paise:
        """Return yesterday's close of *symbol*, paise; 0 where unknown."""
        return self._previous_closes.get(symbol, 0)

    def ticks(self) -> Iterator[Tick]:
        """Yield every tick of the day in order of time."""
        return map(self.tick, range(len(self)))

    def tick(self, row: int) -> Tick:
        """Return the tick in *row* of the columns."""
        c = self.columns
        return Tick(
            self.symbols[c.symbol[row]],
            self.session.opens + _MS * c.time_ms[row],
            c.price[row],
            c.volume[row],
            c.bid[row],
            c.ask[row],
            c.bid_size[row],
            c.ask_size[row],
        )
