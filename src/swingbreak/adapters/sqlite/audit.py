"""Goes over the ledger's chain and finds the first row that is not as it was kept.

Rules of this file:

1. Values are compared as the bytes and the storage class that the file has, decoded by nobody.
2. Whoever can write to the file can make a new chain of all of it; only a head that was noted
   elsewhere shows that, or that rows are missing from the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from swingbreak.adapters.sqlite.chain import ORIGIN, LedgerRow, link
from swingbreak.adapters.sqlite.database import Database
from swingbreak.adapters.sqlite.ledger import Head

__all__ = ["Audit", "Misfit", "audit"]

_ROWS: Final = """
SELECT seq, CAST(day AS BLOB), CAST(at AS BLOB), CAST(kind AS BLOB), CAST(version AS BLOB),
    CAST(order_id AS BLOB), CAST(body AS BLOB), CAST(link AS BLOB),
    typeof(day) || ' ' || typeof(at) || ' ' || typeof(kind) || ' ' || typeof(version) || ' '
    || typeof(order_id) || ' ' || typeof(body) || ' ' || typeof(link)
FROM ledger ORDER BY seq
"""
_CLASSES: Final = {f"text text text integer {each} text text" for each in ("text", "null")}


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row at which the chain breaks.

    Attributes:
        seq: Its number.
        expected: The number that should have come.
        at: When it says that it was kept, UTC.
        kind: What it says that it holds.
        order_id: Which order it says that it is about; empty for none.
        is_alone: Whether the row after it fits, so that its own content is all that was changed.
    """

    seq: int
    expected: int
    at: str
    kind: str
    order_id: str
    is_alone: bool = False

    @property
    def what(self) -> str:
        """What must have happened, in words."""
        row = f"row {self.seq} ({f'{self.kind} {self.order_id}'.strip()}, kept at {self.at})"
        if self.seq == self.expected + 1:
            return f"row {self.expected} is missing before {row}"
        if self.seq > self.expected:
            return f"rows {self.expected} to {self.seq - 1} are missing before {row}"
        if self.seq < self.expected:
            return f"{row} was put in before the first row"
        if self.is_alone:
            return f"{row} was changed after it was kept; the row after it fits"
        return (
            f"{row} does not fit the row before it: it was changed, or rows were removed, put in "
            "or moved here"
        )


@dataclass(frozen=True, slots=True)
class Audit:
    """What going over the chain has shown.

    Attributes:
        sealed: How many rows, from the first, are older than the chain.
        first: The first row that does not fit; ``None`` where all do.
        misfits: How many do not fit.
        links: The link of each row by its number, as the file has it.
    """

    sealed: int
    first: Misfit | None
    misfits: int
    links: dict[int, str]

    @property
    def head(self) -> Head:
        """The last row that is there."""
        return Head(*next(reversed(self.links.items()), (0, ORIGIN)))


class _Stored(NamedTuple):
    """A row as the file has it; ``is_whole`` says that every column has its storage class."""

    row: LedgerRow
    link: str
    is_whole: bool

    def fits(self, previous: Head, *, sealed: bool) -> bool:
        """Whether it is what was kept after *previous*."""
        follows = self.is_whole and self.row.seq == previous.seq + 1
        return follows and self.link == link(previous.link, self.row, sealed=sealed)


def audit(database: Database) -> Audit:
    """Go over every row of the ledger.

    Raises:
        LedgerError: The file cannot be read.
    """
    links: dict[int, str] = {}
    misfits: list[Misfit] = []
    sealed, previous = 0, Head(0, ORIGIN)
    for stored in _stored(database):
        if sealed == len(links) and stored.fits(previous, sealed=True):
            sealed += 1
        elif not stored.fits(previous, sealed=False):
            misfits.append(_misfit(stored.row, previous.seq + 1))
        elif misfits and misfits[0].seq == previous.seq:
            misfits[0] = replace(misfits[0], is_alone=True)
        previous = Head(stored.row.seq, stored.link)
        links[previous.seq] = previous.link
    return Audit(sealed, misfits[0] if misfits else None, len(misfits), links)


def _misfit(row: LedgerRow, expected: int) -> Misfit:
    return Misfit(row.seq, expected, row.at, row.kind, row.order_id or "")


def _stored(database: Database) -> Iterator[_Stored]:
    for seq, *cells, classes in database.read(_ROWS):
        day, at, kind, version, order_id, body, kept = map(_text, cells)
        number = int(version) if version.removeprefix("-").isdecimal() else 0
        row = LedgerRow(seq, day, at, kind, number, None if cells[4] is None else order_id, body)
        yield _Stored(row, kept, classes in _CLASSES)


def _text(stored: bytes | None) -> str:
    return (stored or b"").decode(errors="surrogateescape")
