"""How long from a tick, or a fill, to the order request it causes, the intent journalled first.

    python benchmarks/bench_order_latency.py [--seconds 120] [--speed 20]
        [--quiet-onlookers] [--folder /dev/shm]

A gateway in a process of its own serves ``breaking_tape`` over loopback, with market time running
at 20 x so that orders are frequent. The real live client runs here with everything a day has: feed,
desk, engine, ledger on disk (WAL, synchronous FULL), log, tables, margin check, broker.

The clock starts when the socket's bytes reach the process, before the frame is parsed, and stops
when the request is handed to the kernel. In between lie the frame, the inbox, the engine, the
ledger's commit, and for an entry the questions of margin and funds. Which are asked differs by
entry here, in turn: none, funds only (the margin is known), both. A change of an entry's size and a
stop ask nothing. Between orders, on the same session to the same process, bare requests to ``ping``
are timed from the call to the answer read: the unit of the last column.

``--quiet-onlookers`` leaves log and tables out, and ``--folder`` puts the ledger elsewhere, on
memory for one: they show what these and the disk cost.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_writer import StreamWriter
from breaking_tape import EACH_SIDE, PARAMETERS, breaking_tape

from swingbreak.adapters.openalgo.books import OrderUpdate
from swingbreak.adapters.openalgo.broker import OpenAlgoBroker
from swingbreak.adapters.openalgo.inlet import Inlet
from swingbreak.adapters.openalgo.transport import Transport
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.bootstrap.day import DayPlan, run_day
from swingbreak.bootstrap.onlookers import Onlookers
from swingbreak.domain.commands import OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.events import Event, OrderFilled, TickReceived
from swingbreak.domain.orders import Purpose
from swingbreak.engine.engine import Engine
from swingbreak.gateway.options import DEMO_KEY
from swingbreak.runtime.entry_margin import EntryMargin, Question
from swingbreak.runtime.inbox import OrderTold, TickIn
from swingbreak.runtime.live import LiveDay
from swingbreak.runtime.trader import Trader
from swingbreak.settings import GatewayAddress, load

BARE_EVERY_S = 0.083
ENTRY_KINDS = ("entry, nothing asked", "entry, funds asked", "entry, margin and funds asked")
BARE, CHANGE, STOP = "bare round trip", "change of an entry", "fill to its stop"
ORDER_PATHS = frozenset({"placeorder", "modifyorder"})
CAPITAL = 100_000_000_00
_CAUSE: ContextVar["Cause | None"] = ContextVar("_CAUSE", default=None)
_PATH: ContextVar[str] = ContextVar("_PATH", default="")


class Cause:
    """What made an order leave."""

    def __init__(self, kind: str, started: float) -> None:
        self.kind = kind
        self.times = [started]
        self.is_counted = False

    def reached(self) -> None:
        """Note that the next station of the way is reached."""
        self.times.append(time.perf_counter())


STATIONS = ("to the engine", "decided and durable", "begun", "request out")


class Watch:
    """Follows ticks and fills through the live client to the requests that they cause."""

    def __init__(self) -> None:
        self.took: defaultdict[str, list[float]] = defaultdict(list)
        self.parts: defaultdict[str, list[float]] = defaultdict(list)
        self.ways: defaultdict[str, list[list[float]]] = defaultdict(list)
        self.session: aiohttp.ClientSession | None = None
        self.base = ""
        self._arrived = 0.0
        self._ticks: deque[float] = deque()
        self._updates: deque[float] = deque()
        self._started = 0.0  # of the item now being taken; 0 for none that is timed
        self._causes: dict[tuple[str, type[OrderCommand]], Cause] = {}

    def attach(self) -> None:
        """Wrap the places that a tick passes."""
        self._attach_way_in()
        self._attach_decisions()
        self._attach_way_out()
        for owner, name in ((Engine, "step"), (SqliteLedger, "append"), (Onlookers, "saw")):
            self._time(owner, name)

    def _attach_way_in(self) -> None:
        data_received, take = ResponseHandler.data_received, Inlet.take
        taking = LiveDay._take  # noqa: SLF001 - measured from outside

        def received(protocol: ResponseHandler, data: bytes) -> None:
            self._arrived = time.perf_counter()
            data_received(protocol, data)

        def framed(inlet: Inlet, text: str) -> object:
            item = take(inlet, text)
            if isinstance(item, TickReceived):
                self._ticks.append(self._arrived)
            elif isinstance(item, OrderUpdate):
                self._updates.append(self._arrived)
            return item

        def taken(live: LiveDay, item: object) -> None:
            self._started = 0.0
            if isinstance(item, TickIn):
                self._started = self._ticks.popleft()
            elif isinstance(item, OrderTold):
                self._started = self._updates.popleft()
            taking(live, item)  # type: ignore[arg-type]
            self._started = 0.0

        ResponseHandler.data_received = received  # type: ignore[method-assign]
        Inlet.take = framed  # type: ignore[assignment,method-assign]
        LiveDay._take = taken  # type: ignore[method-assign]  # noqa: SLF001 - as above

    def _attach_decisions(self) -> None:
        act, question, known = Trader.act, EntryMargin.question, EntryMargin.known

        def acted(trader: Trader, event: Event) -> object:
            begun = time.perf_counter()
            commands = [*act(trader, event)]
            for command in commands:
                if self._started and (kind := _kind(trader, event, command)):
                    cause = Cause(kind, self._started)
                    cause.times.append(begun)
                    cause.reached()
                    self._causes[command.order_id, type(command)] = cause
            return commands

        def questioned(margins: EntryMargin, command: OrderCommand) -> Question | None:
            is_bare = isinstance(command, SubmitOrder) and _entry_kind(command) == ENTRY_KINDS[0]
            _CAUSE.set(self._causes.get((command.order_id, type(command))))
            return None if is_bare else question(margins, command)

        def knew(margins: EntryMargin, at: Any, asked: Question) -> int | None:
            cause = _CAUSE.get()
            return 1 if cause and cause.kind == ENTRY_KINDS[1] else known(margins, at, asked)

        Trader.act = acted  # type: ignore[assignment,method-assign]
        EntryMargin.question = questioned  # type: ignore[method-assign]
        EntryMargin.known = knew  # type: ignore[method-assign]

    def _attach_way_out(self) -> None:
        execute = OpenAlgoBroker.execute
        post = Transport._post  # noqa: SLF001 - measured from outside

        async def executed(broker: OpenAlgoBroker, command: OrderCommand) -> None:
            cause = self._causes.pop((command.order_id, type(command)), None)
            _CAUSE.set(cause)
            if cause is not None:
                cause.reached()
            await execute(broker, command)

        async def posted(transport: Transport, path: str, fields: Any, seconds: float) -> Any:
            self.session, self.base = transport._session, transport._base  # noqa: SLF001 - as above
            _PATH.set(path)
            return await post(transport, path, fields, seconds)

        def leaving(send: Callable[..., None]) -> Callable[..., None]:
            def leave(writer: StreamWriter, data: Any) -> None:
                cause = _CAUSE.get()
                if cause and _PATH.get() in ORDER_PATHS and not cause.is_counted:
                    cause.is_counted = True
                    cause.reached()
                    self.took[cause.kind].append(cause.times[-1] - cause.times[0])
                    self.ways[cause.kind].append(cause.times)
                send(writer, data)

            return leave

        OpenAlgoBroker.execute = executed  # type: ignore[method-assign]
        Transport._post = posted  # type: ignore[method-assign]  # noqa: SLF001 - as above
        for name in ("_write", "_writelines"):  # head and body leave in one of them
            setattr(StreamWriter, name, leaving(getattr(StreamWriter, name)))

    def _time(self, owner: type, name: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*arguments: Any) -> Any:
            started = time.perf_counter()
            found = inner(*arguments)
            if self._started:  # only on the way from a tick or an update
                self.parts[f"{owner.__name__}.{name}"].append(time.perf_counter() - started)
            return found

        setattr(owner, name, timed)

    async def ask_barely(self) -> None:
        """Time bare round trips until cancelled."""
        body = json.dumps({"apikey": DEMO_KEY}).encode()
        headers = {"Content-Type": "application/json"}
        while True:
            await asyncio.sleep(BARE_EVERY_S)
            if self.session is None or self.session.closed or not self.took:
                continue
            started = time.perf_counter()
            async with self.session.post(self.base + "ping", data=body, headers=headers) as answer:
                await answer.read()
            self.took[BARE].append(time.perf_counter() - started)


def _kind(trader: Trader, event: Event, command: object) -> str:
    if not isinstance(command, SubmitOrder | ReplaceOrder):
        return ""
    purpose = trader.engine.state.book.orders[command.order_id].intent.slot.purpose
    if isinstance(event, TickReceived) and purpose is Purpose.ENTRY:
        if isinstance(command, SubmitOrder):
            return _entry_kind(command)
        return CHANGE if isinstance(command, ReplaceOrder) else ""
    is_stop = isinstance(command, SubmitOrder) and purpose is Purpose.CLOSE
    return STOP if isinstance(event, OrderFilled) and is_stop else ""


def _entry_kind(command: SubmitOrder) -> str:
    return ENTRY_KINDS[int(command.order_id[1:]) // 2 % len(ENTRY_KINDS)]


async def serve(speed: float, seconds: float) -> None:
    """Serve the day until standard input ends."""
    from swingbreak.gateway.options import GatewayOptions  # noqa: PLC0415 - not for the client
    from swingbreak.gateway.server import Gateway  # noqa: PLC0415 - as above

    minutes = min(370, 2 + int((seconds + 20) * speed / 60))
    options = GatewayOptions(port=0, ws_port=0, speed=speed, capital=CAPITAL)
    gateway = Gateway(breaking_tape(minutes), options)
    addresses = await gateway.start()
    print(json.dumps([addresses.host, addresses.ws_url]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await gateway.stop()


async def measure(watch: Watch, speed: float, seconds: float, disk: str | None) -> None:
    """Run the live client against a gateway of its own."""
    command = (sys.executable, __file__, "--serve", f"--speed={speed}", f"--seconds={seconds}")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        line = await process.stdout.readline() if process.stdout else b"[]"
        host, ws_url = json.loads(line)
        with tempfile.TemporaryDirectory(dir=disk) as folder:
            settings = replace(
                load(None, environment={}),
                gateway=GatewayAddress(host, ws_url, DEMO_KEY),
                parameters=PARAMETERS,
                strikes_each_side=EACH_SIDE,
                state_dir=Path(folder),
            )
            bare = asyncio.create_task(watch.ask_barely())
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await run_day(DayPlan(settings))
            bare.cancel()
    finally:
        process.terminate()
        await process.wait()


def report(watch: Watch) -> None:
    """Print the table."""
    unit = _at(watch.took.get(BARE, []), 0.99)
    head = " ".join(f"{name:>7}" for name in ("p50", "p90", "p99", "max"))
    print(f"{'milliseconds':<32} {'n':>5} {head}  p99/bare p99")
    for kind in (BARE, CHANGE, STOP, *ENTRY_KINDS):
        times = watch.took.get(kind, [])
        figures = " ".join(f"{_at(times, q) * 1000:7.2f}" for q in (0.5, 0.9, 0.99, 1.0))
        print(f"{kind:<32} {len(times):>5} {figures}  {_at(times, 0.99) / (unit or 1):.2f}")
    print("\nmedian milliseconds between stations")
    for kind in (CHANGE, STOP, *ENTRY_KINDS):
        legs = [[b - a for a, b in pairwise(way)] for way in watch.ways.get(kind, [])]
        medians = (_at([leg[n] for leg in legs], 0.5) for n in range(len(STATIONS)))
        told = ", ".join(f"{s} {m * 1000:.2f}" for s, m in zip(STATIONS, medians, strict=True))
        print(f"{kind:<32} {told}")
    print("\nof which, on the way of a tick or an update")
    for part, times in watch.parts.items():
        figures = " ".join(f"{_at(times, q) * 1000:7.3f}" for q in (0.5, 0.9, 0.99, 1.0))
        print(f"{part:<32} {len(times):>5} {figures}")


def _at(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=120.0)
    arguments.add_argument("--speed", type=float, default=20.0)
    arguments.add_argument("--quiet-onlookers", action="store_true")
    arguments.add_argument("--folder", help="where the ledger is; a new one by default")
    arguments.add_argument("--serve", action="store_true")
    asked = arguments.parse_args()
    if asked.serve:
        asyncio.run(serve(asked.speed, asked.seconds))
        return
    if asked.quiet_onlookers:
        Onlookers.saw = lambda *_: None  # type: ignore[assignment,method-assign]
    watch = Watch()
    watch.attach()
    asyncio.run(measure(watch, asked.speed, asked.seconds, asked.folder))
    report(watch)


if __name__ == "__main__":
    main()
