"""Rows of a CSV or Parquet file, whose cells either are what they should be or say where not.

Rules of this file:

1. Every error names the file, and where there is one the row (the first data row is row 1), the
   column and the value.
2. A time without a zone is India's; a time with one is converted.
3. Prices are exact: text as decimals, binary floats only where they mean a whole paisa.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from swingbreak.domain.errors import DataError, NeedsExtra
from swingbreak.domain.money import Paise, paise, paise_of_wire
from swingbreak.domain.session import IST

__all__ = ["SUFFIXES", "Row", "Table", "find_table", "read_table"]

SUFFIXES = (".parquet", ".csv")
_MOST = 2**31 - 1  # paise, 21 million rupees: what a tape's columns hold
_MOST_UNITS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """One data row.

    Attributes:
        path: The file.
        number: Its place among the data rows, from 1.
        cells: Values by column: text from CSV, typed from Parquet.
    """

    path: Path
    number: int
    cells: Mapping[str, Any]

    def wrong(self, column: str, why: str) -> DataError:
        """Return the error that *column* of this row is *why*."""
        value = self.cells.get(column)
        shown = str(value) if isinstance(value, date) else repr(value)
        return DataError(f"{self.path}: row {self.number}, column {column!r}: {shown} {why}")

    def has(self, column: str) -> bool:
        """Whether the cell is there and not empty."""
        return self.cells.get(column) not in (None, "")

    def text(self, column: str) -> str:
        """Return the cell as text without outer blanks.

        Raises:
            DataError: It is empty or no text.
        """
        value = self.cells[column]
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(column, "is not a text")
        return value.strip()

    def price(self, column: str) -> Paise:
        """Return the cell, rupees, as paise.

        Raises:
            DataError: It is empty, negative, no number or no whole number of paise.
        """
        value = self.cells[column]
        try:
            amount = paise(value.strip()) if isinstance(value, str) else paise_of_wire(value)
        except (DataError, TypeError) as error:
            raise self.wrong(column, "is not a price in rupees and whole paise") from error
        return self._bounded(column, amount, _MOST)

    def amount(self, column: str) -> Paise:
        """Return the cell of a CSV, rupees of either sign, as paise.

        Raises:
            DataError: It is empty, no number or no whole number of paise.
        """
        try:
            return paise(self.cells[column])
        except DataError as error:
            raise self.wrong(column, "is not an amount in rupees and whole paise") from error

    def level(self, column: str) -> Paise:
        """Return the cell, points of an index, as paise; an average has more digits: rounded.

        Raises:
            DataError: It is empty, negative or no number.
        """
        return self._bounded(column, round(self._number(column) * 100), _MOST)

    def units(self, column: str) -> int:
        """Return the cell as a count.

        Raises:
            DataError: It is empty, negative or no whole number.
        """
        number = self._number(column)
        if number != int(number):
            raise self.wrong(column, "is not a whole number")
        return self._bounded(column, int(number), _MOST_UNITS)

    def day(self, column: str) -> date:
        """Return the cell as a day.

        Raises:
            DataError: It is not one, written 2026-11-20.
        """
        value = self.cells[column]
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value.strip())
        except (AttributeError, ValueError) as error:
            raise self.wrong(column, "is not a day like 2026-11-20") from error

    def instant(self, column: str) -> datetime:
        """Return the cell as an aware time, UTC.

        Raises:
            DataError: It is not one, written 2026-11-20T09:15:00+05:30.
        """
        value = self.cells[column]
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())
        except (AttributeError, ValueError) as error:
            raise self.wrong(column, "is not a time like 2026-11-20T09:15:00+05:30") from error
        return (at if at.tzinfo else at.replace(tzinfo=IST)).astimezone(UTC)

    def _number(self, column: str) -> float:
        value = self.cells[column]
        try:
            number = int(value) if isinstance(value, int) else float(value)
        except (TypeError, ValueError) as error:
            raise self.wrong(column, "is not a number") from error
        if not isfinite(number):
            raise self.wrong(column, "is not a number")
        return number

    def _bounded(self, column: str, amount: int, most: int) -> int:
        if amount < 0:
            raise self.wrong(column, "is negative")
        if amount > most:
            raise self.wrong(column, "is too large to be true")
        return amount


@dataclass(frozen=True, slots=True)
class Table:
    """A file's columns and, once, its rows."""

    path: Path
    columns: tuple[str, ...]
    rows: Iterator[Row]

    def need(self, columns: Sequence[str]) -> None:
        """Make sure that the file has *columns*.

        Raises:
            DataError: It lacks some.
        """
        missing = [column for column in columns if column not in self.columns]
        if missing:
            found = ", ".join(self.columns)
            raise DataError(f"{self.path}: no column {', '.join(missing)}; found: {found}")


def find_table(path: Path) -> Path:
    """Return *path*, or the Parquet or CSV file of that name when it has no such ending.

    Raises:
        DataError: There is none.
    """
    if path.suffix in SUFFIXES:
        candidates = [path]
    else:
        candidates = [path.with_name(path.name + suffix) for suffix in SUFFIXES]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    if path.exists() and path.suffix not in SUFFIXES:
        what = "a folder; name a file whose name" if path.is_dir() else "no data file: its name"
        raise DataError(f"{path}: is {what} should end in {' or '.join(SUFFIXES)}")
    raise DataError(f"no data file {' or '.join(map(str, candidates))}")


def read_table(path: Path) -> Table:
    """Open *path*, CSV or Parquet by its ending.

    Raises:
        DataError: It cannot be read, is damaged or empty.
        NeedsExtra: It is Parquet and the data layer is not installed.
    """
    found = find_table(path)
    return _parquet(found) if found.suffix == ".parquet" else _csv(found)


def _parquet(path: Path) -> Table:
    try:
        import polars as pl  # noqa: PLC0415 - an optional layer, 60 MB; only who reads Parquet pays
    except ImportError as error:
        raise NeedsExtra(
            f"{path}: reading Parquet needs the data layer: run it through python3 start.py, "
            'or pip install "swingbreak[data]"'
        ) from error
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path}: not a readable Parquet file: {error}") from error
    rows = (Row(path, number, cells) for number, cells in enumerate(frame.iter_rows(named=True), 1))
    return Table(path, tuple(frame.columns), rows)


def _csv(path: Path) -> Table:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not a readable CSV file: {error}") from error
    lines = csv.reader(io.StringIO(text, newline=""))
    header = tuple(name.strip() for name in next(lines, []))
    if not header:
        raise DataError(f"{path}: empty; the first line must name the columns")
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise DataError(f"{path}: column {', '.join(sorted(repeated))} appears twice")
    return Table(path, header, _csv_rows(path, header, lines))


def _csv_rows(path: Path, header: tuple[str, ...], lines: Iterator[list[str]]) -> Iterator[Row]:
    try:
        for number, cells in enumerate(lines, 1):
            if cells and len(cells) != len(header):
                size = f"{len(cells)} cells for {len(header)} columns"
                raise DataError(f"{path}: row {number} has {size}")
            if cells:
                yield Row(path, number, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise DataError(f"{path}: not a readable CSV file: {error}") from error
