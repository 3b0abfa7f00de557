"""How fast an outside engine backtests the same days: NautilusTrader beside ours, in turn.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install nautilus_trader==1.221.0
    .venv/bin/python benchmarks/bench_peers.py --peer /tmp/peer/bin/python [--days 10] [--rounds 5]

Made-up days of 42 options are stored first, which is not counted. Each round times one pass of
ours over all days, then one of the peer's strategy, then one of the peer that only takes the bars;
CPU seconds, medians over the rounds. Printed beside each is how many fills it had a day, for an
engine that trades nothing is quick.

- Ours is the whole path: Parquet read, prepared, traded pessimistically, with margin and charges,
  the collector of cycles at rest as the command has it.
- The peer's is the same from file to fills, with what is said in ``peers/in_nautilus.py``: bars
  made by its own means; no charges, no margin, no latency. It is told every bar.
- *Run alone* is the peer's engine without reading and making bars, and ours likewise, days
  prepared but nothing of them known.
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
from swingbreak.bootstrap.sharing import rest_collector

PEER = Path(__file__).parent / "peers" / "in_nautilus.py"
Row = dict[str, float]


def ours(folder: Path) -> Row:
    """Trade all days of *folder*; of orders only those that traded are known afterwards."""
    preparer = preparer_of(folder)
    bars, whole, alone = 0, 0.0, 0.0
    ran: list[RanDay] = []
    for place in Store(folder).places(Kind.BARS):
        read = time.process_time()
        prepared = preparer.prepare(place)
        began = time.process_time()
        ran.append(run_prepared(prepared, PLAIN))
        ended = time.process_time()
        bars, whole, alone = (
            bars + prepared.option_bars,
            whole + ended - read,
            alone + ended - began,
        )
    trades = [each.trade for day in ran for each in day.run.trades]
    orders = sum(trade.orders for trade in trades)
    return {"seconds": alone, "whole": whole, "bars": bars, "fills": orders}


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
        rest_collector()
        ours(folder)  # what is only done once
        rows: dict[str, list[Row]] = {"ours": [], "NautilusTrader": [], "it, only bars": []}
        for _ in range(arguments.rounds):
            rows["ours"].append(ours(folder))
            rows["NautilusTrader"].append(peers(arguments.peer, folder))
            rows["it, only bars"].append(peers(arguments.peer, folder, "--idle"))
    print(f"{'':<16} {'bars':>9} {'bars/s':>9} {'run alone':>9} {'fills/day':>9}")
    rates: dict[str, list[float]] = {}
    for name, found in rows.items():
        bars, fills = found[0]["bars"], found[0]["fills"] / arguments.days
        rates[name] = [
            bars / statistics.median(row[key] for row in found) for key in ("whole", "seconds")
        ]
        whole, alone = rates[name]
        print(f"{name:<16} {bars:>9} {whole:>9,.0f} {alone:>9,.0f} {fills:>9.1f}")
    times = [mine / its for mine, its in zip(rates["ours"], rates["NautilusTrader"], strict=True)]
    print(f"ours is {times[0]:.1f} times the peer, and {times[1]:.1f} run alone")


if __name__ == "__main__":
    main()
