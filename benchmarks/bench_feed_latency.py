"""How long a tick takes from the WebSocket to the engine's decision, at 42 x 10 ticks a second.

    python benchmarks/bench_feed_latency.py [--seconds 60]

A gateway in a process of its own serves a made-up day. The generator lets an option speak at most
four times a second, so market time runs at 3 x to bring the wanted 420 frames a second. The real
live client runs here. For every tick the time from the moment its frame has been read to the end of
the engine's step for it is taken; waiting in the inbox is part of it, and so is the ledger's commit
where the step decides something. Dropped are frames that could not be used and ticks that were read
and never reached the engine; a gateway drops a client that falls behind, which ends the run.
"""

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from swingbreak.adapters.openalgo.inlet import Inlet
from swingbreak.bootstrap.day import DayPlan, run_day
from swingbreak.domain.events import TickReceived
from swingbreak.gateway.options import DEMO_KEY
from swingbreak.runtime.inbox import Item, TickIn
from swingbreak.runtime.live import LiveDay
from swingbreak.settings import GatewayAddress, load

SPEED = 3.0
BEFORE_OPEN_S = 11  # the gateway's clock starts half a market minute before the open
HEAVY = ("numpy", "pandas", "polars", "pyarrow", "numba")


async def serve() -> None:
    """Serve the day until standard input ends."""
    # not at the top: the live process is measured without them
    from swingbreak.gateway.options import GatewayOptions  # noqa: PLC0415 - as above
    from swingbreak.gateway.server import Gateway  # noqa: PLC0415 - as above
    from swingbreak.simulation.generator import DaySpec, generate_day  # noqa: PLC0415 - as above

    tape = generate_day(DaySpec(strikes=10, ticks_per_minute=600.0))
    gateway = Gateway(tape, GatewayOptions(port=0, ws_port=0, speed=SPEED))
    addresses = await gateway.start()
    print(json.dumps([addresses.host, addresses.ws_url]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await gateway.stop()


class Stopwatch:
    """Times every tick on its way through the live client."""

    def __init__(self) -> None:
        self.waiting: deque[float] = deque()
        self.took: list[float] = []
        self.most_waiting = 0
        self.unusable = 0

    def attach(self) -> None:
        """Wrap the way in and the loop's way out."""
        take_frame, take_item = Inlet.take, LiveDay._take  # noqa: SLF001 - measured from outside

        def framed(inlet: Inlet, text: str) -> object:
            started = time.perf_counter()
            item = take_frame(inlet, text)
            if isinstance(item, TickReceived):
                self.waiting.append(started)
                self.most_waiting = max(self.most_waiting, len(self.waiting))
            self.unusable = inlet.dropped
            return item

        def taken(live: LiveDay, item: Item) -> None:
            take_item(live, item)
            if isinstance(item, TickIn):
                self.took.append(time.perf_counter() - self.waiting.popleft())

        Inlet.take = framed  # type: ignore[assignment,method-assign]
        LiveDay._take = taken  # type: ignore[method-assign]  # noqa: SLF001 - as above


async def measure(seconds: float) -> Stopwatch:
    """Run the live client against a gateway of its own; return its times."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        "--serve",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    watch = Stopwatch()
    watch.attach()
    try:
        line = await process.stdout.readline() if process.stdout else b"[]"
        host, ws_url = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            settings = replace(
                load(None, environment={}),
                gateway=GatewayAddress(host, ws_url, DEMO_KEY),
                state_dir=Path(folder),
            )
            with suppress(TimeoutError):
                async with asyncio.timeout(BEFORE_OPEN_S + seconds):
                    await run_day(DayPlan(settings))
    finally:
        process.terminate()
        await process.wait()
    return watch


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--serve", action="store_true")
    asked = arguments.parse_args()
    if asked.serve:
        asyncio.run(serve())
        return
    watch = asyncio.run(measure(asked.seconds))
    times = sorted(watch.took)
    if not times:
        print("no tick came")
        return
    print(f"ticks {len(times)}, {len(times) / asked.seconds:.0f} a second")
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)):
        print(f"{name:>6} {times[min(len(times) - 1, int(share * len(times)))] * 1000:8.3f} ms")
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"most ticks waiting {watch.most_waiting}")
    print(f"dropped {watch.unusable} frames, {len(watch.waiting)} ticks")
    print(f"peak RSS {rss:.0f} MB")
    print("heavy modules loaded:", [name for name in HEAVY if name in sys.modules] or "none")


if __name__ == "__main__":
    main()
