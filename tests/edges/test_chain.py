import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.adapters.sqlite import schema
from swingbreak.adapters.sqlite.audit import Audit, audit
from swingbreak.adapters.sqlite.chain import ORIGIN, LedgerRow, link
from swingbreak.adapters.sqlite.database import Database, open_reader, open_writer
from swingbreak.adapters.sqlite.ledger import Head, SqliteLedger
from swingbreak.domain.commands import HaltDay
from tests.recorded import AT, batch

COLUMNS = ("day", "at", "kind", "version", "order_id", "body", "link")
Spoil = Callable[[sqlite3.Connection], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "live_state.db"
    with open_writer(path) as database:
        ledger = SqliteLedger(database)
        for n in range(4):
            ledger.append(AT, batch(n))
        ledger.append(AT, [HaltDay("daily_stop")])
    return path


def spoilt(path: Path, spoil: Spoil) -> Audit:
    """What an audit shows after somebody who knows SQLite was at the file."""
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER ledger_is_never_changed")
        connection.execute("DROP TRIGGER ledger_is_never_cut")
        spoil(connection)
    connection.close()
    with open_reader(path) as database:
        return audit(database)


def sql(*statements: str) -> Spoil:
    def run(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    return run


def test_a_ledger_that_nobody_touched_fits(path: Path) -> None:
    with open_reader(path) as database:
        seen, head = audit(database), SqliteLedger(database).head
    assert (seen.first, seen.misfits, seen.sealed, len(seen.links)) == (None, 0, 0, 13)
    assert seen.head == head
    assert head.seq == 13


def test_an_empty_ledger_fits(tmp_path: Path) -> None:
    with open_writer(tmp_path / "live_state.db") as database:
        assert audit(database) == Audit(0, None, 0, {})
        assert audit(database).head == Head(0, ORIGIN)


def test_a_link_is_what_it_always_was() -> None:
    row = LedgerRow(1, "2026-11-20", "2026-11-20T04:01:05+00:00", "halt_day", 1, None, "{}")
    assert link(ORIGIN, row) == "443d2a2d239f8e11e3330b1d2023b2b80545b28c017bb75d417321682bf3fc01"
    assert link(ORIGIN, row, sealed=True) != link(ORIGIN, row)


def test_what_belongs_to_one_column_is_not_taken_for_another() -> None:
    row = LedgerRow(1, "d", "at", "kind", 1, "o1", "{}")
    others = [
        row._replace(kind="kin", order_id="do1"),
        row._replace(order_id="o1{", body="}"),
        row._replace(order_id=None, body="o1{}"),
        row._replace(order_id="", body="o1{}"),
        row._replace(seq=11, version=1),
        row._replace(seq=1, version=11),
    ]
    assert len({link(ORIGIN, each) for each in (row, *others)}) == 7


@pytest.mark.parametrize(
    ("spoil", "first", "says"),
    [
        (sql("UPDATE ledger SET body = replace(body, '650', '65') WHERE seq = 4"), 4, "changed"),
        (sql("UPDATE ledger SET order_id = NULL WHERE seq = 13"), None, ""),
        (sql("UPDATE ledger SET order_id = '' WHERE seq = 13"), 13, "row 13 (halt_day,"),
        (sql("UPDATE ledger SET link = NULL WHERE seq = 5"), 5, "does not fit"),
        (sql("UPDATE ledger SET body = CAST(body AS BLOB) WHERE seq = 6"), 6, "changed"),
        (sql("UPDATE ledger SET body = CAST(x'7bff7d' AS TEXT) WHERE seq = 6"), 6, "changed"),
        (sql("UPDATE ledger SET version = 'x' WHERE seq = 6"), 6, "changed"),
        (sql("DELETE FROM ledger WHERE seq = 7"), 8, "row 7 is missing before row 8"),
        (sql("DELETE FROM ledger WHERE seq < 4"), 4, "rows 1 to 3 are missing before row 4"),
        (
            sql(
                "DELETE FROM ledger WHERE seq = 7",
                "UPDATE ledger SET seq = seq - 1 WHERE seq > 7",
            ),
            7,
            "does not fit",
        ),
        (
            sql(
                "UPDATE ledger SET seq = 99 WHERE seq = 5",
                "UPDATE ledger SET seq = 5 WHERE seq = 6",
                "UPDATE ledger SET seq = 6 WHERE seq = 99",
            ),
            5,
            "does not fit",
        ),
        (
            sql(
                "INSERT INTO ledger (seq, day, at, kind, version, order_id, body, link) "
                "SELECT 0, day, at, kind, version, order_id, body, link FROM ledger WHERE seq = 1"
            ),
            0,
            "put in before",
        ),
        (
            sql(
                "INSERT INTO ledger (seq, day, at, kind, version, order_id, body, link) "
                "SELECT 14, day, at, kind, version, order_id, body, link FROM ledger WHERE seq = 1"
            ),
            14,
            "does not fit",
        ),
    ],
    ids=[
        "changed", "as it was", "null to empty", "link gone", "text to bytes", "no text at all",
        "no number", "removed", "head removed", "removed and renumbered", "swapped",
        "put in before", "put in behind",
    ],
)  # fmt: skip
def test_the_first_row_that_is_not_as_it_was_kept(
    path: Path, spoil: Spoil, first: int | None, says: str
) -> None:
    seen = spoilt(path, spoil)
    assert (seen.first.seq if seen.first else None) == first
    if seen.first:
        assert says in seen.first.what
        assert seen.misfits >= 1


def any_change(dice: Random, connection: sqlite3.Connection) -> int:
    """Change, move or remove one row; return the first row that is not what it was."""
    rows = connection.execute("SELECT * FROM ledger ORDER BY seq").fetchall()
    seq = dice.randrange(1, len(rows))  # not the last one: what is missing there leaves no gap
    match dice.randrange(4):
        case 0:
            connection.execute("DELETE FROM ledger WHERE seq = ?", (seq,))
            return seq + 1
        case 1:
            column = dice.choice(COLUMNS)
            connection.execute(
                f"UPDATE ledger SET {column} = ? WHERE seq = ?",  # noqa: S608 - ours
                (flipped(dice, rows[seq - 1][1 + COLUMNS.index(column)]), seq),
            )
            return seq
        case 2:
            other = dice.randrange(seq + 1, len(rows) + 1)
            for old, new in ((seq, -1), (other, seq), (-1, other)):
                connection.execute("UPDATE ledger SET seq = ? WHERE seq = ?", (new, old))
            return seq
        case _:
            connection.execute("UPDATE ledger SET seq = -seq - 1 WHERE seq >= ?", (seq,))
            connection.execute("UPDATE ledger SET seq = -seq WHERE seq < 0")
            connection.execute("INSERT INTO ledger VALUES (?,?,?,?,?,?,?,?)", (seq, *rows[-1][1:]))
            return seq


def flipped(dice: Random, value: Any) -> Any:
    """*value* with one bit changed."""
    if value is None:
        return "o1"
    if isinstance(value, int):
        return value ^ (1 << dice.randrange(8))
    raw = bytearray(value.encode())
    raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(7)
    return raw.decode()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_any_change_of_any_row_is_found(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    for migration in schema.MIGRATIONS:
        schema.apply(connection, migration)
    database = Database(Path("memory"), connection)
    ledger = SqliteLedger(database)
    for n in range(dice.randrange(2, 5)):
        ledger.append(AT, batch(n))
    assert audit(database).first is None
    sql("DROP TRIGGER ledger_is_never_changed", "DROP TRIGGER ledger_is_never_cut")(connection)
    first = any_change(dice, connection)
    seen = audit(database)
    connection.close()
    assert seen.first is not None
    assert seen.first.seq == first


def test_rows_that_are_older_than_the_chain_are_sealed_and_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "live_state.db"
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:-1])
        with open_writer(path) as database, database.write() as connection:
            connection.execute(
                "INSERT INTO ledger VALUES (1, '2026-11-19', '2026-11-19T04:00:00+00:00', "
                "'halt_day', 1, NULL, '{\"reason\":\"daily_stop\"}')"
            )
    with open_writer(path) as database:
        SqliteLedger(database).append(AT, batch(1))
        seen = audit(database)
    assert (seen.sealed, seen.first, len(seen.links)) == (1, None, 4)
    assert spoilt(path, sql("UPDATE ledger SET day = '2026-11-18' WHERE seq = 1")).misfits == 1
