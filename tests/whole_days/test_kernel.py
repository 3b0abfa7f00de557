"""The kernel trades as the engine does: every trade of every day, and all that a score is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from swingbreak.adapters.store.layout import Kind, Store
from swingbreak.bootstrap.backtest.prepared import Followed, Preparer
from swingbreak.bootstrap.sweep.scoring import run_by_engine, run_by_kernel
from swingbreak.cli.main import application
from swingbreak.domain.parameters import EntryType, Parameters, SwingRule
from swingbreak.risk.margin import MarginRates
from tests.charging import package_facts
from tests.oracle.compare import Case, random_case

pytest.importorskip("numba")
pytestmark = pytest.mark.usefixtures("compiled")

# what no set may differ in for the kernel to leave it
UNKNOWN: tuple[dict[str, Any], ...] = (
    {"entry_type": EntryType.LIMIT},
    {"force_exit": time(15, 45)},
    {"bar_grace_ms": 19_500},
    {"bar_grace_ms": 1},
    {"bar_grace_ms": 1100},
    {"chase_after_s": 20},
    {"stop_buffer": 0},
    {"max_positions": 9},
    {"max_lots": 1001},
)


def widely(case: Case, dice: Random) -> Case:
    """Return *case* under settings that the naive day's are not varied by."""
    other = replace(
        case.parameters,
        entry_offset_ticks=dice.choice([1, 1, 2, 3]),
        entry_fill_s=dice.choice([1, 20, 30, 45, 60, 75, 90, 120]),
        chase_after_s=dice.choice([1, 1, 2, 5, 18]),
        bar_grace_ms=dice.choice([1500, 1500, 500, 2000, 1300, 18000, 7777]),
        stop_buffer=dice.choice([1_00, 5, 50, 3_00]),
        target_points=dice.choice([5_00, 10_00, 15_00]),
        chase_step=dice.choice([3_00, 5, 0]),
        r_value=dice.choice([6_500_00, 2_000_00, 20_000_00]),
        swing_rule=dice.choice([*SwingRule]),
    )
    return replace(case, parameters=other)


def compared(case: Case) -> Counter[str]:
    """Compare one day; return how many trades it had, and what was left to the engine."""
    fast = run_by_kernel(case.prepared, {7: case.parameters})
    if fast.left:
        return Counter(fast.left.values())
    assert fast.scores == {7: run_by_engine(case.prepared, case.parameters)}, case.name
    score = fast.scores[7]
    return Counter(trades=score.trades, wins=score.wins, ambiguous=score.ambiguous)


def cases(first: int, days: int) -> Iterator[Case]:
    for seed in range(first, first + days):
        case = random_case(seed)
        yield case if seed % 2 else widely(case, Random(seed))  # noqa: S311 - seeded on purpose


def test_it_trades_as_the_engine_does() -> None:
    seen = sum(map(compared, cases(1, 60)), Counter[str]())
    assert seen["trades"] >= 40
    assert seen["wins"] > 0
    assert seen["ambiguous"] > 0
    assert sum(seen[why] for why in seen if " " in why) <= 6, "little is left to the engine"


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_it_trades_as_the_engine_does_on_many_days(block: int) -> None:
    seen = sum(map(compared, cases(20_000 + 500 * block, 500)), Counter[str]())
    assert seen["trades"] >= 250


def test_sets_of_a_day_do_not_touch_each_other() -> None:
    case = random_case(3)
    sets = {number: random_case(number).parameters for number in range(1, 60)}
    together = run_by_kernel(case.prepared, sets)
    assert len({score.deals for score in together.scores.values()}) > 3
    for number, parameters in sets.items():
        alone = run_by_kernel(case.prepared, {number: parameters})
        assert alone.scores.get(number) == together.scores.get(number)
        assert alone.left.get(number) == together.left.get(number)


@pytest.mark.parametrize("other", UNKNOWN, ids=str)
def test_what_it_does_not_model_is_the_engines(other: dict[str, Any]) -> None:
    case = random_case(3)
    fast = run_by_kernel(case.prepared, {1: case.parameters, 2: replace(case.parameters, **other)})
    assert fast.left == {2: "settings"}
    assert list(fast.scores) == [1]


def test_it_notices_slices_parts_and_margin() -> None:
    noticed = Counter[str]()
    for seed in range(1, 40):
        case = random_case(seed)
        prepared = case.prepared
        small = [replace(each, freeze=each.lot) for each in prepared.contracts]
        prepared.source.contracts = tuple(small)  # type: ignore[misc]
        for each, track in zip(small, prepared.source.followed.values(), strict=True):  # type: ignore[union-attr]
            track.contract = each
        noticed += compared(replace(case, prepared=replace(prepared, contracts=tuple(small))))
        dear = MarginRates(exposure=400.0)
        case = random_case(seed)
        noticed += compared(replace(case, prepared=replace(case.prepared, margin=dear)))
    assert noticed["orders in slices"] > 0
    assert noticed["margin near its limit"] > 0


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("store")
    made = ["data", "generate", "--from", "2026-03-02", "--days", "3", "--strikes", "4"]
    with pytest.raises(SystemExit):
        application("data")([*made, "--data", str(root)])
    return root


@pytest.mark.parametrize("rule", [*SwingRule])
def test_whole_days_are_traded_as_the_engine_does(stored: Path, rule: SwingRule) -> None:
    store, facts = Store(stored), package_facts()
    preparer, trades = Preparer(store, facts, Followed(4, None, None, 2000, 1000, 1500)), 0
    sets = {
        number: Parameters(
            swing_rule=rule, vwap_premium_min_bp=premium, target_points=points, max_positions=most
        )
        for number, (premium, points, most) in enumerate([(400, 10_00, 5), (0, 6_00, 2)])
    }
    for place in store.places(Kind.BARS):
        prepared = preparer.prepare(place)
        fast = run_by_kernel(prepared, sets)
        for number, score in fast.scores.items():
            assert score == run_by_engine(prepared, sets[number])
            trades += score.trades
    assert trades >= 10


def test_days_on_which_the_window_of_strikes_moves_are_left_to_the_engine(stored: Path) -> None:
    store, facts = Store(stored), package_facts()
    still, moving = (
        Preparer(store, facts, Followed(1, None, None, 2000, 1000, 1500, after)) for after in (0, 1)
    )
    moves = 0
    for place in store.places(Kind.BARS):
        prepared, before = moving.prepare(place), still.prepare(place)
        assert (before.window, before.moves, len(before.contracts)) == (None, {}, 6)
        moves += len(prepared.moves)
        assert bool(prepared.window) is bool(prepared.moves)
        if prepared.moves:
            assert set(before.contracts) < set(prepared.contracts)
            fast = run_by_kernel(prepared, {1: Parameters()})
            assert (fast.scores, {*fast.left.values()}) == (
                {},
                {"a day on which the window of strikes moves"},
            )
            assert run_by_engine(prepared, Parameters()).net is not None
    assert moves >= 3
