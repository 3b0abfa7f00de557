"""The REST client against a scripted server on loopback: what each answer, or none, means."""

import asyncio
import json
import socket
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from swingbreak.adapters.openalgo.books import Mode, OrderBook, terms_of
from swingbreak.adapters.openalgo.history import OpenAlgoHistory
from swingbreak.adapters.openalgo.rest import OpenAlgoRest, OrderReply
from swingbreak.adapters.openalgo.transport import Timeouts
from swingbreak.domain.errors import (
    BrokerError,
    ConfigError,
    DataError,
    GatewayRefused,
    GatewayUnreachable,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    RequestNotSent,
)
from swingbreak.domain.market import Bar, Tick
from tests.builders import CE, PE, SESSION, at, entry
from tests.openalgo_fakes import KEY, TIGHT, RestServer, order_row

pytestmark = pytest.mark.usefixtures("no_waiting")

FIELDS = terms_of(entry(), "MIS").fields() | {"strategy": "swingbreak", "exchange": "NFO"}
NO_KEY = (403, {"message": "Invalid openalgo apikey", "status": "error"})


async def silence(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    raise AssertionError


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


class TestOrders:
    async def test_what_is_sent(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("placeorder", (200, {"status": "success", "orderid": 7, "mode": "analyze"}))
        assert await rest.place(FIELDS) == OrderReply("7", "analyze")
        (request,) = server.requests
        assert request == (
            "placeorder",
            {
                "apikey": KEY,
                "strategy": "swingbreak",
                "exchange": "NFO",
                "symbol": CE.symbol,
                "action": "SELL",
                "product": "MIS",
                "quantity": 650,
                "pricetype": "SL",
                "price": "171.95",
                "trigger_price": "174.95",
                "disclosed_quantity": 0,
            },
        )
        assert rest.in_flight == 0

    @pytest.mark.parametrize(
        ("answer", "error", "text"),
        [
            pytest.param((429, {"message": "10 per 1 second"}), RateLimited, "10 per", id="429"),
            pytest.param(
                (400, {"status": "error", "message": "Symbol NOPE not found on NFO"}),
                OrderRefused,
                "Symbol NOPE",
                id="400",
            ),
            pytest.param(
                (400, {"status": "error", "message": {"price": ["Not a valid number."]}}),
                OrderRefused,
                "Not a valid number",
                id="400-object",
            ),
            pytest.param(
                (400, {"status": "error", "message": "Validation error", "errors": {"x": ["y"]}}),
                OrderRefused,
                "Validation error",
                id="400-errors",
            ),
            pytest.param(
                (403, {"status": "error", "message": "Insufficient funds."}),
                OrderRefused,
                "Insufficient",
                id="403-broker",
            ),
            pytest.param(NO_KEY, GatewayRefused, "no broker session", id="403-key"),
            pytest.param((404, "<html>nothing here"), OrderRefused, "html", id="404-html"),
            pytest.param((301, ""), OrderRefused, "301", id="redirect"),
            pytest.param((408, ""), OutcomeUnknown, "408", id="408"),
            pytest.param(
                (500, {"status": "error", "message": "Failed to place order"}),
                OutcomeUnknown,
                "Failed to place",
                id="500",
            ),
            pytest.param((502, "<html>bad gateway"), OutcomeUnknown, "502", id="502"),
            pytest.param((200, "not json"), OutcomeUnknown, "not json", id="200-garbage"),
            pytest.param(
                (200, b'{"status":"success","orderid":"\xff"}'),
                OutcomeUnknown,
                "without an order id",
                id="200-no-text",
            ),
            pytest.param(
                (400, b'{"status":"error","message":"cr\xe9dit"}'),
                OrderRefused,
                "cr\ufffddit",
                id="400-no-text",
            ),
            pytest.param(
                (200, {"status": "error", "message": "no"}), OrderRefused, "no", id="200-error"
            ),
            pytest.param(
                (200, {"status": "success", "orderid": None}),
                OutcomeUnknown,
                "without an order id",
                id="orderid-null",
            ),
            pytest.param(
                (
                    200,
                    {
                        "status": "success",
                        "message": "Order queued for approval in Action Center",
                        "mode": "semi_auto",
                        "pending_order_id": 17,
                    },
                ),
                OrderRefused,
                "number 17",
                id="semi-auto",
            ),
            pytest.param(silence, OutcomeUnknown, "no answer in 0.2 s", id="timeout"),
            pytest.param(hang_up, OutcomeUnknown, "placeorder", id="hung-up"),
        ],
    )
    async def test_what_an_answer_means(
        self,
        server: RestServer,
        rest: OpenAlgoRest,
        answer: Any,
        error: type[BrokerError],
        text: str,
    ) -> None:
        server.on("placeorder", answer)
        with pytest.raises(error, match=text) as caught:
            await rest.place(FIELDS)
        assert type(caught.value) is error
        assert len(server.requests) == 1
        assert rest.in_flight == 0

    async def test_a_text_in_another_encoding_is_an_answer_all_the_same(
        self, server: RestServer, rest: OpenAlgoRest
    ) -> None:
        async def latin(_: web.Request) -> web.StreamResponse:
            text = '{"status": "error", "message": "too dear: £5"}'.encode("latin-1")
            return web.Response(body=text, status=400, content_type="application/json")

        server.on("placeorder", latin)
        with pytest.raises(OrderRefused, match="too dear"):
            await rest.place(FIELDS)

    async def test_nobody_listens(self, session: aiohttp.ClientSession) -> None:
        rest = OpenAlgoRest(f"http://127.0.0.1:{_free_port()}", KEY, session, TIGHT)
        with pytest.raises(RequestNotSent, match="no connection"):
            await rest.place(FIELDS)
        with pytest.raises(GatewayUnreachable, match="is OpenAlgo running"):
            await rest.order_book()

    async def test_change_and_cancel(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("modifyorder", (200, {"status": "success", "orderid": "7"}))
        server.on("cancelorder", (200, {"status": "success", "mode": "analyze"}))
        assert await rest.modify({**FIELDS, "orderid": "7"}) == OrderReply("7", "")
        assert await rest.cancel("7", "swingbreak") == OrderReply("7", "analyze")
        assert server.requests[1][1] == {"apikey": KEY, "strategy": "swingbreak", "orderid": "7"}

    def test_a_host_is_an_address(self, session: aiohttp.ClientSession) -> None:
        with pytest.raises(ConfigError, match=r"127\.0\.0\.1:5000"):
            OpenAlgoRest("127.0.0.1:5000", KEY, session)


class TestQueries:
    async def test_books(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on(
            "orderbook",
            (200, {"status": "success", "data": {"orders": [order_row(), {}], "statistics": {}}}),
        )
        server.on("tradebook", (200, {"status": "success", "data": []}))
        server.on(
            "positionbook",
            (200, {"status": "success", "data": [{"symbol": CE.symbol, "quantity": -65}]}),
        )
        book = await rest.order_book()
        assert (len(book.orders), book.dropped) == (1, 1)
        assert not (await rest.trade_book()).by_order
        assert (await rest.positions())[0].quantity == -65

    async def test_a_row_whose_name_is_no_text_is_dropped_and_counted(
        self, server: RestServer, rest: OpenAlgoRest
    ) -> None:
        rows = [order_row(rejection_reason="X\0X"), order_row(symbol="X\0X")]
        server.on("orderbook", _torn({"orders": rows}))
        book = await rest.order_book()
        assert ([seen.reason for seen in book.orders], book.dropped) == (["X\ufffdX"], 1)
        trade = {"orderid": "7\0", "quantity": 65, "average_price": 150.0}
        server.on("tradebook", _torn([trade]))
        assert (await rest.trade_book()).dropped == 1
        server.on("positionbook", _torn([{"symbol": "X\0X", "quantity": 65}]))
        with pytest.raises(DataError, match="did not come as text"):
            await rest.positions()

    async def test_what_json_does_not_know_costs_no_more_than_its_own_row(
        self, server: RestServer, rest: OpenAlgoRest
    ) -> None:
        """Python writes ``NaN``, which no JSON reader takes: one would hide all the others."""
        nan = float("nan")
        rows = [order_row(), order_row(orderid="2", price=nan), order_row(quantity=-nan)]
        rows.append(order_row(orderid="3", rejection_reason="off by NaN, -Infinity"))
        server.on("orderbook", (200, {"status": "success", "data": {"orders": rows}}))
        server.on(
            "positionbook",
            (200, {"status": "success", "data": [{"symbol": CE.symbol, "quantity": nan}]}),
        )
        book = await rest.order_book()
        assert [(seen.broker_order_id, seen.terms.limit) for seen in book.orders[1:]] == [
            ("2", 0),
            ("3", book.orders[0].terms.limit),
        ]
        assert book.orders[2].reason == "off by NaN, -Infinity"
        assert book.dropped == 1
        with pytest.raises(DataError):
            await rest.positions()

    @pytest.mark.parametrize(("on", "mode"), [(True, Mode.ANALYZE), (False, Mode.LIVE)])
    async def test_mode(self, server: RestServer, rest: OpenAlgoRest, on: bool, mode: Mode) -> None:
        data = {"analyze_mode": on, "mode": mode.value, "total_logs": 1}
        server.on("analyzer", (200, {"status": "success", "data": data}))
        assert await rest.analyzer() is mode

    @pytest.mark.parametrize(
        ("answer", "error", "attempts"),
        [
            pytest.param(NO_KEY, GatewayRefused, 1, id="key"),
            pytest.param((400, {"message": {"a": ["b"]}}), GatewayRefused, 1, id="400"),
            pytest.param((200, {"status": "error"}), GatewayRefused, 1, id="200-error"),
            pytest.param((429, {"message": "50 per 1 second"}), RateLimited, 3, id="429"),
            pytest.param((500, {"message": "local variable"}), GatewayUnreachable, 3, id="500"),
            pytest.param(hang_up, GatewayUnreachable, 3, id="hung-up"),
            pytest.param((200, {"status": "success"}), DataError, 1, id="shapeless"),
        ],
    )
    async def test_failures(
        self,
        server: RestServer,
        rest: OpenAlgoRest,
        answer: Any,
        error: type[BrokerError],
        attempts: int,
    ) -> None:
        server.on("orderbook", answer)
        with pytest.raises(error):
            await rest.order_book()
        assert len(server.requests) == attempts

    async def test_a_gateway_that_recovers(self, server: RestServer, rest: OpenAlgoRest) -> None:
        good = (200, {"status": "success", "data": {"orders": []}})
        server.on("orderbook", (500, {"message": "transient status"}), hang_up, good)
        assert await rest.order_book() == OrderBook()


class TestHistory:
    @staticmethod
    def row(minute: int, price: float = 100.0) -> dict[str, float]:
        stamp = int(at(minute).timestamp())
        return {"timestamp": stamp, "volume": 65, "oi": 1} | dict.fromkeys(
            ("open", "high", "low", "close"), price
        )

    async def test_one_symbol(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("history", (200, {"status": "success", "data": [self.row(1), self.row(0)]}))
        history = OpenAlgoHistory(rest, SESSION, {CE.symbol: "NFO"})
        bars = await history.bars(CE.symbol)
        assert bars == tuple(Bar(m, 10000, 10000, 10000, 10000, 65) for m in (0, 1))
        assert server.requests[0][1] == {
            "apikey": KEY,
            "symbol": CE.symbol,
            "exchange": "NFO",
            "interval": "1m",
            "start_date": "2026-11-20",
            "end_date": "2026-11-20",
        }

    async def test_quotes(self, server: RestServer, rest: OpenAlgoRest) -> None:
        """Those that are unknown come first, and one price may be no number, or nobody's."""
        rows = [
            {"symbol": "NOPE", "exchange": "NFO", "error": "Symbol not found"},
            {"symbol": PE.symbol, "exchange": "NFO", "data": {"ltp": 0, "bid": 0, "ask": None}},
            {"symbol": "FREAK", "data": {"ltp": 900.0, "bid": 119.8, "ask": 120.25}},
            {"symbol": CE.symbol, "data": {"ltp": "120.00", "bid": 119.8, "ask": 120.25}},
            {"symbol": "OTHER", "data": {"ltp": 10.0}},
        ]
        server.on("multiquotes", (200, {"status": "success", "results": rows}))
        names = (CE.symbol, PE.symbol, "FREAK", "NOPE")
        history = OpenAlgoHistory(rest, SESSION, dict.fromkeys(names, "NFO"))
        assert await history.quotes(names, at(3)) == (
            Tick(CE.symbol, at(3), 12000, bid=11980, ask=12025),
        )
        wanted = [{"symbol": name, "exchange": "NFO"} for name in sorted(names)]
        assert server.requests == [("multiquotes", {"apikey": KEY, "symbols": wanted})]

    async def test_no_trade_today(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("history", (200, {"status": "success", "data": []}))
        assert await OpenAlgoHistory(rest, SESSION, {CE.symbol: "NFO"}).bars(CE.symbol) == ()

    async def test_one_that_fails_leaves_the_others(
        self, server: RestServer, rest: OpenAlgoRest
    ) -> None:
        at_once = most = 0

        async def answer(request: web.Request) -> web.Response:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0)
            at_once -= 1
            body = json.loads(await request.text())
            if body["symbol"] == "BAD":
                bad = self.row(0) | {"low": 200.0}
                return web.json_response({"status": "success", "data": [bad]})
            if body["symbol"] == "GONE":
                return web.json_response({"status": "error", "message": "unknown"}, status=400)
            return web.json_response({"status": "success", "data": [self.row(0)]})

        server.on("history", answer)
        names = ["BAD", CE.symbol, "GONE", PE.symbol, "C", "D", "E"]
        history = OpenAlgoHistory(rest, SESSION, dict.fromkeys(names, "NFO"), at_once=2)
        loaded = await history.bars_of(names)
        assert list(loaded.bars) == [CE.symbol, PE.symbol, "C", "D", "E"]
        assert list(loaded.failed) == ["BAD", "GONE"]
        assert "contradict" in loaded.failed["BAD"]
        assert most <= 2


def test_timeouts_are_per_class() -> None:
    usual = Timeouts()
    assert replace(usual, order_s=1.0).history_s == usual.history_s == 15.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _torn(data: object) -> tuple[int, bytes]:
    """An answer in which each NUL of *data* is a byte that is no UTF-8."""
    said = json.dumps({"status": "success", "data": data}).encode()
    return 200, said.replace(b"\\u0000", b"\xff")
