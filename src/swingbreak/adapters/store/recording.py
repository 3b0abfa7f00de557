"""Ticks of a running day in a file that only grows, made a stored day when the day is over.

Rules of this file:

1. A line is a tick: milliseconds of its time, symbol, price, volume, bid, ask and their sizes, in
   paise and units, a comma between; or nothing behind the symbol, where that is followed from then
   on. Lines are only added.
2. What :meth:`TickLog.flush` has returned from survives the end of the process, however it ends.
3. A line that was cut short by such an end is taken away when the file is opened again.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from swingbreak.adapters.data_layer import Frame, pl
from swingbreak.adapters.store.files import About
from swingbreak.adapters.store.intake import Portion
from swingbreak.adapters.store.layout import Kind, Place, Store, columns_of
from swingbreak.adapters.store.made import portions_of_tape
from swingbreak.adapters.store.tapes import tape_of_ticks
from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.dated import Facts
from swingbreak.market.day_bars import Origin

__all__ = ["Recording", "TickLog", "recorded_portions", "recordings"]

_SUFFIX = ".ticks"
_FIELDS = ("ts", "symbol", "price", "volume", "bid", "ask", "bid_size", "ask_size")


class Recording(NamedTuple):
    """A day that is being recorded, or was.

    Attributes:
        origin: Synthetic where it came from a simulated exchange, whatever that replayed.
    """

    underlying: str
    day: date
    origin: Origin

    def path(self, store: Store) -> Path:
        """Return where its file is."""
        name = f"{self.underlying} {self.day} {self.origin}{_SUFFIX}"
        return store.root / "incoming" / "ticks" / name


class TickLog:
    """The growing file of one recording. One writer.

    Attributes:
        count: Ticks added by this process.
        symbols: What is followed, by an earlier process that wrote the file or by this one.

    Raises:
        DataError: The file cannot be opened.
    """

    def __init__(self, store: Store, recording: Recording) -> None:
        self.count = 0
        self.path = recording.path(store)
        try:
            self._file, there = _opened(self.path)
        except OSError as error:
            raise DataError(f"{self.path}: cannot be opened: {error}") from error
        lines = there.decode(errors="replace").splitlines()
        self.symbols = frozenset(line.split(",")[1] for line in lines if "," in line)

    def prices(self, symbol: str) -> list[tuple[datetime, Paise]]:
        """Return the prices of *symbol* that are on the disk, each with its time, as they came."""
        mark = f",{symbol},".encode()
        rows = [line.split(b",") for line in self.path.read_bytes().splitlines() if mark in line]
        return [
            (datetime.fromtimestamp(int(row[0]) / 1000, UTC), int(row[2]))
            for row in rows
            if len(row) == len(_FIELDS) and row[2]
        ]

    def follow(self, symbols: Iterable[str], at: datetime) -> None:
        """Note that *symbols* are followed from *at* on; those that were before are not news."""
        came = frozenset(symbols) - self.symbols
        for symbol in sorted(came):
            self._write(at, symbol, *[""] * (len(_FIELDS) - 2))
        self.symbols |= came

    def add(self, tick: Tick) -> None:
        """Add *tick*; it is safe after the next :meth:`flush`."""
        symbol, at, *numbers = tick
        self._write(at, symbol, *numbers)
        self.count += 1

    def flush(self) -> None:
        """Bring what was added onto the disk.

        Raises:
            DataError: The disk is full.
        """
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise DataError(f"{self.path}: cannot be written: {error}") from error

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        self._file.close()

    def _write(self, at: datetime, *fields: object) -> None:
        line = ",".join(map(str, (round(at.timestamp() * 1000), *fields)))
        self._file.write(f"{line}\n".encode())


def _opened(path: Path) -> tuple[BinaryIO, bytes]:
    """Open *path* to add lines; return it and the whole lines that are in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+b")
    file.seek(0)
    there = file.read()
    whole = there[: there.rfind(b"\n") + 1]
    file.truncate(len(whole))
    return file, whole


def recordings(store: Store) -> list[Recording]:
    """Return every recording that is no stored day yet."""
    found = []
    for path in sorted((store.root / "incoming" / "ticks").glob(f"*{_SUFFIX}")):
        try:
            underlying, day, origin = path.stem.split(" ")
            found.append(Recording(underlying, date.fromisoformat(day), Origin(origin)))
        except ValueError as error:
            raise DataError(f"{path}: its name is no recording's; move it away") from error
    return found


def recorded_portions(
    store: Store, facts: Facts, recording: Recording, grace_ms: int
) -> list[Portion]:
    """Return the day in a recording: its ticks, and the bars that the live builder makes of them.

    Raises:
        DataError: It cannot be read, or no tick of it lies in the session.
    """
    underlying, day, origin = recording
    path = recording.path(store)
    session = Calendar(facts).session(day)
    frame, since = _read(path, session)
    inside = frame.filter((pl.col("ts") >= session.opens) & (pl.col("ts") < session.closes))
    if inside.is_empty():
        raise DataError(f"{path}: none of {len(frame)} ticks lies in the session of {day}")
    outside = len(frame) - len(inside)
    about = About(
        label=_label(recording),
        origin=origin,
        sources=(path.name,),
        dropped={"outside the session": outside} if outside else {},
    )
    place = Place(underlying, day, Kind.TICKS)
    tape = tape_of_ticks(place, inside.sort("ts", maintain_order=True), about, facts)
    return [
        portion._replace(about=replace(portion.about, since=since))
        if portion.place.kind is not Kind.SPOT
        else portion
        for portion in portions_of_tape(tape, grace_ms, about, with_ticks=True)
    ]


def _label(recording: Recording) -> str:
    underlying, day, origin = recording
    if origin is Origin.RECORDED:
        return f"recorded {underlying} {day}"
    return f"synthetic {underlying} {day} recorded at a simulated exchange"


def _read(path: Path, session: Session) -> tuple[Frame, dict[str, datetime]]:
    """Return the ticks in *path*, and since when symbols were followed that came in *session*."""
    whole = path.read_bytes()
    lines = whole[: whole.rfind(b"\n") + 1]
    if not lines:
        raise DataError(f"{path}: no tick was recorded; remove it")
    types = {**columns_of(Kind.TICKS), "ts": pl.Int64, "symbol": pl.String}
    ordered = {name: types[name] for name in _FIELDS}
    try:
        frame = pl.read_csv(lines, has_header=False, schema=ordered)
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{path}: a line is no tick: {error}; remove that line") from error
    at = pl.from_epoch("ts", time_unit="ms").dt.replace_time_zone("UTC")
    timed = frame.with_columns(at.alias("ts"))
    ticks = timed.filter(pl.col("price").is_not_null())
    if ticks.is_empty():
        raise DataError(f"{path}: no tick was recorded; remove it")
    followed = timed.filter(pl.col("price").is_null()).select("symbol", "ts").rows()
    began = max(session.opens, min((at for _, at in followed), default=session.opens))
    ticked = set(ticks["symbol"])
    since = {symbol: at for symbol, at in followed if at > began and symbol in ticked}
    return ticks.with_columns(pl.col("symbol").cast(pl.Categorical)), since
