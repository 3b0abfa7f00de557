"""``backtest``: stored days in, a table or JSON out; resumed, shared, and never mixed."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from swingbreak.bootstrap.backtest import running
from swingbreak.bootstrap.backtest.rules import RULES
from swingbreak.bootstrap.run_folder import read_rules, read_run
from swingbreak.cli.output import ExitCode
from swingbreak.reporting.rule_ledger import rule_ledger
from swingbreak.simulation.fills import FillModel
from tests import commands
from tests.commands import run
from tests.stores import made_store

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_store(tmp_path_factory.mktemp("store") / "data", days=3, strikes=2)


def read(capsys: pytest.CaptureFixture[str], root: Path, *more: str) -> Any:
    return commands.read(capsys, "backtest", "--data", str(root), *more)


def failed(capsys: pytest.CaptureFixture[str], root: Path, *more: str) -> tuple[int, str]:
    code = run("backtest", "--data", str(root), *more)
    return code, capsys.readouterr().err


def test_stored_days_are_run_under_every_model(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = read(capsys, stored)
    assert list(ran["fills"]) == list(FillModel)
    assert ran["headline"] == "pessimistic"
    assert [day["day"] for day in ran["days"]] == ["2026-03-02", "2026-03-04", "2026-03-05"]
    assert all(day["synthetic"] and day["halted"] for day in ran["days"])
    totals = ran["fills"]["pessimistic"]
    assert (totals["days"], ran["resumed"], ran["refused"]) == (3, 0, {})
    assert totals["trades"] == sum(day["trades"] for day in ran["days"]) > 5
    assert totals["net"] == sum(day["net_paise"] for day in ran["days"])
    assert totals["net"] == totals["gross"] - totals["charges"]
    nets = [ran["headline_trades_net"][model] for model in FillModel]
    assert nets[0] == totals["net"] < nets[1] < nets[2]
    assert Path(ran["out"]).parent == Path("runs")
    assert "<svg" in Path(ran["page"]).read_text("utf-8")
    kept = read_run(Path(ran["out"]))
    assert [day.decisions for day in kept.days] == [day["decisions"] for day in ran["days"]]


def test_a_second_run_takes_what_is_done_and_a_changed_setting_nothing(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = read(capsys, stored, "--out", "run", "--to", "2026-03-04")
    again = read(capsys, stored, "--out", "run")
    assert (first["resumed"], again["resumed"]) == (0, 2)
    assert again["days"][:2] == first["days"]
    Path("other.toml").write_text("r_value_rupees = 3000\n", "utf-8")
    other = read(capsys, stored, "--out", "run", "--config", "other.toml")
    assert other["resumed"] == 0
    assert other["days"] != again["days"]
    assert read(capsys, stored, "--out", "run", "--fills", "optimistic")["resumed"] == 0


def test_two_runs_are_compared_decision_by_decision(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one_day = ("--to", "2026-03-02", "--out")
    read(capsys, stored, *one_day, "first")
    read(capsys, stored, *one_day, "again", "--fills", "pessimistic")
    assert run("compare", "first", "again") == ExitCode.OK
    shown = capsys.readouterr().out
    assert "1 of 1 days are decided alike" in shown
    assert "on the days that both have" in shown
    Path("other.toml").write_text("r_value_rupees = 3000\n", "utf-8")
    read(capsys, stored, *one_day, "other", "--config", "other.toml")
    assert run("compare", "first", "other") == ExitCode.DIFFERENT
    assert ", then: the quantity differs: " in capsys.readouterr().out


def test_a_day_that_was_cut_short_is_run_again(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = read(capsys, stored, "--out", "run", "--to", "2026-03-04")
    kept = Path("run/finished/2026-03-02.json")
    kept.write_bytes(kept.read_bytes()[:100])
    again = read(capsys, stored, "--out", "run", "--to", "2026-03-04")
    assert again["resumed"] == 1
    assert again["days"] == whole["days"]


def test_data_that_changed_is_run_again(
    stored: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "own"
    copytree(stored, own)
    read(capsys, own, "--out", "run")
    (own / "spot/underlying=NIFTY/date=2026-03-04/spot.parquet").unlink()
    assert read(capsys, own, "--out", "run")["resumed"] == 2


def test_two_processes_are_one(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = read(capsys, stored, "--out", "alone")
    shared = read(capsys, stored, "--out", "shared", "--jobs", "2")
    place = {"out": "", "page": ""}
    assert {**shared, **place} == {**alone, **place}
    for day in Path("alone/finished").iterdir():
        assert day.read_bytes() == (Path("shared/finished") / day.name).read_bytes()


def test_a_broken_day_is_named_and_counted(
    stored: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "own"
    copytree(stored, own)
    broken = own / "bars/underlying=NIFTY/date=2026-03-04/bars.parquet"
    broken.write_bytes(broken.read_bytes()[:-100])
    ran = read(capsys, own)
    assert [day["day"] for day in ran["days"]] == ["2026-03-02", "2026-03-05"]
    assert list(ran["refused"]) == ["2026-03-04"]
    assert "not a readable Parquet file" in ran["refused"]["2026-03-04"]
    code, told = failed(capsys, own, "--from", "2026-03-03", "--to", "2026-03-04")
    assert code == ExitCode.DATA
    assert "none of 1 days can be used" in told


def test_a_day_without_a_close_is_in_no_sum(
    stored: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    opens = datetime(2026, 3, 6, 9, 15)  # noqa: DTZ001 - in India, as written
    lines = [
        f"{opens + timedelta(minutes=m)},NIFTY10MAR2624500CE,150.05,150.1,150,150.05,65"
        for m in range(200)
    ]
    file = tmp_path / "half.csv"
    file.write_text("\n".join(["ts,symbol,open,high,low,close,volume", *lines]), "utf-8")
    own = tmp_path / "own"
    copytree(stored, own)
    assert run("data", "import", str(file), "--data", str(own)) == ExitCode.DATA
    capsys.readouterr()
    ran = read(capsys, own)
    assert [day["day"] for day in ran["days"]] == ["2026-03-02", "2026-03-04", "2026-03-05"]
    assert ran["refused"] == {"2026-03-06": "bars of grade D: `swingbreak data check` says why"}
    code, told = failed(capsys, own, "--from", "2026-03-06")
    assert (code, "none of 1 days can be used" in told) == (ExitCode.DATA, True)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--fills", "kind"), ExitCode.CONFIGURATION, "there are pessimistic, calibrated"),
        (("--from", "soon"), ExitCode.CONFIGURATION, "--from 'soon' is no day"),
        (("--kind", "spot"), ExitCode.CONFIGURATION, "there are bars, snapshots, ticks"),
        (("--underlying", "SENSEX"), ExitCode.DATA, "no market data of SENSEX"),
        (("--from", "2030-01-01"), ExitCode.DATA, "no market data of NIFTY of these days"),
    ],
)
def test_what_cannot_be_run_says_why(
    stored: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: ExitCode,
    told: str,
) -> None:
    assert failed(capsys, stored, *arguments)[0] == code
    assert told in failed(capsys, stored, *arguments)[1]


def test_a_store_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = failed(capsys, Path("nowhere"))
    assert (code, "no data folder nowhere" in told) == (ExitCode.DATA, True)


def test_the_table_says_what_the_run_was(
    stored: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int, int]] = []
    asked = running.run_backtest
    monkeypatch.setattr(
        running, "run_backtest", lambda s, a, t: asked(s, a, lambda *n: (told.append(n), t(*n)))
    )
    assert run("backtest", "--data", str(stored), "--fills", "calibrated") == ExitCode.OK
    shown = capsys.readouterr().out
    assert "calibrated" in shown
    assert "pessimistic" not in shown
    assert "3 of 3 days are made up" in shown
    assert told == [(1, 3, 0), (2, 3, 0), (3, 3, 0)]


def test_what_each_rule_adds_is_the_run_less_the_run_without_it(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--fills", "pessimistic", "--to", "2026-03-04")
    ran = read(capsys, stored, *asked, "--rules", "--out", "run")
    lines = {
        rule.rule: rule for rule in rule_ledger(read_run(Path("run")), read_rules(Path("run")))
    }
    assert lines.keys() == {*RULES}
    Path("other.toml").write_text("daily_target_r = 1000\n", "utf-8")
    other = read(capsys, stored, *asked, "--config", "other.toml")
    line, whole = lines["daily-target"], ran["fills"]["pessimistic"]
    assert line.added == whole["net"] - other["fills"]["pessimistic"]["net"] != 0
    assert line.without.trades == other["fills"]["pessimistic"]["trades"]
    shown = json.loads(Path("run/metrics.json").read_text("utf-8"))
    assert {each["rule"] for each in shown["rules"]} == {*RULES}
    assert read(capsys, stored, *asked, "--rules", "--out", "run")["resumed"] == 2
    assert run("backtest", "--data", str(stored), *asked, "--rules", "--out", "run") == ExitCode.OK
    assert "vwap-premium" in capsys.readouterr().out
