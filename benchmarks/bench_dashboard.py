"""What publishing costs the engine, and five viewers: tick, or fill, to the order request.

    python benchmarks/bench_dashboard.py [--seconds 300] [--speed 30] [--viewers 5] [--phase 5]

The rig of ``bench_order_latency.py`` at 30 x market time: 42 options with 10 ticks a second each on
average, and orders all the time. Every few seconds one of three states follows the last, so that
what else the machine does falls on all alike: nothing is published; the board is, once a second;
and the same with a ``swingbreak dashboard`` beside it whose viewers fetch its pages once a
second each, as the pages' own script does. Viewers and dashboard are processes of their own.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import bench_order_latency as rig
from breaking_tape import EACH_SIDE, PARAMETERS
from yarl import URL

from swingbreak.bootstrap.board_drawing import Drawing
from swingbreak.bootstrap.board_keeping import BoardKeeper, _News
from swingbreak.bootstrap.day import DayPlan, run_day
from swingbreak.gateway.options import DEMO_KEY
from swingbreak.settings import GatewayAddress, load

STATES = ("nothing published", "board", "board, viewers")
PAGES = ("/", "/pipeline", "/events", "/", "/pipeline")
KINDS = (rig.BARE, rig.CHANGE, rig.STOP, *rig.ENTRY_KINDS)
Times = dict[tuple[int, str], list[float]]


def state_now(phase_s: float) -> int:
    """Return which of STATES it is; the clock is the machine's, the same in every process."""
    return int(time.monotonic() / phase_s) % len(STATES)


class ByState(Times):
    """Times by kind, apart for each state."""

    def __init__(self, phase_s: float) -> None:
        super().__init__()
        self.phase_s = phase_s

    def __getitem__(self, kind: Any) -> list[float]:
        return self.setdefault((state_now(self.phase_s), kind), [])


class Costs:
    """What the engine's process spends, by state, and what drawing takes."""

    def __init__(self, phase_s: float) -> None:
        self.cpu_s = [0.0] * len(STATES)
        self.wall_s = [0.0] * len(STATES)
        self.drawing: list[float] = []
        self._phase_s = phase_s

    async def sample(self) -> None:
        """Add up until cancelled."""
        while True:
            state, cpu, wall = state_now(self._phase_s), time.process_time(), time.monotonic()
            await asyncio.sleep(0.1)
            if state_now(self._phase_s) == state:
                self.cpu_s[state] += time.process_time() - cpu
                self.wall_s[state] += time.monotonic() - wall

    def attach(self) -> None:
        """Let the board be published in its states only, and time what it takes of the loop."""
        publish = BoardKeeper._publish  # noqa: SLF001 - measured from outside

        async def published(keeper: BoardKeeper, *, ended: bool) -> None:
            if state_now(self._phase_s):
                await publish(keeper, ended=ended)

        BoardKeeper._publish = published  # type: ignore[method-assign]  # noqa: SLF001 - as above
        self._time(Drawing, "board")
        self._time(_News, "line")

    def _time(self, owner: type, name: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*arguments: Any, **named: Any) -> Any:
            started = time.thread_time()
            found = inner(*arguments, **named)
            self.drawing.append(time.thread_time() - started)
            return found

        setattr(owner, name, timed)


async def look(address: str, viewers: int, phase_s: float) -> None:
    """Fetch pages as *viewers* do in their turn; tell how many when standard input ends."""
    fetched = [0, 0]
    async with asyncio.TaskGroup() as tasks:
        looking = [
            tasks.create_task(_view(address, number, phase_s, fetched)) for number in range(viewers)
        ]
        await asyncio.to_thread(sys.stdin.read)
        for each in looking:
            each.cancel()
    print(json.dumps(fetched), flush=True)


