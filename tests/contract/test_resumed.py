"""What a day has traded is read from its ledger, whatever state that is in."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.bootstrap.resumed import traded_on
from swingbreak.domain.commands import AdoptPosition, PauseDay, SubmitOrder
from swingbreak.domain.errors import LedgerError
from tests.builders import CE, DAY, PE, at, entry


def test_orders_and_adopted_positions_count(tmp_path: Path) -> None:
    path = tmp_path / "live_state.db"
    adopted = AdoptPosition(at(1), "hand1", PE.symbol, 65, 65, 10_00, 160_00, leaves=False)
    with open_writer(path) as database:
        ledger = SqliteLedger(database)
        ledger.append(at(1), [SubmitOrder("o1", entry()), PauseDay("lunch"), adopted])
    assert traded_on(path, DAY) == {CE.symbol, PE.symbol}
    assert traded_on(path, DAY + timedelta(days=1)) == frozenset()


def test_none_is_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "live_state.db"
    assert traded_on(path, DAY) == frozenset()
    assert not path.exists()
    with closing(sqlite3.connect(path)) as begun:
        begun.execute("PRAGMA user_version = 0")  # a process ended before it had made the tables
    assert traded_on(path, DAY) == frozenset()


def test_one_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "live_state.db"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(LedgerError):
        traded_on(path, DAY)
