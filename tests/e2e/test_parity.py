"""The same day is decided alike over the wire, in process, and without any shortcut."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from swingbreak.bootstrap.day import DayOutcome, DayPlan, run_day
from swingbreak.bootstrap.replaying import replay_day
from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.runtime.desk import Desk
from swingbreak.settings import GatewayAddress, load
from swingbreak.simulation.bar_day import BarDay
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.generator import DaySpec
from swingbreak.simulation.spot_path import Regime
from swingbreak.simulation.tape import ArrayTape, TapeColumns
from swingbreak.strategy.selection import Choice
from tests.bar_days import SPREADS, bars_of, quick_bars, sheet_of, tape_of
from tests.made_up_days import generated
from tests.naive_day import NaiveDay, around_the_money, quick, way_through

# Nothing ends the day before its time: as much is decided as can be.
WHOLE_DAY = replace(Parameters(), daily_target_r=1000, daily_stop_r=-1000)


def day(
    seed: int, regime: Regime | None = None, freeze_lots: int = 0, strikes: int = 12
) -> ArrayTape:
    spec = DaySpec(seed=seed, regime=regime, strikes=strikes)
    if freeze_lots:
        terms = replace(spec.terms, freeze=freeze_lots * spec.terms.lot)
        spec = replace(spec, terms=terms)
    return generated(spec)


async def over_the_wire(
    tape: ArrayTape,
    folder: Path,
    force_exit: str,
    *,
    each_side: int = 10,
    passage: Passage | None = None,
    silence_s: int = 0,
) -> DayOutcome:
    """Serve *tape* in step with its client and let that trade it."""
    gateway = Gateway(tape, GatewayOptions(port=0, ws_port=0, speed=None, passage=passage))
    addresses = await gateway.start()
    try:
        given = {"state_dir": str(folder), "mode": "paper", "force_exit_ist": force_exit}
        if silence_s:
            given |= {"stale_after_s": silence_s, "feed_stale_after_s": silence_s}
        settings = load(environment={}, overrides={**given, "strikes_each_side": each_side})
        address = GatewayAddress(addresses.host, addresses.ws_url, DEMO_KEY)
        return await run_day(DayPlan(replace(settings, gateway=address)))
    finally:
        await gateway.stop()


async def check_the_wire(
    seed: int, force_exit: str, folder: Path, *, freeze_lots: int = 0, each_side: int = 10
) -> list[str]:
    tape = day(seed, freeze_lots=freeze_lots, strikes=each_side + 2)
    outcome = await over_the_wire(tape, folder / "state", force_exit, each_side=each_side)
    parameters = replace(Parameters(), force_exit=time.fromisoformat(force_exit))
    way = way_through(tape, each_side)
    engine, record = quick(tape, way.contracts, parameters, way=way)
    decided = outcome.folder.decisions.read_text(encoding="utf-8").splitlines()
    assert decided == record.decisions
    assert outcome.view.decisions == record.digest()
    replayed = replay_day(outcome.folder.root, None)
    assert (replayed.is_equal, replayed.is_whole) == (True, True)
    assert replayed.digest == record.digest()
    assert outcome.view.trades == tuple(engine.state.holdings.trades.values())
    assert outcome.view.curve[-1][1] == record.curve[-1][1]
    assert outcome.held == {}
    assert len(record.decisions) > 5
    return decided


async def test_over_the_wire_as_in_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    await check_the_wire(22, "10:15", tmp_path)


@pytest.mark.parametrize(
    "model",
    [
        FillModel.PESSIMISTIC,
        pytest.param(FillModel.CALIBRATED, marks=pytest.mark.slow),
        pytest.param(FillModel.OPTIMISTIC, marks=pytest.mark.slow),
    ],
)
async def test_a_backtest_of_bars_over_the_wire(
    model: FillModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    passage = Passage(model, day(23).session, SPREADS)
    sheet = sheet_of(bars_of(day(23)))
    sheet.follow(around_the_money(tape_of(BarDay(sheet, passage))))
    seen = BarDay(sheet, passage)
    parameters = replace(Parameters(), force_exit=time(11))
    engine, record = quick_bars(seen, parameters, passage)
    tape = tape_of(seen)  # in the order of extremes that the run has chosen
    outcome = await over_the_wire(tape, tmp_path / "state", "11:00", passage=passage, silence_s=60)
    assert outcome.view.decisions == record.digest()
    assert outcome.view.trades == tuple(engine.state.holdings.trades.values())
    assert len(outcome.view.trades) > 1


@pytest.mark.slow
async def test_slices_over_the_wire_as_in_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    decided = await check_the_wire(23, "10:30", tmp_path, freeze_lots=2, each_side=5)
    assert any(" place entry:" in line and "#3 " in line for line in decided)
    assert any(" place close:" in line and "#3 " in line for line in decided)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [23, *range(1, 20)])
async def test_over_the_wire_as_in_process_on_many_days(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await check_the_wire(seed, "15:15", tmp_path)


@pytest.mark.parametrize(
    ("seed", "regime", "parameters"),
    [
        pytest.param(1, Regime.RANGE, Parameters(), marks=pytest.mark.slow),
        pytest.param(5, Regime.CRASH, Parameters(), marks=pytest.mark.slow),
        (6, Regime.SPIKE, Parameters()),
        pytest.param(3, Regime.TREND_DOWN, Parameters(), marks=pytest.mark.slow),
        pytest.param(11, Regime.VOLATILE, WHOLE_DAY, marks=pytest.mark.slow),
        pytest.param(28, Regime.CALM, WHOLE_DAY, marks=pytest.mark.slow),
    ],
    ids=lambda value: str(value) if isinstance(value, int | str) else None,
)
def test_in_process_as_without_shortcuts(seed: int, regime: Regime, parameters: Parameters) -> None:
    tape = day(seed, regime)
    contracts = around_the_money(tape)
    naive = NaiveDay(tape, contracts, parameters)
    naive.run()
    engine, record = quick(tape, contracts, parameters)
    assert record.decisions == naive.record.decisions
    assert record.curve == naive.record.curve
    assert engine.state.holdings.trades == naive.engine.state.holdings.trades
    assert engine.state.holdings.trades


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 128))
def test_in_process_as_without_shortcuts_on_many_days(seed: int) -> None:
    regime = list(Regime)[seed % len(Regime)]
    test_in_process_as_without_shortcuts(seed, regime, WHOLE_DAY)


def cut_off(tape: ArrayTape, ends: datetime) -> ArrayTape:
    """The same day as it was known at *ends*."""
    known = sum(tick.at <= ends for tick in tape.ticks())
    columns = tape.columns
    shorter = TapeColumns(*(getattr(columns, name)[:known] for name in columns.__slots__))
    return ArrayTape(
        label=tape.label,
        synthetic=True,
        session=tape.session,
        underlying=tape.underlying,
        spot_symbol=tape.spot_symbol,
        contracts=tape.contracts,
        symbols=tape.symbols,
        columns=shorter,
        cadence_s=tape.cadence_s,
        previous_closes={tape.spot_symbol: tape.previous_close(tape.spot_symbol)},
    )


def test_no_decision_knows_what_comes_later() -> None:
    tape = day(23)
    contracts = around_the_money(tape)
    _, whole = quick(tape, contracts, WHOLE_DAY)
    for minute in (40, 171):
        ends = tape.session.start_of(minute) + timedelta(seconds=17.3)
        before = [line for line in whole.decisions if line < ends.isoformat()]
        _, known = quick(cut_off(tape, ends), contracts, WHOLE_DAY)
        assert known.decisions[: len(before)] == before
        assert before


A_WHILE = timedelta(minutes=40)


class Follower:
    """A desk and an engine that begin somewhere in the day and never trade."""

    def __init__(self, tape: ArrayTape, began: datetime) -> None:
        watching = replace(Parameters(), last_entry=time(9, 15))
        contracts = around_the_money(tape)
        self.engine = Engine(tape.session, contracts, watching)
        self.desk = Desk(tape.session, tuple(self.engine.contracts), watching, self.engine)
        self.began = began
        self.is_whole = False
        self.desk.started(began)

    def follow(self, tick: Tick, bars: Sequence[Mapping[str, Bar]]) -> None:
        """Take a tick; read history, minute by minute in *bars*, when that makes it whole."""
        for event in self.desk.tick(tick.at, tick):
            self.engine.step(event)
        if self.desk.wants_history:
            history = {
                symbol: [minute[symbol] for minute in bars if symbol in minute]
                for symbol in self.engine.contracts
            }
            for event in self.desk.repaired(tick.at, history):
                self.engine.step(event)
            self.is_whole = self.desk.incomplete == ()

    def sees(self) -> list[Choice | str | None]:
        """Return what may be sold under where, or why not; and the best of each right."""
        strategy, barred = self.engine.view.strategy, self.engine.view.barred()
        best = [strategy.best(right, barred) for right in Right]
        return [*best, *map(strategy.choice, self.engine.contracts)]


FEW = (0, 2, 33, 101)
MANY = (0, 1, 2, 7, 19, 33, 60, 101, 140, 200, 301)


@pytest.mark.parametrize(
    ("seed", "minutes"),
    [
        (23, FEW),
        pytest.param(23, MANY, marks=pytest.mark.slow),
        pytest.param(4, MANY, marks=pytest.mark.slow),
    ],
    ids=["few", "many", "another day"],
)
def test_a_restart_at_any_minute_sees_the_same_market(seed: int, minutes: Sequence[int]) -> None:
    tape = day(seed)
    opens = tape.session.opens
    bars = [minute.bars for minute in CutDay(tape, 1500).minutes]
    through = Follower(tape, opens - timedelta(seconds=30))
    restarted = [
        Follower(tape, tape.session.start_of(minute) + timedelta(seconds=21.7))
        for minute in minutes
    ]
    looks = dict.fromkeys((one.began for one in restarted), 0)
    look, ends = opens, restarted[-1].began + A_WHILE
    for tick in takewhile(lambda tick: tick.at < ends, tape.ticks()):
        minute = tape.session.minute_of(tick.at)
        now = [one for one in restarted if one.began <= tick.at < one.began + A_WHILE]
        present = [through, *now]
        for one in present:
            one.follow(tick, bars[: minute + 1])
        if tick.at >= look:
            look = tick.at + timedelta(seconds=15)
            for one in now:
                if one.is_whole:
                    looks[one.began] += 1
                    assert one.sees() == through.sees(), (one.began, tick.at)
    assert min(looks.values()) > 100
