"""How fast a generated day runs in one process: engine and exchange with
charges and margin, no wire.

    python benchmarks/bench_day.py [--seeds 23 1 2 3] [--whole-day] [--profile]

Prints option-bars per CPU second, twice: the bars that the engine was given until the strategy
ended the day, and all bars that the day has, over the CPU time of the run. The first is the speed
of the engine at work, the second what a search over days gets. Making the day up and cutting it
into minutes is done before and not counted. With ``--whole-day`` the daily limits are out of reach.
"""

import argparse
import cProfile
import gc
import pstats
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from swingbreak.adapters.facts_file import load_facts
from swingbreak.domain.commands import Command
from swingbreak.domain.events import Event, MinuteClosed
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.facts.charges import ChargeRates
from swingbreak.risk.margin import MarginRates
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inprocess import InProcessDay
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.trader import Trader
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.funded import funded_exchange
from swingbreak.simulation.generator import DaySpec, generate_day

ROUNDS = 7
OUT_OF_REACH = 10_000
HEADROOM_BP = 1000  # the setting's default
FACTS = load_facts()


class Forgetful:
    """A ledger that keeps nothing."""

    def append(self, at: datetime, records: Sequence[Record]) -> None:
        """Forget *records*."""


class BarCounter:
    """Counts what the engine was given."""

    def __init__(self) -> None:
        self.bars = 0

    def saw(self, _at: datetime, event: Event, _commands: list[Command]) -> None:
        """Count the bars of a slice."""
        if isinstance(event, MinuteClosed):
            self.bars += len(event.bars)


def run(day: CutDay, parameters: Parameters) -> tuple[int, int, float]:
    """Run *day* once; return bars, trades and CPU seconds."""
    counter = BarCounter()
    on, session = day.tape.session.day, day.tape.session
    charges = ChargeRates.on(FACTS, day.contracts[0].exchange, on)
    engine = Engine(session, day.contracts, parameters, charges.charge)
    trader = Trader(engine, Forgetful(), counter)
    venue, cash = funded_exchange(day.tape, day.spot, rates=MarginRates.of(FACTS, on))
    check = LocalCheck(cash, EntryMargin.of(engine, HEADROOM_BP))
    started = time.process_time()
    InProcessDay(day, trader, venue, parameters, check).run()
    spent = time.process_time() - started
    return counter.bars, len(engine.state.holdings.trades), spent


def main() -> None:
    """Run each day several times and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[23, 1, 2, 3])
    arguments.add_argument("--whole-day", action="store_true")
    arguments.add_argument("--profile", action="store_true")
    asked = arguments.parse_args()
    parameters = Parameters()
    if asked.whole_day:
        parameters = replace(parameters, daily_target_r=OUT_OF_REACH, daily_stop_r=-OUT_OF_REACH)
    head = f"{'seed':>5} {'given':>6} {'of':>6} {'trades':>6} {'ms (median)':>12}"
    print(f"{head} {'given/s':>9} {'day/s':>9}")
    for seed in asked.seeds:
        tape = generate_day(DaySpec(seed=seed, strikes=10))
        day = CutDay(tape, parameters.bar_grace_ms)
        gc.collect()
        gc.freeze()
        rounds = [run(day, parameters) for _ in range(ROUNDS)]
        bars, trades, _ = rounds[0]
        median = statistics.median(spent for *_, spent in rounds)
        whole = sum(len(minute.bars) for minute in day.minutes)
        figures = f"{seed:>5} {bars:>6} {whole:>6} {trades:>6} {median * 1000:>12.1f}"
        print(f"{figures} {bars / median:>9,.0f} {whole / median:>9,.0f}")
        if asked.profile:
            profile = cProfile.Profile()
            profile.runcall(run, day, parameters)
            pstats.Stats(profile).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
