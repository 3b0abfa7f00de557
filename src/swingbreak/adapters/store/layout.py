"""Where a stored day lies and what its columns are; docs/reference/data-layout.md says it in words.

Rules of this file:

1. The folder is the truth: there is no index of it that could be wrong.
2. A file is replaced as a whole, by renaming: a reader finds the old one or the new one.
3. Prices are whole paise, times UTC, each stamped with the first instant of its minute.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from swingbreak.adapters.data_layer import pl
from swingbreak.domain.errors import DataError

__all__ = ["CONTRACT", "KEYS", "LAYOUT", "Kind", "Place", "Store", "columns_of"]

LAYOUT = "1"
_PARTITIONS = ("underlying=", "date=")


class Kind(StrEnum):
    """What a file holds."""

    BARS = "bars"
    SNAPSHOTS = "snapshots"
    SPOT = "spot"
    TICKS = "ticks"


CONTRACT = ("expiry", "strike", "right")

# What may be there once only.
KEYS: Mapping[Kind, tuple[str, ...]] = {
    Kind.BARS: (*CONTRACT, "ts"),
    Kind.SNAPSHOTS: (*CONTRACT, "ts"),
    Kind.SPOT: ("ts",),
    Kind.TICKS: (),
}

_PRICES = ("open", "high", "low", "close")
_BOOK = ("bid", "ask")
_SIZES = ("bid_size", "ask_size")


def columns_of(kind: Kind) -> dict[str, Any]:
    """Return the columns of a file of *kind* in order, with their polars types."""
    at: dict[str, Any] = {"ts": pl.Datetime("ms", "UTC")}
    contract = {"expiry": pl.Date, "strike": pl.Int32, "right": pl.Enum(["CE", "PE"])}
    prices = dict.fromkeys(_PRICES, pl.Int32)
    book = {**dict.fromkeys(_BOOK, pl.Int32), **dict.fromkeys(_SIZES, pl.Int64)}
    match kind:
        case Kind.BARS:
            more = {"volume": pl.Int64, "ticks": pl.Int32, "oi": pl.Int64}
            return {**at, **contract, **prices, **more}
        case Kind.SNAPSHOTS:
            last = {"ltp": pl.Int32, "volume": pl.Int64}
            return {**at, **contract, **last, **book, "oi": pl.Int64, "spot": pl.Int32}
        case Kind.SPOT:
            return {**at, **prices}
        case Kind.TICKS:
            return {**at, "symbol": pl.Categorical, "price": pl.Int32, "volume": pl.Int64, **book}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One file of the store: all that is kept of one kind, underlying and day."""

    underlying: str
    day: date
    kind: Kind


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of stored days. Nothing is read before it is asked for."""

    root: Path

    def path(self, place: Place) -> Path:
        """Return where *place* lies, whether or not it exists."""
        underlying, day = f"underlying={place.underlying}", f"date={place.day.isoformat()}"
        return self.root / place.kind / underlying / day / f"{place.kind}.parquet"

    def has(self, place: Place) -> bool:
        """Whether *place* exists."""
        return self.path(place).is_file()

    def places(self, kind: Kind | None = None, underlying: str | None = None) -> Iterator[Place]:
        """Yield what is stored, by kind, underlying and day.

        Raises:
            DataError: There is no such folder, or a folder in it has a name that is no day.
        """
        if not self.root.is_dir():
            raise DataError(
                f"no data folder {self.root}: `swingbreak data import` or `data generate` fill one"
            )
        for each in Kind if kind is None else (kind,):
            for path in sorted(self.root.glob(f"{each}/underlying=*/date=*/{each}.parquet")):
                name, day = (
                    part.removeprefix(prefix)
                    for part, prefix in zip(path.parts[-3:-1], _PARTITIONS, strict=True)
                )
                if underlying in {None, name}:
                    yield Place(name, _day(day, path), each)


def _day(text: str, path: Path) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{path}: the folder date={text} is no day like date=2026-11-20") from error
