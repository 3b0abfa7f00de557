"""``data``: fill a store, list it, check it; every kind of bad input ends with code 5."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from swingbreak.cli.output import ExitCode
from tests import commands

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

HEADER = "ts,symbol,open,high,low,close,volume"
SYMBOL = "NIFTY17JUN2115800CE"
OPENS = 1_623_383_100  # 2021-06-11 09:15 in India


def run(*arguments: str) -> int:
    return commands.run("data", *arguments)


def read(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = ExitCode.OK) -> Any:
    return commands.read(capsys, "data", *arguments, code=code)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    return commands.shown(capsys, "data", *arguments)


def bars(name: str, *more: str, minutes: range = range(375)) -> str:
    lines = [f"{OPENS + m * 60},{SYMBOL},150.05,150.1,150,150.05,75" for m in minutes]
    Path(name).write_text("\n".join([HEADER, *lines, *more]), "utf-8")
    return name


def test_a_file_is_imported_listed_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    (kept,) = read(capsys, "import", bars("a.csv"), "--source", "a vendor")
    assert (kept["underlying"], kept["day"], kept["kind"]) == ("NIFTY", "2021-06-11", "bars")
    assert (kept["rows"], kept["grade"], kept["findings"]) == (375, "A", [])
    (shelf,) = read(capsys, "list")
    assert (shelf["days"], shelf["symbols"], shelf["rows"]) == (1, 1, 375)
    assert (shelf["origins"], shelf["grades"]) == (["recorded"], {"A": 1})
    assert (shelf["first"], shelf["last"]) == ("2021-06-11", "2021-06-11")
    (checked,) = read(capsys, "check")
    assert (checked["grade"], checked["label"]) == (
        "A",
        "recorded NIFTY 2021-06-11 from a vendor",
    )
    assert "NIFTY bars 1 2021-06-11" in shown(capsys, "list")
    assert "1 files: 1 A" in shown(capsys, "check", "--underlying", "NIFTY", "--day", "2021-06-11")


def cut(path: Path) -> str:
    pl.DataFrame({"ts": ["2021-06-11"]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-30])
    return str(path)


BAD = {
    "negative volume": (f"{OPENS},{SYMBOL},1,1,1,1,-5", "column 'volume': '-5' is negative"),
    "another zone": ("2021-06-11 09:16+05:30,NIFTY17JUN2115800PE,1,1,1,1,5", "is no time like"),
    "twice": (f"{OPENS},{SYMBOL},1,1,1,1,5", "is there before for the same contract"),
    "too few cells": (f"{OPENS},{SYMBOL},1", "column 'high': '' is empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_stores_nothing_and_is_named(
    capsys: pytest.CaptureFixture[str], case: str
) -> None:
    line, why = BAD[case]
    assert run("import", bars("good.csv"), bars("bad.csv", line), "--json") == ExitCode.DATA
    error = json.loads(capsys.readouterr().err)
    assert error["error"] == "DataError"
    assert error["message"].startswith("bad.csv: row 376, column ")
    assert why in error["message"]
    assert not list(Path("swingbreak-data").rglob("*.parquet*"))


LEFT_OUT = {
    "negative volume": "2 rows left out: volume is negative",
    "another zone": "2 rows left out: ts is no time like 2026-11-20 09:15:00",
    "twice": "2 rows left out: ts is there before for the same contract",
    "too few cells": "2 rows left out: high is empty",
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_bad_rows_that_are_left_out_are_counted_and_lower_the_grade(
    capsys: pytest.CaptureFixture[str], case: str
) -> None:
    line, _ = BAD[case]
    (kept,) = read(capsys, "import", bars("bad.csv", line, line), "--drop-bad")
    assert (kept["grade"], kept["rows"]) == ("B", 375)
    assert kept["findings"][0]["what"] == LEFT_OUT[case]
    (shelf,) = read(capsys, "list")
    assert (shelf["rows"], shelf["grades"]) == (375, {"B": 1})
    (checked,) = read(capsys, "check")
    assert checked["findings"][0]["what"] == LEFT_OUT[case]


def test_times_of_two_zones_in_one_file_are_told_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    zones = ["+05:30"] * 300 + ["Z"] * 75  # the last hours as if they were of the night
    lines = [
        f"2021-06-11 {9 + (15 + m) // 60:02}:{(15 + m) % 60:02}{zone},{SYMBOL},150,151,149,150,75"
        for m, zone in enumerate(zones)
    ]
    Path("mixed.csv").write_text("\n".join([HEADER, *lines]), "utf-8")
    assert run("import", "mixed.csv") == ExitCode.DATA
    told = " ".join(capsys.readouterr().err.split())
    assert "mixed.csv: row 301, column 'ts': '2021-06-11 14:15Z' has another time zone" in told
    assert "75 such rows in all" in told
    assert not list(Path("swingbreak-data").rglob("*.parquet*"))
    (kept,) = read(capsys, "import", "mixed.csv", "--drop-bad", code=ExitCode.DATA)
    assert (kept["rows"], kept["grade"]) == (300, "D")  # what is left has no close
    assert "75 rows left out" in str(kept["findings"])


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("ts,symbol,open,high,low,shut,volume", "no column for close"),
        ("1,2,3,4,5,6,7", "found: '1', '2', '3'"),
    ],
)
def test_a_wrong_header_stores_nothing_and_is_named(
    capsys: pytest.CaptureFixture[str], header: str, why: str
) -> None:
    Path(bars("bad.csv")).write_text(Path("bad.csv").read_text("utf-8").replace(HEADER, header))
    assert run("import", "bad.csv", "--drop-bad") == ExitCode.DATA
    told = capsys.readouterr().err
    assert told.startswith("error: bad.csv: ")
    assert why in told
    assert not list(Path("swingbreak-data").rglob("*.parquet*"))


def test_a_day_without_a_close_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    (kept,) = read(capsys, "import", bars("a.csv", minutes=range(200)), code=ExitCode.DATA)
    assert kept["grade"] == "D"
    assert kept["findings"][0]["check"] == "no_close"
    assert run("check") == ExitCode.DATA
    assert "no close: the last bar is of 12:34" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("import", "nothing.csv"), ExitCode.DATA, "no data file nothing.csv"),
        (("import", "."), ExitCode.DATA, "no file in it ends in"),
        (("import", "a.txt"), ExitCode.DATA, "its name should end in .csv"),
        (("list",), ExitCode.DATA, "no data folder swingbreak-data"),
        (("check",), ExitCode.DATA, "no data folder swingbreak-data"),
        (("check", "--day", "soon"), ExitCode.CONFIGURATION, "--day 'soon' is no day"),
        (("generate", "--from", "1999-01-01"), ExitCode.DATA, "no calendar is known"),
        (("fetch", "--from", "2021-06-11", "--to", "2021-06-10"), ExitCode.CONFIGURATION, "after"),
    ],
)
def test_what_cannot_be_done_is_said(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: ExitCode, why: str
) -> None:
    Path("a.txt").write_text("x", "utf-8")
    assert run(*arguments) == code
    assert why in capsys.readouterr().err


def test_a_truncated_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("import", cut(tmp_path / "cut.parquet")) == ExitCode.DATA
    assert "cut.parquet: not a readable Parquet file" in capsys.readouterr().err


def test_a_damaged_file_of_the_store_is_a_d(capsys: pytest.CaptureFixture[str]) -> None:
    run("import", bars("a.csv"))
    (path,) = Path("swingbreak-data").rglob("bars.parquet")
    path.write_bytes(path.read_bytes()[:100])
    capsys.readouterr()
    (checked,) = read(capsys, "check", code=ExitCode.DATA)
    assert checked["findings"][0]["check"] == "unreadable"


def test_a_historify_file_needs_duckdb(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    Path("historify.duckdb").touch()
    assert run("import", "historify.duckdb") == ExitCode.CONFIGURATION
    assert "pip install" in capsys.readouterr().err


def duckdb_with(rows: list[tuple[object, ...]]) -> SimpleNamespace:
    """What of DuckDB a reader of Historify's table uses."""

    class Broken(Exception):
        pass

    def connect(path: str, *, read_only: bool) -> Any:
        assert read_only
        if Path(path).name.startswith("broken"):
            raise Broken("no database")
        answer = SimpleNamespace(fetchall=lambda: rows)
        return nullcontext(SimpleNamespace(execute=lambda _: answer))

    return SimpleNamespace(connect=connect, Error=Broken)


