import json
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.bootstrap.run_folder import read_pictures, read_rules, write_run
from swingbreak.cli.output import ExitCode
from swingbreak.domain.errors import DataError
from swingbreak.reporting.day_view import LevelMark
from swingbreak.reporting.notable import notable_trades
from swingbreak.reporting.trade_picture import picture_of
from tests import commands
from tests.day_views import minute_bars
from tests.recorded import TRADE, publish_day
from tests.run_views import made_run, run_view, session

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

RUN = made_run(30, with_curves=False)
WITHOUT = {"vwap-filter": made_run(30, seed=9, with_curves=False)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "first"
    write_run(folder, RUN)
    return folder


def run(*arguments: str) -> int:
    return commands.run("report", *arguments)


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return commands.read(capsys, "report", *arguments)


def test_numbers_are_printed_and_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("report.html", "metrics.json"):
        (folder / name).unlink()
    said = read(capsys, str(folder))
    net = sum(day.net for day in RUN.days)
    assert (said["net_paise"], said["days"]) == (net, 30)
    assert said["fill_models"]["pessimistic"]["net_paise"] == net
    assert {group["name"] for group in said["breakdowns"]["right"]} == {"CE", "PE"}
    assert said.pop("page") == str(folder / "report.html")
    assert json.loads((folder / "metrics.json").read_text(encoding="utf-8")) == said
    assert "</html>" in (folder / "report.html").read_text(encoding="utf-8")


def test_report_of_the_same_run_is_the_same(folder: Path) -> None:
    before = [(folder / name).read_bytes() for name in ("report.html", "metrics.json")]
    assert run(str(folder)) == ExitCode.OK
    assert before == [(folder / name).read_bytes() for name in ("report.html", "metrics.json")]


def test_terminal_has_the_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(folder)) == ExitCode.OK
    shown = capsys.readouterr().out
    for part in ("drawdown", "WARNING: ", "optimistic", "Weekday", "Hour of entry", "page: "):
        assert part in shown
    assert f"{sum(len(day.trades) for day in RUN.days)}, " in shown


def test_page_goes_where_it_is_asked_to(folder: Path, tmp_path: Path) -> None:
    (folder / "report.html").unlink()
    assert run(str(folder), "--out", str(tmp_path / "pages" / "mine.html")) == ExitCode.OK
    assert (tmp_path / "pages" / "mine.html").is_file()
    assert not (folder / "report.html").exists()


def test_rules_and_charts_survive_a_new_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day, each = notable_trades(RUN)[0]
    level = LevelMark(149_00, 150, 152)
    pictures = (picture_of(1, session(day.day), each.trade, level, minute_bars()),)
    write_run(tmp_path / "run", RUN, without=WITHOUT, pictures=pictures)
    assert read_pictures(tmp_path / "run") == pictures
    before = (tmp_path / "run" / "report.html").read_bytes()
    (line,) = read(capsys, str(tmp_path / "run"))["rules"]
    assert line["rule"] == "vwap-filter"
    assert (tmp_path / "run" / "report.html").read_bytes() == before
    assert run(str(tmp_path / "run")) == ExitCode.OK
    assert "vwap-filter" in capsys.readouterr().out
    write_run(tmp_path / "run", RUN)
    assert read_rules(tmp_path / "run") == {}


def test_rule_must_be_able_to_name_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"rule '\.\./x' cannot name a folder"):
        write_run(tmp_path / "run", RUN, without={"../x": RUN})
    assert not (tmp_path / "run").exists()


def test_recorded_days_are_reported_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_writer(database_in(tmp_path / "state")) as database:
        publish_day(database)
    said = read(capsys, str(tmp_path / "state"))
    assert (said["kind"], said["net_paise"], said["synthetic_days"]) == ("paper", TRADE.net, 1)
    assert (tmp_path / "state" / "report.html").is_file()
    assert run(str(tmp_path / "state")) == ExitCode.OK
    assert "SYNTHETIC, made up: 1" in capsys.readouterr().out


def test_run_without_a_day_is_reported(tmp_path: Path) -> None:
    write_run(tmp_path / "run", run_view(()))
    assert run(str(tmp_path / "run")) == ExitCode.OK


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("none", "there is no such folder"),
        ("empty", "holds no run"),
        ("days.csv", "no column fills"),
        ("charts.json", "charts.json: is not what swingbreak writes"),
    ],
)
def test_bad_folder_is_named_with_exit_code_5(
    folder: Path, capsys: pytest.CaptureFixture[str], damage: str, said: str
) -> None:
    where = folder
    if damage == "none":
        where = folder / "none"
    elif damage == "empty":
        where = folder.parent
    else:
        (folder / damage).write_text("nonsense\n", encoding="utf-8")
    assert run(str(where), "--json") == ExitCode.DATA
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in json.loads(shown.err)["message"]


def test_page_that_cannot_be_written_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(folder), "--out", str(folder / "days.csv" / "page.html")) == ExitCode.DATA
    assert "days.csv: cannot be written" in capsys.readouterr().err
