import csv
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from swingbreak.adapters.dayfolder import (
    SUMMARY_COLUMNS,
    TRADE_COLUMNS,
    DayFolder,
    database_in,
)
from swingbreak.adapters.runlock import RunLock, account_lock, folder_lock
from swingbreak.domain.errors import DataError, LedgerError, SessionLocked
from tests.recorded import DAY, TRADE, summary

ROOT = Path(__file__).parents[2]
LABEL = "synthetic NIFTY seed 7"


@pytest.fixture
def folder(tmp_path: Path) -> DayFolder:
    return DayFolder(tmp_path / "state", DAY, "swingbreak")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_files_have_their_familiar_names(folder: DayFolder) -> None:
    names = [folder.database, folder.log, folder.trades, folder.daily_summary]
    assert [path.relative_to(folder.root).as_posix() for path in names] == [
        "live_state.db",
        "logs/swingbreak_20261120.log",
        "trades_20261120.csv",
        "daily_summary.csv",
    ]
    assert folder.database == database_in(folder.root)


def test_trades_are_written_in_rupees_and_indian_time(folder: DayFolder) -> None:
    folder.write_trades([TRADE], mode="paper", label=LABEL)
    (row,) = rows(folder.trades)
    assert tuple(row) == tuple(TRADE_COLUMNS)
    assert row == {
        "date": "2026-11-20",
        "mode": "paper",
        "label": LABEL,
        "trade_id": "o1",
        "symbol": TRADE.symbol,
        "level": "L1",
        "quantity": "650",
        "entry_rupees": "174.95",
        "exit_rupees": "164.95",
        "points_rupees": "10.00",
        "stop_rupees": "185.00",
        "gross_rupees": "6500.00",
        "orders": "2",
        "charges_rupees": "123.45",
        "net_rupees": "6376.55",
        "r": "0.9810",
        "opened_ist": "2026-11-20 09:31:05",
        "closed_ist": "2026-11-20 09:38:05",
        "exit_reason": "daily_target",
    }


def test_an_average_is_rounded_half_up(folder: DayFolder) -> None:
    trade = replace(TRADE, quantity=2, sold_value=2 * 100_00 + 1, bought_value=3 * 100_00)
    folder.write_trades([trade], mode="paper", label=LABEL)
    (row,) = rows(folder.trades)
    assert (row["entry_rupees"], row["exit_rupees"]) == ("100.01", "150.00")


def test_a_day_without_trades_has_the_header_alone(folder: DayFolder) -> None:
    folder.write_trades([], mode="paper", label=LABEL)
    assert folder.trades.read_text() == ",".join(TRADE_COLUMNS) + "\n"


def test_the_summary_of_a_day_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    today = DayFolder(tmp_path, DAY, "x")
    yesterday = DayFolder(tmp_path, DAY - timedelta(days=1), "x")
    today.write_summary(summary())
    yesterday.write_summary(summary(TRADE, halted_reason="force_exit"))
    today.write_summary(replace(summary(TRADE), mode="live"))
    today.write_summary(summary(TRADE, TRADE))
    found = rows(today.daily_summary)
    assert tuple(found[0]) == tuple(SUMMARY_COLUMNS)
    assert [(row["date"], row["mode"], row["trades"]) for row in found] == [
        ("2026-11-19", "paper", "1"),
        ("2026-11-20", "live", "1"),
        ("2026-11-20", "paper", "2"),
    ]
    assert found[0]["halted_reason"] == "force_exit"
    assert (found[0]["net_rupees"], found[0]["r"]) == ("6376.55", "0.9810")


def test_nothing_but_the_file_is_left(folder: DayFolder) -> None:
    folder.write_summary(summary())
    folder.write_trades([TRADE], mode="paper", label=LABEL)
    assert {path.name for path in folder.root.iterdir()} == {
        "daily_summary.csv",
        "trades_20261120.csv",
    }


@pytest.mark.parametrize(
    ("content", "match"),
    [
        pytest.param(b"day,pnl\n2026-11-19,5\n", "columns are not", id="foreign"),
        pytest.param(b"", "columns are not", id="empty"),
        pytest.param(b"\xff\xfe\x00", "cannot be read", id="no-text"),
        pytest.param(
            ",".join(SUMMARY_COLUMNS).encode() + b"\n2026-11-19,paper\n", "line 2", id="cut"
        ),
        pytest.param(
            ",".join(SUMMARY_COLUMNS).encode() + b"\n" + b"," * 20 + b"\n", "line 2", id="too-long"
        ),
    ],
)
def test_a_summary_that_is_not_ours_is_left_alone(
    folder: DayFolder, content: bytes, match: str
) -> None:
    folder.root.mkdir()
    folder.daily_summary.write_bytes(content)
    with pytest.raises(DataError, match=match):
        folder.write_summary(summary())
    assert folder.daily_summary.read_bytes() == content


