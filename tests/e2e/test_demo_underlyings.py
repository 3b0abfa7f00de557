"""`demo` on other indices than NIFTY: lots, strikes and expiries are those of the facts."""

import json
from pathlib import Path

import pytest

from swingbreak.cli.output import ExitCode
from tests.e2e.processes import ended, settings_file, small_day

SHORT_DAY = {"force_exit_ist": "09:40"}


@pytest.mark.parametrize(
    "underlying", [pytest.param("banknifty", marks=pytest.mark.slow), "BANKEX"]
)
def test_another_index_is_traded(tmp_path: Path, underlying: str) -> None:
    flags = settings_file(tmp_path, **SHORT_DAY)
    end = ended(tmp_path, "demo", "--underlying", underlying, "--json", *flags)
    assert end.code == ExitCode.OK, end.err
    said = json.loads(end.out)
    assert f"synthetic {underlying.upper()} 2026-11-20" in said["label"]
    assert said["held"] == {}
    assert said["halted_reason"] == "force_exit"


@pytest.mark.slow
def test_the_setting_says_which(tmp_path: Path) -> None:
    flags = settings_file(tmp_path, underlying="MIDCPNIFTY", **SHORT_DAY)
    end = ended(tmp_path, "demo", "--json", *flags)
    assert end.code == ExitCode.OK, end.err
    assert "synthetic MIDCPNIFTY" in json.loads(end.out)["label"]


def test_an_index_without_facts_is_refused(tmp_path: Path) -> None:
    end = ended(tmp_path, "demo", "--underlying", "DAX", "--json")
    assert end.code == ExitCode.DATA
    assert "no contract facts of underlying 'DAX'; known: NIFTY" in end.error["message"]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_recorded_day_has_its_own_index(tmp_path: Path, command: str) -> None:
    path = small_day(tmp_path)
    end = ended(tmp_path, command, "--replay", str(path), "--underlying", "SENSEX")
    assert end.code == ExitCode.USAGE
    assert "--underlying" in end.err
