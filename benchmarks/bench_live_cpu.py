"""What a live day costs the machine: CPU of one core, and address space, at the market's own speed.

    python -m benchmarks.bench_live_cpu [--seconds 120]

A gateway in a process of its own serves a made-up day of 42 options that say something 84 times a
second together; market time runs at 1 x. `run` is the command, as a process of its own. From the
open on its CPU time is read from the kernel (Linux only). OpenAlgo's strategy host kills at 3,600
CPU seconds, 16 % of a core over a session, and at the memory it was given, which counts address
space.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from threading import Event

from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.simulation.generator import DaySpec, generate_day
from tests.e2e.processes import running

SPEC = DaySpec(strikes=10, ticks_per_minute=180.0)
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
SESSION_S = 6.25 * 3600
BEFORE_OPEN_S = 40  # the gateway's clock starts half a minute before the open; history is read
_RATE_OVER = timedelta(minutes=10)


async def serve() -> None:
    """Serve the day until standard input ends; the first line tells where, and ticks a second."""
    tape = generate_day(SPEC)
    gateway = Gateway(tape, GatewayOptions(port=0, ws_port=0, speed=1.0))
    addresses = await gateway.start()
    first = len(tape.until(tape.session.opens + _RATE_OVER)) / _RATE_OVER.total_seconds()
    print(json.dumps([addresses.host, addresses.ws_url, first]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await gateway.stop()


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def peak_mb(pid: int) -> float:
    """Most address space a process ever had."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmPeak:")]
    return int(line.split()[1]) / 1024


def measure(seconds: float, folder: Path, host: str, ws_url: str) -> tuple[float, float, float]:
    """Return seconds that passed, CPU seconds of `run` in them, and its address space in MB."""
    where = ("--host", host, "--ws-url", ws_url, "--state-dir", str(folder / "state"))
    with running(folder, "run", *where, env={"OPENALGO_API_KEY": DEMO_KEY}) as run:
        Event().wait(BEFORE_OPEN_S)
        began, before = time.monotonic(), cpu_s(run.process.pid)
        Event().wait(seconds)
        took = time.monotonic() - began
        return took, cpu_s(run.process.pid) - before, peak_mb(run.process.pid)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=120)
    arguments.add_argument("--serve", action="store_true")
    asked = arguments.parse_args()
    if asked.serve:
        asyncio.run(serve())
        return
    command = [sys.executable, "-m", "benchmarks.bench_live_cpu", "--serve"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(  # noqa: S603 - ourselves
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as far,
    ):
        host, ws_url, rate = json.loads((far.stdout or sys.stdin).readline())
        took, used, peak = measure(asked.seconds, Path(folder), host, ws_url)
        far.communicate("")
    print(f"{took:.0f} s of the session, {rate:.0f} ticks a second: {used:.2f} CPU s of `run`")
    print(f"{used / took:.1%} of a core; {used / took * SESSION_S:.0f} CPU s over 6 h 15 min")
    print(f"{peak:.0f} MB of address space at most")


if __name__ == "__main__":
    main()
