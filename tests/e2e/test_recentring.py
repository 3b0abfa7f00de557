"""A day on which the index leaves the window of strikes: over the wire, in process, and killed."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from swingbreak.adapters.event_tape import read_tape
from swingbreak.bootstrap.backtest.way import Way
from swingbreak.bootstrap.day import DayOutcome, DayPlan, run_day
from swingbreak.bootstrap.replaying import replay_day
from swingbreak.bootstrap.verifying import verify_ledger
from swingbreak.domain.commands import MoveWindow, SubmitOrder
from swingbreak.domain.events import Event, HistoryLoaded, OrderFilled, TickReceived
from swingbreak.domain.instrument import parse_option_symbol
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Purpose
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Trade
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.settings import GatewayAddress, Settings, load
from swingbreak.simulation.generator import DaySpec
from swingbreak.simulation.spot_path import Regime
from swingbreak.simulation.tape import ArrayTape
from tests.e2e.books_audit import Kept, ledger_of
from tests.e2e.processes import ended, running, serving, settings_file
from tests.made_up_days import generated
from tests.naive_day import quick, way_through

EACH_SIDE, AFTER, ENDS = 2, 1, "10:00"
FLAGS = {
    "mode": "paper",
    "strikes_each_side": EACH_SIDE,
    "recentre_after_strikes": AFTER,
    "force_exit_ist": ENDS,
}
MOVED = 34  # the minute whose close moves the window


def a_day(seed: int = 13, regime: Regime = Regime.VOLATILE) -> ArrayTape:
    """A day whose index falls by a window's half within its first half hour."""
    return generated(DaySpec(seed=seed, regime=regime, strikes=EACH_SIDE + 4))


def settings_in(folder: Path, host: str, ws_url: str) -> Settings:
    settings = load(environment={}, overrides={**FLAGS, "state_dir": str(folder / "state")})
    return replace(settings, gateway=GatewayAddress(host, ws_url, DEMO_KEY))


async def served(
    folder: Path, tape: ArrayTape, until: Sequence[Callable[[Sequence[Kept]], bool]] = ()
) -> DayOutcome:
    """Trade *tape* over the wire, by a process that dies as soon as each of *until* is true."""
    gateway = Gateway(tape, GatewayOptions(port=0, ws_port=0, speed=None))
    addresses = await gateway.start()
    settings = settings_in(folder, addresses.host, addresses.ws_url)
    try:
        for moment in until:
            await _killed(settings, moment)
        return await run_day(DayPlan(settings))
    finally:
        await gateway.stop()


async def _killed(settings: Settings, moment: Callable[[Sequence[Kept]], bool]) -> None:
    run = asyncio.create_task(run_day(DayPlan(settings)))
    while not moment(ledger_of(settings.state_dir)):
        assert not run.done()
        await asyncio.sleep(0.02)
    run.cancel()
    with suppress(asyncio.CancelledError):
        await run


def windows(kept: Sequence[Kept]) -> list[Paise]:
    return [record.centre for _, record in kept if isinstance(record, MoveWindow)]


def strike(symbol: str) -> Paise:
    return parse_option_symbol(symbol)[2]


def at_the_move(tape: ArrayTape, way: Way, trades: Sequence[Trade]) -> tuple[list[Trade], ...]:
    """The trades of strikes that left, open as they did; and those of strikes that came."""
    assert way.window is not None
    moved = tape.session.start_of(MOVED + 1)
    before, after = (way.window.around(way.moves[minute]) for minute in (2, MOVED))
    left = [each for each in trades if strike(each.symbol) in before - after]
    came = [each for each in trades if strike(each.symbol) in after - before]
    open_then = [each for each in left if each.opened_at < moved < each.closed_at]
    assert all(each.opened_at < moved for each in left)
    assert all(each.opened_at > moved for each in came)
    return open_then, came


