"""A scripted OpenAlgo: in process for the broker, and on loopback sockets for the clients."""

import asyncio
import json
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from swingbreak.adapters.openalgo import wire
from swingbreak.adapters.openalgo.books import (
    HeldPosition,
    Mode,
    OrderBook,
    OrderUpdate,
    TradeBook,
)
from swingbreak.adapters.openalgo.capabilities import DOCUMENTED, Capabilities
from swingbreak.adapters.openalgo.rest import OrderReply
from swingbreak.adapters.openalgo.transport import Timeouts
from swingbreak.domain.errors import (
    BrokerError,
    GatewayUnreachable,
    OrderRefused,
    OutcomeUnknown,
)
from swingbreak.domain.money import Paise

KEY = "key-of-the-tests"
TIGHT = Timeouts(connect_s=0.5, order_s=0.2, query_s=0.2, history_s=0.2, chain_s=0.2)
BOOK_ONLY_IN_SANDBOX = ("filled_quantity", "average_price", "pending_quantity", "rejection_reason")
OVER = {"complete", "cancelled", "rejected"}


class ManualClock:
    """A clock that a test moves."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, at: datetime) -> None:
        self._now = max(self._now, at)

    def wait(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@dataclass
class FakeGateway:
    """The sandbox, or a live gateway's poorer books, without sockets; stands in for the client.

    Attributes:
        live: Whether the order book leaves out what live ones leave out.
        faults: What goes wrong with the next calls of an operation, oldest first: ``lost`` (done,
            no answer), ``dropped`` (not done, no answer), or the error to raise instead.
        stream: Updates not delivered yet; what becomes of them is the test's affair.
        calls: How often each operation was called.
        before_answer: Happens to a new order before its answer leaves.
        meanwhile: Happens before any answer leaves, and after a book was put together.
        gates: What an operation's answer waits for, when all is done.
        most_at_once: How many answers of an operation were awaited together.
    """

    live: bool = False
    mode: str = "analyze"
    ignores_pricetype: bool = True
    gateway: Capabilities = DOCUMENTED
    faults: defaultdict[str, deque[str | BrokerError]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    stream: list[OrderUpdate] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    trades: list[dict[str, Any]] = field(default_factory=list)
    held: list[HeldPosition] = field(default_factory=list)
    before_answer: Callable[[str], None] = lambda _: None
    meanwhile: Callable[[], None] = lambda: None
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)

    def fail(self, operation: str, *faults: str | BrokerError) -> None:
        self.faults[operation].extend(faults)

    async def place(self, fields: Mapping[str, str | int]) -> OrderReply:
        done = self._begin("place")
        order_id = f"26112000{len(self.rows):06d}" if done else ""
        if done:
            self._book(order_id, fields)
            self.before_answer(order_id)
        await self._wait("place")
        self._end("place")
        return OrderReply(order_id, self.mode)

    async def modify(self, fields: Mapping[str, str | int]) -> OrderReply:
        done = self._begin("modify")
        row = self.rows[str(fields["orderid"])]
        if done and row["order_status"] in OVER:
            raise OrderRefused(f"Cannot modify order in {row['order_status']} status")
        if done and int(fields["quantity"]) <= row["filled_quantity"]:
            raise OrderRefused("Quantity cannot be less than what has traded")
        if done:
            row["price"] = float(fields["price"])
            row["trigger_price"] = float(fields["trigger_price"])
            row["quantity"] = int(fields["quantity"])
            if not self.ignores_pricetype:
                row["pricetype"] = fields["pricetype"]
        self._end("modify")
        return OrderReply(row["orderid"], self.mode)

    async def cancel(self, broker_order_id: str, strategy: str) -> OrderReply:
        del strategy
        done = self._begin("cancel")
        row = self.rows[broker_order_id]
        if done and row["order_status"] in OVER:
            raise OrderRefused(f"Cannot cancel order in {row['order_status']} status")
        if done:
            self.end(broker_order_id, "cancelled")
        await self._wait("cancel")
        self._end("cancel")
        return OrderReply(broker_order_id, self.mode)

    async def order_book(self) -> OrderBook:
        self._begin("order_book")
        hidden = BOOK_ONLY_IN_SANDBOX if self.live else ()
        rows = [{k: v for k, v in row.items() if k not in hidden} for row in self.rows.values()]
        book = wire.order_book(raw(row) for row in reversed(rows))
        self.meanwhile()
        await self._wait("order_book")
        return book

    async def trade_book(self) -> TradeBook:
        self._begin("trade_book")
        book = wire.trade_book(raw(row) for row in self.trades)
        self.meanwhile()
        await self._wait("trade_book")
        return book

    async def positions(self) -> tuple[HeldPosition, ...]:
        self._begin("positions")
        return tuple(self.held)

    async def analyzer(self) -> Mode:
        self._begin("analyzer")
        return Mode.ANALYZE if self.mode == "analyze" else Mode.LIVE

    def fill(self, broker_order_id: str, quantity: int, price: Paise) -> None:
        """Trade *quantity* units and say so in the stream."""
        row = self.rows[broker_order_id]
        self.trades.append(
            {
                "orderid": broker_order_id,
                "quantity": quantity,
                "average_price": price / 100,
                "tradeid": f"T{len(self.trades)}",
            }
        )
        mine = [trade for trade in self.trades if trade["orderid"] == broker_order_id]
        row["filled_quantity"] = sum(trade["quantity"] for trade in mine)
        worth = sum(trade["quantity"] * trade["average_price"] for trade in mine)
        row["average_price"] = round(worth / row["filled_quantity"], 2)
        if row["filled_quantity"] >= row["quantity"]:
            row["order_status"] = "complete"
        self.say(broker_order_id)

    def end(self, broker_order_id: str, status: str, reason: str = "") -> None:
        """Put an end to an order and say so in the stream."""
        row = self.rows[broker_order_id]
        row["order_status"], row["rejection_reason"] = status, reason
        self.say(broker_order_id)

    def say(self, broker_order_id: str) -> None:
        self.stream.append(wire.order_update(raw(self.rows[broker_order_id])))

    def _book(self, order_id: str, fields: Mapping[str, str | int]) -> None:
        self.rows[order_id] = {
            "orderid": order_id,
            "symbol": fields["symbol"],
            "exchange": fields["exchange"],
            "action": fields["action"],
            "quantity": int(fields["quantity"]),
            "pricetype": fields["pricetype"],
            "product": fields["product"],
            "price": float(fields["price"]),
            "trigger_price": float(fields["trigger_price"]),
            "order_status": "trigger pending" if fields["pricetype"] == "SL" else "open",
            "filled_quantity": 0,
            "pending_quantity": 0,
            "average_price": 0.0,
            "rejection_reason": "",
        }
        self.say(order_id)

    async def _wait(self, operation: str) -> None:
        if operation in self.gates:
            self.at_once[operation] += 1
            self.most_at_once |= self.at_once
            await self.gates[operation].wait()
            self.at_once[operation] -= 1

    def _begin(self, operation: str) -> bool:
        self.calls[operation] += 1
        waiting = self.faults[operation]
        if not waiting or waiting[0] == "lost":
            return True
        fault = waiting.popleft()
        if isinstance(fault, BrokerError):
            raise fault
        if operation in {"order_book", "trade_book"}:
            raise GatewayUnreachable(fault)
        raise OutcomeUnknown(fault)

    def _end(self, operation: str) -> None:
        self.meanwhile()
        if self.faults[operation]:
            raise OutcomeUnknown(str(self.faults[operation].popleft()))


def raw(row: Mapping[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(row).encode())


def order_row(**changes: Any) -> dict[str, Any]:
    return {
        "orderid": "1",
        "symbol": "NIFTY01DEC2624500CE",
        "exchange": "NFO",
        "action": "SELL",
        "quantity": 650,
        "pricetype": "SL",
        "product": "MIS",
        "price": 171.95,
        "trigger_price": 174.95,
        "order_status": "trigger pending",
        "filled_quantity": 0,
        "average_price": 0.0,
        "rejection_reason": "",
    } | changes


Answer = tuple[int, Any] | Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class RestServer:
    """Answers each path with what was put there, the last answer again and again.

    Attributes:
        answers: By path without the prefix; an answer is a status and a JSON body, a status and
            raw text, or a handler.
        requests: What was asked, as path and body.
    """

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    url: str = ""

    def on(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v1/")
        self.requests.append((path, await request.json()))
        waiting = self.answers[path]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if not isinstance(answer, tuple):
            return await answer(request)
        status, body = answer
        if isinstance(body, str):
            return web.Response(status=status, text=body)
        if isinstance(body, bytes):
            return web.Response(status=status, body=body)
        return web.json_response(body, status=status)


@asynccontextmanager
async def rest_server() -> AsyncIterator[RestServer]:
    fake = RestServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake


Script = Callable[[web.WebSocketResponse], Awaitable[None]]


@dataclass
class FeedServer:
    """Runs one script per connection, the last one again and again."""

    scripts: list[Script] = field(default_factory=list)
    connections: int = 0
    url: str = ""
    transports: list[asyncio.BaseTransport] = field(default_factory=list)
    closing: bool = False

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        if self.closing:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        script = self.scripts[min(self.connections, len(self.scripts) - 1)]
        self.connections += 1
        assert request.transport is not None
        self.transports.append(request.transport)
        await script(socket)
        return socket


@asynccontextmanager
async def feed_server(*scripts: Script) -> AsyncIterator[FeedServer]:
    fake = FeedServer(list(scripts))
    app = web.Application()
    app.router.add_get("/", fake.handle)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/")).replace("http://", "ws://")
        try:
            yield fake
        finally:
            fake.closing = True
            for transport in fake.transports:
                transport.close()


async def heard(socket: web.WebSocketResponse) -> dict[str, Any]:
    """Return the client's next text frame."""
    message = await socket.receive()
    assert message.type is aiohttp.WSMsgType.TEXT, message
    frame: dict[str, Any] = json.loads(message.data)
    return frame


