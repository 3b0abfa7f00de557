"""How fast an outside engine backtests the same days: NautilusTrader beside ours, in turn.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install nautilus_trader==1.221.0
    .venv/bin/python benchmarks/bench_peers.py --peer /tmp/peer/bin/python [--days 10] [--rounds 5]

Made-up days of 42 options are stored first, which is not counted. Each round times one pass of
ours over all days, then one of the peer's strategy, then one of the peer that only takes the bars;
CPU seconds, medians over the rounds. Printed beside each is how many fills it had a day, for an
engine that trades nothing is quick.

- Ours is the whole path: Parquet read, prepared, traded pessimistically, with margin and charges.
- The peer's figure is its engine's run alone, with what is said in ``peers/in_nautilus.py``: files
  read and bars made before; no charges, no margin, no latency. It is told every bar.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench_backtest import PLAIN, preparer_of, store_of

from swingbreak.adapters.store.layout import Kind, Store
from swingbreak.bootstrap.backtest.prepared import RanDay, run_prepared

PEER = Path(__file__).parent / "peers" / "in_nautilus.py"
Row = dict[str, float]


def ours(folder: Path) -> Row:
    """Trade all days of *folder*; of orders only those that traded are known afterwards."""
    preparer = preparer_of(folder)
    began, bars = time.process_time(), 0
    ran: list[RanDay] = []
    for place in Store(folder).places(Kind.BARS):
        prepared = preparer.prepare(place)
        bars += prepared.option_bars
        ran.append(run_prepared(prepared, PLAIN))
    seconds = time.process_time() - began
    trades = [each.trade for day in ran for each in day.run.trades]
    orders = sum(trade.orders for trade in trades)
    return {"seconds": seconds, "bars": bars, "fills": orders}


def peers(python: str, folder: Path, *flags: str) -> Row:
    """Let the peer do the same."""
    store = Store(folder)
    files = [str(store.path(place)) for place in store.places(Kind.BARS)]
    done = subprocess.run(  # noqa: S603 - what the caller named
        [python, str(PEER), *flags, *files], stdout=subprocess.PIPE, check=True
    )
    found: Row = json.loads(done.stdout)
    return found


def main() -> None:
    """Store the days, time all in turn, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--peer", required=True, help="The Python that has NautilusTrader.")
    asked.add_argument("--days", type=int, default=10)
    asked.add_argument("--rounds", type=int, default=5)
    arguments = asked.parse_args()
    with tempfile.TemporaryDirectory() as root:
        folder = store_of(Path(root), arguments.days)
        ours(folder)  # what is only done once
        rows: dict[str, list[Row]] = {"ours": [], "NautilusTrader": [], "it, only bars": []}
        for _ in range(arguments.rounds):
            rows["ours"].append(ours(folder))
            rows["NautilusTrader"].append(peers(arguments.peer, folder))
            rows["it, only bars"].append(peers(arguments.peer, folder, "--idle"))
    print(f"{'':<16} {'bars':>9} {'CPU s':>8} {'bars/s':>9} {'fills/day':>9}")
    rates = {}
    for name, found in rows.items():
        seconds, one = statistics.median(row["seconds"] for row in found), found[0]
        rates[name] = one["bars"] / seconds
        fills = one["fills"] / arguments.days
        print(f"{name:<16} {one['bars']:>9} {seconds:>8.2f} {rates[name]:>9,.0f} {fills:>9.1f}")
    print(f"ours is {rates['ours'] / rates['NautilusTrader']:.1f} times the peer")


if __name__ == "__main__":
    main()
