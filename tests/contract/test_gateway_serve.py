"""The `serve` command: what it prints, how it refuses, how it ends."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
import typer

from swingbreak.cli.serve import load_tape, speed_of
from swingbreak.domain.errors import ConfigError
from swingbreak.simulation.spot_path import Regime
from tests.gateway_fakes import serving

SOURCE = str(Path(__file__).parents[2] / "src")
PROGRAM = (
    "import sys, typer; sys.path.insert(0, sys.argv.pop(1));"
    "from swingbreak.cli.output import run_reporting; from swingbreak.cli.serve import serve;"
    "app = typer.Typer(); app.command()(serve); sys.exit(run_reporting(app))"
)
FREE = ("--port", "0", "--ws-port", "0")


def started(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PROGRAM, SOURCE, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_one_json_line_says_ready_and_a_signal_ends_it() -> None:
    with started("--generate", "3", "--speed", "max", "--json", *FREE) as server:
        assert server.stdout is not None
        ready = json.loads(server.stdout.readline())
        assert ready["event"] == "ready"
        assert ready["host"].startswith("http://127.0.0.1:")
        assert ready["ws_url"].startswith("ws://127.0.0.1:")
        assert (ready["synthetic"], ready["day"]) == (True, "2026-11-20")
        assert "seed 3" in ready["label"]
        server.send_signal(signal.SIGTERM)
        rest, errors = server.communicate(timeout=20)
        assert (server.returncode, rest, errors) == (143, "", "")


async def test_the_account_begins_with_the_capital_given() -> None:
    with started("--generate", "3", "--capital", "250000", "--json", *FREE) as server:
        assert server.stdout is not None
        ready = json.loads(server.stdout.readline())
        key = {"apikey": ready["api_key"]}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{ready['host']}/api/v1/funds", json=key) as answer,
        ):
            assert (await answer.json())["data"]["availablecash"] == 250_000.0
        server.terminate()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--generate", "1", "--replay", "x.csv"),
        ("--regime", "calm", "--replay", "x.csv"),
        ("--speed", "0"),
        ("--speed", "fast"),
        ("--capital", "-1"),
    ],
    ids=" ".join,
)
def test_a_wrong_flag_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    with started(*arguments) as server:
        _, errors = server.communicate(timeout=20)
        assert server.returncode == 2, errors


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
