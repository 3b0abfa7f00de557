"""The tables of the state database, and how an older file is brought up to date.

Rules of this file:

1. A migration that has been released is never changed; a new one is added at the end.
2. A migration is recorded in the transaction in which it ran.
3. Columns of money are whole paise and say so; ``date`` is the trading day in India.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from swingbreak import __version__
from swingbreak.adapters.sqlite.chain import ORIGIN, LedgerRow, link
from swingbreak.domain.errors import LedgerError

__all__ = ["MIGRATIONS", "MIGRATIONS_TABLE", "Migration", "apply", "pending"]

Migration: TypeAlias = Callable[[sqlite3.Connection], None]
MIGRATIONS_TABLE = "migrations"

_MIGRATIONS_SQL = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    swingbreak TEXT NOT NULL  -- the version that applied it
)
"""

_NEVER_CHANGED_SQL = """
CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is only appended to'); END
"""

_LEDGER_SQL = (
    """
CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    day TEXT NOT NULL,       -- trading day in India
    at TEXT NOT NULL,        -- when it was kept, UTC
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    order_id TEXT,           -- NULL for what is about no single order
    body TEXT NOT NULL       -- JSON, by field name
)
""",
    "CREATE INDEX ledger_by_day ON ledger (day)",
    _NEVER_CHANGED_SQL,
    """
CREATE TRIGGER ledger_is_never_cut BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is only appended to'); END
""",
)

_READ_MODEL_SQL = (
    """
CREATE TABLE orders (
    date TEXT NOT NULL,
    order_id TEXT NOT NULL,
    broker_order_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    status TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    filled INTEGER NOT NULL,
    value_paise INTEGER NOT NULL,
    limit_paise INTEGER NOT NULL,
    trigger_paise INTEGER,
    reason TEXT NOT NULL,
    level TEXT NOT NULL,
    placed_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    average_paise REAL GENERATED ALWAYS AS (CAST(value_paise AS REAL) / filled) VIRTUAL,
    PRIMARY KEY (date, order_id)
)
""",
    """
CREATE TABLE positions (
    date TEXT NOT NULL,
    symbol TEXT NOT NULL,
    trade_id TEXT NOT NULL,
    level TEXT NOT NULL,
    sold INTEGER NOT NULL,
    sold_value_paise INTEGER NOT NULL,
    bought INTEGER NOT NULL,
    bought_value_paise INTEGER NOT NULL,
    points_paise INTEGER NOT NULL,
    stop_paise INTEGER NOT NULL,
    mark_paise INTEGER,
    opened_at TEXT NOT NULL,
    quantity INTEGER GENERATED ALWAYS AS (bought - sold) VIRTUAL,
    pnl_paise INTEGER GENERATED ALWAYS AS
        (sold_value_paise - bought_value_paise + (bought - sold) * mark_paise) VIRTUAL,
    r REAL GENERATED ALWAYS AS (CAST(pnl_paise AS REAL) / (points_paise * sold)) VIRTUAL,
    PRIMARY KEY (date, trade_id)
)
""",
    """
CREATE TABLE trades (
    date TEXT NOT NULL,
    trade_id TEXT NOT NULL,
    symbol TEXT NOT NULL,
    level TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    sold_value_paise INTEGER NOT NULL,
    bought_value_paise INTEGER NOT NULL,
    charges_paise INTEGER NOT NULL,
    points_paise INTEGER NOT NULL,
    stop_paise INTEGER NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT NOT NULL,
    exit_reason TEXT NOT NULL,
    gross_paise INTEGER GENERATED ALWAYS AS (sold_value_paise - bought_value_paise) VIRTUAL,
    net_paise INTEGER GENERATED ALWAYS AS (gross_paise - charges_paise) VIRTUAL,
    r REAL GENERATED ALWAYS AS (CAST(net_paise AS REAL) / (points_paise * quantity)) VIRTUAL,
    PRIMARY KEY (date, trade_id)
)
""",
    """
CREATE TABLE daily_summary (
    date TEXT PRIMARY KEY,
    mode TEXT NOT NULL,
    label TEXT NOT NULL,
    trades INTEGER NOT NULL,
    wins INTEGER NOT NULL,
    gross_paise INTEGER NOT NULL,
    charges_paise INTEGER NOT NULL,
    r_value_paise INTEGER NOT NULL,
    halted_reason TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    net_paise INTEGER GENERATED ALWAYS AS (gross_paise - charges_paise) VIRTUAL,
    r REAL GENERATED ALWAYS AS (CAST(net_paise AS REAL) / r_value_paise) VIRTUAL
)
""",
)

