"""Seeded days: long walks reach states that shrinking strategies rarely do."""

from collections import Counter

import pytest

from swingbreak.domain.instrument import OptionContract
from tests.engine_world import CONTRACTS, FROZEN, day

# What must have been seen at least this often over thirty days or more.
SEEN = {
    "submit entry break": 200,
    "change entry break": 100,
    "cancel switch": 100,
    "cancel stop_too_far": 5,
    "cancel unfilled": 3,
    "cancel terms": 10,
    "entry fill": 40,
    "close fill": 40,
    "part fill": 8,
    "late fill": 5,
    "fill told twice": 5,
    "submit close stop": 40,
    "submit close stop_lost": 10,
    "change close stop": 3,
    "change close force_exit": 10,
    "halt force_exit": 5,
    "restart": 20,
    "stop recomputed": 5,
    "OrderUnconfirmed": 10,
    "OrderCancelRefused": 5,
    "OrderReplaceRefused": 5,
    "OrderPriced": 3,
    "pause without a closing order": 5,
    "most exposed": 4,
}


# The same where no order may be above two lots.
SLICED = SEEN | {
    "change entry break": 50,
    "cancel stop_too_far": 2,
    "most exposed": 3,  # an entry of which one slice is refused is given up: fewer come about
    "entry slices": 2000,
    "closing slices": 5000,
    "cancel surplus": 20,
    "entry fill": 200,
    "close fill": 200,
    "submit close stop_lost": 100,
}


def live(seed: int, contracts: tuple[OptionContract, ...] = CONTRACTS) -> Counter[str]:
    """Live a day, every step of it judged; at its end nothing is open, in truth as in our books."""
    troubles, restarts = seed % 3 != 0, seed % 3 == 2
    world = day(seed, troubles=troubles, restarts=restarts, contracts=contracts)
    world.run()
    assert world.engine.state.halted
    assert world.engine.state.holdings.positions == {}
    assert world.engine.state.book.live == {}
    assert world.broker.held() == {}
    return world.referee.seen


def together(counts: list[Counter[str]]) -> Counter[str]:
    total = sum(counts, Counter())
    total["most exposed"] = max(count["most exposed"] for count in counts)
    return total


def lacking(seen: Counter[str], wanted: dict[str, int], share: int = 1) -> dict[str, int]:
    """What was seen less often than a *share* of the days *wanted* is for must show it."""
    rare = {what: least // share for what, least in wanted.items()}
    rare["most exposed"] = wanted["most exposed"]
    return {what: seen[what] for what, least in rare.items() if seen[what] < least}


def test_the_rules_hold_on_seeded_days() -> None:
    seen = together([live(seed) for seed in range(30)])
    assert lacking(seen, SEEN) == {}
    assert seen["most exposed"] == 5


def test_the_rules_hold_on_seeded_days_of_slices() -> None:
    seen = together([live(seed, FROZEN) for seed in range(2, 14)])
    assert lacking(seen, SLICED, share=3) == {}


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_the_rules_hold_on_many_seeded_days_of_slices(block: int) -> None:
    seen = together([live(seed, FROZEN) for seed in range(60 * block, 60 * block + 60)])
    assert lacking(seen, SLICED) == {}


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_the_rules_hold_on_many_seeded_days(block: int) -> None:
    seen = together([live(seed) for seed in range(1000 + 60 * block, 1060 + 60 * block)])
    assert lacking(seen, SEEN) == {}
    assert seen["halt daily_target"]
    assert seen["halt daily_stop"]


@pytest.mark.parametrize("seed", [3, 4, 6])
def test_the_same_day_is_decided_the_same_way(seed: int) -> None:
    first, second = day(seed, troubles=True), day(seed, troubles=True)
    first.run()
    second.run()
    assert first.events == second.events
    assert first.commands == second.commands


@pytest.mark.parametrize("seed", [7, 9])
def test_nothing_depends_on_what_comes_later(seed: int) -> None:
    world = day(seed, troubles=True)
    world.run()
    for length in (1, len(world.events) // 3, len(world.events) - 1):
        engine = world.new_engine()
        assert [engine.step(e) for e in world.events[:length]] == world.commands[:length]
