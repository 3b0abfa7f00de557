import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.cli.output import ExitCode
from tests import commands
from tests.recorded import TRADE, publish_day

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

NOVEMBER = ("--sell", "200", "--buy", "190", "--quantity", "650", "--date", "2026-11-18")


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    folder = tmp_path / "state"
    with open_writer(database_in(folder)) as database:
        publish_day(database, trades=(TRADE, replace(TRADE, trade_id="o9", orders=4)))
    return str(folder)


def run(*arguments: str) -> int:
    return commands.run("charges", *arguments)


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return commands.read(capsys, "charges", *arguments)


def test_a_worked_breakdown(capsys: pytest.CaptureFixture[str]) -> None:
    said = read(capsys, *NOVEMBER)
    assert (said["exact_paise"], said["billed_paise"]) == (352_49, 352_49)
    assert (said["gross_paise"], said["net_billed_paise"]) == (6500_00, 6147_51)
    assert (said["points_per_unit_rupees"], said["percent_of_gain"]) == (0.5423, 5.42)
    assert sum(part["billed_paise"] for part in said["components"]) == said["billed_paise"]
    assert said["components"][1] == {
        "component": "stt_sell",
        "rate": "0.15 %",
        "base_paise": 130_000_00,
        "exact_paise": 195_00,
        "billed_paise": 195_00,
        "source": "Finance Act 2026; NSE/FATAX/73524",
        "confidence": "H",
    }
    assert said["components"][0]["base_orders"] == 2
    assert "2026-08-22" in said["warnings"][0]


def test_the_table_has_rate_base_amounts_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*NOVEMBER, "--date", "2023-12-14", "--quantity", "500") == ExitCode.OK
    out = capsys.readouterr().out
    stt = next(line.split() for line in out.splitlines() if "(STT)" in line)
    assert stt[-7:] == ["1,00,000.00", "62.50", "62.00", "Finance", "Act", "2023", "(H)"]
    sums = next(line.split() for line in out.splitlines() if line.startswith(" all charges"))
    assert sums == ["all", "charges", "228.98", "228.48"]
    assert "0.46 a unit, 4.6 % of the gain" in out
    assert "4771.02 to the paisa, \u20b9 4771.52 as billed" in out
    assert "Note:" not in out


def test_what_is_assumed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*NOVEMBER, "--date", "2019-05-14") == ExitCode.OK
    assert "Note: stamp of 2019-05-14 is not known, 0.003 % is assumed" in capsys.readouterr().out


def test_a_loss_has_no_share_of_a_gain(capsys: pytest.CaptureFixture[str]) -> None:
    said = read(capsys, *NOVEMBER, "--buy", "210")
    assert (said["billed_paise"], said["percent_of_gain"]) == (358_34, None)
    assert run(*NOVEMBER, "--buy", "210") == ExitCode.OK
    assert "% of the gain" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "billed"),
    [
        pytest.param(("--orders", "5"), 352_49 + 3 * 23_60, id="five orders"),
        pytest.param(("--squared-off", "1"), 352_49 + 59_00, id="squared off"),
        # 82.39 to the exchange, 22.08 of GST
        pytest.param(("--exchange", "BFO"), 343_42, id="BSE"),
    ],
)
def test_options_change_the_bill(
    options: tuple[str, ...], billed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read(capsys, *NOVEMBER, *options)["billed_paise"] == billed


def test_brokerage_is_a_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "swingbreak.toml").write_text("brokerage_per_order_rupees = 0\n", encoding="utf-8")
    said = read(capsys, *NOVEMBER)
    assert said["billed_paise"] == 352_49 - 2 * 23_60
    assert (said["components"][0]["rate"], said["components"][0]["source"]) == (
        "Rs 0.00",
        "your own setting",
    )


def test_today_is_a_day_too(capsys: pytest.CaptureFixture[str]) -> None:
    said = read(capsys, "--sell", "200", "--buy", "190", "--quantity", "650")
    assert said["day"] >= "2026-01-01"


def test_a_recorded_trade(recorded: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = read(capsys, "o1", "--state-dir", recorded)
    assert (said["trade"], said["day"]) == (f"o1 {TRADE.symbol}", "2026-11-20")
    assert (said["exchange"], said["orders"], said["gross_paise"]) == ("NFO", 2, TRADE.gross)
    assert said["recorded_charges_paise"] == TRADE.charges
    other = read(capsys, "o9", "--state-dir", recorded, "--date", "2026-11-20")
    assert other["billed_paise"] == said["billed_paise"] + 2 * 23_60
    assert run("o1", "--state-dir", recorded) == ExitCode.OK
    assert "123.45 when the trade was made" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param((), ExitCode.USAGE, "give --sell, --buy", id="nothing"),
        pytest.param(("--sell", "200", "--buy", "190"), ExitCode.USAGE, "--quantity", id="part"),
        pytest.param(
            ("o1", "--orders", "3"), ExitCode.USAGE, "leave theirs out", id="trade and orders"
        ),
        pytest.param((*NOVEMBER, "--sell", "x"), ExitCode.USAGE, "not an amount", id="no price"),
        pytest.param((*NOVEMBER, "--sell", "-1"), ExitCode.USAGE, "below 0", id="negative"),
        pytest.param(
            (*NOVEMBER, "--squared-off", "3"), ExitCode.USAGE, "above the 2 orders", id="too many"
        ),
        pytest.param(
            (*NOVEMBER, "--date", "2018-12-31"), ExitCode.DATA, "transaction NFO", id="too early"
        ),
        pytest.param((*NOVEMBER, "--exchange", "MCX"), ExitCode.DATA, "MCX", id="exchange"),
        pytest.param(("o1",), ExitCode.DATA, "no day recorded", id="no database"),
    ],
)
def test_what_cannot_be_reckoned_says_why(
    arguments: tuple[str, ...], code: ExitCode, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == code
    shown = " ".join(capsys.readouterr().err.replace("\u2502", " ").split())
    assert said in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("o7",), "no trade 'o7'", id="no such trade"),
        pytest.param(("o1", "--date", "2026-11-19"), "there: none", id="no such day"),
    ],
)
def test_a_trade_that_is_not_there(
    recorded: str, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments, "--state-dir", recorded, "--json") == ExitCode.DATA
    assert said in json.loads(capsys.readouterr().err)["message"]


def test_a_rate_of_one_s_own_goes_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.toml").write_text(
        "schema = 1\nknown_until = 2026-11-01\nstale_after_days = 45\n"
        '[[charge]]\ncomponent = "stt_sell"\nfrom = 2026-11-01\npercent = "0.2"\n'
        'source = "my contract note"\nconfidence = "H"\n',
        encoding="utf-8",
    )
    (tmp_path / "swingbreak.toml").write_text('facts_files = ["own.toml"]\n', encoding="utf-8")
    said = read(capsys, *NOVEMBER)
    assert said["billed_paise"] == 352_49 + 65_00
    assert said["components"][1]["source"] == "my contract note"