_CHARGES_SQL = (
    "ALTER TABLE trades ADD COLUMN orders INTEGER NOT NULL DEFAULT 2",
    "ALTER TABLE positions ADD COLUMN charges_paise INTEGER NOT NULL DEFAULT 0",
    """
ALTER TABLE positions ADD COLUMN net_paise INTEGER
    GENERATED ALWAYS AS (pnl_paise - charges_paise) VIRTUAL
""",
    """
ALTER TABLE positions ADD COLUMN net_r REAL
    GENERATED ALWAYS AS (CAST(net_paise AS REAL) / (points_paise * sold)) VIRTUAL
""",
)


def apply(connection: sqlite3.Connection, migration: Migration) -> None:
    """Run *migration* and record it; the caller holds the transaction."""
    connection.execute(_MIGRATIONS_SQL)
    migration(connection)
    connection.execute(
        "INSERT INTO migrations (number, name, swingbreak) VALUES (?, ?, ?)",
        (MIGRATIONS.index(migration) + 1, migration.__name__, __version__),
    )


def pending(path: Path, applied: Sequence[str]) -> tuple[Migration, ...]:
    """Return the migrations that *path* still needs after those *applied*.

    Raises:
        LedgerError: It has some that this version does not know.
    """
    known = [migration.__name__ for migration in MIGRATIONS]
    if list(applied) != known[: len(applied)]:
        raise LedgerError(
            f"{path}: has schema {len(applied)} ({applied[-1]}), swingbreak {__version__} supports "
            f"up to {len(known)} ({known[-1]}); use the newer swingbreak that made it, or choose "
            "another state_dir"
        )
    return MIGRATIONS[len(applied) :]


def create_ledger(connection: sqlite3.Connection) -> None:
    """What happened, in the order it happened."""
    for statement in _LEDGER_SQL:
        connection.execute(statement)


def create_read_model(connection: sqlite3.Connection) -> None:
    """What it came to, for people; derived from the ledger and replaced by each publication."""
    for statement in _READ_MODEL_SQL:
        connection.execute(statement)


def add_charges(connection: sqlite3.Connection) -> None:
    """What open positions cost, and how many orders trades took: before, one each way."""
    for statement in _CHARGES_SQL:
        connection.execute(statement)


def add_peak_margin(connection: sqlite3.Connection) -> None:
    """How much of the account a day took: unknown, and 0, before."""
    connection.execute(
        "ALTER TABLE daily_summary ADD COLUMN peak_margin_paise INTEGER NOT NULL DEFAULT 0"
    )


def add_bindings(connection: sqlite3.Connection) -> None:
    """Whose each day is: unknown before."""
    connection.execute(
        """
CREATE TABLE bindings (
    date TEXT PRIMARY KEY,
    mode TEXT NOT NULL,
    account TEXT NOT NULL  -- a digest of the API key
)
"""
    )


def add_chain(connection: sqlite3.Connection) -> None:
    """A hash over each row and all before it; the rows that are there already are sealed."""
    connection.execute("DROP TRIGGER ledger_is_never_changed")
    connection.execute("ALTER TABLE ledger ADD COLUMN link TEXT")
    rows = connection.execute(
        "SELECT seq, day, at, kind, version, order_id, body FROM ledger ORDER BY seq"
    ).fetchall()
    last = ORIGIN
    for row in rows:
        last = link(last, LedgerRow(*row), sealed=True)
        connection.execute("UPDATE ledger SET link = ? WHERE seq = ?", (last, row[0]))
    connection.execute(_NEVER_CHANGED_SQL)


MIGRATIONS: tuple[Migration, ...] = (
    create_ledger,
    create_read_model,
    add_charges,
    add_peak_margin,
    add_bindings,
    add_chain,
)
