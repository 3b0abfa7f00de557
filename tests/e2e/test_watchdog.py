"""A day that is killed, hangs or starves with positions open, and the watchdog beside it."""

import json
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.runlock import folder_lock
from tests.e2e.books_audit import Books, agree, audited, ledger_of, replay
from tests.e2e.processes import Running, Server, ended, running, serving, settings_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

BUSY = ("--generate", "22")  # several trades in its first half hour
FLAGS = {"force_exit_ist": "09:46"}
QUICK = ("--alarm-after", "1", "--act-after", "2")
WITHIN_S = 5.0


def run_arguments(folder: Path, server: Server) -> tuple[str, ...]:
    return (*server.addresses, *settings_file(folder, **FLAGS))


def alarms(watch: Running) -> list[dict[str, Any]]:
    return [json.loads(line) for line in watch.said.splitlines() if line.endswith("}")]


def critical(watch: Running) -> list[str]:
    return [each["text"] for each in alarms(watch) if each["severity"] == "critical"]


def told(watch: Running, words: str) -> Callable[[], bool]:
    return lambda: any(words in each["text"] for each in alarms(watch))


@pytest.mark.parametrize(
    ("number", "first", "quick"),
    [
        pytest.param(signal.SIGSTOP, "no sign of life for 1", QUICK, id="hangs"),
        pytest.param(
            signal.SIGKILL, "the process is gone", (), id="killed", marks=pytest.mark.slow
        ),
        pytest.param(
            signal.SIGSTOP, "no sign of life for 3", (), id="hangs long", marks=pytest.mark.slow
        ),
    ],
)
def test_what_is_open_is_exited_by_the_engine_begun_again(
    tmp_path: Path, number: signal.Signals, first: str, quick: Sequence[str]
) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        arguments = run_arguments(tmp_path, server)
        guard = ("watchdog", "--json", "--policy", "flatten", *quick, "--state-dir", str(state))
        with (
            running(tmp_path, *guard, "--", *arguments, name="watch", env=server.env) as watch,
            running(tmp_path, "run", "--state-dir", str(state), *arguments, env=server.env) as run,
        ):
            short = run.until(lambda: +replay(ledger_of(state)).short)
            run.process.send_signal(number)
            began = time.monotonic()
            watch.until(lambda: critical(watch))
            assert time.monotonic() - began < WITHIN_S
            assert critical(watch)[0].startswith(first)
            assert all(
                f"-{units} {symbol}" in critical(watch)[0] for symbol, units in short.items()
            )
            watch.until(told(watch, "the day is over"))
            assert watch.signalled(signal.SIGTERM).code == 128 + signal.SIGTERM
        books = Books.of(server)
    assert folder_lock(state).holder() == ""
    assert (books.held, books.working) == ({}, [])
    day = audited(state)
    assert day.halted == "flatten"
    agree(day, books, state)  # each order of ours once, and no other
    kept = (state / "watchdog.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in kept] == alarms(watch)


@pytest.mark.slow
def test_one_that_starves_is_told_of_and_let_be(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        arguments = run_arguments(tmp_path, server)
        guard = ("watchdog", "--json", "--policy", "flatten", "--state-dir", str(state))
        with (
            running(tmp_path, *guard, "--", *arguments, name="watch", env=server.env) as watch,
            running(tmp_path, "run", "--state-dir", str(state), *arguments, env=server.env) as run,
        ):
            run.until(lambda: +replay(ledger_of(state)).short)
            for _ in range(2):
                if told(watch, "the day is over")():
                    break  # a quick machine comes to its end before it can be stopped again
                run.process.send_signal(signal.SIGSTOP)
                count = len(critical(watch))
                watch.until(lambda seen=count: len(critical(watch)) > seen)  # type: ignore[misc]
                run.process.send_signal(signal.SIGCONT)
                well = len(alarms(watch))
                watch.until(lambda seen=well: len(alarms(watch)) > seen)  # type: ignore[misc]
            assert run.ended().code == 0
            watch.until(told(watch, "the day is over"))
        assert len(critical(watch)) in {1, 2}
        agree(audited(state), Books.of(server), state)


@pytest.mark.slow
def test_who_left_on_purpose_is_let_be(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        arguments = run_arguments(tmp_path, server)
        guard = ("watchdog", "--json", "--policy", "restart", "--state-dir", str(state))
        with (
            running(tmp_path, *guard, "--", *arguments, name="watch", env=server.env) as watch,
            running(tmp_path, "run", "--state-dir", str(state), *arguments, env=server.env) as run,
        ):
            run.until(lambda: +replay(ledger_of(state)).short)
            assert run.signalled(signal.SIGTERM).code == 128 + signal.SIGTERM
            watch.until(told(watch, "somebody ended the process"))
            assert "start `run` again to go on" in alarms(watch)[-1]["text"]
            assert critical(watch) == []
        end = ended(
            tmp_path, "run", "--state-dir", str(state), *arguments, name="again", env=server.env
        )
        assert end.code == 0, end.err
