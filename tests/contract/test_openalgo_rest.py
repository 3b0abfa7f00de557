"""The REST client against a scripted server on loopback: what each answer, or none, means."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import aiohttp
import pytest
import stamina
from aiohttp import web

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.openalgo.books import Mode, OrderBook, terms_of
from swingbreak.adapters.openalgo.history import OpenAlgoHistory
from swingbreak.adapters.openalgo.reference import (
    chosen_expiry,
    listed_expiries,
    resolve_chain,
)
from swingbreak.adapters.openalgo.rest import OpenAlgoRest, OrderReply
from swingbreak.adapters.openalgo.transport import Timeouts
from swingbreak.bootstrap.resumed import with_traded
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
from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar, Tick
from swingbreak.facts.contracts import Contracts, nearest_strike
from tests.builders import CE, EXPIRY, PE, SESSION, at, entry
from tests.openalgo_fakes import KEY, RestServer, order_row, rest_server

FIELDS = terms_of(entry(), "MIS").fields() | {"strategy": "swingbreak", "exchange": "NFO"}
NO_KEY = (403, {"message": "Invalid openalgo apikey", "status": "error"})
TIGHT = Timeouts(connect_s=0.5, order_s=0.2, query_s=0.2, history_s=0.2, chain_s=0.2)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as open_session:
        yield open_session


@pytest.fixture
async def server() -> AsyncIterator[RestServer]:
    async with rest_server() as fake:
        yield fake


@pytest.fixture
def rest(server: RestServer, session: aiohttp.ClientSession) -> OpenAlgoRest:
    return OpenAlgoRest(server.url + "/", KEY, session, TIGHT)


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(testing=True, attempts=3):
        yield


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


def chain(*strikes: float, spot: float = 24525.0, **leg: Any) -> dict[str, Any]:
    def side(strike: float, right: str) -> dict[str, Any]:
        symbol = f"NIFTY01DEC26{strike:g}{right}"
        return {"symbol": symbol, "lotsize": 65, "tick_size": 0.05, "ltp": 0} | leg

    return {
        "status": "success",
        "underlying_ltp": spot,
        "chain": [
            {"strike": strike, "ce": side(strike, "CE"), "pe": side(strike, "PE")}
            for strike in strikes
        ],
    }


SYMBOL = {"status": "success", "data": {"lotsize": 65, "tick_size": 0.05, "freeze_qty": 1800}}
STRIKES = [24300.0 + 50 * step for step in range(10)]


class TestReference:
    async def expiry(self, server: RestServer, rest: OpenAlgoRest, wanted: str) -> date:
        data = ["15-DEC-26", "01-DEC-26", "08-DEC-26"]
        server.on("expiry", (200, {"status": "success", "data": data}))
        listed = await listed_expiries(rest, "NIFTY", "NFO")
        return chosen_expiry("NIFTY", listed, date(2026, 11, 20), wanted)

    @pytest.mark.parametrize(
        ("wanted", "day"), [("auto", 1), ("01DEC26", 1), ("08-dec-26", 8), ("15DEC26", 15)]
    )
    async def test_expiry(
        self, server: RestServer, rest: OpenAlgoRest, wanted: str, day: int
    ) -> None:
        assert await self.expiry(server, rest, wanted) == date(2026, 12, day)

    @pytest.mark.parametrize("wanted", ["09DEC26", "soon"])
    async def test_bad_expiry(self, server: RestServer, rest: OpenAlgoRest, wanted: str) -> None:
        with pytest.raises(ConfigError, match="01DEC26, 08DEC26, 15DEC26"):
            await self.expiry(server, rest, wanted)

    async def test_no_expiries(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("expiry", (200, {"status": "success", "data": []}))
        with pytest.raises(ConfigError, match="master contracts"):
            await listed_expiries(rest, "NIFTI", "NFO")

    def test_the_nearest_is_not_a_past_one(self) -> None:
        listed = (date(2026, 11, 17), date(2026, 11, 23), date(2026, 12, 1))
        assert chosen_expiry("NIFTY", listed, date(2026, 11, 20)) == date(2026, 11, 23)
        assert chosen_expiry("NIFTY", listed, date(2026, 11, 23)) == date(2026, 11, 23)
        with pytest.raises(DataError, match="no expiry is listed on or after 2026-12-02"):
            chosen_expiry("NIFTY", listed, date(2026, 12, 2))

    async def resolve(self, rest: OpenAlgoRest, atm: str = "auto", each_side: int = 2) -> Any:
        return await resolve_chain(
            rest,
            underlying="NIFTY",
            spot_exchange="NSE_INDEX",
            exchange="NFO",
            expiry=EXPIRY,
            atm=atm,
            each_side=each_side,
        )

    async def test_around_spot_half_way_up(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("optionchain", (200, chain(*reversed(STRIKES))))
        server.on("symbol", (200, SYMBOL))
        found = await self.resolve(rest)
        assert (found.atm, found.spot) == (2455000, 2452500)
        assert [contract.strike for contract in found.contracts[::2]] == [
            strike * 100 for strike in (24450, 24500, 24550, 24600, 24650)
        ]
        assert found.contracts[2] == CE
        assert found.contracts[3].right is Right.PE
        assert server.requests[0][1]["strike_count"] == 3
        assert server.requests[0][1]["expiry_date"] == "01DEC26"

    async def test_what_was_traded_is_followed_wherever_the_money_is(
        self, server: RestServer, rest: OpenAlgoRest
    ) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        server.on("symbol", *[(200, SYMBOL)] * 3)
        found = await self.resolve(rest)
        asked, far = len(server.requests), ["NIFTY01DEC2623000PE", "NIFTY08DEC2624500CE"]
        listing = Contracts(load_facts()).listing("NIFTY", date(2026, 11, 20))
        more = await with_traded(rest, found, listing, [*far, CE.symbol])
        assert [body["symbol"] for _, body in server.requests[asked:]] == far
        assert {*more.contracts} > {*found.contracts}
        low, *_, late = more.contracts
        assert (low.strike, low.right, low.lot, low.freeze) == (2300000, Right.PE, 65, 1800)
        assert (late.symbol, late.expiry) == (far[1], date(2026, 12, 8))
        assert await with_traded(rest, found, listing, [CE.symbol]) is found
        with pytest.raises(ConfigError, match="go on with underlying BANKNIFTY"):
            await with_traded(rest, found, listing, ["BANKNIFTY29DEC2658000CE"])

    async def test_what_was_traded_and_is_not_listed(
        self, server: RestServer, rest: OpenAlgoRest
    ) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        refused = {"status": "error", "message": "Symbol not found"}
        server.on("symbol", (200, SYMBOL), (404, refused))
        found = await self.resolve(rest)
        listing = Contracts(load_facts()).listing("NIFTY", date(2026, 11, 20))
        with pytest.raises(DataError, match="is not in the gateway's master contracts"):
            await with_traded(rest, found, listing, ["NIFTY01DEC2623000PE"])

    async def test_a_given_strike_far_away(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("optionchain", (200, chain(*STRIKES[4:])), (200, chain(*STRIKES)))
        server.on("symbol", (200, SYMBOL))
        found = await self.resolve(rest, "24400")
        assert found.atm == 2440000
        assert len(found.contracts) == 10
        assert [body.get("strike_count") for _, body in server.requests] == [3, 100, None]

    async def test_an_edge_has_fewer(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        server.on("symbol", (200, SYMBOL))
        assert len((await self.resolve(rest, "24300")).contracts) == 6

    @pytest.mark.parametrize(
        ("atm", "text"), [("24410", "24400.00, 24450.00"), ("high", "auto")], ids=str
    )
    async def test_bad_atm(
        self, server: RestServer, rest: OpenAlgoRest, atm: str, text: str
    ) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        with pytest.raises(ConfigError, match=text):
            await self.resolve(rest, atm)

    @pytest.mark.parametrize(
        ("answer", "symbol", "error", "text"),
        [
            pytest.param(chain(spot=24500), SYMBOL, DataError, "0 strikes", id="no-strikes"),
            pytest.param(chain(24500, spot=0), SYMBOL, DataError, "spot 0", id="no-spot"),
            pytest.param(chain(24500, lotsize=0), SYMBOL, DataError, "65 in master", id="no-lot"),
            pytest.param(chain(24500, tick_size=0), SYMBOL, DataError, "price step", id="no-tick"),
            pytest.param(
                chain(24500),
                SYMBOL | {"data": SYMBOL["data"] | {"freeze_qty": 1}},  # type: ignore[operator]
                ConfigError,
                "qtyfreeze",
                id="no-freeze",
            ),
            pytest.param(
                {**chain(24500), "chain": [{"strike": 24500}]},
                SYMBOL,
                DataError,
                "without a contract",
                id="no-legs",
            ),
        ],
    )
    async def test_facts_that_cannot_be(
        self,
        server: RestServer,
        rest: OpenAlgoRest,
        answer: dict[str, Any],
        symbol: dict[str, Any],
        error: type[Exception],
        text: str,
    ) -> None:
        server.on("optionchain", (200, answer))
        server.on("symbol", (200, symbol))
        with pytest.raises(error, match=text):
            await self.resolve(rest)

    async def test_not_in_the_master(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        server.on("symbol", (404, {"status": "error", "message": "not found"}))
        with pytest.raises(DataError, match="is not in the gateway's master"):
            await self.resolve(rest)

    @pytest.mark.parametrize(
        ("spot", "strike"), [(2452499, 2450000), (2452500, 2455000), (2452501, 2455000)]
    )
    def test_nearest(self, spot: int, strike: int) -> None:
        assert nearest_strike([2445000, 2450000, 2455000], spot) == strike


def test_timeouts_are_per_class() -> None:
    usual = Timeouts()
    assert replace(usual, order_s=1.0).history_s == usual.history_s == 15.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
