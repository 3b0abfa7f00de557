"""Somebody else trades in the same account, through the same gateway, while a day runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.sqlite.binding import bind
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.domain.commands import AdoptPosition, BookByHand, CancelStray
from swingbreak.domain.records import Record
from tests.e2e.books_audit import DAY, Books, audited, ledger_of, replay, tables_of
from tests.e2e.processes import (
    Running,
    Server,
    ended,
    order_by_hand,
    price_of,
    running,
    serving,
    settings_file,
)

BUSY = ("--generate", "22")
LIMITS: dict[str, object] = {
    "force_exit_ist": "10:30",
    "daily_target_r": 1000,
    "daily_stop_r": -1000,
}


def run_of(folder: Path, server: Server, **more: object) -> tuple[str, ...]:
    settings = settings_file(folder, **{**LIMITS, **more})
    return ("run", *server.addresses, "--state-dir", str(folder / "state"), *settings)


def some(state: Path, kind: type[Record]) -> list[Record]:
    return [record for _, record in ledger_of(state) if isinstance(record, kind)]


def short_of(run: Running, state: Path) -> tuple[str, int]:
    """Wait for a position; return its symbol and units."""
    held = run.until(lambda: +replay(ledger_of(state)).short)
    return next(iter(held.items()))


@pytest.mark.parametrize(
    "share", [1, pytest.param(2, marks=pytest.mark.slow)], ids=["whole", "half"]
)
def test_a_position_is_bought_back_by_hand(tmp_path: Path, share: int) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        with running(tmp_path, *run_of(tmp_path, server), env=server.env) as run:
            symbol, units = short_of(run, state)
            bought = units // 65 // share * 65
            order_by_hand(server, symbol, "BUY", bought, round(price_of(server, symbol) * 1.1, 1))
            run.until(lambda: some(state, BookByHand))
            end = run.ended()
        assert end.code == 0, end.err
        (booked, *_) = some(state, BookByHand)
        assert isinstance(booked, BookByHand)
        assert (booked.symbol, booked.quantity) == (symbol, bought)
        books = Books.of(server)
        assert (books.held, books.working) == ({}, [])
        assert audited(state).cash == books.cash
        reasons = {row["symbol"]: row["exit_reason"] for row in tables_of(state)["trades"]}
        assert symbol in reasons
        if share == 1:
            assert "by_hand" in {row["exit_reason"] for row in tables_of(state)["trades"]}


def reported(run: Running, server: Server, state: Path, symbol: str) -> None:
    del run, state
    books = Books.of(server)
    assert books.held == {symbol: -65}


def adopted(run: Running, server: Server, state: Path, symbol: str) -> None:
    del run, symbol
    assert some(state, AdoptPosition)
    assert Books.of(server).held == {}


@pytest.mark.parametrize(
    ("policy", "code", "check"),
    [
        pytest.param("report", 7, reported, marks=pytest.mark.slow),
        pytest.param("adopt", 0, adopted, marks=pytest.mark.slow),
        pytest.param("flatten", 0, adopted, marks=pytest.mark.slow),
    ],
)
def test_somebody_sells(
    tmp_path: Path, policy: str, code: int, check: Callable[[Running, Server, Path, str], None]
) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        with running(tmp_path, *run_of(tmp_path, server, foreign=policy), env=server.env) as run:
            run.until(lambda: ledger_of(state))
            symbol = "NIFTY01DEC2624600CE"
            order_by_hand(server, symbol, "SELL", 65, round(price_of(server, symbol) * 0.9, 1))
            end = run.ended()
        assert end.code == code, end.err
        assert end.err.count("account.position_differs") == 1
        check(run, server, state, symbol)
        audited(state)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["flatten", pytest.param("report", marks=pytest.mark.slow)])
def test_somebody_rests_an_order(tmp_path: Path, policy: str) -> None:
    state = tmp_path / "state"
    with serving(tmp_path, *BUSY) as server:
        with running(tmp_path, *run_of(tmp_path, server, foreign=policy), env=server.env) as run:
            run.until(lambda: ledger_of(state))
            symbol = "NIFTY01DEC2624600CE"
            number = order_by_hand(
                server, symbol, "SELL", 65, round(price_of(server, symbol) * 1.25, 1)
            )
            end = run.ended()
        assert end.code == 0, end.err
        assert "account.foreign_order" in end.err
        assert bool(some(state, CancelStray)) == (policy == "flatten")
        working = [row["orderid"] for row in Books.of(server).working]
        assert working == ([] if policy == "flatten" else [number])


def test_a_day_of_another_mode_is_not_gone_on_with(tmp_path: Path) -> None:
    path = database_in(tmp_path / "state")
    path.parent.mkdir()
    with open_writer(path) as database:
        bind(database, DAY, mode="live", api_key="any")
    with serving(tmp_path, *BUSY) as server:
        end = ended(tmp_path, *run_of(tmp_path, server), env=server.env)
    assert (end.code, end.out) == (3, "")
    assert "recorded in live mode" in end.err