def test_a_summary_that_a_spreadsheet_saved_is_understood(folder: DayFolder) -> None:
    DayFolder(folder.root, DAY - timedelta(days=1), "x").write_summary(summary())
    text = folder.daily_summary.read_text().replace("\n", "\r\n")
    folder.daily_summary.write_text("\ufeff" + text, encoding="utf-8")
    folder.write_summary(summary())
    assert [row["date"] for row in rows(folder.daily_summary)] == ["2026-11-19", "2026-11-20"]


def test_a_file_that_cannot_be_replaced_is_named_and_no_draft_stays(folder: DayFolder) -> None:
    (folder.trades / "in the way").mkdir(parents=True)
    with pytest.raises(DataError, match=r"trades_20261120\.csv: cannot be written"):
        folder.write_trades([TRADE], mode="paper", label=LABEL)
    assert [path.name for path in folder.root.iterdir()] == [folder.trades.name]


HOLD = """
import sys
import threading
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from swingbreak.adapters.runlock import folder_lock

with folder_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", HOLD, str(tmp_path), str(ROOT / "src")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"held"
    return process


def end(process: subprocess.Popen[bytes], how: Callable[[], object]) -> None:
    with process:
        how()


def test_a_second_process_is_refused_and_told_who_and_where(
    tmp_path: Path, holder: subprocess.Popen[bytes]
) -> None:
    with pytest.raises(SessionLocked) as caught, folder_lock(tmp_path):
        pytest.fail("both hold it")
    assert f"process {holder.pid}" in str(caught.value)
    assert str(tmp_path / "run.lock") in str(caught.value)
    end(holder, holder.communicate)
    with folder_lock(tmp_path):
        pass


def test_a_killed_process_holds_nothing(tmp_path: Path, holder: subprocess.Popen[bytes]) -> None:
    end(holder, holder.kill)
    with folder_lock(tmp_path) as lock:
        assert lock.path.read_text().strip() == str(os.getpid())


def test_a_lock_can_be_taken_again_after_it_was_let_go(tmp_path: Path) -> None:
    lock = folder_lock(tmp_path)
    with lock, pytest.raises(SessionLocked), folder_lock(tmp_path):
        pytest.fail("both hold it")
    with lock:
        pass


def test_an_account_is_locked_for_its_day_and_its_key_is_not_shown(tmp_path: Path) -> None:
    key = "0123456789abcdef" * 4
    lock = account_lock(tmp_path, "http://127.0.0.1:5000", key, DAY)
    same = account_lock(tmp_path, "http://127.0.0.1:5000", key, DAY)
    others = [
        account_lock(tmp_path, "http://127.0.0.1:5001", key, DAY),
        account_lock(tmp_path, "http://127.0.0.1:5000", key[::-1], DAY),
        account_lock(tmp_path, "http://127.0.0.1:5000", key, date(2026, 11, 23)),
    ]
    assert key not in str(lock.path)
    with lock:
        with pytest.raises(SessionLocked), same:
            pytest.fail("both hold it")
        for other in others:
            with other:
                assert other.path != lock.path


def test_a_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(LedgerError, match="use another folder"),
        RunLock(tmp_path / "file" / "run.lock", "here"),
    ):
        pytest.fail("held")


def test_a_disk_that_cannot_lock_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("swingbreak.adapters.runlock._lock", refuse)
    with pytest.raises(LedgerError, match="No locks available"), folder_lock(tmp_path):
        pytest.fail("held")


def test_somebody_who_only_looks_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look at a lock is to take it for a moment, and a day may begin in that moment."""
    looking = RunLock(tmp_path / "run.lock", "here").__enter__()

    class Moment:
        def wait(self, _seconds: float) -> None:
            looking.__exit__()

    monkeypatch.setattr(threading, "Event", Moment)
    with RunLock(tmp_path / "run.lock", "here") as lock:
        assert lock.holder() == str(os.getpid())
    assert lock.holder() == ""
