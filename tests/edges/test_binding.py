from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.sqlite.binding import bind
from swingbreak.adapters.sqlite.database import Database, open_writer
from swingbreak.domain.errors import ConfigError

DAY = date(2026, 11, 20)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_writer(tmp_path / "live_state.db") as opened:
        bind(opened, DAY, mode="paper", api_key="one")
        yield opened


def modes(database: Database) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in database.read("SELECT date, mode FROM bindings")]


def test_the_same_goes_on(database: Database) -> None:
    bind(database, DAY, mode="paper", api_key="one")
    assert modes(database) == [(DAY.isoformat(), "paper")]


def test_another_day_is_free(database: Database) -> None:
    monday = DAY + timedelta(days=3)
    bind(database, monday, mode="live", api_key="two")
    assert modes(database) == [(DAY.isoformat(), "paper"), (monday.isoformat(), "live")]


@pytest.mark.parametrize(
    ("mode", "key", "what"),
    [("live", "one", "recorded in paper mode"), ("paper", "two", "another API key")],
)
def test_others_are_refused(database: Database, mode: str, key: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what) as refusal:
        bind(database, DAY, mode=mode, api_key=key)
    assert "--state-dir" in str(refusal.value)


def test_the_key_is_not_kept(database: Database) -> None:
    rows = database.read("SELECT account FROM bindings")
    assert [row["account"] == "one" for row in rows] == [False]
