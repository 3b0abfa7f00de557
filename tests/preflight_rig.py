"""A gateway in which nothing is wrong, on loopback sockets, and a flight of checks around it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import stamina
from aiohttp import web

from swingbreak.adapters.machine import Machine
from swingbreak.bootstrap.preflight.checks import CHECKS
from swingbreak.bootstrap.preflight.flight import Check, Flight, fly
from swingbreak.bootstrap.preflight.verdicts import Outcome, Report
from swingbreak.domain.session import Session
from tests.openalgo_fakes import (
    KEY,
    FeedServer,
    ManualClock,
    RestServer,
    feed_server,
    market_data,
    rest_server,
)

DAY = date(2026, 11, 20)
SESSION = Session.on(DAY, time(9, 15), time(15, 40))
NOW = SESSION.at(time(9, 45))
STRIKES = (24150, 24200, 24250)
OPTIONS = tuple(f"NIFTY01DEC26{strike}{right}" for strike in STRIKES for right in ("CE", "PE"))
ROOMY = 10_000_000_000

Rows = list[dict[str, Any]]


def machine(**changes: Any) -> Machine:
    """A machine on which everything is as it should be."""
    plain: dict[str, Any] = {
        "python": (3, 12, 1),
        "encoding": "utf-8",
        "india": timedelta(hours=5, minutes=30),
        "missing": tuple,
        "free_bytes": lambda _: ROOMY,
        "unwritable": lambda _: "",
        "unusable": lambda _: "",
    }
    return Machine(**(plain | changes))


def data(value: object) -> dict[str, Any]:
    return {"status": "success", "data": value}


def refusal(text: str) -> dict[str, Any]:
    return {"status": "error", "message": text}


def chain(strikes: tuple[int, ...] = STRIKES, lot: int = 65) -> dict[str, Any]:
    def leg(strike: int, right: str) -> dict[str, Any]:
        name = f"NIFTY01DEC26{strike}{right}"
        return {"symbol": name, "lotsize": lot, "tick_size": 0.05}

    rows = [{"strike": s, "ce": leg(s, "CE"), "pe": leg(s, "PE")} for s in strikes]
    return {"status": "success", "underlying_ltp": 24205.0, "chain": rows}


def candles(minutes: int = 31, first: int = 0) -> Rows:
    start = SESSION.opens.timestamp()
    prices = {"open": 100.0, "high": 101.0, "low": 99.0, "close": 100.5, "volume": 65}
    return [{"timestamp": int(start) + 60 * m, **prices} for m in range(first, minutes)]


def opening(closes: str = "15:40") -> dict[str, Any]:
    opens, ends = (SESSION.at(time.fromisoformat(text)) for text in ("09:15", closes))
    return {
        "exchange": "NFO",
        "start_time": round(opens.timestamp() * 1000),
        "end_time": round(ends.timestamp() * 1000),
    }


HEALTHY: Mapping[str, tuple[int, Any]] = {
    "ping": (200, data({"broker": "zerodha", "message": "pong"})),
    "analyzer": (200, data({"analyze_mode": True, "mode": "analyze"})),
    "quotes": (200, data({"ltp": 24205.0})),
    "expiry": (200, data(["23-NOV-26", "01-DEC-26", "08-DEC-26"])),
    "optionchain": (200, chain()),
    "symbol": (200, data({"lotsize": 65, "tick_size": 0.05, "freeze_qty": 1800})),
    "market/holidays": (200, data([])),
    "market/timings": (200, data([opening()])),
    "history": (200, data(candles())),
    "funds": (
        200,
        data({"availablecash": "15000000.00", "utiliseddebits": "0.00"}) | {"mode": "analyze"},
    ),
    "margin": (200, data({"total_margin_required": 1_300_000.0})),
    "orderbook": (200, data({"orders": [], "statistics": {}})),
    "positionbook": (200, data([])),
}


@dataclass
class Socket:
    """A WebSocket that does all it should, but for these.

    Attributes:
        code: What it answers to the log-in instead of success.
        missing: Symbols it does not take.
        silent: Symbols that never tick; ``*`` for all.
        has_stream: Whether order updates are offered.
        hangs_up: When it closes: at ``authenticate`` or ``subscribe``.
        ahead: How much its clock is ahead.
        is_json: Whether it answers in OpenAlgo's form.
        now: Its time.
        volume: Of the day so far, of each symbol.
        pongs: How many pings of a simulated market were answered; ``None`` to send none.
    """

    code: str = ""
    missing: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    has_stream: bool = True
    hangs_up: str = ""
    ahead: timedelta = timedelta()
    is_json: bool = True
    now: datetime = NOW
    volume: int = 65_000
    pongs: int | None = None

    async def serve(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.PONG and self.pongs is not None:
                self.pongs += 1
                await self._mark(socket)
            elif message.type is aiohttp.WSMsgType.TEXT:
                await self._answer(socket, message.json())

    async def _mark(self, socket: web.WebSocketResponse) -> None:
        at = self.now + timedelta(seconds=self.pongs or 0)
        await socket.ping(f"t={round(at.timestamp() * 1000)};step".encode())

    async def _answer(self, socket: web.WebSocketResponse, frame: Mapping[str, Any]) -> None:
        match frame["action"]:
            case "ping" if not self.is_json:
                await socket.send_str("hello")
            case "ping":
                at = round((self.now + self.ahead).timestamp() * 1000)
                await socket.send_json({"type": "pong", "server_timestamp": at})
            case "authenticate" if self.code:
                await socket.send_json({"status": "error", "code": self.code, "message": "no"})
            case "authenticate":
                await socket.send_json({"type": "auth", "status": "success"})
            case "subscribe_orders" if self.has_stream:
                await socket.send_json({"type": "subscribe_orders", "status": "success"})
            case "subscribe_orders":
                no = {"status": "error", "code": "INVALID_ACTION", "message": "no"}
                await socket.send_json(no)
            case "subscribe":
                await self._subscribe(socket, frame["symbols"])
        is_last = len(frame.get("symbols", OPTIONS)) == len(OPTIONS)  # the index comes alone
        if frame["action"] == self.hangs_up and is_last:
            await socket.close()

    async def _subscribe(self, socket: web.WebSocketResponse, wanted: Rows) -> None:
        names = [one["symbol"] for one in wanted]
        taken = [name for name in names if name not in self.missing]
        acks = [{"symbol": name, "status": "success"} for name in taken] + [
            {"symbol": name, "status": "error", "message": "no token"}
            for name in names
            if name in self.missing
        ]
        await socket.send_json({"type": "subscribe", "status": "x", "subscriptions": acks})
        for name in taken:
            if not self.silent & {name, "*"}:
                tick = market_data(name, 150.0, 1_795_000_000_000, volume=self.volume)
                await socket.send_json(tick)
        if self.pongs is not None and len(names) > 1:
            await self._mark(socket)


Prepare = Callable[[Path], None]


@dataclass
class Scene:
    """What is different from a healthy day.

    Attributes:
        answers: Of the REST interface by path.
        config: Keys of the settings.
        prepare: Makes the state folder what it is.
        key: What is in OPENALGO_API_KEY.
        environment: What else is set.
        seconds: How long each check may take.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    socket: Socket = field(default_factory=Socket)
    machine: Machine = field(default_factory=machine)
    config: Mapping[str, object] = field(default_factory=dict)
    prepare: Prepare = lambda _: None
    key: str = KEY
    environment: Mapping[str, str] = field(default_factory=dict)
    wall: datetime = NOW
    ticks_s: float = 0.02
    checks: tuple[Check, ...] = CHECKS


