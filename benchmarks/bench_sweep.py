"""How fast a sweep is: many sets of settings over stored days of 42 options.

    python benchmarks/bench_sweep.py [--days 184] [--sets 1000] [--data DIR] [--jobs 2]

Made-up days are stored as minute bars first, which is not counted, and one set on one day is run
before, so that the kernel is compiled. Printed are

- the command in a process of its own, into an empty folder: CPU seconds of it and of the processes
  that it starts, and wall seconds; reading, swings, scores, files and the comparison with the
  engine included; with one process, and with ``--jobs``;
- one prepared day under all sets, by the kernel, and under a few by the engine; CPU milliseconds a
  set, the median over some days.

Sets are drawn from seven settings, all of them within the strategy's own ranges.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.layout import Kind, Store
from swingbreak.bootstrap.backtest.prepared import Followed, Preparer
from swingbreak.bootstrap.storing import Making, generate_days
from swingbreak.bootstrap.sweep.scoring import run_by_engine, run_by_kernel
from swingbreak.bootstrap.sweep.space import ranged, sampled
from swingbreak.settings import load

FIRST = date(2025, 1, 1)
RANGES = (
    "stop_max_percent=6..14:1",
    "stop_min_percent=1..4:0.5",
    "target_points_rupees=6..14:1",
    "vwap_premium_min_percent=0..8:0.5",
    "r_value_rupees=3000..12000:500",
    "max_positions=1..5:1",
    "daily_target_r=2..6:1",
)
SOME_DAYS, SOME_SETS = 5, 10


def swept(folder: Path, sets: int, jobs: int) -> tuple[float, float]:
    """Return CPU and wall seconds of the command."""
    out = Path(tempfile.mkdtemp())
    command = [sys.executable, "-m", "swingbreak", "sweep", "--data", str(folder), "--json"]
    command += ["--out", str(out), "--random", str(sets), "--jobs", str(jobs)]
    command += [word for axis in RANGES for word in ("--range", axis)]
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - this program
    wall, after = time.perf_counter() - began, os.times()
    shutil.rmtree(out)
    if done.returncode:
        raise SystemExit(f"the sweep ended with code {done.returncode}")
    cpu = after.children_user + after.children_system
    return cpu - before.children_user - before.children_system, wall


def alone(folder: Path, sets: int) -> tuple[float, float]:
    """Return the CPU milliseconds that a set takes on a prepared day, by kernel and by engine."""
    points = sampled([*map(ranged, RANGES)], sets, 1)
    every = {n: load(None, overrides=point).parameters for n, point in enumerate(points)}
    preparer = Preparer(Store(folder), load_facts(), Followed(10, None, None, 2000, 1000, 1500))
    kernel, engine = [], []
    for place in list(Store(folder).places(Kind.BARS))[:SOME_DAYS]:
        prepared = preparer.prepare(place)
        run_by_engine(prepared, every[0])  # finds the swings for both
        began = time.process_time()
        run_by_kernel(prepared, every)
        kernel.append((time.process_time() - began) / sets * 1000)
        began = time.process_time()
        for number in range(SOME_SETS):
            run_by_engine(prepared, every[number])
        engine.append((time.process_time() - began) / SOME_SETS * 1000)
    return statistics.median(kernel), statistics.median(engine)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=184)
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--data", type=Path, help="folder of the made-up days, kept")
    given = parser.parse_args()
    root = given.data or Path(tempfile.mkdtemp())
    generate_days(root, Making("NIFTY", given.days, FIRST, 1, 10), jobs=given.jobs)
    kernel, engine = alone(root, given.sets)
    print(f"a set on a day: kernel {kernel:.2f} ms, engine {engine:.1f} ms CPU")
    for jobs in dict.fromkeys((1, given.jobs)):
        cpu, wall = swept(root, given.sets, jobs)
        print(
            f"{given.sets} sets over {given.days} days, {jobs} processes: "
            f"{cpu:.1f} s CPU, {wall:.1f} s wall"
        )
    if given.data is None:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
