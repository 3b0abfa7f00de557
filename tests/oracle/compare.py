"""Does the backtest trade as the naive day does? Every trade of many days is compared.

    python -m tests.oracle.compare --days 1000 --seed 1
    python -m tests.oracle.compare --store market-data --strikes 3

Random days are short and are made to meet rules at their very edges; stored ones are whole, and
traded under the default settings. Compared are symbol, quantity, both prices, both times to the
second, and why it was closed. The end of the output has how much was compared; the exit code is 1
where anything differs.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from swingbreak.adapters.store.layout import Kind, Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.bootstrap.backtest.prepared import (
    Followed,
    Prepared,
    Preparer,
    RanDay,
    run_prepared,
)
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Bar as StoredBar
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.facts.order_rules import NSE_PRICES
from swingbreak.facts.spreads import Spreads
from swingbreak.market.day_bars import traded_bars
from swingbreak.risk.margin import MarginRates
from tests.bar_days import day_bars, sheet_of
from tests.builders import DAY, EXPIRY
from tests.charging import package_facts, rates_of
from tests.made_up_days import NEVER_S, clock
from tests.oracle.days import random_bars, random_contracts
from tests.oracle.naive import NaiveDay
from tests.oracle.values import STEP, Bar, Contract, Traded

# the naive day knows no margin: none is asked for
NO_MARGIN = MarginRates(
    scan_floor=0, scan_sigmas=0, volatility_share=0, volatility_floor=0,
    exposure=0, far_exposure=0, expiry_day=0,
)  # fmt: skip
WHOLE = replace(Parameters(), stale_after_s=NEVER_S, feed_stale_after_s=NEVER_S)


@dataclass(frozen=True)
class Case:
    """A day, as either side is given it."""

    name: str
    prepared: Prepared
    parameters: Parameters
    bars: Mapping[str, Sequence[Bar]]


def random_parameters(dice: Random, minutes: int) -> Parameters:
    ends = minutes - dice.randint(1, 4)
    return Parameters(
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


def random_case(seed: int) -> Case:
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    minutes = dice.randint(15, 60)
    contracts = random_contracts(dice)
    bars = {each.symbol: random_bars(dice, minutes) for each in contracts}
    listed = [
        OptionContract(
            underlying="NIFTY", expiry=EXPIRY, strike=each.strike, right=Right(each.right),
            exchange="NFO", lot=each.lot, tick=STEP, freeze=1800, symbol=each.symbol,
        )
        for each in contracts
    ]  # fmt: skip
    rows = [[StoredBar(*bar, 4) for bar in bars[each.symbol]] for each in contracts]
    sheet = sheet_of(day_bars(listed, rows, Session.on(DAY, clock(0), clock(minutes))))
    prepared = Prepared(
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
    return Case(f"seed {seed}", prepared, random_parameters(dice, minutes), bars)


def stored_cases(root: Path, strikes: int) -> Iterator[Case]:
    store, facts = Store(root), package_facts()
    preparer = Preparer(store, facts, Followed(strikes, None, None, 2000, 0, WHOLE.bar_grace_ms))
    for place in store.places(Kind.BARS):
        prepared = replace(preparer.prepare(place), margin=NO_MARGIN)
        day = DayReader(store, facts).day(place.underlying, place.day)
        followed = {each.symbol for each in prepared.contracts}
        bars = {
            contract.symbol: [
                Bar(*bar[:6]) for bar in traded_bars(list(day.bars(row)), day.session.minutes)
            ]
            for row, contract in enumerate(day.contracts)
            if contract.symbol in followed
        }
        yield Case(f"{place.underlying} {place.day}", prepared, WHOLE, bars)


def rules_of(parameters: Parameters) -> dict[str, Any]:
    """Return the settings by name, times of day as milliseconds since the open."""
    rules = asdict(parameters)
    for name in ("force_exit", "last_entry"):
        at = rules[name]
        rules[f"{name}_ms"] = ((at.hour - 9) * 60 + at.minute - 15) * 60_000
    return rules


def naive_trades(case: Case) -> list[Traded]:
    contracts = [
        Contract(each.symbol, each.right.value, each.strike, each.lot)
        for each in case.prepared.contracts
    ]
    wide: Callable[[int], int] = case.prepared.spreads.wide
    charge = case.prepared.charges.charge
    naive = NaiveDay(contracts, case.bars, rules_of(case.parameters), wide, charge)
    return sorted(naive.run(case.prepared.source.session.minutes))


def engine_trades(ran: RanDay, opens: datetime) -> list[Traded]:
    """Return the backtest's trades; an order is on its way for part of a second, which is cut."""
    second = timedelta(seconds=1)
    return sorted(
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
    )


def compare(case: Case) -> tuple[list[Traded], list[Traded]]:
    """Return the backtest's trades and the naive day's."""
    ran = run_prepared(case.prepared, case.parameters)
    return engine_trades(ran, case.prepared.source.session.opens), naive_trades(case)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", type=Path, help="compare the days of this store instead")
    parser.add_argument("--strikes", type=int, default=3, help="each side of the money, of these")
    given = parser.parse_args()
    cases: Iterator[Case] = map(random_case, range(given.seed, given.seed + given.days))
    if given.store is not None:
        cases = stored_cases(given.store, given.strikes)
    counts: Counter[str] = Counter(differ=0)
    for case in cases:
        ours, naive = compare(case)
        counts += Counter(trade.reason for trade in naive)
        counts += Counter(days=1, trades=len(naive), differ=ours != naive)
        if ours != naive:
            say = [f"{case.name}: trades differ"]
            say += [f"  backtest alone {trade}" for trade in ours if trade not in naive]
            say += [f"  naive alone    {trade}" for trade in naive if trade not in ours]
            sys.stdout.write("\n".join(say) + "\n")
    sys.stdout.write(", ".join(f"{counts[key]} {key}" for key in sorted(counts)) + "\n")
    return int(counts["differ"] > 0)


if __name__ == "__main__":
    sys.exit(main())
