"""``contracts``: what is tradable, by the facts and beside a gateway."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from swingbreak.cli.output import ExitCode
from tests import commands
from tests.e2e.processes import serving
from tests.own_facts import one_row, own_file

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

FRIDAY = ("--date", "2026-11-20")


def run(*arguments: str) -> int:
    return commands.run("contracts", *arguments)


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return commands.read(capsys, "contracts", *arguments)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    return commands.shown(capsys, "contracts", *arguments)


def facts_of(said: Any, underlying: str) -> dict[str, Any]:
    (one,) = (each for each in said["underlyings"] if each["underlying"] == underlying)
    return {fact["name"]: fact for fact in one["facts"]}


def test_all_six_with_what_each_fact_is_worth(capsys: pytest.CaptureFixture[str]) -> None:
    said = read(capsys, *FRIDAY)
    assert said["is_traded"]
    assert [one["underlying"] for one in said["underlyings"]] == [
        *("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX")
    ]
    assert said["underlyings"][0]["expiries"][:2] == [
        {"day": "2026-11-23", "due": "2026-11-24", "cycle": "monthly", "days_left": 3},
        {"day": "2026-12-01", "due": "2026-12-01", "cycle": "weekly", "days_left": 11},
    ]
    nifty, bankex = facts_of(said, "NIFTY"), facts_of(said, "BANKEX")
    assert (nifty["lot"]["value"], nifty["freeze"]["value"]) == (65, 1800)
    assert nifty["largest order"]["text"] == "27 lots, 1755 units"
    assert nifty["lot"]["source"] == "NSE/FAOP/70616 of 2025-10-03"
    assert (nifty["lot"]["confidence"], nifty["lot"]["age_days"], nifty["lot"]["is_stale"]) == (
        "H",
        90,
        True,
    )
    assert bankex["expiry"]["value"] == "2026-11-26"
    assert "margin" not in nifty
    assert said["differences"] is None
    assert {fact["of"] for fact in said["charges"]} == {"NFO", "BFO"}
    (stt,) = (f for f in said["charges"] if f["of"] == "NFO" and "STT" in f["name"])
    assert (stt["value"], stt["source"]) == ("0.15 %", "Finance Act 2026; NSE/FATAX/73524")


def test_the_moments_of_a_day_that_is_not_today_have_no_minutes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = read(capsys, "NIFTY", *FRIDAY)
    assert [(one["at"][11:16], one["minutes_left"]) for one in said["moments"]] == [
        (clock, None) for clock in ("03:45", "09:45", "09:50", "09:55", "10:05", "10:10")
    ]
    assert "openalgo sandbox; cut-off of aliceblue" in said["moments"][1]["what"]
    assert "documented for a 15:30 close" in said["moments"][1]["what"]


def test_today_has_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 9, 15, 30, tzinfo=UTC), tick=False):
        said = read(capsys, "NIFTY")
        table = shown(capsys, "NIFTY")
    assert said["day"] == "2026-11-20"
    assert [one["minutes_left"] for one in said["moments"]] == [-331, 29, 34, 39, 49, 54]
    assert "time what minutes left" in table


def test_a_spot_gives_money_strike_and_margin(capsys: pytest.CaptureFixture[str]) -> None:
    nifty = facts_of(read(capsys, "nifty", "--spot", "24225", *FRIDAY), "NIFTY")
    assert nifty["at the money"]["value"] == 24250_00  # half-way: the higher one
    assert 160_000_00 < nifty["margin"]["value"] < 200_000_00
    assert nifty["margin"]["file"] == "margin.toml"


def test_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "NIFTY", "--spot", "24225", *FRIDAY)
    assert out.startswith("WARNING: facts of calendar.toml")
    assert "09:15 to 15:40, index stands still 15:15 to 15:35" in out
    assert "65 units 1800 units 27 lots, 1755 units Rs 50.00 Rs 0.05 Rs 24250.00" in out
    assert "moved from 2026-11-24 (Guru Nanak Jayanti)" in out
    assert "price protection 40 %, at least Rs 20.00 H 90!" in out
    assert "NSE/FAOP/70616" not in out


def test_all_details_have_sources(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "NIFTY", "--sources", *FRIDAY)
    assert "NIFTY lot 65 units H 90! contracts.toml NSE/FAOP/70616 of 2025-10-03" in out
    assert "day cut-off, zerodha 15:25, Rs 50.00 an order (documented for a 15:30 close)" in out


@pytest.mark.parametrize(
    ("day", "said"),
    [
        pytest.param("2026-11-24", "NOT TRADED: 2026-11-24 is a holiday (Guru Nanak", id="holiday"),
        pytest.param("2026-11-22", "NOT TRADED: 2026-11-22 is a weekend", id="weekend"),
        pytest.param(
            "2026-02-01", "special session (budget), not traded H 0 session 09:15", id="special"
        ),
        pytest.param("2026-11-08", "session is not known: opens from 2026-11-08", id="no hours"),
        pytest.param("2026-12-31", "NIFTY expiry is not known: holidays from 2027", id="year end"),
        pytest.param("2027-02-03", "kind is not known: holidays from 2027", id="no calendar"),
        pytest.param("2027-02-03", "facts_files, or ask a gateway with --host", id="remedy"),
        pytest.param("2009-01-01", "NIFTY freeze is not known", id="before all"),
        pytest.param("2009-01-01", "NFO price protection not known U", id="no rules"),
        pytest.param("2018-12-31", "NFO charges not known U", id="no charges"),
        pytest.param("1999-01-01", "NIFTY is not known to be listed", id="not listed"),
        pytest.param("2019-05-14", "orders, exchange no limit known", id="no rate"),
        pytest.param("2022-01-03", "price protection none L", id="no band"),
        pytest.param("2023-06-26", "moved from 2023-06-29 (Bakri Id)", id="by hand"),
    ],
)
def test_what_is_out_of_the_common(day: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in shown(capsys, "NIFTY", "--spot", "24000", "--date", day)


def test_an_index_that_was_not_listed_yet_is_named_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = shown(capsys, "--date", "2019-05-14")
    assert out.count("SENSEX is not known to be listed") == 1
    assert "SENSEX lot is not" not in out


def test_facts_of_one_s_own_go_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"underlying": '"NIFTY"', "from_": "2026-11-23", "until": "2026-11-23", "units": 70}
    own_file(tmp_path, one_row("lot", **row), name="own.toml")
    exception = {"from_": "2026-12-01", "until": "2026-12-01", "expiry": "2026-11-30"}
    moved = one_row("expiry_exception", underlying='"NIFTY"', **exception)
    own_file(tmp_path, moved, name="moved.toml")
    (tmp_path / "swingbreak.toml").write_text(
        'facts_files = ["own.toml", "moved.toml"]\n', encoding="utf-8"
    )
    nifty = facts_of(read(capsys, "NIFTY", *FRIDAY), "NIFTY")
    assert (nifty["lot"]["value"], nifty["lot"]["file"]) == (70, "own.toml")
    assert (nifty["lot"]["age_days"], nifty["lot"]["is_stale"]) == (0, False)
    assert nifty["expiry 2"]["text"].endswith("moved from 2026-12-01 (set by the exchange)")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(("DAX",), ExitCode.CONFIGURATION, "'DAX'; known: NIFTY", id="underlying"),
        pytest.param(("--date", "x"), ExitCode.CONFIGURATION, "2026-11-20", id="date"),
        pytest.param(("--date", "2026-02-30"), ExitCode.CONFIGURATION, "no day", id="no such day"),
        pytest.param(
            ("--spot", "24000"), ExitCode.CONFIGURATION, "name one underlying", id="whose spot"
        ),
        pytest.param(("NIFTY", "--spot", "high"), ExitCode.CONFIGURATION, "--spot", id="no number"),
        pytest.param(("NIFTY", "--spot", "0"), ExitCode.CONFIGURATION, "--spot 0", id="nothing"),
        pytest.param(
            ("NIFTY", "--host", "http://127.0.0.1:9"),
            ExitCode.GATEWAY_UNREACHABLE,
            "no connection",
            id="no gateway",
        ),
    ],
)
def test_what_cannot_be_shown_says_why(
    arguments: tuple[str, ...],
    code: ExitCode,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENALGO_API_KEY", "any")
    assert run(*arguments, "--json") == code
    error = capsys.readouterr().err
    assert said in json.loads(error)["message"]


def test_facts_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.toml").write_text("schema = ", encoding="utf-8")
    (tmp_path / "swingbreak.toml").write_text('facts_files = ["own.toml"]\n', encoding="utf-8")
    assert run("NIFTY") == ExitCode.DATA
    assert "own.toml" in capsys.readouterr().err


def test_beside_a_gateway(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path) as server:
        monkeypatch.setenv("OPENALGO_API_KEY", server.key)
        host = ("--host", server.host, *FRIDAY)
        out = shown(capsys, "NIFTY", *host)
        said = read(capsys, "NIFTY", "SENSEX", "BANKEX", *host)
        table = shown(capsys, "SENSEX", *host)
        early = read(capsys, "SENSEX", "--host", server.host, "--date", "2019-05-14")
    assert "The gateway agrees with the facts." in out
    assert "lot to margin are of contracts of 2026-12-01, 11 days" in out
    nifty = facts_of(said, "NIFTY")
    assert nifty["lot"]["source"] == "the gateway's instrument list"
    assert nifty["strikes"]["source"] == "the gateway's option chain"
    assert nifty["margin"]["value"] > 160_000_00
    assert "Compared with the gateway: expiries of SENSEX: not compared: BFO" in table
    first, second, *_ = said["differences"]
    assert first.startswith("expiries of SENSEX: not compared: BFO lists no options of SENSEX")
    assert second.startswith("lot, freeze and tick of SENSEX: not compared")
    assert early["differences"] == []
