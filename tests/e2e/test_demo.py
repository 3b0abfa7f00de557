"""`demo`: one command, a whole day, and everything it leaves behind."""

import csv
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.board import board_in, read_board
from swingbreak.adapters.course import CourseReader, course_in
from swingbreak.adapters.runlock import folder_lock
from swingbreak.facts.charges import Dealings
from tests.charging import rates_of
from tests.e2e.books_audit import audited, tables_of
from tests.e2e.processes import Ended, ended, lines_of, settings_file, small_day

SHARED = Path(__file__).parents[3] / "shared"
SEED = "12"  # trades in its first half hour
SHORT_DAY = {"force_exit_ist": "09:44"}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files_of(root: Path) -> dict[str, Path]:
    return {
        "database": root / "live_state.db",
        "log": root / "logs" / "swingbreak_20261120.log",
        "trades": root / "trades_20261120.csv",
        "summary": root / "daily_summary.csv",
        "decisions": root / "decisions_20261120.txt",
        "page": root / "day_20261120.html",
    }


@pytest.fixture(scope="module")
def default_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    folder = tmp_path_factory.mktemp("demo")
    return folder / "swingbreak-state" / "demo", ended(folder, "demo")


def test_the_default_day_is_traded_and_shown(default_day: tuple[Path, Ended]) -> None:
    root, end = default_day
    assert end.code == 0, end.err
    files = files_of(root)
    assert [name for name, path in files.items() if not path.stat().st_size] == []
    day = audited(root)
    trades = rows_of(files["trades"])
    tables = tables_of(root)
    assert len(trades) == len(tables["trades"]) >= 1
    gross = sum(round(float(row["gross_rupees"]) * 100) for row in trades)
    (summary,) = rows_of(files["summary"])
    assert gross == day.cash == tables["daily_summary"][0]["gross_paise"]
    assert round(float(summary["gross_rupees"]) * 100) == gross
    assert f"Rs {gross / 100:.2f}" in end.out
    for trade in trades:
        assert trade["symbol"] in end.out
        assert trade["symbol"] in files["page"].read_text(encoding="utf-8")
    assert all(json.loads(line)["event"] for line in lines_of(files["log"]))


def test_the_board_of_the_day_says_the_same_in_the_end(default_day: tuple[Path, Ended]) -> None:
    root, _ = default_day
    board, tables = read_board(board_in(root)), tables_of(root)
    assert board is not None
    (day,) = tables["daily_summary"]
    assert (board.account.net, board.account.open) == (day["net_paise"], 0)
    assert (board.standing.ended, board.standing.flat) == (True, True)
    assert board.standing.halted == day["halted_reason"]
    assert [each.net for each in board.trades] == [row["net_paise"] for row in tables["trades"]]
    course = CourseReader(course_in(root, board.day)).read()
    followed = {each.symbol for each in board.candidates}
    assert len(followed) == 42
    assert followed < course.bars.keys()  # the index opened two strikes from its last close
    assert len(course.bars) == 46
    levels = {level for each in course.levels.values() for level in each}
    assert {each.level for each in board.trades} <= levels
    assert course.curve[-1][1] == board.account.net


def test_gross_charges_and_net_are_the_same_everywhere(default_day: tuple[Path, Ended]) -> None:
    root, end = default_day
    files, tables = files_of(root), tables_of(root)
    (day,) = tables["daily_summary"]
    (summary,) = rows_of(files["summary"])
    assert day["charges_paise"] == sum(trade["charges_paise"] for trade in tables["trades"]) > 0
    assert day["net_paise"] == day["gross_paise"] - day["charges_paise"]
    assert day["r"] == day["net_paise"] / day["r_value_paise"]
    page = files["page"].read_text(encoding="utf-8").replace(",", "")
    for name in ("gross", "charges", "net"):
        rupees = f"{day[f'{name}_paise'] / 100:.2f}"
        assert summary[f"{name}_rupees"] == rupees
        assert f"Rs {rupees}" in end.out
        assert rupees.removeprefix("-") in page
    sold = sum(trade["sold_value_paise"] for trade in tables["trades"])
    bought = sum(trade["bought_value_paise"] for trade in tables["trades"])
    orders = sum(trade["orders"] for trade in tables["trades"])
    assert orders == sum(order["filled"] > 0 for order in tables["orders"])
    billed = rates_of().note(Dealings(sold, bought, orders)).billed
    assert f"contract note Rs {billed / 100:.2f}" in end.out


