"""Does the backtest trade as the naive day does? Every trade of many random days is compared.

python -m tests.oracle.compare --days 1000 --seed 1
"""

import argparse
from collections import Counter
from dataclasses import asdict
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from swingbreak.adapters.store.layout import Kind
from swingbreak.bootstrap.backtest.prepared import Prepared, RanDay, run_prepared
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Bar as StoredBar
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.facts.order_rules import NSE_PRICES
from swingbreak.facts.spreads import Spreads
from swingbreak.risk.margin import MarginRates
from tests.bar_days import day_bars, sheet_of
from tests.builders import DAY, EXPIRY
from tests.charging import package_facts, rates_of
from tests.oracle.days import STEP, random_bars, random_contracts
from tests.oracle.naive import Bar, Contract, NaiveDay, Traded

NO_MARGIN = MarginRates(
    scan_floor=0, scan_sigmas=0, volatility_share=0, volatility_floor=0,
    exposure=0, far_exposure=0, expiry_day=0,
)  # fmt: skip
NEVER_S = 100_000


class Made(NamedTuple):
    contracts: list[Contract]
    bars: dict[str, list[Bar]]
    parameters: Parameters
    minutes: int


def clock(minute: int) -> time:
    return time(9 + (15 + minute) // 60, (15 + minute) % 60)


def made(seed: int) -> Made:
    dice = Random(seed)  # noqa: S311 - seeded test data
    minutes = dice.randint(15, 60)
    contracts = random_contracts(dice)
    bars = {each.symbol: random_bars(dice, minutes) for each in contracts}
    ends = minutes - dice.randint(1, 4)
    parameters = Parameters(
        vwap_premium_min_bp=dice.choice([400, 0, -9000, -9000, -9000]),
        stop_min_bp=dice.choice([200, 50, 10]),
        stop_max_bp=dice.choice([1000, 1000, 2000, 500]),
        price_min=dice.choice([100_00, 50_00]),
        price_max=dice.choice([300_00, 400_00]),
        prefer_round_strike=dice.random() < 0.3,
        max_lots=dice.choice([10, 4]),
        entry_fill_s=dice.choice([60, 60, 30]),
        entry_limit_buffer=dice.choice([300, 300, 50]),
        stop_limit_buffer=dice.choice([300, 300, 50]),
        max_positions=dice.choice([5, 2, 1]),
        max_per_right=dice.choice([3, 1]),
        daily_target_r=dice.choice([5, 2, 1]),
        daily_stop_r=-dice.choice([5, 2, 1]),
        force_exit=clock(ends),
        last_entry=clock(ends - dice.choice([0, 0, 3])),
        stale_after_s=NEVER_S,
        feed_stale_after_s=NEVER_S,
    )
    return Made(contracts, bars, parameters, minutes)


def prepared_of(day: Made) -> Prepared:
    listed = [
        OptionContract(
            underlying="NIFTY", expiry=EXPIRY, strike=each.strike, right=Right(each.right),
            exchange="NFO", lot=each.lot, tick=STEP, freeze=each.freeze, symbol=each.symbol,
        )
        for each in day.contracts
    ]  # fmt: skip
    rows = [[StoredBar(*bar, 4) for bar in day.bars[each.symbol]] for each in day.contracts]
    session = Session.on(DAY, clock(0), clock(day.minutes))
    sheet = sheet_of(day_bars(listed, rows, session))
    return Prepared(
        day=DAY,
        kind=Kind.BARS,
        source=sheet,
        contracts=sheet.contracts,
        option_bars=len(sheet),
        synthetic=True,
        grade="A",
        notes=(),
        charges=rates_of(),
        margin=NO_MARGIN,
        prices=NSE_PRICES,
        spreads=Spreads.on(package_facts(), DAY),
        headroom_bp=0,
    )


def rules_of(parameters: Parameters) -> dict[str, Any]:
    """Return the settings by name, times of day as milliseconds since the open."""
    rules = asdict(parameters)
    for name in ("force_exit", "last_entry"):
        at = rules[name]
        rules[f"{name}_ms"] = ((at.hour - 9) * 60 + at.minute - 15) * 60_000
    return rules


def naive_trades(day: Made) -> list[Traded]:
    spreads = Spreads.on(package_facts(), DAY)
    naive = NaiveDay(
        day.contracts, day.bars, rules_of(day.parameters), spreads.wide, rates_of().charge
    )
    return naive.run(day.minutes)


def engine_trades(ran: RanDay, opens: datetime) -> list[Traded]:
    second = timedelta(seconds=1)
    return [
        Traded(
            trade.symbol,
            trade.quantity,
            trade.sold_value // trade.quantity,
            (trade.opened_at - opens) // second * 1000,
            trade.bought_value // trade.quantity,
            (trade.closed_at - opens) // second * 1000,
            trade.exit_reason,
        )
        for trade in (each.trade for each in ran.run.trades)
    ]


def compare(seed: int) -> tuple[list[Traded], list[Traded]]:
    day = made(seed)
    prepared = prepared_of(day)
    ran = run_prepared(prepared, day.parameters)
    return sorted(engine_trades(ran, prepared.source.session.opens)), sorted(naive_trades(day))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed in range(given.seed, given.seed + given.days):
        engine, naive = compare(seed)
        counts["trades"] += len(naive)
        counts.update(trade.reason for trade in naive)
        if engine != naive:
            counts["differ"] += 1
            print("seed", seed)  # noqa: T201 - a script
            print("  engine only", [t for t in engine if t not in naive][:3])  # noqa: T201 - as above
            print("  naive only ", [t for t in naive if t not in engine][:3])  # noqa: T201 - as above
    print(dict(counts))  # noqa: T201 - as above


if __name__ == "__main__":
    main()