async def test_the_window_moves_over_the_wire_as_in_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tape = a_day()
    way = way_through(tape, EACH_SIDE, AFTER)
    outcome = await served(tmp_path, tape)
    parameters = replace(Parameters(), force_exit=time.fromisoformat(ENDS))
    engine, record = quick(tape, way.contracts, parameters, way=way)
    assert outcome.folder.decisions.read_text("utf-8").splitlines() == record.decisions
    assert outcome.view.decisions == record.digest()
    trades = tuple(engine.state.holdings.trades.values())
    assert outcome.view.trades == trades
    assert outcome.held == {}

    left, came = at_the_move(tape, way, trades)
    assert left  # it kept its stop, and was exited
    assert came
    kept = ledger_of(tmp_path / "state")
    assert windows(kept) == [way.moves[2], way.moves[MOVED]]
    for each in left:
        assert stops_of(kept, each.symbol)

    heard = events_of(outcome.folder.events)
    fresh = {symbol for event in loads_after(heard, tape, MOVED - 2) for symbol in event.bars}
    assert {each.symbol for each in came} <= fresh
    ticked = {
        e.tick.symbol for e in heard if isinstance(e, TickReceived) and e.at > came[0].opened_at
    }
    assert {each.symbol for each in left} <= ticked  # it stays followed
    replayed = replay_day(outcome.folder.root, None)
    assert (replayed.is_equal, replayed.is_whole) == (True, True)
    assert replayed.digest == record.digest()


def stops_of(kept: Sequence[Kept], symbol: str) -> list[SubmitOrder]:
    sent = [record for _, record in kept if isinstance(record, SubmitOrder)]
    closing = [each for each in sent if each.intent.slot.purpose is Purpose.CLOSE]
    return [each for each in closing if each.intent.symbol == symbol and each.intent.trigger]


def events_of(path: Path) -> list[Event]:
    return [item for item in read_tape(path).items if isinstance(item, Event)]


def loads_after(heard: Sequence[Event], tape: ArrayTape, minute: int) -> list[HistoryLoaded]:
    since = tape.session.start_of(minute)
    return [each for each in heard if isinstance(each, HistoryLoaded) and each.at > since]


async def test_a_process_that_is_killed_leaves_the_window_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tape = a_day()
    way = way_through(tape, EACH_SIDE, AFTER)

    def has_moved(kept: Sequence[Kept]) -> bool:
        return len(windows(kept)) > 1

    outcome = await served(tmp_path, tape, [has_moved])
    kept = ledger_of(tmp_path / "state")
    assert windows(kept) == [way.moves[2], way.moves[MOVED]]  # and the heir makes no other
    assert outcome.recovered
    assert outcome.held == {}
    left, came = at_the_move(tape, way, outcome.view.trades)
    assert left
    assert came
    replayed = replay_day(outcome.folder.root, None)
    assert (replayed.is_equal, replayed.outcome.processes) == (True, 2)
    assert verify_ledger(outcome.folder.database).is_whole
    fills = [r.fill_id for _, r in kept if isinstance(r, OrderFilled)]
    assert len(fills) == len(set(fills))


@pytest.mark.slow
def test_killed_outright_and_started_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    flags = settings_file(tmp_path, **FLAGS)
    with serving(tmp_path, "--generate", "13", "--regime", "volatile") as server:
        args = ("run", *server.addresses, "--state-dir", str(state), *flags)
        with running(tmp_path, *args, env=server.env) as run:
            run.until(lambda: len(windows(ledger_of(state))) > 1)
            run.process.kill()
            assert run.ended().code != 0
        before = ledger_of(state)
        end = ended(tmp_path, *args, name="again", env=server.env)
    assert end.code == 0, end.err
    kept = ledger_of(state)
    assert kept[: len(before)] == before
    assert windows(kept) == windows(before)
    assert len(windows(kept)) == 2
    replayed = replay_day(state, None)
    assert (replayed.is_equal, replayed.is_whole, replayed.outcome.processes) == (True, True, 2)
    assert verify_ledger(state / "live_state.db").is_whole