def test_a_historify_file_is_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(SYMBOL, OPENS + m * 60, 150.05, 150.1, 150.0, 150.05, 75, 0) for m in range(375)]
    monkeypatch.setitem(sys.modules, "duckdb", duckdb_with(rows))
    Path("historify.duckdb").touch()
    (kept,) = read(capsys, "import", "historify.duckdb")
    assert (kept["rows"], kept["grade"]) == (375, "A")
    Path("broken.duckdb").touch()
    assert run("import", "broken.duckdb") == ExitCode.DATA
    assert "not a readable Historify file: no database" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "duckdb", duckdb_with([]))
    assert run("import", "historify.duckdb") == ExitCode.DATA
    assert "no 1m bar of an option" in capsys.readouterr().err


def test_days_are_made_up_once(capsys: pytest.CaptureFixture[str]) -> None:
    command = ("generate", "--from", "2026-11-21", "--seed", "7", "--strikes", "1")
    kept = read(capsys, *command)
    assert [(one["day"], one["kind"], one["grade"]) for one in kept] == [
        ("2026-11-23", "bars", "A"),
        ("2026-11-23", "spot", "A"),
    ]
    assert "1 days were there already" in shown(capsys, *command)
    shelf = read(capsys, "list")[0]
    assert (shelf["origins"], shelf["symbols"]) == (["synthetic"], 6)
    checked = read(capsys, "check")
    assert "synthetic NIFTY 2026-11-23 seed 7" in checked[0]["label"]


