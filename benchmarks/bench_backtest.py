"""How fast stored days are backtested: engine, exchange, charges, margin, Parquet, everything.

    python benchmarks/bench_backtest.py [--days 60] [--rounds 5] [--data DIR] [--scaling]

Made-up days of 42 options are stored as minute bars first, which is not counted. Printed are

- warm: each day prepared (read, columns) and run under the pessimistic model in one process; CPU
  seconds, the median over the rounds of the sum over the days. Option-bars are all bars of the
  days, those after the strategy had ended its day included; a second row has the daily limits out
  of reach, so that every day is traded to its force-exit, and a third all three fill models;
- again: prepared days run once more, as a sweep runs them: swings are known;
- cold: the command in a process of its own, into an empty folder; CPU and wall seconds, and its
  largest memory; with one process and with two;
- with ``--scaling``: the same for four times the options and for eight times the days.

``--profile`` shows where the time goes. A loop of known work is timed beside it: on a machine that
does something else, every figure grows with it.
"""

import argparse
import cProfile
import os
import pstats
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.layout import Kind, Store
from swingbreak.bootstrap.backtest.prepared import Followed, Prepared, Preparer, run_prepared
from swingbreak.bootstrap.sharing import rest_collector
from swingbreak.bootstrap.storing import Making, generate_days
from swingbreak.domain.parameters import Parameters
from swingbreak.simulation.fills import FillModel

FIRST = date(2025, 1, 1)
OUT_OF_REACH = 10_000
LOOPS = 2_000_000
PLAIN = Parameters()
WHOLE = replace(PLAIN, daily_target_r=OUT_OF_REACH, daily_stop_r=-OUT_OF_REACH)
HEADLINE = (FillModel.PESSIMISTIC,)


def yardstick() -> float:
    """Return the nanoseconds that one turn of a plain loop takes now."""
    began, total = time.process_time(), 0
    for number in range(LOOPS):
        total += number
    return (time.process_time() - began) / LOOPS * 1e9


def store_of(root: Path, days: int, strikes: int = 10) -> Path:
    """Store *days* made-up days below *root*, those that are there already not again."""
    folder = root / f"strikes-{strikes}"
    generate_days(folder, Making("NIFTY", days, FIRST, 1, strikes), jobs=2)
    return folder


def preparer_of(folder: Path, strikes: int = 10) -> Preparer:
    followed = Followed(strikes, None, None, 2000, 1000, PLAIN.bar_grace_ms)
    return Preparer(Store(folder), load_facts(), followed)


def warm(
    folder: Path, rounds: int, parameters: Parameters, models: Sequence[FillModel] = HEADLINE
) -> tuple[int, float]:
    """Return the bars of all days, and the median CPU seconds of preparing and running them."""
    preparer, spent = preparer_of(folder), []
    places = list(Store(folder).places(Kind.BARS))
    bars = 0
    for _ in range(rounds + 1):  # the first is not counted
        began, bars = time.process_time(), 0
        for place in places:
            prepared = preparer.prepare(place)
            bars += prepared.option_bars
            for model in models:
                run_prepared(prepared, parameters, model)
        spent.append(time.process_time() - began)
    return bars, statistics.median(spent[1:])


def again(days: Sequence[Prepared], rounds: int) -> tuple[int, float]:
    """Return the same of running days that have been run before."""
    spent = []
    for _ in range(rounds + 1):
        began = time.process_time()
        for day in days:
            run_prepared(day, PLAIN)
        spent.append(time.process_time() - began)
    return sum(day.option_bars for day in days), statistics.median(spent[1:])


def cold(folder: Path, jobs: int, strikes: int = 10) -> tuple[float, float, float]:
    """Return CPU and wall seconds of the command, and the most MB that a process of it took."""
    out = Path(tempfile.mkdtemp())
    config = out / "bench.toml"
    config.write_text(f"strikes_each_side = {strikes}\n", "utf-8")
    command = [sys.executable, "-m", "swingbreak", "backtest", "--data", str(folder), "--json"]
    command += ["--out", str(out / "run"), "--fills", "pessimistic", "--jobs", str(jobs)]
    command += ["--config", str(config)]
    before, began = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - this program
    _, status, usage = os.wait4(process.pid, 0)
    wall, after = time.perf_counter() - began, os.times()
    process.returncode = os.waitstatus_to_exitcode(status)
    shutil.rmtree(out)
    if process.returncode:
        raise SystemExit(f"the backtest ended with code {process.returncode}")
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return cpu, wall, usage.ru_maxrss / 1024


def row(what: str, bars: int, seconds: float, days: int) -> None:
    figures = f"{seconds:>9.2f} {seconds / days * 1000:>8.1f} {bars / seconds:>10,.0f}"
    print(f"{what:<40} {bars:>9} {figures}")


def measure_warm(folder: Path, days: int, rounds: int) -> None:
    print(f"{'warm, one process':<40} {'bars':>9} {'CPU s':>9} {'ms/day':>8} {'bars/s':>10}")
    row("read and run, pessimistic", *warm(folder, rounds, PLAIN), days)
    row("the same, no daily limits", *warm(folder, rounds, WHOLE), days)
    row("all three models", *warm(folder, rounds, PLAIN, tuple(FillModel)), days)
    preparer = preparer_of(folder)
    prepared = [preparer.prepare(place) for place in Store(folder).places(Kind.BARS)]
    row("again, already prepared", *again(prepared, rounds), days)


def measure_cold(what: str, folder: Path, days: int, strikes: int = 10) -> None:
    for jobs in (1, 2):
        cpu, wall, most = cold(folder, jobs, strikes)
        figures = f"{cpu:>7.2f} {wall:>7.2f} {cpu / days * 1000:>8.1f} {most:>5.0f}"
        print(f"{what:<26} {jobs:>5} {days:>5} {figures}")


def profile(folder: Path) -> None:
    stats = cProfile.Profile()
    stats.runcall(warm, folder, 1, PLAIN)
    pstats.Stats(stats).sort_stats("tottime").print_stats(30)


def main() -> None:
    """Store the days, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--days", type=int, default=60)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--scaling", action="store_true")
    arguments.add_argument("--data", type=Path, help="Where the days are stored; kept if given.")
    arguments.add_argument("--profile", action="store_true")
    asked = arguments.parse_args()
    root = asked.data or Path(tempfile.mkdtemp())
    days = asked.days
    folder = store_of(root, days)
    rest_collector()  # as the command does
    print(f"yardstick: {yardstick():.1f} ns a turn")
    measure_warm(folder, days, asked.rounds)
    print(f"yardstick: {yardstick():.1f} ns a turn")
    print(f"{'cold, the command':<26}  jobs  days   CPU s  wall s   ms/day    MB")
    measure_cold("42 options", folder, days)
    if asked.scaling:
        measure_cold("four times the options", store_of(root, days, 42), days, 42)
        measure_cold("eight times the days", store_of(root / "more", 8 * days), 8 * days)
    if asked.profile:
        profile(folder)
    if asked.data is None:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
