"""`certify` as a process: its exit codes, its profile, and what an interrupt leaves behind."""

import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.books_audit import Books
from tests.e2e.processes import Server, ended, running, serving, settings_file

OPENS = datetime(2026, 11, 20, 3, 45, tzinfo=UTC)
SPEED = "60"  # the market opens half a minute after the server


def wait_for_the_open(server: Server) -> None:
    server.running.until(lambda: server.now() >= OPENS)


def test_a_profile_is_made_and_used(tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    with serving(tmp_path, "--generate", "22", "--quirks", "modify-ignored", speed=SPEED) as server:
        wait_for_the_open(server)
        flags = ("--orders", "--json", "--write", str(profile), *server.addresses)
        made = ended(tmp_path, "certify", *flags, env=server.env)
        assert made.code == 0, made
        assert made.err == ""
        said = json.loads(made.out)
        assert said["usable"] is True
        assert said["profile"]["changes"] == "ignored"
        assert said["profile"] == json.loads(profile.read_text(encoding="utf-8"))
        books = Books.of(server)
        assert (books.working, books.held) == ([], {})
    config = settings_file(tmp_path, gateway_profile=str(profile))
    shown = ended(tmp_path, "config", "show", "--json", *config)
    rows = {row["key"]: row["value"] for row in json.loads(shown.out)}
    assert rows["gateway_profile"] == json.dumps(str(profile))


@pytest.mark.slow
def test_a_missing_capability_is_an_exit_code(tmp_path: Path) -> None:
    quirks = ("--quirks", "rounded-triggers")
    with serving(tmp_path, "--generate", "22", *quirks, speed=SPEED) as server:
        wait_for_the_open(server)
        found = ended(tmp_path, "certify", "--orders", *server.addresses, env=server.env)
        assert found.code == 12, found
        assert "not usable: stop-limit" in found.out
        assert "stop-limit: missing" in found.err


@pytest.mark.slow
def test_reading_needs_no_open_market_and_no_orders(tmp_path: Path) -> None:
    with serving(tmp_path, "--generate", "22", speed=SPEED) as server:
        found = ended(tmp_path, "certify", *server.addresses, env=server.env)
        assert found.code == 0, found
        assert found.out.endswith("usable\n")
        assert Books.of(server).orders == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
@pytest.mark.parametrize(
    ("number", "code"),
    [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGTERM, 143)],
)
def test_a_signal_takes_everything_back(tmp_path: Path, number: int, code: int) -> None:
    with serving(tmp_path, "--generate", "22", speed=SPEED) as server:
        wait_for_the_open(server)
        arguments = ("certify", "--orders", *server.addresses)
        with running(tmp_path, *arguments, env=server.env) as run:
            run.until(lambda: "place: ok" in run.complained)
            left = run.signalled(number)
        assert left.code == code, left
        assert "clean-up: ok" in left.err
        books = Books.of(server)
        assert books.orders
        assert (books.working, books.held) == ([], {})


def test_nothing_there_is_said(tmp_path: Path) -> None:
    nowhere = ("--host", "http://127.0.0.1:9", "--ws-url", "ws://127.0.0.1:9")
    found = ended(tmp_path, "certify", "--json", *nowhere, env={"OPENALGO_API_KEY": "key"})
    assert (found.code, found.error["error"]) == (6, "GatewayUnreachable")


def test_a_key_is_needed(tmp_path: Path) -> None:
    found = ended(tmp_path, "certify", "--json")
    assert (found.code, found.error["error"]) == (3, "ConfigError")


def test_a_profile_that_is_none_stops_the_day(tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text("half", encoding="utf-8")
    config = settings_file(tmp_path, gateway_profile=str(profile))
    with serving(tmp_path, "--generate", "22", speed=SPEED) as server:
        flags = ("--json", *server.addresses, *config)
        found = ended(tmp_path, "run", *flags, env=server.env)
    assert (found.code, found.error["error"]) == (5, "DataError")
