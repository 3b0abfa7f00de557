"""``sweep`` and ``walkforward``: resumed, shared, never mixed, equal to a backtest of each set."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swingbreak.bootstrap.sweep import comparing, scoring
from swingbreak.cli.output import ExitCode
from tests.commands import read, run
from tests.stores import made_store

pytestmark = pytest.mark.usefixtures("compiled", "in_an_empty_folder")

GRID = ("--grid", "stop_max_percent=6,10", "--grid", "target_points_rupees=10,14")


@pytest.fixture(scope="module")
def swept(stored: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished sweep of four sets."""
    out = tmp_path_factory.mktemp("sweep") / "out"
    assert run("sweep", "--data", str(stored), "--out", str(out), *GRID, "--json") == ExitCode.OK
    return out


def of_set(found: Any, **point: str) -> Any:
    return next(each for each in found["sets"] if each["point"] == point)


def test_each_set_is_the_backtest_under_its_settings(
    stored: Path, swept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = json.loads((swept / "sweep.json").read_text("utf-8"))["view"]
    Path("own.toml").write_text("stop_max_percent = 6\ntarget_points_rupees = 14\n", "utf-8")
    alone = read(capsys, "backtest", "--data", str(stored), "--config", "own.toml")
    one = next(
        each
        for each in sweep["tried"]
        if each["point"] == {"stop_max_percent": "6", "target_points_rupees": "14"}
    )
    assert [score["net"] for score in one["scores"]] == [d["net_paise"] for d in alone["days"]]
    assert [score["trades"] for score in one["scores"]] == [d["trades"] for d in alone["days"]]
    assert len({str(each["scores"]) for each in sweep["tried"]}) > 1, "the settings matter"


def test_the_table_has_the_best_first(swept: Path) -> None:
    with (swept / "sets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(int(row["set"]) for row in rows) == [0, 1, 2, 3]
    assert "There are too few days to choose on 40" in Path(swept, "sweep.html").read_text("utf-8")
    sharpes = [float(row["sharpe_a_day"]) for row in rows]
    assert sharpes == sorted(sharpes, reverse=True)


def test_processes_change_nothing(
    stored: Path, swept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read(capsys, "sweep", "--data", str(stored), "--out", "two", *GRID, "--jobs", "2")
    for name in ("sweep.json", "sets.csv"):
        assert Path("two", name).read_bytes() == (swept / name).read_bytes()


def test_what_is_done_is_not_done_again(
    stored: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []
    real = scoring.run_prepared

    def counted(*arguments: Any) -> Any:
        ran.append(1)
        if len(ran) == 4:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(scoring, "run_prepared", counted)
    asked = ("sweep", "--data", str(stored), "--out", "broken", "--exact")
    arguments = (*asked, "--grid", "max_positions=1,5")
    assert run(*arguments) == ExitCode.INTERRUPTED
    assert not Path("broken/sweep.json").exists()
    assert read(capsys, *arguments)["days"]
    assert len(ran) == 4 + 6, "the day that was whole is kept, the broken one is run again"
    read(capsys, *arguments)
    assert len(ran) == 10
    read(capsys, *arguments[:-1], "max_positions=1,4")
    assert len(ran) == 18, "other sets are other work"


def test_the_kernel_and_the_engine_score_alike(
    stored: Path, swept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("numba")
    found = read(capsys, "sweep", "--data", str(stored), "--out", "exact", *GRID, "--exact")
    assert not any("kernel" in note for note in found["notes"])
    fast, exact = (json.loads(Path(f, "sweep.json").read_text("utf-8")) for f in (swept, "exact"))
    assert fast["view"]["tried"] == exact["view"]["tried"]
    ways = [note for note in fast["view"]["notes"] if "kernel" in note or "engine" in note]
    assert ways[0] == "16 of 16 days of sets were run by the kernel"
    assert "were run again on 4 days by the engine: the same" in ways[1]


def test_a_kernel_that_trades_otherwise_is_found_out(
    stored: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    real = comparing.run_by_engine
    monkeypatch.setattr(
        comparing, "run_by_engine", lambda *day: replace(real(*day), deals="another")
    )
    assert run("sweep", "--data", str(stored), "--out", "no", *GRID) == ExitCode.DIFFERENT
    assert "trade otherwise" in capsys.readouterr().err
    assert not Path("no/sweep.json").exists()


def test_without_numba_the_engine_runs_all(
    stored: Path, swept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "find_spec", lambda _name: None)
    found = read(capsys, "sweep", "--data", str(stored), "--out", "slow", *GRID)
    assert any('pip install "swingbreak[research]"' in note for note in found["notes"])
    fast, slow = (json.loads(Path(f, "sweep.json").read_text("utf-8")) for f in (swept, "slow"))
    assert fast["view"]["tried"] == slow["view"]["tried"]


def test_what_cannot_be_set_is_told_before_anything_runs(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("sweep", "--data", str(stored), "--out", "none")
    assert run(*arguments, "--grid", "max_positions=0,5") == ExitCode.CONFIGURATION
    assert "the set max_positions=0" in capsys.readouterr().err
    assert run(*arguments) == ExitCode.CONFIGURATION
    assert "nothing to sweep" in capsys.readouterr().err
    assert run(*arguments, *GRID, "--objective", "luck") == ExitCode.CONFIGURATION
    assert "there are sharpe" in capsys.readouterr().err


def test_a_day_that_cannot_be_run_is_left_out_for_all(
    stored: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for each in stored.rglob("*.parquet"):
        copy = own / each.relative_to(stored)
        copy.parent.mkdir(parents=True, exist_ok=True)
        whole = each.read_bytes()
        copy.write_bytes(whole[:-100] if "bars/" in str(each) and "03-04" in str(each) else whole)
    found = read(capsys, "sweep", "--data", str(own), "--out", "out", "--grid", "max_positions=1,5")
    assert "2026-03-04" not in found["days"]
    assert any("2026-03-04 left out" in note for note in found["notes"])


def test_walking_forward_makes_a_run_of_the_judged_days(
    stored: Path, swept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("walkforward", str(swept), "--data", str(stored), "--train", "2", "--test", "1")
    found = read(capsys, *asked, "--out", "walk")
    assert len(found["steps"]) == 2
    assert Path(swept, "sweep.html").read_text("utf-8").count("2026-03-0") > 4
    reported = read(capsys, "report", "walk")
    assert reported["days"] == 2
    assert run(*asked[:-4], "--train", "9") == ExitCode.DATA
    assert "too few" in capsys.readouterr().err


def test_walking_over_other_data_is_refused(
    stored: Path, swept: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = made_store(tmp_path / "other", "--seed", "9", days=4, strikes=2)
    capsys.readouterr()
    asked = ("walkforward", str(swept), "--data", str(other), "--train", "2", "--test", "1")
    assert run(*asked) == ExitCode.DATA
    assert "sweep again" in capsys.readouterr().err
    assert run("walkforward", "nowhere", "--data", str(stored)) == ExitCode.DATA
    assert "swingbreak sweep" in capsys.readouterr().err
