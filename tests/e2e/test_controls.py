"""Words of a person to a running day, from another process."""

import json
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.controls import Controls
from swingbreak.domain.orders import Order, Purpose
from tests.e2e.books_audit import Books, agree, audited, ledger_of, replay
from tests.e2e.processes import Ended, Running, Server, ended, running, serving, settings_file
from tests.e2e.test_kill_restart import entered

BUSY = ("--generate", "22")


def run_of(folder: Path, server: Server) -> tuple[str, ...]:
    settings = settings_file(
        folder, force_exit_ist="15:00", daily_target_r=1000, daily_stop_r=-1000
    )
    return ("run", *server.addresses, "--state-dir", str(folder / "state"), *settings)


def say(folder: Path, *words: str) -> Ended:
    return ended(folder, *words, "--state-dir", str(folder / "state"), "--json", name=words[0])


def told(end: Ended) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(end.out)
    return answer


def entries(state: Path) -> list[Order]:
    live = replay(ledger_of(state)).live()
    return [order for order in live if order.intent.slot.purpose is Purpose.ENTRY]


def busy(run: Running, state: Path) -> None:
    run.until(lambda: entered(ledger_of(state)) and +replay(ledger_of(state)).short)


def test_paused_resumed_and_flattened_from_outside(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        with running(tmp_path, *run_of(tmp_path, server), env=server.env) as run:
            busy(run, state)
            paused = say(tmp_path, "pause", "--reason", "news")
            assert (paused.code, told(paused)["done"]) == (0, True), paused.err
            run.until(lambda: not entries(state))
            again = say(tmp_path, "pause")
            assert "already" in told(again)["text"]
            assert told(say(tmp_path, "resume"))["done"]
            flat = say(tmp_path, "flatten", "--reason", "enough")
            assert told(flat)["done"], flat.err
            end = run.ended()
        assert end.code == 0, end.err
        assert "flatten" in end.out
        books = Books.of(server)
        assert (books.held, books.working) == ({}, [])
        agree(audited(state), books, state)
    nobody = say(tmp_path, "pause")
    assert nobody.code == 3
    assert "nobody runs in" in nobody.error["message"]


def test_killed_locked_and_unlocked(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        with running(tmp_path, *run_of(tmp_path, server), env=server.env) as run:
            busy(run, state)
            assert say(tmp_path, "kill").code == 3, "a kill needs a reason"
            killed = say(tmp_path, "kill", "--reason", "runaway")
            assert told(killed)["done"], killed.err
            assert run.ended().code == 9
        books = Books.of(server)
        assert (books.held, books.working) == ({}, [])
        again = ended(tmp_path, *run_of(tmp_path, server), name="again", env=server.env)
        assert (again.code, again.out) in {(9, ""), (3, "")}
        assert say(tmp_path, "kill", "--reset", "looked at the account").code == 0
        assert Controls(state).locked() is None
        assert say(tmp_path, "kill", "--reset", "once more").code == 3


@pytest.mark.slow
def test_a_lock_lets_a_day_with_open_positions_exit_and_no_other_begin(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        with running(tmp_path, *run_of(tmp_path, server), env=server.env) as run:
            busy(run, state)
            run.process.kill()
            run.ended()
        locked = say(tmp_path, "kill", "--reason", "dead laptop")
        assert "nobody runs here" in told(locked)["text"]
        end = ended(tmp_path, *run_of(tmp_path, server), name="exits", env=server.env)
        assert end.code == 9, end.err
        books = Books.of(server)
        assert (books.held, books.working) == ({}, [])


def test_stopped_with_its_stops_left_and_started_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        with running(tmp_path, *run_of(tmp_path, server), env=server.env) as run:
            busy(run, state)
            assert told(say(tmp_path, "stop"))["done"]
            assert run.ended().code == 0
        books = Books.of(server)
        assert books.held
        assert {row["symbol"] for row in books.working} == set(books.held)