def index(name: str, minutes: range = range(375)) -> str:
    stamps = (OPENS + m * 60 for m in minutes)
    lines = [f"{at},15800,{15_801 + at % 7},15795,15799.5" for at in stamps]
    Path(name).write_text("\n".join(["ts,open,high,low,close", *lines]), "utf-8")
    return name


def vix(name: str, day: str = "2021-06-10", column: str = "close") -> str:
    Path(name).write_text(f"date,{column}\n{day},14.05\n2021-06-11,15.00\n", "utf-8")
    return name


def test_a_chain_is_rebuilt_around_a_real_index(capsys: pytest.CaptureFixture[str]) -> None:
    files = ("--spot", index("spot.csv"), "--vix", vix("vix.csv"))
    kept = read(capsys, "generate", *files, "--strikes", "1")
    assert [(one["kind"], one["grade"]) for one in kept] == [("bars", "A"), ("spot", "A")]
    (bars_checked, spot_checked) = read(capsys, "check")
    # the close of the day before: the day's own was not known at its open
    assert "rebuilt NIFTY 2021-06-11 from" in bars_checked["label"]
    assert "VIX 14.05 seed 1" in bars_checked["label"]
    assert {shelf["origins"][0] for shelf in read(capsys, "list")} == {"rebuilt"}
    assert spot_checked["rows"] == 375
    assert read(capsys, "generate", *files) == []
    assert run("import", bars("a.csv")) == ExitCode.DATA
    assert "the store has rebuilt data of that day" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("--vix", "vix.csv"), ExitCode.CONFIGURATION, "give --from DAY, or both"),
        ((), ExitCode.CONFIGURATION, "give --from DAY, or both"),
        (("--spot", "spot.csv", "--vix", "old.csv"), ExitCode.DATA, "no VIX for 2021-06-11"),
        (("--spot", "spot.csv", "--vix", "none.csv"), ExitCode.DATA, "no data file"),
        (("--spot", "spot.csv", "--vix", "spot.csv"), ExitCode.DATA, "no column date"),
        (("--spot", "bars.csv", "--vix", "vix.csv"), ExitCode.DATA, "bars; minutes of the index"),
    ],
)
def test_nothing_is_rebuilt_of_what_does_not_fit(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: ExitCode, why: str
) -> None:
    index("spot.csv")
    vix("vix.csv")
    bars("bars.csv")
    Path("old.csv").write_text("date,open\n2021-06-10,14.05\n", "utf-8")
    assert run("generate", *arguments) == code
    assert why in capsys.readouterr().err


@pytest.mark.slow
def test_two_processes_make_the_days_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    command = ("generate", "--from", "2026-11-19", "--days", "2", "--strikes", "1")
    run(*command, "--data", "one")
    run(*command, "--data", "two", "--jobs", "2")
    capsys.readouterr()
    for path in Path("one").rglob("*.parquet"):
        other = Path("two") / path.relative_to("one")
        frames = [pl.read_parquet(each, hive_partitioning=False) for each in (path, other)]
        assert frames[0].equals(frames[1])
        assert pl.read_parquet_metadata(path) == pl.read_parquet_metadata(other)
