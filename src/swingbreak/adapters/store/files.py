"""Reads and writes the store's files, each with what is known of it in its own metadata.

Rules of this file:

1. A file is written beside its place, flushed to the disk and renamed: never half there.
2. A file carries a checksum of its data, which every reader compares.
3. What cannot be read is a ``DataError`` that names the file and what to do about it.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Self
from zlib import crc32

from swingbreak.adapters.data_layer import Frame, pl
from swingbreak.adapters.store.layout import LAYOUT, Kind, Place, Store, columns_of
from swingbreak.domain.errors import DataError
from swingbreak.domain.money import Paise
from swingbreak.domain.session import ist_clock
from swingbreak.market.day_bars import Origin

__all__ = ["About", "Staged", "read_about", "read_place", "read_raw"]

_PREFIX = "swingbreak."
_PART = ".part"
_CHECKSUM = f"{_PREFIX}crc32"


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself.

    Attributes:
        label: For every output.
        origin: Where its prices come from.
        sources: Files, gateways or seeds it was made of.
        dropped: How many rows were left out when it was stored, by reason.
        grade: A to D, when it was stored; empty where it was not judged.
        previous_closes: Paise by symbol; only ticks have them.
        since: From when on contracts were recorded that came after the beginning, by symbol.
    """

    label: str
    origin: Origin
    sources: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    grade: str = ""
    previous_closes: Mapping[str, Paise] = field(default_factory=dict)
    since: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know."""
        left_out = (f"{n} rows left out: {why}" for why, n in self.dropped.items())
        return (*left_out, self.late) if self.since else tuple(left_out)

    @property
    def late(self) -> str:
        """What ``since`` says, in words; empty where it says nothing."""
        if not self.since:
            return ""
        first = ist_clock(min(self.since.values()))
        return f"{len(self.since)} contracts recorded only since they came, from {first}"

    def joined(self, newer: "About") -> "About":
        """Return what a file says that was made of this one's rows and *newer* ones."""
        sources = tuple(dict.fromkeys((*self.sources, *newer.sources)))
        if sources == self.sources:  # read again
            return replace(self, dropped={**self.dropped, **newer.dropped})
        return replace(
            newer,
            label=f"{newer.label.partition(' from ')[0]} from {len(sources)} sources",
            sources=sources,
            dropped=Counter(self.dropped) + Counter(newer.dropped),
        )

    def metadata(self, kind: Kind) -> dict[str, str]:
        """Return it as Parquet's key-value metadata."""
        values: dict[str, object] = {
            "layout": LAYOUT,
            "kind": kind.value,
            "label": self.label,
            "origin": self.origin.value,
            "sources": self.sources,
            "dropped": dict(self.dropped),
            "grade": self.grade,
            "previous_closes": dict(self.previous_closes),
            "since": {symbol: at.isoformat() for symbol, at in self.since.items()},
        }
        return {
            _PREFIX + name: value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
        }


