"""State folders and files in which something is wrong."""

import sqlite3
from contextlib import closing
from pathlib import Path

from swingbreak.adapters.controls import Controls, KillLock
from swingbreak.adapters.openalgo.capabilities import Capabilities, write_profile
from swingbreak.adapters.sqlite.binding import bind
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.domain.control import Control
from tests.own_facts import own_file
from tests.preflight_rig import DAY, NOW, Prepare


def database(change: str) -> Prepare:
    """A state database with a *change*."""

    def prepare(folder: Path) -> None:
        open_writer(folder / "state" / "live_state.db").close()
        with closing(sqlite3.connect(folder / "state" / "live_state.db")) as connection:
            connection.executescript(change)

    return prepare


def bound(mode: str, key: str) -> Prepare:
    def prepare(folder: Path) -> None:
        with open_writer(folder / "state" / "live_state.db") as database_:
            bind(database_, DAY, mode=mode, api_key=key)

    return prepare


def damaged(folder: Path) -> None:
    database("INSERT INTO bindings VALUES ('2026-11-19', 'paper', 'x')")(folder)
    path = folder / "state" / "live_state.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'bindings'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA journal_mode = DELETE")
    content = bytearray(path.read_bytes())
    content[size * (page - 1) + 3 : size * (page - 1) + 5] = b"\xff\xff"  # its number of cells
    path.write_bytes(bytes(content))


def killed(folder: Path) -> None:
    Controls(folder / "state").lock(KillLock(NOW, "runaway", "cli"))


def told(control: Control) -> Prepare:
    def prepare(folder: Path) -> None:
        Controls(folder / "state").give(control, "", by="cli", at=NOW)

    return prepare


def profile(**changes: object) -> Prepare:
    good = {
        "broker": "zerodha",
        "mode": "analyze",
        "examined_at": "2026-11-19 10:00:00",
        "with_orders": True,
        "orders_per_s": 4,
    }

    def prepare(folder: Path) -> None:
        write_profile(folder / "profile.json", Capabilities(**(good | changes)))  # type: ignore[arg-type]

    return prepare


def facts(text: str) -> Prepare:
    def prepare(folder: Path) -> None:
        own_file(folder, text)

    return prepare


def junk(name: str) -> Prepare:
    def prepare(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("junk" * 2000)

    return prepare


ENDED = """
INSERT INTO daily_summary (date, mode, label, trades, wins, gross_paise, charges_paise,
    r_value_paise, halted_reason, updated_at)
VALUES ('2026-11-20', 'paper', 'x', 1, 1, 0, 0, 650000, 'daily_target', '2026-11-20T11:00:00');
"""
