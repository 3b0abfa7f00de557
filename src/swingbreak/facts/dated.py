"""Rows that hold for a stretch of days, and the one that holds on a day.

Rules of this file:

1. A row of a user's own file goes before the package's; among equals the one that covers the
   fewest days decides, so an exception is a short row beside a long one.
2. No row, or a row of confidence ``U`` without the value asked for, is :class:`UnknownFact`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from swingbreak.domain.errors import DataError

__all__ = ["Confidence", "Dated", "Facts", "Source", "Table", "UnknownFact"]


_Value = TypeVar("_Value")


class UnknownFact(DataError):
    """No source says it: give it in a facts file of your own, or do without."""


class Confidence(StrEnum):
    """How sure a fact is."""

    HIGH = "H"  # an exchange's or regulator's circular, or two independent sources
    MEDIUM = "M"  # one dependable secondary source
    LOW = "L"  # a weak source, or inferred
    UNKNOWN = "U"  # not found


@dataclass(frozen=True, slots=True)
class Source:
    """A file of facts.

    Attributes:
        name: ``contracts.toml`` of the package, or the path of a user's own file.
        known_until: Newest day of anything that was read for it.
        stale_after_days: How much older it may get before people should be warned.
        is_own: Whether it is the user's: it then goes before the package's.
    """

    name: str
    known_until: date
    stale_after_days: int
    is_own: bool = False

    def age(self, day: date) -> int:
        """Return how many days *day* is past what the file knows; 0 before."""
        return max(0, (day - self.known_until).days)

    def is_stale(self, day: date) -> bool:
        """Whether people should be warned on *day*."""
        return self.age(day) > self.stale_after_days


@dataclass(frozen=True, slots=True)
class Dated:
    """One row.

    Attributes:
        since: First day it holds; ``until`` is the last.
        values: The row's own keys.
        source: Circular, page or file it was read from.
        confidence: How sure it is.
        origin: The file it stands in.
    """

    since: date
    until: date
    values: Mapping[str, Any]
    source: str
    confidence: Confidence
    origin: Source

    def value(self, key: str) -> Any:
        """Return the row's *key*.

        Raises:
            UnknownFact: The row is there to say that nobody knows.
        """
        if key not in self.values:
            raise UnknownFact(f"{key} from {self.since} on is not known: {self.source}")
        return self.values[key]

    def read(self, key: str, kind: type[_Value]) -> _Value:
        """Return the row's *key*, which has to be exactly of this *kind*.

        Raises:
            UnknownFact: The row is there to say that nobody knows.
            DataError: It is something else; names the file.
        """
        found = self.value(key)
        if type(found) is not kind:  # a bool is no number, and an instant is no day
            raise DataError(
                f"{self.origin.name}: {key} = {found!r} in the row from {self.since} should be "
                f"of the kind {kind.__name__}"
            )
        return found


class Table:
    """The rows of one kind of fact.

    Args:
        name: ``lot``.
        rows: In any order.
    """

    def __init__(self, name: str, rows: Iterable[Dated]) -> None:
        self.name = name
        self.rows = tuple(rows)
        self._matched: dict[tuple[tuple[str, object], ...], tuple[Dated, ...]] = {}

    def on(self, day: date, **keys: object) -> Dated:
        """Return the row whose *keys* have these values and that holds on *day*.

        Raises:
            UnknownFact: None does.
        """
        row = self.find(day, **keys)
        if row is None:
            of = "".join(f" {value}" for value in keys.values())
            raise UnknownFact(f"no {self.name}{of} is known for {day}; {self._reach(day, **keys)}")
        return row

    def _reach(self, day: date, **keys: object) -> str:
        first = min((row.since for row in self.matching(**keys)), default=day)
        if day < first:
            return f"facts begin {first}"
        known = max((row.origin.known_until for row in self.rows), default="never")
        return f"facts end {known}"

    def find(self, day: date, **keys: object) -> Dated | None:
        """Return the same row; ``None`` where none holds."""
        holding = (row for row in self.matching(**keys) if row.since <= day <= row.until)
        return min(holding, key=lambda r: (not r.origin.is_own, r.until - r.since), default=None)

    def matching(self, **keys: object) -> tuple[Dated, ...]:
        """Return the rows of all days whose *keys* have these values."""
        asked = tuple(keys.items())
        found = self._matched.get(asked)
        if found is None:
            found = self._matched[asked] = tuple(
                row for row in self.rows if all(row.values.get(k) == v for k, v in asked)
            )
        return found


class Facts:
    """All tables.

    Attributes:
        sources: The files they were read from.
    """

    def __init__(self, tables: Mapping[str, Table], sources: Iterable[Source]) -> None:
        self._tables = dict(tables)
        self.sources = tuple(sources)

    def table(self, name: str) -> Table:
        """Return the table *name*; an empty one where no file has rows for it."""
        return self._tables.get(name) or Table(name, ())

    def stale(self, day: date) -> tuple[Source, ...]:
        """Return the files about which people should be warned on *day*."""
        return tuple(source for source in self.sources if source.is_stale(day))
