"""Every trade of a run under every fill model: in order, inside its bar, after its order."""

import gc
from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.adapters.store.layout import Kind
from swingbreak.bootstrap.backtest.prepared import Prepared, run_prepared
from swingbreak.domain.money import Paise
from swingbreak.facts.order_rules import NSE_PRICES
from swingbreak.risk.margin import MarginRates
from swingbreak.simulation.fills import FillModel
from tests.bar_days import SPREADS, made_up_bars, sheet_of
from tests.charging import rates_of
from tests.made_up_days import made_up_parameters


def prepared_of(seed: int) -> tuple[Prepared, Random]:
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    bars = made_up_bars(dice)
    sheet = sheet_of(bars)
    prepared = Prepared(
        day=bars.day,
        kind=Kind.BARS,
        source=sheet,
        contracts=sheet.contracts,
        option_bars=len(sheet),
        synthetic=True,
        grade="A",
        notes=(),
        charges=rates_of(),
        margin=MarginRates(),
        prices=NSE_PRICES,
        spreads=SPREADS,
        headroom_bp=1000,
    )
    return prepared, dice


def check(seed: int) -> Counter[str]:
    prepared, dice = prepared_of(seed)
    parameters = made_up_parameters(dice, prepared.source.session.minutes)
    seen: Counter[str] = Counter()
    for model in FillModel:
        ran = run_prepared(prepared, parameters, model)
        for trade, repriced in zip(ran.run.trades, ran.repriced, strict=True):
            assert trade.trade.trade_id == repriced.trade_id
            nets: list[Paise] = [repriced.nets[each.value] for each in FillModel]
            assert nets == sorted(nets), seed
            assert repriced.nets[model.value] == trade.trade.net, seed
            seen["trades"] += 1
            seen["differ"] += nets[0] < nets[-1]
            seen["ambiguous"] += trade.ambiguous
            assert trade.ambiguous is (trade.stake > 0)
    return seen


def test_pessimistic_is_never_better_than_calibrated_nor_that_than_optimistic() -> None:
    seen: Counter[str] = Counter()
    for seed in range(60):
        seen += check(seed)
    assert seen["trades"] > 100
    assert seen["differ"] > 50
    assert seen["ambiguous"] > 0


@settings(deadline=None, max_examples=25)
@given(st.integers(100, 2**32))
def test_the_models_are_in_order_on_any_day(seed: int) -> None:
    check(seed)


def test_a_day_that_is_over_leaves_nothing_to_the_collector_of_cycles() -> None:
    prepared, dice = prepared_of(24)
    parameters = made_up_parameters(dice, prepared.source.session.minutes)
    assert run_prepared(prepared, parameters).run.trades  # what is kept for later is there now
    gc.collect()
    gc.disable()
    try:
        run_prepared(prepared, parameters)
        left = gc.collect()
    finally:
        gc.enable()
    assert left == 0