@asynccontextmanager
async def gateway(scene: Scene) -> AsyncIterator[tuple[RestServer, FeedServer]]:
    async with rest_server() as rest, feed_server(scene.socket.serve) as feed:
        for path, answer in {**HEALTHY, **scene.answers}.items():
            rest.on(path, *(answer if isinstance(answer, list) else [answer]))
        yield rest, feed


async def flown(folder: Path, scene: Scene) -> Report:
    """Run the checks of *scene*, with files in *folder*."""
    scene.prepare(folder)
    async with gateway(scene) as (rest, feed), aiohttp.ClientSession() as http:
        given: dict[str, object] = {
            "openalgo_host": rest.url,
            "openalgo_ws_url": feed.url,
            "state_dir": str(folder / "state"),
            "strikes_each_side": 1,
            "expiry": "01DEC26",
            **scene.config,
        }
        flight = Flight(
            None,
            given,
            http,
            ManualClock(scene.wall),
            folder / "locks",
            machine=scene.machine,
            environment={"OPENALGO_API_KEY": scene.key, **scene.environment},
            ticks_s=scene.ticks_s,
        )
        with stamina.set_testing(testing=True, attempts=1):
            return await asyncio.wait_for(fly(scene.checks, flight), 20)


def by_id(report: Report) -> dict[str, Outcome]:
    return {one.check_id: one for one in report.outcomes}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