async def let_in(socket: web.WebSocketResponse, refused: Mapping[str, str] | None = None) -> None:
    """Play the whole log-in and subscription; *refused* says why by symbol."""
    await acknowledge(socket, await logged_in(socket), refused or {})


async def logged_in(socket: web.WebSocketResponse) -> Any:
    """Play the log-in; return the frame that then subscribes."""
    frame = await heard(socket)
    assert frame == {"action": "authenticate", "api_key": KEY}
    await socket.send_json({"type": "auth", "status": "success", "message": "ok"})
    assert (await heard(socket))["action"] == "subscribe_orders"
    await socket.send_json({"type": "subscribe_orders", "status": "success", "message": "ok"})
    return await heard(socket)


async def acknowledge(
    socket: web.WebSocketResponse, frame: Mapping[str, Any], refused: Mapping[str, str]
) -> None:
    assert frame["action"] == "subscribe"
    names = [each["symbol"] for each in frame["symbols"]]
    answers = [
        {"symbol": name, "status": "error", "message": refused[name]}
        if name in refused
        else {"symbol": name, "status": "success", "mode": "Depth"}
        for name in names
    ]
    status = "partial" if refused else "success"
    await socket.send_json({"type": "subscribe", "status": status, "subscriptions": answers})


def market_data(symbol: str, last: float, ms: int, **data: Any) -> dict[str, Any]:
    return {
        "type": "market_data",
        "symbol": symbol,
        "exchange": "NFO",
        "mode": 3,
        "data": {"ltp": last, "ltt": ms, "timestamp": ms} | data,
    }
