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
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import EntryType, Parameters, SwingRule
from swingbreak.facts.order_rules import NSE_PRICES, PriceBand
from swingbreak.risk.margin import Leg, MarginModel, MarginRates
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.simulation.bar_day import BarSheet
from swingbreak.simulation.funded import yesterdays_volatility
from tests.charging import package_facts
from tests.oracle.compare import Case, random_case

pytest.importorskip("numba")
pytestmark = pytest.mark.usefixtures("compiled")

MARGIN = "margin near its limit"

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
    assert noticed[MARGIN] > 0


def nearly_funded(seed: int) -> Case:
    """Return a day whose margins are such that some entries can be carried and others not."""
    dice, case = Random(seed), random_case(seed)  # noqa: S311 - seeded on purpose
    if seed % 2:
        case = widely(case, dice)
    exposure = dice.uniform(0.02, 0.5)
    rates = MarginRates(
        scan_floor=dice.uniform(0.05, 0.4),
        volatility_floor=dice.choice([0.04, 0.5]),
        exposure=exposure,
        far=0.005,
        far_exposure=exposure * dice.choice([1, 1.5]),
    )
    parameters = replace(
        case.parameters,
        max_positions=dice.choice([3, 5]),
        max_per_right=dice.choice([2, 3]),
        r_value=dice.choice([20_000_00, 6_500_00]),
    )
    headroom = dice.choice([0, 1000, 3000])
    prepared = replace(case.prepared, margin=rates, headroom_bp=headroom)
    return replace(case, prepared=prepared, parameters=parameters)


def near_the_limit(seeds: range) -> tuple[Counter[str], int]:
    """Compare days with dear margins; also return how many left to the engine it then refused."""
    seen, truly = Counter[str](), 0
    refusal, refused = EntryMargin.refusal, list[str]()

    def noted(*asked: Any) -> str:
        refused.append(refusal(*asked))
        return refused[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EntryMargin, "refusal", noted)
        for case in map(nearly_funded, seeds):
            refused.clear()
            found = compared(case)
            seen += found
            if found[MARGIN]:
                run_by_engine(case.prepared, case.parameters)
                truly += any(refused)
            else:
                assert not any(refused), f"{case.name}: a refusal that the kernel has not noticed"
    return seen, truly


def test_margin_near_its_limit_is_either_enough_or_noticed() -> None:
    seen, truly = near_the_limit(range(1, 101))
    assert seen["trades"] >= 40
    # what is doubtful is seldom so for nothing
    assert truly >= 20
    assert seen[MARGIN] - truly <= 3


@pytest.mark.slow
def test_margin_near_its_limit_is_either_enough_or_noticed_on_many_days() -> None:
    seen, truly = near_the_limit(range(1000, 3000))
    assert seen["trades"] >= 1000
    assert seen[MARGIN] - truly <= truly // 10


def narrowly(seed: int) -> Case:
    """Return a day whose price band some orders are within and others not."""
    dice, case = Random(seed), random_case(seed)  # noqa: S311 - seeded on purpose
    if seed % 2:
        case = widely(case, dice)
    band = PriceBand(dice.choice([1, 2, 3, 4, 6, 10]), dice.choice([0, 1_00, 3_00, 5_00]))
    prices = replace(NSE_PRICES, protection=band)
    return replace(case, prepared=replace(case.prepared, prices=prices))


def test_prices_near_a_band_are_either_within_or_noticed() -> None:
    seen = sum(map(compared, map(narrowly, range(1, 121))), Counter[str]())
    assert seen["trades"] >= 20
    assert seen["prices near a band"] >= 20


@pytest.mark.slow
def test_prices_near_a_band_are_either_within_or_noticed_on_many_days() -> None:
    seen = sum(map(compared, map(narrowly, range(1000, 3000))), Counter[str]())
    assert seen["trades"] >= 400


def test_what_a_day_needs_at_most_is_not_less_than_it_needs_at_any_index() -> None:
    from swingbreak.research.margins import needs_of  # noqa: PLC0415 - numpy

    dice = Random(5)  # noqa: S311 - seeded on purpose
    for seed in range(1, 30):
        case = nearly_funded(seed)
        source, rates = case.prepared.source, case.prepared.margin
        assert isinstance(source, BarSheet)
        needs, units = needs_of(source, rates), [dice.randint(0, 900) for _ in source.contracts]
        spots: list[Paise] = [price for _, price in source.index]
        most = max((needs.together * [[each] for each in units]).sum(axis=0))
        model, volatility = MarginModel(source.session.day, rates), yesterdays_volatility(source)
        legs = [Leg(each, -many) for each, many in zip(source.contracts, units, strict=True)]
        for spot in (min(spots), max(spots), *(dice.choice(spots) for _ in range(3))):
            assert model.required(legs, spot, volatility).total <= most + 2
            for leg, alone in zip(legs, needs.alone, strict=True):
                total = model.required([leg], spot, volatility).total
                assert total <= -leg.quantity * alone + 2


def test_a_day_of_too_many_symbols_is_the_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    from swingbreak.research import preparing  # noqa: PLC0415 - numpy

    case = random_case(3)
    monkeypatch.setattr(preparing, "MOST_SYMBOLS", len(case.prepared.contracts) - 1)
    fast = run_by_kernel(case.prepared, {1: case.parameters})
    assert fast.left == {1: "a day too large"}
    assert not fast.scores


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