class Staged:
    """Files that are written but do not count before :meth:`commit`; all of them or none.

    Used as a context: leaving it without a commit removes what was written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parts: dict[Place, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._parts.values():
            with suppress(OSError):  # what could not be written may not be there to be removed
                part.unlink(missing_ok=True)
        self._parts = {}

    @property
    def places(self) -> tuple[Place, ...]:
        """What has been written so far."""
        return tuple(sorted(self._parts))

    def current(self, place: Place) -> tuple[Frame, About] | None:
        """Return what *place* would hold after a commit now."""
        part = self._parts.get(place)
        if part is not None:
            return _read(part, place.kind), read_about(part)
        if self._store.has(place):
            path = self._store.path(place)
            return _read(path, place.kind), read_about(path)
        return None

    def write(self, place: Place, frame: Frame, about: About) -> None:
        """Write *frame* beside *place*.

        Raises:
            DataError: The disk is full or the folder cannot be written.
        """
        final = self._store.path(place)
        part = final.with_name(f"{final.name}.{os.getpid()}{_PART}")
        self._parts[place] = part
        typed = frame.select(
            pl.col(name).cast(kind) for name, kind in columns_of(place.kind).items()
        )
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(_sealed(typed, about.metadata(place.kind)))
                file.flush()
                os.fsync(file.fileno())
        except (OSError, pl.exceptions.PolarsError) as error:
            raise DataError(f"{final}: cannot be written: {error}") from error

    def commit(self) -> None:
        """Put every file in its place."""
        for place, part in self._parts.items():
            part.replace(self._store.path(place))
        self._parts = {}


def read_place(store: Store, place: Place, columns: Iterable[str] = ()) -> Frame:
    """Return *place*'s columns, by default all.

    Raises:
        DataError: It is not there, damaged, or not of the store's layout.
    """
    return _read(store.path(place), place.kind, tuple(columns))


def read_about(path: Path) -> About:
    """Return what the file at *path* says of itself; what it leaves out is empty.

    Raises:
        DataError: It cannot be read, or was written by a later version.
    """
    with _named(path):
        found = pl.read_parquet_metadata(path)
    said = {k.removeprefix(_PREFIX): v for k, v in found.items() if k.startswith(_PREFIX)}
    if said.get("layout", LAYOUT) != LAYOUT:
        raise DataError(f"{path}: layout {said['layout']}, this version reads {LAYOUT}: upgrade")
    try:
        return About(
            label=said.get("label", f"{path.name} of unknown origin"),
            origin=Origin(said.get("origin", Origin.RECORDED)),
            sources=tuple(json.loads(said.get("sources", "[]"))),
            dropped=dict(json.loads(said.get("dropped", "{}"))),
            grade=said.get("grade", ""),
            previous_closes=dict(json.loads(said.get("previous_closes", "{}"))),
            since={s: _instant(at) for s, at in json.loads(said.get("since", "{}")).items()},
        )
    except (ValueError, TypeError) as error:
        raise DataError(f"{path}: its metadata cannot be read: {error}; import it again") from error


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return at


def read_raw(path: Path) -> Frame:
    """Return the Parquet file at *path*, whatever its columns.

    Raises:
        DataError: It cannot be read, or is a file of a store, whose prices are no rupees.
    """
    with _named(path):
        if f"{_PREFIX}kind" in pl.read_parquet_metadata(path):
            raise DataError(f"{path}: is a file of a data store already: name its folder by --data")
        return pl.read_parquet(path, hive_partitioning=False, glob=False)


def _read(path: Path, kind: Kind, columns: tuple[str, ...] = ()) -> Frame:
    wanted = columns or tuple(columns_of(kind))
    with _named(path):
        whole = path.read_bytes()
        sum_then = pl.read_parquet_metadata(BytesIO(whole)).get(_CHECKSUM, "")
        if sum_then and sum_then != _checksum(whole):
            raise DataError(f"{path}: has changed since it was written: import it again")
        return pl.read_parquet(BytesIO(whole), columns=list(wanted))


def _sealed(frame: Frame, metadata: dict[str, str]) -> bytes:
    """Return *frame* as a Parquet file with a checksum of its data, for Parquet itself has none."""
    draft = BytesIO()
    frame.write_parquet(draft, compression="zstd", metadata=metadata)
    # the metadata stand behind the data and do not change it
    sealed = BytesIO()
    metadata = {**metadata, _CHECKSUM: _checksum(draft.getvalue())}
    frame.write_parquet(sealed, compression="zstd", metadata=metadata)
    return sealed.getvalue()


def _checksum(file: bytes) -> str:
    """Return the CRC-32 of a Parquet file's data: all but the magic number and the footer."""
    footer = int.from_bytes(file[-8:-4], "little")
    return f"{crc32(memoryview(file)[4 : len(file) - 8 - footer]):08x}"


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise DataError(f"no data file {path}") from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DataError(
            f"{path}: not a readable Parquet file of the store: {error}; if it was cut short, "
            "remove it and import it again"
        ) from error
