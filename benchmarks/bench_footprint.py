"""What the program weighs: time to print the version, modules a command loads, memory of a day.

    python benchmarks/bench_footprint.py [--rounds 15] [--seed 23]

The version is timed as a person sees it, from the start of the process to its end. Modules are
counted by what ``python -X importtime`` names. The memory is the peak of the process that trades a
whole made-up day, and of the one that serves it, as the operating system counts it.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODULE = ("-m", "swingbreak")
HEAVY = ("numpy", "pandas", "polars", "pyarrow", "numba")
NAMED = ("aiohttp", "msgspec", "pydantic", "structlog", "typer", "rich", "sqlite3", "asyncio")
IMPORTED = re.compile(r"^import time:.*\|\s+([\w.]+)$", re.MULTILINE)
PEAK = re.compile(r"PEAK (\d+)")
TELL_PEAK = (
    "import atexit, resource, sys;"
    "atexit.register(lambda: print('PEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,"
    " file=sys.stderr));"
    "from swingbreak.cli.main import main; main()"
)


def started(*command: str, env: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start Python with *command*, its output kept."""
    pipe = subprocess.PIPE
    return subprocess.Popen(  # noqa: S603 - starts what this project built
        [sys.executable, *command], stdout=pipe, stderr=pipe, text=True, env=env
    )


def seconds_of(*arguments: str) -> float:
    """Return how long a command takes, start to end."""
    began = time.perf_counter()
    started(*MODULE, *arguments).communicate()
    return time.perf_counter() - began


def modules_of(*arguments: str) -> set[str]:
    """Return the modules that a command imports."""
    _, said = started("-X", "importtime", *MODULE, *arguments).communicate()
    return set(IMPORTED.findall(said))


def peak_mb(stderr: str) -> float:
    """Return the peak that a process told at its end."""
    (peak,) = PEAK.findall(stderr)
    return int(peak) / 1024


def day_in_mb(seed: int, folder: Path) -> tuple[float, float]:
    """Trade the day of *seed*; return the peak memory of the server and of the live process."""
    serve = ("serve", "--json", "--generate", str(seed), "--speed", "max", "--until-done")
    server = started("-c", TELL_PEAK, *serve, "--port", "0", "--ws-port", "0")
    assert server.stdout  # noqa: S101 - it was asked for
    ready = json.loads(server.stdout.readline())
    address = {"OPENALGO_HOST": ready["host"], "OPENALGO_WS_URL": ready["ws_url"]}
    environment = {**os.environ, **address, "OPENALGO_API_KEY": ready["api_key"]}  # noqa: TID251 - passed on
    run = ("run", "--json", "--state-dir", str(folder))
    _, live_said = started("-c", TELL_PEAK, *run, env=environment).communicate()
    server.terminate()
    _, server_said = server.communicate()
    return peak_mb(server_said), peak_mb(live_said)


def main() -> None:
    """Measure and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=15)
    arguments.add_argument("--seed", type=int, default=23)
    asked = arguments.parse_args()
    taken = [seconds_of("version") for _ in range(asked.rounds)]
    print(f"version: median {statistics.median(taken) * 1000:.0f} ms, best {min(taken) * 1000:.0f}")
    print(f"{'command':<16} {'modules':>7}  of note")
    for command in (
        ("version",),
        ("--help",),
        ("config", "check"),
        ("run",),
        ("serve", "--speed", "0"),
    ):
        modules = modules_of(*command)
        noted = [name for name in (*NAMED, *HEAVY) if name in modules]
        print(f"{' '.join(command):<16} {len(modules):>7}  {', '.join(noted)}")
    with tempfile.TemporaryDirectory() as folder:
        server, live = day_in_mb(asked.seed, Path(folder))
    print(f"day of seed {asked.seed}: live process {live:.0f} MB, server {server:.0f} MB")


if __name__ == "__main__":
    main()
