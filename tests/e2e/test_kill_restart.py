"""A day whose process is killed in the middle, or told to go, and started again."""

import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from swingbreak.bootstrap.replaying import replay_day
from swingbreak.bootstrap.verifying import verify_ledger
from swingbreak.domain.commands import HaltDay, SubmitOrder
from swingbreak.domain.events import OrderFilled, OrderRejected
from swingbreak.domain.instrument import parse_option_symbol
from swingbreak.domain.money import paise
from swingbreak.domain.orders import Order, Purpose
from tests.e2e.books_audit import Books, Kept, agree, audited, ledger_of, replay, tables_of
from tests.e2e.processes import PATIENCE_S, Server, ended, running, serving, settings_file
from tests.e2e.relay import Relay, relayed

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

BUSY = ("--generate", "22")  # several trades in its first half hour
FLAGS = {"force_exit_ist": "09:46"}


def run_of(folder: Path, server: Server, state: str = "state") -> tuple[str, ...]:
    flags = settings_file(folder, **FLAGS)
    return ("run", *server.addresses, "--state-dir", str(folder / state), *flags)


def filled(kept: Sequence[Kept], purpose: Purpose) -> int:
    """How many orders of a purpose have traded."""
    intents = {r.order_id: r.intent for _, r in kept if isinstance(r, SubmitOrder)}
    traded = {r.order_id for _, r in kept if isinstance(r, OrderFilled)}
    return sum(intents[order_id].slot.purpose is purpose for order_id in traded)


def entered(kept: Sequence[Kept]) -> bool:
    return filled(kept, Purpose.ENTRY) > 0


def left(kept: Sequence[Kept]) -> bool:
    return filled(kept, Purpose.CLOSE) > 0


def halted(kept: Sequence[Kept]) -> bool:
    return any(isinstance(record, HaltDay) for _, record in kept)


def ordering(kept: Sequence[Kept]) -> bool:
    return bool(kept)


def finish(folder: Path, server: Server) -> None:
    """Start again after a kill: the day goes on to its end, and all books agree."""
    state = folder / "state"
    end = ended(folder, *run_of(folder, server), name="again", env=server.env)
    assert end.code == 0, end.err
    assert "The day went on from" in end.out
    books = Books.of(server)
    assert (books.held, books.working) == ({}, [])
    agree(audited(state), books, state)
    again = replay_day(state, None)
    assert (again.is_equal, again.is_whole, again.outcome.processes) == (True, True, 2), again
    assert verify_ledger(state / "live_state.db").is_whole
    third = ended(folder, *run_of(folder, server), name="third", env=server.env)
    assert third.code == 3
    assert "is over in" in third.err
    assert "--state-dir" in third.err


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(entered, marks=pytest.mark.slow),
        pytest.param(ordering, marks=pytest.mark.slow),
        pytest.param(left, marks=pytest.mark.slow),
        pytest.param(halted, marks=pytest.mark.slow),
    ],
)
def test_killed_and_started_again(tmp_path: Path, moment: Callable[[Sequence[Kept]], bool]) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        with running(tmp_path, *run_of(tmp_path, server), env=server.env) as run:
            run.until(lambda: moment(ledger_of(state)))
            run.process.kill()
            assert run.ended().code != 0
        before = ledger_of(state)
        finish(tmp_path, server)
        assert ledger_of(state)[: len(before)] == before


def entry(request: bytes) -> bool:
    return b"/placeorder" in request and b'"SELL"' in request


def stop(request: bytes) -> bool:
    return b"/placeorder" in request and b'"BUY"' in request


def request_of(relay: Relay, wanted: Callable[[bytes], bool]) -> None:
    relay.lose_request = wanted


def answer_to(relay: Relay, wanted: Callable[[bytes], bool]) -> None:
    relay.lose_answer = wanted


@pytest.mark.parametrize(
    ("lose", "wanted"),
    [
        pytest.param(answer_to, stop, id="answer to a stop", marks=pytest.mark.slow),
        pytest.param(request_of, stop, id="request of a stop", marks=pytest.mark.slow),
        pytest.param(answer_to, entry, id="answer to an entry", marks=pytest.mark.slow),
        pytest.param(request_of, entry, id="request of an entry", marks=pytest.mark.slow),
    ],
)
def test_killed_between_an_intent_and_its_answer(
    tmp_path: Path,
    lose: Callable[[Relay, Callable[[bytes], bool]], None],
    wanted: Callable[[bytes], bool],
) -> None:
    with serving(tmp_path, *BUSY) as server, relayed(server.host) as relay:
        lose(relay, wanted)
        behind = replace(server, host=relay.url)
        with running(tmp_path, *run_of(tmp_path, behind), env=server.env) as run:
            run.until(relay.lost.is_set)
            run.process.kill()
            run.ended()
        day = replay(ledger_of(tmp_path / "state"))
        assert [order for order in day.live() if not order.broker_order_id]
        finish(tmp_path, server)


