"""No decision uses what comes later, and none depends on who took the ones before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from swingbreak.domain.events import Event
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.engine.engine import Engine
from swingbreak.market.day_bars import DayBars
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inprocess import InProcessDay
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.lookahead import Decide, prefixes
from swingbreak.runtime.restarts import restarts
from swingbreak.runtime.trader import Trader
from swingbreak.simulation.bar_day import BarDay
from swingbreak.simulation.exchange import ExchangeRules
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.foreseen import Foreseen
from swingbreak.simulation.funded import funded_exchange
from swingbreak.simulation.generator import DaySpec, generate_day
from swingbreak.simulation.spot_path import Regime
from swingbreak.simulation.tape import ArrayTape
from tests.bar_days import SPREADS, bars_until, made_up_bars, sheet_of
from tests.charging import rates_of
from tests.made_up_days import made_up_parameters, made_up_tape
from tests.naive_day import HEADROOM_BP, Forgetful, around_the_money, quick
from tests.taped_days import TapedDay, short_day

# Nothing ends the day before its time: as much is decided as can be.
WHOLE_DAY = replace(Parameters(), daily_target_r=1000, daily_stop_r=-1000)


def generated(seed: int) -> ArrayTape:
    return generate_day(DaySpec(seed=seed, regime=list(Regime)[seed % len(Regime)]))


def closes_of(session: Session, grace_ms: int) -> list[datetime]:
    """When the bar of each minute closes."""
    grace = timedelta(milliseconds=grace_ms)
    return [session.start_of(minute + 1) + grace for minute in range(session.minutes)]


def deciding(
    tape: ArrayTape, contracts: Sequence[OptionContract], parameters: Parameters
) -> Decide:
    def decide(ends: datetime | None) -> Sequence[str]:
        known = tape if ends is None else tape.until(ends)
        return quick(known, contracts, parameters)[1].decisions

    return decide


def look_ahead(seed: int) -> tuple[int, int]:
    """Cut a short day at every bar; return how many there were, and how much was decided."""
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    tape = made_up_tape(dice, hole=seed % 5 == 3)
    parameters = made_up_parameters(dice, tape.session.minutes)
    cuts = closes_of(tape.session, parameters.bar_grace_ms)
    cut = [*prefixes(deciding(tape, tape.contracts, parameters), cuts)]
    assert [each for each in cut if each.parting is not None] == [], seed
    return len(cut), cut[-1].alike


def test_every_prefix_of_a_day_decides_as_the_whole() -> None:
    bars, decisions = map(sum, zip(*map(look_ahead, range(4)), strict=True))
    assert (bars > 50, decisions > 15) == (True, True)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_every_prefix_of_many_short_days_decides_as_the_whole(block: int) -> None:
    for seed in range(100 * block, 100 * block + 50):
        look_ahead(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_every_prefix_of_a_generated_day_decides_as_the_whole(seed: int) -> None:
    tape = generated(seed)
    cuts = closes_of(tape.session, WHOLE_DAY.bar_grace_ms)
    cut = [*prefixes(deciding(tape, around_the_money(tape), WHOLE_DAY), cuts)]
    assert [each for each in cut if each.parting is not None] == []
    assert len(cut) == tape.session.minutes


def look_ahead_in_bars(seed: int) -> int:
    """Cut a short day of bars, whose swings are found beforehand; return what was decided."""
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    bars = made_up_bars(dice)
    session, parameters = bars.session, made_up_parameters(dice, bars.session.minutes)

    def decide(ends: datetime | None) -> Sequence[str]:
        known = bars if ends is None else bars_until(bars, session.minute_of(ends))
        return backtested(known, parameters, list(FillModel)[seed % len(FillModel)])

    # to the last instant of a minute: from the next one a bar is known only as a whole
    last = timedelta(milliseconds=1)
    cuts = [session.start_of(minute + 1) - last for minute in range(session.minutes)]
    cut = [*prefixes(decide, cuts)]
    assert [each for each in cut if each.parting is not None] == [], seed
    return cut[-1].alike


def backtested(bars: DayBars, parameters: Parameters, model: FillModel) -> list[str]:
    """Decide a day of bars as a backtest does."""
    seen = BarDay(sheet_of(bars), Passage(model, bars.session, SPREADS))
    foreseen = Foreseen(seen.sheet.swings(parameters.swing_rule), parameters)
    charge = rates_of(bars.session.day).charge
    engine = Engine(bars.session, seen.contracts, parameters, charge, foreseen.past)
    record = DayRecord(engine)
    rules = ExchangeRules(passage=Passage(model, bars.session, SPREADS))
    venue, cash = funded_exchange(seen.sheet, seen.spot, rules)
    check = LocalCheck(cash, EntryMargin.of(engine, HEADROOM_BP))
    trader = Trader(engine, Forgetful(), record)
    InProcessDay(seen, trader, venue, parameters, check, foreseen).run()
    return record.decisions


def test_a_backtest_that_knows_its_swings_beforehand_looks_no_further() -> None:
    assert sum(map(look_ahead_in_bars, range(6))) > 15


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_backtests_of_many_days_look_no_further(block: int) -> None:
    for seed in range(100 * block, 100 * block + 50):
        look_ahead_in_bars(seed)


def test_whoever_looks_ahead_is_caught() -> None:
    dice = Random(5)  # noqa: S311 - seeded on purpose
    tape = made_up_tape(dice)
    parameters = made_up_parameters(dice, tape.session.minutes)

    def decide(ends: datetime | None) -> Sequence[str]:
        known = tape if ends is None else tape.until(ends)
        lines = quick(known, tape.contracts, parameters)[1].decisions
        return [f"{line} of {len(known)} ticks" for line in lines]  # of the whole day, at any time

    cuts = closes_of(tape.session, parameters.bar_grace_ms)[2:12:3]
    assert any(each.parting is not None for each in prefixes(decide, cuts))


def start_again(day: TapedDay) -> Counter[str]:
    """Start at every minute of *day*; return what was seen."""
    seen: Counter[str] = Counter()
    for each in restarts(day.terms, events_of(day)):
        assert each.mismatch is None, (each.minute, each.mismatch)
        seen += Counter(starts=1, later=each.later)
    return seen


def events_of(day: TapedDay) -> list[Event]:
    return [each for each in day.heard if isinstance(each, Event)]


def test_a_start_at_any_minute_decides_as_the_one_that_ran_on() -> None:
    seen = sum((start_again(short_day(seed)) for seed in range(4, 14)), Counter[str]())
    assert seen["starts"] > 100
    # what is forgotten, and only that: since when an entry has been triggered
    assert 0 < seen["later"] < 15


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_a_start_at_any_minute_of_many_short_days(block: int) -> None:
    for seed in range(100 * block, 100 * block + 100):
        start_again(short_day(seed, freeze_lots=2 if seed % 4 == 1 else 27))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 11, 23, 28])
def test_a_start_at_any_minute_of_a_generated_day(seed: int) -> None:
    tape = generated(seed)
    day = TapedDay(tape, around_the_money(tape), WHOLE_DAY)
    assert start_again(day)["starts"] > 300


def test_an_heir_that_decides_otherwise_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    day = short_day(5)
    monkeypatch.setattr(Engine, "restore", lambda *_: None)  # it has forgotten what was done
    differing = [each for each in restarts(day.terms, events_of(day)) if each.mismatch]
    assert len(differing) > 3
