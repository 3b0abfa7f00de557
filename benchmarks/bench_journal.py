"""What keeping a day costs on the way from a tick to an order: chain, commit, event tape.

A commit is of two rows, as a fill and its stop are, into a database on this machine's disk. It is
made with and without the chain in turn, so that both meet the same disk and the same load; without
means that the link is a constant. CPU time tells what the chain adds, wall time what the disk
takes. The tape hears ticks as a day has them and hands them over when its buffer is full.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from swingbreak.adapters.event_tape import EventTapeFile
from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.sqlite import ledger as ledger_module
from swingbreak.adapters.sqlite.chain import ORIGIN, LedgerRow, link
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.events import OrderFilled, TickReceived
from swingbreak.domain.market import Tick
from swingbreak.domain.orders import OrderIntent, Purpose, Side, Slot
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.told import DayTerms, ProcessBegan
from swingbreak.facts.charges import ChargeRates
from swingbreak.simulation.generator import DaySpec

AT = datetime(2026, 11, 20, 4, 1, 5, 250_000, tzinfo=UTC)
SYMBOL = "NIFTY01DEC2624500PE"
STOP = OrderIntent(
    Slot(Purpose.CLOSE, SYMBOL), SYMBOL, Side.BUY, 650, 188_00, 185_00, reason="stop"
)
MICRO = 1000  # nanoseconds


def no_link(previous: str, _row: LedgerRow) -> str:
    return previous


@contextmanager
def chained(*, is_on: bool) -> Iterator[None]:
    vars(ledger_module)["link"] = link if is_on else no_link
    try:
        yield
    finally:
        vars(ledger_module)["link"] = link


def commits(folder: Path, rounds: int) -> dict[bool, tuple[list[int], list[int]]]:
    """Return CPU and wall nanoseconds of each commit, with the chain and without."""
    found: dict[bool, tuple[list[int], list[int]]] = {True: ([], []), False: ([], [])}
    with open_writer(folder / "live_state.db") as database:
        ledger = SqliteLedger(database)
        for n in range(2 * rounds):
            is_on = n % 2 == 0
            rows = [OrderFilled(AT, f"o{n}", f"b{n}:650", 650, 650 * 174_95)]
            with chained(is_on=is_on):
                cpu, wall = time.process_time_ns(), time.perf_counter_ns()
                ledger.append(AT, [*rows, SubmitOrder(f"o{n + 1}", STOP)])
                found[is_on][0].append(time.process_time_ns() - cpu)
                found[is_on][1].append(time.perf_counter_ns() - wall)
    return found


def heard(folder: Path, count: int) -> list[int]:
    """Return the nanoseconds that hearing each of *count* ticks took."""
    session, rates = DaySpec().session, ChargeRates.on(load_facts(), "NFO", AT.date())
    terms = DayTerms(session, (), Parameters(), rates)
    ticks = [
        TickReceived(AT, Tick(SYMBOL, AT, 174_95 + n % 100, n * 65, 174_90, 175_00, 650, 1300))
        for n in range(count)
    ]
    took = []
    with EventTapeFile(folder / "events.tape", lambda: (0, ORIGIN), print) as tape:
        tape.begin(ProcessBegan(AT, "0", "bench", terms, 0))
        for tick in ticks:
            began = time.perf_counter_ns()
            tape.hear(tick)
            took.append(time.perf_counter_ns() - began)
    return took


def line(name: str, nanoseconds: list[int]) -> str:
    p99 = quantiles(nanoseconds, n=100)[-1]
    return f"{name:<32}{median(nanoseconds) / MICRO:10.1f}{p99 / MICRO:10.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=2000)
    parser.add_argument("--ticks", type=int, default=200_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="swingbreak-") as folder:
        found = commits(Path(folder), asked.commits)
        took = heard(Path(folder), asked.ticks)
        size = (Path(folder) / "events.tape").stat().st_size
    print(f"{'microseconds':<32}{'p50':>10}{'p99':>10}")
    for is_on, name in ((False, "without the chain"), (True, "with the chain")):
        print(line(f"commit {name}, CPU", found[is_on][0]))
        print(line(f"commit {name}, wall", found[is_on][1]))
    print(line("a tick heard", took))
    print(f"{size / asked.ticks:.0f} bytes a tick")


if __name__ == "__main__":
    main()
