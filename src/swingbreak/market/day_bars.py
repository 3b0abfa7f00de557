"""One stored day of minute bars in columns: no object per bar, quick to read and to hand on.

Rules of this file:

1. Rows are ordered by contract, then by minute; a contract's rows are contiguous.
2. Columns are plain sequences of ``int`` (``array``, ``memoryview``): numpy reads them without a
   copy, the core reads them without numpy.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Bar
from swingbreak.domain.session import Session

__all__ = ["Column", "DayBars", "IndexColumns", "Origin", "traded_bars"]

Column: TypeAlias = "Sequence[int] | memoryview | array[int]"


class Origin(StrEnum):
    """Where a day's prices come from."""

    RECORDED = "recorded"  # a market's
    REBUILT = "rebuilt"  # options made up around the market's own index
    SYNTHETIC = "synthetic"  # made up altogether


def _none() -> "array[int]":
    return array("i")


@dataclass(frozen=True, slots=True)
class IndexColumns:
    """The index's minutes; one entry per minute that has a value, in order.

    Attributes:
        minute: Minutes since the open.
        open: Paise, like the other three.
    """

    minute: Column = field(default_factory=_none)
    open: Column = field(default_factory=_none)
    high: Column = field(default_factory=_none)
    low: Column = field(default_factory=_none)
    close: Column = field(default_factory=_none)


@dataclass(frozen=True, slots=True)
class DayBars:
    """A day's minute bars of every contract.

    Attributes:
        label: What it is, for every output.
        contracts: By expiry, strike and right, the call first.
        starts: Rows of ``contracts[i]`` are ``starts[i]`` to ``starts[i + 1]``; one entry more
            than there are contracts.
        minute: Minutes since the open, 0 is the opening one; outside the session where the
            store holds such a bar.
        open: Paise, like high, low and close.
        volume: Units traded in the minute.
        ticks: Messages that made the bar; 0 where that is not known.
        index: The index's own minutes; empty where none are stored.
        notes: What was set aside when the day was stored.
    """

    label: str
    origin: Origin
    session: Session
    underlying: str
    spot_symbol: str
    contracts: tuple[OptionContract, ...]
    starts: Sequence[int]
    minute: Column
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column
    ticks: Column
    index: IndexColumns = field(default_factory=IndexColumns)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.minute)

    @property
    def day(self) -> date:
        """The trading day in India."""
        return self.session.day

    @property
    def expiries(self) -> tuple[date, ...]:
        """The expiries of its contracts, soonest first."""
        return tuple(sorted({contract.expiry for contract in self.contracts}))

    def rows(self, place: int) -> range:
        """Return the rows of ``contracts[place]``."""
        return range(self.starts[place], self.starts[place + 1])

    def bars(self, place: int) -> Iterator[Bar]:
        """Yield the bars of ``contracts[place]``, oldest first."""
        span = slice(self.starts[place], self.starts[place + 1])
        names = ("minute", "open", "high", "low", "close", "volume", "ticks")
        columns = (getattr(self, name)[span] for name in names)
        return map(Bar._make, zip(*columns, strict=True))


def traded_bars(bars: Sequence[Bar], minutes: int) -> list[Bar]:
    """Return those of one contract's *bars* that lie in a session of *minutes* and traded.

    Where a contract has volumes, a bar without one only repeats a price.
    """
    has_volumes = any(bar.volume for bar in bars)
    return [bar for bar in bars if 0 <= bar.minute < minutes and (bar.volume or not has_volumes)]
