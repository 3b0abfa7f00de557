"""The `serve` command: what it prints, how it refuses, how it ends."""

import json
import signal
import sys
from pathlib import Path

import pytest
import typer

from swingbreak.cli.output import ExitCode
from swingbreak.cli.serve import load_tape, speed_of
from swingbreak.domain.errors import ConfigError
from swingbreak.simulation.spot_path import Regime
from tests.commands import run
from tests.e2e.processes import Ended, running
from tests.e2e.processes import serving as served
from tests.gateway_fakes import serving

FREE = ("--port", "0", "--ws-port", "0")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_one_json_line_says_ready_and_a_signal_ends_it(tmp_path: Path) -> None:
    flags = ("--generate", "3", "--speed", "max", "--json", *FREE)
    with running(tmp_path, "serve", *flags) as server:
        line = server.until(lambda: server.said.endswith("\n") and server.said)
        ready = json.loads(line)
        assert ready["event"] == "ready"
        assert ready["host"].startswith("http://127.0.0.1:")
        assert ready["ws_url"].startswith("ws://127.0.0.1:")
        assert (ready["synthetic"], ready["day"]) == (True, "2026-11-20")
        assert "seed 3" in ready["label"]
        assert server.signalled(signal.SIGTERM) == Ended(143, line, "")


def test_the_account_begins_with_the_capital_given(tmp_path: Path) -> None:
    with served(tmp_path, "--generate", "3", "--capital", "250000") as server:
        assert server.ask("funds")["availablecash"] == 250_000.0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--generate", "1", "--replay", "x.csv"), "exclude each other"),
        (("--regime", "calm", "--replay", "x.csv"), "leave it out with --replay"),
        (("--underlying", "NIFTY", "--replay", "x.csv"), "leave --underlying"),
        (("--date", "2026-11-20", "--replay", "x.csv"), "leave --underlying"),
        (("--speed", "0"), "a number above 0"),
        (("--speed", "fast"), "a number above 0"),
        (("--capital", "-1"), "--capital"),
    ],
)
def test_a_wrong_flag_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert run("serve", *arguments) == ExitCode.USAGE
    assert told in " ".join(capsys.readouterr().err.replace("│", " ").split())


async def test_a_port_in_use_is_named_with_the_remedy() -> None:
    async with serving() as (_, client):
        port = int(client.addresses.host.rpartition(":")[2])
        with pytest.raises(ConfigError, match=rf"port {port} on 127.0.0.1 .*--port"):
            async with serving(port=port):
                pass
        ws_port = int(client.addresses.ws_url.rpartition(":")[2])
        with pytest.raises(ConfigError, match=rf"port {ws_port} on 127.0.0.1 .*--ws-port"):
            async with serving(ws_port=ws_port):
                pass


@pytest.mark.parametrize(("text", "speed"), [("max", None), ("1", 1.0), ("0.5", 0.5), ("60", 60.0)])
def test_speeds(text: str, speed: float | None) -> None:
    assert speed_of(text) == speed


@pytest.mark.parametrize("text", ["", "0", "-1", "inf", "nan", "fast"])
def test_no_speeds(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="no speed"):
        speed_of(text)


def test_a_day_is_made_up_by_seed_and_regime() -> None:
    tape = load_tape(5, None, Regime.CRASH)
    assert (tape.synthetic, "seed 5" in tape.label, "crash" in tape.label) == (True, True, True)