async def _view(address: str, number: int, phase_s: float, fetched: list[int]) -> None:
    url = URL(address)
    page, seen = url.origin() / PAGES[number % len(PAGES)].lstrip("/"), ""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await (await session.get(url)).read()
        while True:
            await asyncio.sleep(1)
            if STATES[state_now(phase_s)] != STATES[-1]:
                continue
            async with session.get(page, headers={"X-Seen": seen}) as answer:
                text = await answer.text()
                fetched[0] += 1
                fetched[1] += len(text)
                _, _, rest = text.partition('data-stamp="')
                seen = rest[:16] or seen


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a Python process with *arguments*; it is ended in the end."""
    pipe = asyncio.subprocess.PIPE
    one = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe)
    try:
        yield one
    finally:
        with suppress(ProcessLookupError):
            one.terminate()
        await one.wait()


async def measure(watch: rig.Watch, costs: Costs, asked: argparse.Namespace) -> list[int]:
    """Run the live client against a gateway of its own, with a dashboard and viewers beside it."""
    serve = (rig.__file__ or "", "--serve", f"--speed={asked.speed}", f"--seconds={asked.seconds}")
    with tempfile.TemporaryDirectory() as folder:
        async with process(*serve) as server:
            host, ws_url = json.loads(await _line(server))
            show = ("-m", "swingbreak", "dashboard", "--json", "--port=0", "--state-dir", folder)
            async with process(*show) as dashboard:
                address = json.loads(await _object(dashboard))["url"]
                viewing = (__file__, f"--look={address}", f"--viewers={asked.viewers}")
                async with process(*viewing, f"--phase={asked.phase}") as viewers:
                    settings = replace(
                        load(None, environment={}),
                        gateway=GatewayAddress(host, ws_url, DEMO_KEY),
                        parameters=PARAMETERS,
                        strikes_each_side=EACH_SIDE,
                        state_dir=Path(folder),
                    )
                    beside = [asyncio.create_task(w) for w in (watch.ask_barely(), costs.sample())]
                    with suppress(TimeoutError):
                        async with asyncio.timeout(asked.seconds):
                            await run_day(DayPlan(settings))
                    for each in beside:
                        each.cancel()
                    told, _ = await viewers.communicate(b"")
                    return [int(each) for each in json.loads(told)]


async def _line(one: asyncio.subprocess.Process) -> bytes:
    return await one.stdout.readline() if one.stdout else b""


async def _object(one: asyncio.subprocess.Process) -> bytes:
    text = b""
    while not text.endswith(b"}\n"):
        text += await _line(one)
    return text


def report(took: ByState, costs: Costs, fetched: list[int]) -> None:
    """Print the table."""
    head = " ".join(f"{name:>7}" for name in ("p50", "p90", "p99", "max"))
    print(f"{'milliseconds':<32} {'':<18} {'n':>5} {head}")
    for kind in KINDS:
        for state, name in enumerate(STATES):
            times = sorted(took.get((state, kind), []))
            figures = " ".join(f"{_at(times, q) * 1000:7.2f}" for q in (0.5, 0.9, 0.99, 1.0))
            print(f"{kind:<32} {name:<18} {len(times):>5} {figures}")
    print("\nCPU of the engine's process, seconds per second")
    for name, cpu, wall in zip(STATES, costs.cpu_s, costs.wall_s, strict=True):
        print(f"{name:<18} {cpu / wall if wall else 0:.3f}")
    drawn = sorted(costs.drawing)
    print(f"\nin the loop, a piece of drawing: {len(drawn)}, CPU milliseconds p50 ", end="")
    print(f"{_at(drawn, 0.5) * 1000:.2f}, max {_at(drawn, 1.0) * 1000:.2f}")
    print(f"pages fetched: {fetched[0]}, {fetched[1] / 1e6:.1f} MB")


def _at(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=300.0)
    arguments.add_argument("--speed", type=float, default=30.0)
    arguments.add_argument("--viewers", type=int, default=5)
    arguments.add_argument("--phase", type=float, default=5.0)
    arguments.add_argument("--look", help="be the viewers of the dashboard at this address")
    asked = arguments.parse_args()
    if asked.look:
        asyncio.run(look(asked.look, asked.viewers, asked.phase))
        return
    took, costs, watch = ByState(asked.phase), Costs(asked.phase), rig.Watch()
    watch.took = took  # type: ignore[assignment]
    watch.attach()
    costs.attach()
    fetched = asyncio.run(measure(watch, costs, asked))
    report(took, costs, fetched)


if __name__ == "__main__":
    main()
