"""One SQLite file: how it is opened, written in whole transactions, and how it fails by name.

Rules of this file:

1. One process holds one writing connection (SQLite up to 3.51.2 can corrupt a write-ahead log
   that two connections reset at once); every other connection is ``mode=ro``.
2. A transaction is on the disk when :meth:`Database.write` ends, or nothing of it is visible.
3. No ``sqlite3`` error leaves this file: each becomes a LedgerError that names file and remedy.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final, Self, TypeAlias

from swingbreak.adapters.sqlite import schema
from swingbreak.domain.errors import LedgerError

__all__ = ["Database", "Value", "open_any", "open_reader", "open_writer"]

Value: TypeAlias = str | int | float | None

_BUSY_SECONDS = 2.0
_STEPS_BETWEEN: Final = 10_000  # of SQLite, some milliseconds
_PRIMARY_CODE = 0xFF  # the low byte of SQLite's extended result codes

_REMEDIES = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space, then start again",
    sqlite3.SQLITE_BUSY: "another program is writing to it; close database browsers and any other "
    "swingbreak that uses this folder",
    sqlite3.SQLITE_LOCKED: "a reader of this process still holds it; finish reading first",
    sqlite3.SQLITE_NOTADB: "it is not a SQLite database; move it away or choose another state_dir",
    sqlite3.SQLITE_CORRUPT: "it is damaged; move it away and restore a copy, or start a new one",
    sqlite3.SQLITE_READONLY: "it may not be written; give this user write access to the file and "
    "its folder, or choose another state_dir",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; see that its folder exists and that this user "
    "may write there, or choose another state_dir",
    sqlite3.SQLITE_IOERR: "the disk reported an error; check the disk, nothing more is written "
    "until the next start",
}


class Database:
    """An open state database. Close it; it is not shared between threads."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._unsafe = False

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run the block as one transaction, durable when it ends.

        Raises:
            LedgerError: Nothing of the block was kept.
        """
        if self._unsafe:
            raise LedgerError(f"{self.path}: {_REMEDIES[sqlite3.SQLITE_IOERR]}")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            # a failed flush may have lost pages that the next one would report as written
            self._unsafe = _code(error) == sqlite3.SQLITE_IOERR
            raise _fault(self.path, error) from error
        finally:
            if self._connection.in_transaction:
                # where even this fails the next BEGIN does too, so nothing slips through
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let everything that the block reads be as of one moment.

        Raises:
            LedgerError: The file cannot be read.
        """
        self.read("BEGIN")
        try:
            yield
        finally:
            self.read("ROLLBACK")

    def read(self, sql: str, arguments: Sequence[Value] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query.

        Raises:
            LedgerError: The file cannot be read.
        """
        try:
            return self._connection.execute(sql, arguments).fetchall()
        except sqlite3.Error as error:
            raise _fault(self.path, error) from error

    def damage(self, seconds: float) -> str | None:
        """Return what is wrong inside the file, empty where nothing is.

        ``None`` says that *seconds* were not enough to look at all of it.

        Raises:
            LedgerError: The file cannot be read.
        """
        until = monotonic() + seconds
        self._connection.set_progress_handler(lambda: monotonic() > until, _STEPS_BETWEEN)
        try:
            found = self._connection.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.Error as error:
            if _code(error) == sqlite3.SQLITE_INTERRUPT:
                return None
            raise _fault(self.path, error) from error
        finally:
            self._connection.set_progress_handler(None, 0)
        text = str(found[0][0])
        return "" if text == "ok" else text

    def migrations_due(self) -> int:
        """Return how many migrations the file still needs; 0 where it is up to date.

        Raises:
            LedgerError: It is not ours, or a newer version made it.
        """
        return len(_pending(self))

    def close(self) -> None:
        """Close the file; the last one out folds the write-ahead log into it."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_writer(path: Path, *, busy_seconds: float = _BUSY_SECONDS) -> Database:
    """Open *path* for this process to write, made or brought up to date where needed.

    Args:
        path: The file; its folder is made.
        busy_seconds: How long to wait for another program that is writing.

    Raises:
        LedgerError: It cannot be used; the message says why and what to do.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"{path.parent}: {error.strerror}; choose another state_dir") from error
    database = _connected(path, str(path), busy_seconds)
    try:
        _prepare(database)
        _migrate(database)
    except LedgerError:
        database.close()
        raise
    return database


def open_reader(path: Path, *, busy_seconds: float = _BUSY_SECONDS) -> Database:
    """Open *path*, which must exist, for reading only; a writer is not disturbed.

    Raises:
        LedgerError: It cannot be read, or its tables are not those of this version.
    """
    database = open_any(path, busy_seconds=busy_seconds)
    try:
        _require_current(database)
    except LedgerError:
        database.close()
        raise
    return database


def open_any(path: Path, *, busy_seconds: float = _BUSY_SECONDS) -> Database:
    """Open *path*, which must exist, for reading only, whatever its tables are.

    Raises:
        LedgerError: It cannot be opened.
    """
    return _connected(path, f"{path.absolute().as_uri()}?mode=ro", busy_seconds)


def _connected(path: Path, address: str, busy_seconds: float) -> Database:
    try:
        connection = sqlite3.connect(
            address,
            timeout=busy_seconds,
            isolation_level=None,  # transactions begin where we say so, nowhere else
            uri=address.startswith("file:"),
        )
    except sqlite3.Error as error:
        raise _fault(path, error) from error
    connection.row_factory = sqlite3.Row
    return Database(path, connection)


def _prepare(database: Database) -> None:
    mode = database.read("PRAGMA journal_mode = WAL")[0][0]
    if mode != "wal":
        raise LedgerError(
            f"{database.path}: this disk cannot hold a write-ahead log (journal mode {mode}); "
            "choose a state_dir on a local disk"
        )
    database.read("PRAGMA synchronous = FULL")
    database.read("PRAGMA fullfsync = ON")  # macOS: past the drive's own cache


def _migrate(database: Database) -> None:
    for migration in _pending(database):
        with database.write() as connection:
            schema.apply(connection, migration)


def _require_current(database: Database) -> None:
    if _pending(database):
        raise LedgerError(
            f"{database.path}: was made by an older swingbreak; start `swingbreak run` on this "
            "folder once to bring it up to date"
        )


def _pending(database: Database) -> tuple[schema.Migration, ...]:
    tables = {row[0] for row in database.read("SELECT name FROM sqlite_master WHERE type='table'")}
    applied: list[str] = []
    if schema.MIGRATIONS_TABLE in tables:
        applied = [row[0] for row in database.read("SELECT name FROM migrations ORDER BY number")]
    elif tables:
        raise LedgerError(
            f"{database.path}: is a database of another program (tables "
            f"{', '.join(sorted(tables))}); move it away or choose another state_dir"
        )
    return schema.pending(database.path, applied)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


def _fault(path: Path, error: sqlite3.Error) -> LedgerError:
    if path.is_dir():
        return LedgerError(
            f"{path}: is a folder and cannot be opened; move it away or name the file"
        )
    remedy = _REMEDIES.get(_code(error), "this should not happen; please report it")
    return LedgerError(f"{path}: {error}: {remedy}")
