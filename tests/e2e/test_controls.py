"""Words of a person to a running day, from another process."""

import json
import signal
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from swingbreak.adapters.controls import Controls
from swingbreak.domain.orders import Order, Purpose
from tests.e2e.books_audit import Books, agree, audited, ledger_of, replay, sold
from tests.e2e.brake import Brake, braked, has_traded
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


def held_busy(run: Running, brake: Brake, state: Path) -> None:
    """Let the day come to its first position, and no further: nothing trades while we speak."""
    run.until(lambda: any("feed.restored" in log.read_text() for log in state.glob("logs/*")))
    brake.go(until=has_traded)
    brake.stand()
    busy(run, state)


def test_paused_resumed_and_flattened_from_outside(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        with (
            braked(server) as brake,
            running(tmp_path, *run_of(tmp_path, server), env=server.env) as run,
        ):
            held_busy(run, brake, state)
            paused = say(tmp_path, "pause", "--reason", "news")
            assert (paused.code, told(paused)["done"]) == (0, True), paused.err
            while entries(state):
                brake.step()
            again = say(tmp_path, "pause")
            assert "already" in told(again)["text"]
            assert told(say(tmp_path, "resume"))["done"]
            assert Books.of(server).held
            flat = say(tmp_path, "flatten", "--reason", "enough")
            assert told(flat)["text"] == "everything is being exited; the day is over", flat.err
            brake.go()
            end = run.ended()
        assert end.code == 0, end.err
        assert "flatten" in end.out
        assert "(flatten)" in end.err
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
        # the market runs on while we speak: what was held may have been stopped out
        assert books.held or not all(sold(row) for row in books.trades)
        assert {row["symbol"] for row in books.working} == set(books.held)


class Browser:
    """What of a browser a form needs: its cookie, where it comes from, its token."""

    def __init__(self, address: str) -> None:
        self._base, _, self._query = address.partition("/enter")
        self._cookie = ""
        _, headers = self._ask("GET", f"/enter{self._query}")
        self._cookie = headers["Set-Cookie"].partition(";")[0]

    def give(self, word: str, reason: str) -> str:
        """Send the form of *word*; return the page that then tells what became of it."""
        page, _ = self._ask("GET", "/control")
        form = page.partition(f'action="/control/{word}"')[2]
        token = form.partition('name="token" value="')[2].partition('"')[0]
        body = urlencode({"token": token, "word": word.upper(), "reason": reason})
        self._ask("POST", f"/control/{word}", body)
        return self._ask("GET", "/control")[0]

    def _ask(self, method: str, path: str, body: str = "") -> tuple[str, HTTPMessage]:
        parts = urlsplit(self._base)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        headers = {"Cookie": self._cookie, "Origin": self._base}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.read().decode(), answer.headers
        finally:
            connection.close()


@pytest.mark.slow
def test_paused_resumed_flattened_and_killed_from_the_dashboard(tmp_path: Path) -> None:
    state = tmp_path / "state"
    shown = ("dashboard", "--armed", "--json", "--port", "0", "--state-dir", str(state))
    with serving(tmp_path, *BUSY) as server, running(tmp_path, *shown, name="shown") as dashboard:
        url = dashboard.until(lambda: dashboard.said if "}" in dashboard.said else None)
        browser = Browser(json.loads(url)["url"])
        assert "nobody runs in" in browser.give("pause", "too early")
        with (
            braked(server) as brake,
            running(tmp_path, *run_of(tmp_path, server), env=server.env) as run,
        ):
            held_busy(run, brake, state)
            assert "paused: no entries" in browser.give("pause", "news")
            while entries(state):
                brake.step()
            assert "resumed" in browser.give("resume", "")
            assert "everything is being exited" in browser.give("flatten", "enough")
            brake.go()
            end = run.ended()
        assert end.code == 0, end.err
        books = Books.of(server)
        assert (books.held, books.working) == ({}, [])
        agree(audited(state), books, state)
        assert "locked; nobody runs here" in browser.give("kill", "for good")
        lock = Controls(state).locked()
        assert lock is not None
        assert (lock.by, lock.reason) == ("dashboard", "for good")
        assert dashboard.signalled(signal.SIGINT).code == 130
