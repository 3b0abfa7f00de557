"""No decision uses what comes later, and none depends on who took the ones before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from swingbreak.domain.events import Event
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.runtime.lookahead import prefixes
from swingbreak.runtime.restarts import restarts
from swingbreak.simulation.generator import DaySpec, generate_day
from swingbreak.simulation.spot_path import Regime
from swingbreak.simulation.tape import ArrayTape
from tests.made_up_days import made_up_parameters, made_up_tape
from tests.naive_day import around_the_money, quick
from tests.taped_days import TapedDay, short_day

# Whole days: traced for coverage they take several times as long, and the lines they run are
# run by quicker tests too.
pytestmark = pytest.mark.no_cover

# Nothing ends the day before its time: as much is decided as can be.
WHOLE_DAY = replace(Parameters(), daily_target_r=1000, daily_stop_r=-1000)


def generated(seed: int) -> ArrayTape:
    return generate_day(DaySpec(seed=seed, regime=list(Regime)[seed % len(Regime)]))


def look_ahead(seed: int) -> tuple[int, int]:
    """Cut a short day at every bar; return how many there were, and how much was decided."""
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    tape = made_up_tape(dice, hole=seed % 5 == 3)
    parameters = made_up_parameters(dice, tape.session.minutes)

    def decide(day: ArrayTape) -> Sequence[str]:
        return quick(day, day.contracts, parameters)[1].decisions

    minutes = range(tape.session.minutes)
    cut = [*prefixes(tape, decide, minutes, parameters.bar_grace_ms)]
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
    contracts = around_the_money(tape)

    def decide(day: ArrayTape) -> Sequence[str]:
        return quick(day, contracts, WHOLE_DAY)[1].decisions

    minutes = range(tape.session.minutes)
    cut = [*prefixes(tape, decide, minutes, WHOLE_DAY.bar_grace_ms)]
    assert [each for each in cut if each.parting is not None] == []
    assert len(cut) == tape.session.minutes


def test_whoever_looks_ahead_is_caught() -> None:
    dice = Random(5)  # noqa: S311 - seeded on purpose
    tape = made_up_tape(dice)
    parameters = made_up_parameters(dice, tape.session.minutes)

    def decide(day: ArrayTape) -> Sequence[str]:
        lines = quick(day, day.contracts, parameters)[1].decisions
        return [f"{line} of {len(day)} ticks" for line in lines]  # of the whole day, at any time

    cut = [*prefixes(tape, decide, range(2, 12, 3), parameters.bar_grace_ms)]
    assert any(each.parting is not None for each in cut)


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
