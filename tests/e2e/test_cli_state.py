import json
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.views import PositionRow, publish
from swingbreak.cli.output import ExitCode
from tests.commands import read, run
from tests.recorded import DAY, POSITION, SYMBOL, TRADE, publish_day, summary

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

COMMANDS = ("status", "positions", "orders", "trades")


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    with open_writer(database_in(folder)) as database:
        publish_day(database, date(2026, 11, 19))
        publish_day(database)
    return folder


def test_the_last_recorded_day_is_shown(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = read(capsys, "status", "--state-dir", str(recorded))
    assert said["date"] == DAY.isoformat()
    assert said["net_paise"] == TRADE.net
    assert (said["open_positions"], said["live_orders"]) == (1, 1)
    assert said["open_pnl_paise"] == POSITION.pnl_at(165_00)
    assert said["open_net_paise"] == POSITION.pnl_at(165_00) - 350_00
    assert said["label"] == "synthetic NIFTY seed 7"


def test_rows_are_objects_with_paise_and_indian_times(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (trade,) = read(capsys, "trades", "--state-dir", str(recorded))
    assert (trade["net_paise"], trade["r"]) == (TRADE.net, TRADE.r)
    (position,) = read(capsys, "positions", "--state-dir", str(recorded))
    assert (position["symbol"], position["quantity"]) == (SYMBOL, -650)
    orders = read(capsys, "orders", "--state-dir", str(recorded))
    assert [order["order_id"] for order in orders] == ["o1", "o2"]
    assert orders[0]["placed_at"] == "2026-11-20T09:31:05.250000+05:30"


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        pytest.param(
            "status",
            ("2026-11-20", "paper, synthetic", "₹ 6376.55, +0.98 R", "net ₹ 6150.00", "09:31:05"),
            id="status",
        ),
        pytest.param(
            "positions",
            ("09:31:05", SYMBOL, "-650", "175.00", "165.00", "6500.00", "350.00", "+0.95"),
            id="positions",
        ),
        pytest.param(
            "orders", ("entry:PE", "650/650", "0/650", "174.95", "185.00", "accepted"), id="orders"
        ),
        pytest.param(
            "trades", (SYMBOL, "6500.00", "123.45", "6376.55", "+0.98", "daily_target"), id="trades"
        ),
    ],
)
def test_a_person_sees_rupees_and_r(
    recorded: Path, capsys: pytest.CaptureFixture[str], command: str, parts: tuple[str, ...]
) -> None:
    assert run(command, "--state-dir", str(recorded)) == ExitCode.OK
    shown = capsys.readouterr().out
    for part in parts:
        assert part in shown


def test_another_day_can_be_asked_for(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = read(capsys, "trades", "--date", "2026-11-19", "--state-dir", str(recorded))
    assert [row["date"] for row in rows] == ["2026-11-19"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_day_that_was_not_recorded_is_said(
    recorded: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    arguments = (command, "--date", "2020-01-01", "--state-dir", str(recorded))
    assert run(*arguments) == ExitCode.OK
    assert "2026-11-19 to 2026-11-20" in capsys.readouterr().out
    nothing = {"date": None, "state_dir": str(recorded), "board": None}
    empty: Any = nothing if command == "status" else []
    assert read(capsys, *arguments) == empty


@pytest.mark.parametrize("command", COMMANDS)
def test_before_the_first_day_there_is_nothing_to_show(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run(command) == ExitCode.OK
    assert capsys.readouterr().out == "no day recorded in swingbreak-state\n"
    nothing = {"date": None, "state_dir": "swingbreak-state", "board": None}
    empty: Any = nothing if command == "status" else []
    assert read(capsys, command) == empty
    assert list(Path().iterdir()) == []


def test_a_day_without_trades_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_writer(database_in(tmp_path)) as database:
        publish_day(database, trades=())
    assert run("trades", "--state-dir", str(tmp_path)) == ExitCode.OK
    assert capsys.readouterr().out == f"no trades on 2026-11-20 in {tmp_path}\n"


def test_what_is_not_known_yet_is_a_dash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_writer(database_in(tmp_path)) as database:
        rows = [PositionRow.of(POSITION, None, 200_00)]
        publish(database, DAY, orders=(), positions=rows, trades=(), summary=summary())
    folder = ("--state-dir", str(tmp_path))
    assert read(capsys, "status", *folder)["open_pnl_paise"] is None
    assert run("status", *folder) == ExitCode.OK
    assert "1, net ₹ -\n" in capsys.readouterr().out
    assert run("positions", *folder) == ExitCode.OK
    assert "  -  " in capsys.readouterr().out


def test_the_configured_folder_is_read(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text(f"state_dir = {json.dumps(str(recorded))}")
    assert read(capsys, "status", "--config", "mine.toml")["date"] == DAY.isoformat()


def test_reading_needs_no_writer_and_disturbs_none(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_writer(database_in(recorded)) as database, database.write() as connection:
        connection.execute("UPDATE daily_summary SET halted_reason = 'daily_stop'")
        assert read(capsys, "status", "--state-dir", str(recorded))["halted_reason"] == ""
    assert read(capsys, "status", "--state-dir", str(recorded))["halted_reason"] == "daily_stop"


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO migrations VALUES (99, 'add_greeks', '9.9')")
    connection.close()


def test_a_database_of_a_newer_version_is_named(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer(database_in(recorded))
    assert run("status", "--state-dir", str(recorded), "--json") == ExitCode.DATA
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "add_greeks" in json.loads(shown.err)["message"]


def test_a_date_that_is_none_is_a_usage_error() -> None:
    assert run("trades", "--date", "yesterday") == ExitCode.USAGE
