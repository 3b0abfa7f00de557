"""The durable memory of the day, in SQLite: `ports.Ledger`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from swingbreak.adapters.sqlite.chain import ORIGIN, LedgerRow, link
from swingbreak.adapters.sqlite.database import Database, Value
from swingbreak.adapters.sqlite.records import Row, decode, encode
from swingbreak.domain.errors import LedgerError
from swingbreak.domain.records import Record
from swingbreak.domain.session import IST

__all__ = ["Head", "SqliteLedger", "kept_on"]

_APPEND = """
INSERT INTO ledger (seq, day, at, kind, version, order_id, body, link)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_DAY = "SELECT seq, at, kind, version, order_id, body FROM ledger WHERE day = ? ORDER BY seq"
_LAST = "SELECT coalesce(max(seq), 0) FROM ledger"
_LINK = "SELECT link FROM ledger WHERE seq = ?"
_HAS_LEDGER = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ledger'"
_DAYS = "SELECT DISTINCT day FROM ledger ORDER BY day"


class Head(NamedTuple):
    """The ledger's last row: its number, 0 where there is none, and its link.

    Whoever notes it elsewhere can tell later whether rows are missing from the end.
    """

    seq: int
    link: str


class SqliteLedger:
    """The table ``ledger`` of an open state database; to append, the database is a writer's.

    Attributes:
        head: Its last row, as far as this process knows.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        last: int = database.read(_LAST)[0][0]
        self.head = Head(last, database.read(_LINK, (last,))[0][0] if last else ORIGIN)

    def append(self, at: datetime, records: Sequence[Record]) -> None:
        """Keep *records* in one transaction; when this returns they survive a power cut.

        Raises:
            LedgerError: None of them is kept; the commands among them must not be sent.
        """
        if not records:
            return
        if at.tzinfo is None:
            raise LedgerError(f"{at} has no time zone: the ledger keeps instants")
        rows, head = self._chained(at, records)
        with self._database.write() as connection:
            (last,) = connection.execute(_LAST).fetchone()
            if last != self.head.seq:
                raise LedgerError(
                    f"{self._database.path}: another process has written row {last} after our row "
                    f"{self.head.seq}; only one swingbreak may run on a state_dir"
                )
            connection.executemany(_APPEND, rows)
        self.head = head

    def records(self, day: date) -> Iterator[tuple[datetime, Record]]:
        """Yield what was kept on the Indian trading day *day*, oldest first.

        Raises:
            LedgerError: The file cannot be read, or holds what this version cannot.
        """
        yield from kept_on(self._database, day)

    def days(self) -> tuple[date, ...]:
        """Return the days that have records, oldest first."""
        return tuple(date.fromisoformat(row[0]) for row in self._database.read(_DAYS))

    def _chained(
        self, at: datetime, records: Sequence[Record]
    ) -> tuple[list[tuple[Value, ...]], Head]:
        day, stamp = at.astimezone(IST).date().isoformat(), at.astimezone(UTC).isoformat()
        rows: list[tuple[Value, ...]] = []
        head = self.head
        for record in records:
            row = LedgerRow(head.seq + 1, day, stamp, *encode(record))
            head = Head(row.seq, link(head.link, row))
            rows.append((*row, head.link))
        return rows, head


def kept_on(database: Database, day: date) -> Iterator[tuple[datetime, Record]]:
    """Yield what the ledger in *database*, of whatever version, kept on *day*, oldest first.

    Raises:
        LedgerError: The file cannot be read, or holds what this version cannot.
    """
    if not database.read(_HAS_LEDGER):
        return  # a process ended before it had made the tables
    for row in database.read(_DAY, (day.isoformat(),)):
        where = f"{database.path}: ledger row {row['seq']}"
        stored = Row(row["kind"], row["version"], row["order_id"], row["body"])
        yield datetime.fromisoformat(row["at"]), decode(where, stored)