def test_made_up_data_is_called_so_everywhere(default_day: tuple[Path, Ended]) -> None:
    root, end = default_day
    files = files_of(root)
    assert "synthetic" in end.out
    assert "SYNTHETIC, made up, no real market" in end.out
    for name in ("trades", "summary"):
        assert {"synthetic" in row["label"] for row in rows_of(files[name])} == {True}
    assert "synthetic" in files["page"].read_text(encoding="utf-8").lower()
    assert "synthetic" in tables_of(root)["daily_summary"][0]["label"]


def test_other_commands_read_what_demo_left(default_day: tuple[Path, Ended]) -> None:
    root, _ = default_day
    for command in ("status", "trades", "replay", "verify"):
        end = ended(root, command, "--state-dir", ".", "--json", name=command)
        assert (end.code, end.err) == (0, "")
        assert json.loads(end.out) is not None
    again = ended(root.parent, "run", "--state-dir", "demo", name="later")
    assert again.code == 3  # no key: nothing has been touched
    assert rows_of(files_of(root)["trades"])


def short_day(folder: Path) -> dict[str, Any]:
    flags = settings_file(folder, **SHORT_DAY)
    end = ended(folder, "demo", "--seed", SEED, "--state-dir", "state", "--json", *flags)
    assert end.code == 0, end.err
    said: dict[str, Any] = json.loads(end.out)
    return said


@pytest.mark.slow
def test_the_same_seed_gives_the_same_day(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(short_day, (tmp_path / "one", tmp_path / "two"))
    assert first["synthetic"]
    assert "synthetic" in first["label"]
    assert first["trades"]
    assert first["held"] == {}
    assert first["halted_reason"] == "force_exit"

    def same(said: Mapping[str, Any]) -> dict[str, Any]:
        return {key: said[key] for key in said.keys() - {"state_dir", "page"}}

    assert same(first) == same(second)
    decided = [tmp_path / name / "state" / "demo" for name in ("one", "two")]
    assert len({files_of(root)["decisions"].read_bytes() for root in decided}) == 1
    assert len({files_of(root)["trades"].read_bytes() for root in decided}) == 1


def test_a_demo_leaves_another_ones_folder_alone(tmp_path: Path) -> None:
    root = tmp_path / "state" / "demo"
    root.mkdir(parents=True)
    (root / "of_the_other").touch()
    with folder_lock(root):
        end = ended(tmp_path, "demo", "--replay", str(small_day(tmp_path)), "--state-dir", "state")
    assert end.code == 11
    assert f"process {os.getpid()} runs" in end.err
    assert (root / "of_the_other").exists()


def test_what_an_earlier_demo_left_stays_until_the_next_one_runs(tmp_path: Path) -> None:
    root = tmp_path / "state" / "demo"
    (root / "logs").mkdir(parents=True)
    (root / "trades_20261119.csv").touch()
    missing = ended(tmp_path, "demo", "--replay", "none.csv", "--state-dir", "state")
    assert missing.code == 5
    assert (root / "trades_20261119.csv").exists()
    flags = ("--state-dir", "state", *settings_file(tmp_path, force_exit_ist="09:20"))
    end = ended(tmp_path, "demo", "--replay", str(small_day(tmp_path)), *flags)
    assert end.code == 0, end.err
    assert "recorded" in end.out
    assert not (root / "trades_20261119.csv").exists()


RECORDED = {
    "bars": ("options/NIFTY/2021-06-11", "20210611"),
    "snapshots": ("chain_snapshots/NIFTY/2025-08-29", "20250829"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", RECORDED)
def test_a_recorded_day_is_traded_to_its_end(tmp_path: Path, kind: str) -> None:
    data, stamp = RECORDED[kind]
    path = SHARED / "data" / data
    if not list(path.parent.glob(f"{path.name}.*")):
        pytest.skip(f"no {path}: recorded days are not part of the repository")
    end = ended(tmp_path, "demo", "--replay", str(path), "--json")
    assert end.code == 0, end.err
    said = json.loads(end.out)
    assert not said["synthetic"]
    assert "recorded" in said["label"]
    assert said["held"] == {}
    root = tmp_path / "swingbreak-state" / "demo"
    assert (root / f"day_{stamp}.html").exists()
