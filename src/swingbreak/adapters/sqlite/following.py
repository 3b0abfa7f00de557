"""Reads the ledger of a running day as it grows, without disturbing who writes it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final, NamedTuple

from swingbreak.adapters.sqlite.chain import ORIGIN
from swingbreak.adapters.sqlite.database import Database
from swingbreak.adapters.sqlite.ledger import Head
from swingbreak.adapters.sqlite.records import Row, decode
from swingbreak.domain.records import Record

__all__ = ["Kept", "day_before", "head_of", "is_there", "rows_after"]

_HEAD: Final = "SELECT seq, link FROM ledger ORDER BY seq DESC LIMIT 1"
_LINK: Final = "SELECT link FROM ledger WHERE seq = ?"
_AFTER: Final = """
SELECT seq, day, at, kind, version, order_id, body, link FROM ledger
WHERE seq > ? AND seq <= ? ORDER BY seq
"""
_FIRST_OF_DAY: Final = """
SELECT min(seq) FROM ledger WHERE day = (SELECT day FROM ledger WHERE seq = ?)
"""


class Kept(NamedTuple):
    """A record with where and when it was kept."""

    head: Head
    day: date
    at: datetime
    record: Record


def head_of(database: Database) -> Head:
    """Return the last row; number 0 where there is none."""
    found = database.read(_HEAD)
    return Head(*found[0]) if found else Head(0, ORIGIN)


def is_there(database: Database, head: Head) -> bool:
    """Whether this is the ledger that *head* was read from."""
    if not head.seq:
        return True
    found = database.read(_LINK, (head.seq,))
    return bool(found) and found[0][0] == head.link


def day_before(database: Database, seq: int) -> int:
    """Return the number of the row before the first of the day that row *seq* belongs to."""
    first = database.read(_FIRST_OF_DAY, (seq,))[0][0]
    return 0 if first is None else int(first) - 1


def rows_after(database: Database, seq: int, last: int) -> Iterator[Kept]:
    """Yield the records of the rows after *seq*, up to *last*.

    Raises:
        LedgerError: The file cannot be read, or holds what this version cannot.
    """
    for row in database.read(_AFTER, (seq, last)):
        where = f"{database.path}: ledger row {row['seq']}"
        stored = Row(row["kind"], row["version"], row["order_id"], row["body"])
        yield Kept(
            Head(row["seq"], row["link"]),
            date.fromisoformat(row["day"]),
            datetime.fromisoformat(row["at"]),
            decode(where, stored),
        )
