"""Simple days traded by our backtest and by an outside engine: do both find the same prices?

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install backtesting==0.6.5
    .venv/bin/python benchmarks/peers/simple_cases.py --peer /tmp/peer/bin/python

The outside engine, backtesting.py, is a program of its own in an environment of its own: it is no
dependency of ours. It has no intraday options, levels or selection, so it is told when to sell
under which trigger, with which stop, and when to leave; ours has to come to that by itself, from
the same bars. It fills stops at their trigger, or at the open of a bar that jumps over it: that is
our optimistic reading, which is compared. Stops without a limit are all it has, so no case jumps
over a limit. The exit code is 1 where prices differ by more than a tick, or trades are missing.
"""

import argparse
import json
import subprocess
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.layout import Kind
from swingbreak.bootstrap.backtest.prepared import Prepared, run_prepared
from swingbreak.domain.instrument import Right
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.facts.charges import ChargeRates
from swingbreak.facts.order_rules import OrderRules
from swingbreak.facts.spreads import Spreads
from swingbreak.market.day_bars import DayBars, IndexColumns, Origin
from swingbreak.risk.margin import MarginRates
from swingbreak.simulation.bar_day import BarSheet
from swingbreak.simulation.chain import contract
from swingbreak.simulation.fills import FillModel
from swingbreak.simulation.generator import NIFTY_2026

DAY, EXPIRY, STRIKE = date(2026, 11, 20), date(2026, 12, 1), 24_200_00
TICK, MINUTES = 5, 30
PEER = Path(__file__).with_name("in_backtesting_py.py")

# Rupees: open, high, low, close. The third bar confirms the low of 175.00; the highest high since
# is 184.00, so the entry is at 174.95, the stop at 185.00, and a position is of ten lots.
LOW = [(176, 177, 175, 176), (176, 178, 175.5, 177.5), (177.5, 184, 177, 183)]
WAITS = (183, 183.5, 179, 180)


@dataclass(frozen=True)
class Case:
    """A short day and what ours is expected to decide on it.

    Attributes:
        bars: Rupees, one a minute: open, high, low, close.
        stop: Of the entry, rupees: above the highest high when it fills.
        leave: Minute in which everything is closed.
    """

    name: str
    bars: Sequence[tuple[float, float, float, float]]
    stop: float = 185.0
    leave: int = 12


CASES = (
    Case("stop hit", [*LOW, WAITS, (180, 180.5, 174, 174.5), (175, 186, 174, 185)]),
    Case("exit at time", [*LOW, WAITS, (180, 180.5, 170, 171), (171, 173, 165, 166)]),
    Case("gap through the entry", [*LOW, WAITS, (173.5, 175, 170, 171), (171, 172, 165, 166)]),
    Case(
        "gap through the stop",
        [*LOW, WAITS, (180, 180.5, 174, 174.5), (175, 176, 174, 175), (186.5, 188, 186, 187)],
    ),
    Case("never broken", [*LOW, WAITS, (180, 182, 175.5, 181), (181, 183, 175, 182)]),
    Case(
        "stop moves with the high before the fill",
        [*LOW, (183, 188, 182, 187), (187, 187.5, 174, 175), (175, 190, 174.5, 189.5)],
        stop=189.0,
    ),
)


def whole(case: Case) -> list[tuple[int, int, int, int]]:
    """Return the bars in paise, the last price repeated to the end."""
    bars = [tuple(round(price * 100) for price in bar) for bar in case.bars]
    last = bars[-1][3]
    return [*bars, *[(last,) * 4] * (MINUTES - len(bars))]  # type: ignore[list-item]


def prepared(case: Case) -> Prepared:
    bars, facts, minutes = whole(case), load_facts(), array("q", range(MINUTES))
    columns = [array("q", column) for column in zip(*bars, strict=True)]
    spot = array("q", [STRIKE] * MINUTES)
    day = DayBars(
        case.name,
        Origin.SYNTHETIC,
        Session.on(DAY, time(9, 15), time(9, 45)),
        "NIFTY",
        "NIFTY",
        (contract(NIFTY_2026, EXPIRY, STRIKE, Right.CE),),
        (0, MINUTES),
        minutes,
        *columns,
        volume=array("q", [65_000] * MINUTES),
        ticks=array("q", [4] * MINUTES),
        index=IndexColumns(minutes, *[spot] * 4),
    )
    sheet = BarSheet(day)
    sheet.follow(day.contracts)
    return Prepared(
        day=DAY,
        kind=Kind.BARS,
        source=sheet,
        contracts=day.contracts,
        option_bars=MINUTES,
        synthetic=True,
        grade="A",
        notes=(),
        charges=ChargeRates.on(facts, "NFO", DAY),
        margin=MarginRates.of(facts, DAY),
        prices=OrderRules(facts).prices("NFO", DAY),
        spreads=Spreads.on(facts, DAY),
        headroom_bp=0,
    )


def our_trades(case: Case) -> list[list[float]]:
    """Return minute and price in rupees of each entry and exit."""
    parameters = Parameters(
        vwap_premium_min_bp=-9_000,  # the bars are too few for a premium
        force_exit=time(9, 15 + case.leave),
        last_entry=time(9, 21),  # one trade a case
        stale_after_s=10_000,
        feed_stale_after_s=10_000,
    )
    day = prepared(case)
    ran = run_prepared(day, parameters, FillModel.OPTIMISTIC)
    opens, minute = day.source.session.opens, timedelta(minutes=1)
    return [
        [
            (trade.opened_at - opens) // minute,
            trade.sold_value / trade.quantity / 100,
            (trade.closed_at - opens) // minute,
            trade.bought_value / trade.quantity / 100,
        ]
        for trade in (each.trade for each in ran.run.trades)
    ]


def peer_trades(python: Path) -> list[list[list[float]]]:
    asked = [
        {
            "bars": [[price / 100 for price in bar] for bar in whole(case)],
            "placed": len(LOW),
            "until": 6,
            "trigger": 174.95,
            "stop": case.stop,
            "leave": case.leave,
            "units": 650,
        }
        for case in CASES
    ]
    command = [str(python), str(PEER)]
    done = subprocess.run(  # noqa: S603 - the interpreter that was named
        command, input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{python} did not run {PEER.name}:\n{done.stderr}")
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def line(trades: Sequence[Sequence[float]]) -> str:
    said = (f"m{a:.0f} {b:.2f} -> m{c:.0f} {d:.2f}" for a, b, c, d in trades)
    return ", ".join(said) or "no trade"


def differ(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]) -> bool:
    """Whether trades are missing, are not of the same minutes, or more than a tick apart."""
    if len(ours) != len(theirs):
        return True
    pairs = zip(ours, theirs, strict=True)
    return any(
        abs(round(100 * (a - b))) > TICK if place % 2 else a != b
        for one, other in pairs
        for place, (a, b) in enumerate(zip(one, other, strict=True))
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, required=True, help="Python with backtesting.py")
    peer = peer_trades(parser.parse_args().peer)
    found = 0
    print(f"{'case':42}{'swingbreak':30}{'backtesting.py':30}")
    for case, theirs in zip(CASES, peer, strict=True):
        ours = our_trades(case)
        differs = differ(ours, theirs)
        found += differs
        print(f"{case.name:42}{line(ours):30}{line(theirs):30}{'differ' if differs else 'agree'}")
    print(f"{len(CASES)} cases, {found} differ by more than a tick")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