def test_a_stop_that_was_never_sent_is_sent(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server, relayed(server.host) as relay:
        request_of(relay, stop)
        behind = replace(server, host=relay.url)
        with running(tmp_path, *run_of(tmp_path, behind), env=server.env) as run:
            run.until(relay.lost.is_set)
            run.process.kill()
            run.ended()
        (unsent,) = [order for order in replay(ledger_of(state)).live() if closes(order)]
        finish(tmp_path, server)
    (verdict,) = [
        record
        for _, record in ledger_of(state)
        if isinstance(record, OrderRejected) and record.order_id == unsent.order_id
    ]
    assert not verdict.sent
    orders = replay(ledger_of(state)).orders.values()
    again = next(o for o in orders if closes(o) and int(o.order_id[1:]) > int(unsent.order_id[1:]))
    assert (again.intent.symbol, again.intent.reason) == (unsent.intent.symbol, "stop")


def closes(order: Order) -> bool:
    return order.intent.slot.purpose is Purpose.CLOSE


@pytest.mark.parametrize(
    "book", ["orderbook", pytest.param("positionbook", marks=pytest.mark.slow)]
)
def test_nothing_is_sent_before_the_books_could_be_read(tmp_path: Path, book: str) -> None:
    state, path = tmp_path / "state", f"/api/v1/{book}".encode()
    failing = 8
    left = [failing]

    def refuse(request: bytes) -> bytes:
        if path not in request or not left[0]:
            return request
        left[0] -= 1
        asked.append(len(ledger_of(state)))
        return request.replace(path, path[:-4] + b"bonk")

    asked: list[int] = []
    with serving(tmp_path, *BUSY) as server, relayed(server.host) as relay:
        with running(tmp_path, *run_of(tmp_path, server), env=server.env) as run:
            run.until(lambda: +replay(ledger_of(state)).short)
            run.process.kill()
            run.ended()
        before = len(ledger_of(state))
        relay.alter = refuse
        finish(tmp_path, replace(server, host=relay.url))
    sent = [record for _, record in ledger_of(state)[before:] if isinstance(record, SubmitOrder)]
    assert sent
    assert len(asked) == failing
    early = [r for _, r in ledger_of(state)[before : asked[-1]] if isinstance(r, SubmitOrder)]
    assert early == []


@posix
def test_one_process_at_a_time_and_a_graceful_end(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        mine = run_of(tmp_path, server)
        with running(tmp_path, *mine, env=server.env) as run:
            run.until(lambda: ledger_of(state))
            run.process.send_signal(signal.SIGSTOP)  # and the market waits with it
            for name, folder in (("same folder", "state"), ("same account", "other")):
                second = ended(
                    tmp_path, *run_of(tmp_path, server, folder), name="second", env=server.env
                )
                assert (second.code, second.out) == (11, ""), name
                assert str(run.process.pid) in second.err, name
                assert "stop it first" in second.err, name
            run.process.send_signal(signal.SIGCONT)
            run.until(lambda: +replay(ledger_of(state)).short)
            end = run.signalled(signal.SIGTERM)
        assert end.code == 143, end.err
        assert "Traceback" not in end.err
        assert "start again" in end.out.lower()
        day = audited(state, flat=False)
        assert day.short
        assert day.halted == ""
        resting = {order.intent.symbol: order.intent.side.value for order in day.live()}
        assert resting == dict.fromkeys(+day.short, "BUY")
        books = Books.of(server)
        agree(day, books, state)
        assert {row["symbol"] for row in books.working} == set(+day.short)
        shown = {row["symbol"]: row["quantity"] for row in tables_of(state)["positions"]}
        assert shown == books.held
        finish(tmp_path, server)


@posix
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_signal_before_the_day_has_begun(tmp_path: Path, number: int, code: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.settimeout(PATIENCE_S)
        host = f"http://127.0.0.1:{mute.getsockname()[1]}"
        arguments = ("run", "--host", host, "--state-dir", str(tmp_path / "state"))
        with running(tmp_path, *arguments, env={"OPENALGO_API_KEY": "0" * 32}) as run:
            asking, _ = mute.accept()  # and never answers: the start waits for the gateway
            with asking:
                end = run.signalled(number)
    assert (end.code, end.out) == (code, "")
    assert "Traceback" not in end.err
    assert not (tmp_path / "state").exists()


def test_what_was_traded_stays_when_other_contracts_are_followed(tmp_path: Path) -> None:
    """The index has gone far: what is followed now has none of the contracts that are open."""
    state, few = tmp_path / "state", {**FLAGS, "strikes_each_side": 1}
    with serving(tmp_path, *BUSY) as server:
        with running(tmp_path, *run_of(tmp_path, server), env=server.env) as run:
            run.until(lambda: +replay(ledger_of(state)).short)
            run.process.kill()
            run.ended()
        strikes = [parse_option_symbol(symbol)[2] for symbol in +replay(ledger_of(state)).short]
        ends = ("23650", "24750")  # of the chain
        away = max(ends, key=lambda end: min(abs(paise(end) - strike) for strike in strikes))
        where = ("--atm", away, *settings_file(tmp_path, **few))
        again = ("run", *server.addresses, "--state-dir", str(state), *where)
        end = ended(tmp_path, *again, name="again", env=server.env)
        assert end.code == 0, end.err
        agree(audited(state), Books.of(server), state)
    assert replay_day(state, None).is_equal
