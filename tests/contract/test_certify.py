"""What `certify` finds of gateways that differ, that refuse, and that break off."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from swingbreak.adapters.certification.examination import Certificate, Examination, examine
from swingbreak.adapters.certification.notes import Finding, Verdict
from swingbreak.adapters.certification.reading import Market
from swingbreak.adapters.openalgo.capabilities import Capabilities, Changes
from swingbreak.cli.serve import quirks_of
from swingbreak.domain.errors import GatewayUnreachable, ModeMismatch
from swingbreak.gateway.server import Gateway
from tests.gateway_fakes import SESSION, ListTape, quiet_tape, serving, tick
from tests.openalgo_fakes import (
    RestServer,
    Script,
    feed_server,
    heard,
    market_data,
    rest_server,
)

MARKET = Market("NIFTY", "NIFTY", "NSE_INDEX", "NFO")
FIXED = frozenset({"latency", "examined_at", "version", "broker", "mode", "with_orders"})


async def brief(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.004))


def wanted(host: str, ws_url: str, key: str, **changes: Any) -> Examination:
    plain: dict[str, Any] = {
        "market": MARKET,
        "with_orders": False,
        "is_open": lambda now: SESSION.opens <= now < SESSION.closes,
        "tell": lambda _: None,
        "sleep": brief,
    }
    return Examination(host, ws_url, key, **(plain | changes))


def long_tape() -> ListTape:
    """The call, the put and the index, once a second from the first second to the last."""
    ticks = []
    for second in range(int((SESSION.closes - SESSION.opens) / timedelta(seconds=1)) - 5):
        ticks += quiet_tape(1).given if not second else _at(second)
    return ListTape(ticks)


def _at(second: int) -> list[Any]:
    volume = 65 * (second + 1)
    return [
        tick(second, 24205_00, "NIFTY"),
        tick(second + 0.25, 150_00, volume=volume),
        tick(second + 0.5, 160_00, "NIFTY01DEC2624200PE", volume),
    ]


@asynccontextmanager
async def open_market(**options: Any) -> AsyncIterator[tuple[Gateway, Any]]:
    """A server whose market is open for minutes and does not wait for anybody."""
    async with serving(long_tape(), speed=60.0, **options) as (gateway, client):
        await asyncio.sleep(0.55)  # from half a minute before the open to shortly after
        yield gateway, client


async def certified(quirks: str = "", **changes: Any) -> tuple[Gateway, Certificate]:
    async with open_market(quirks=quirks_of(quirks)) as (gateway, client):
        where = client.addresses
        plan = wanted(where.host, where.ws_url, client.key, with_orders=True, **changes)
        return gateway, await examine(plan)


def by_probe(certificate: Certificate) -> Mapping[str, Finding]:
    return {finding.probe: finding for finding in certificate.findings}


def learned(profile: Capabilities) -> dict[str, Any]:
    """What of *profile* is not as documented."""
    usual = Capabilities()
    names = set(Capabilities.__struct_fields__) - FIXED
    return {n: getattr(profile, n) for n in names if getattr(profile, n) != getattr(usual, n)}


async def test_our_own_server_is_usable() -> None:
    gateway, certificate = await certified()
    assert certificate.is_usable
    assert [f for f in certificate.findings if f.verdict is not Verdict.OK] == []
    assert learned(certificate.profile) == {"book_times": "%Y-%m-%d %H:%M:%S", "orders_per_s": 4}
    assert set(certificate.profile.latency) == {"query", "order", "history", "chain"}
    assert certificate.profile.with_orders
    assert_untouched(gateway)


def assert_untouched(gateway: Gateway) -> None:
    venue = gateway.desk.floor.venue
    assert all(not order.status.is_live for order in venue.orders())
    assert all(held.quantity == 0 for held in venue.positions().values())


async def test_nothing_is_sent_unless_asked_for() -> None:
    async with open_market() as (gateway, client):
        where = client.addresses
        certificate = await examine(wanted(where.host, where.ws_url, client.key))
        assert gateway.desk.floor.venue.orders() == ()
    assert certificate.is_usable
    assert not certificate.profile.with_orders
    assert by_probe(certificate)["orders"].verdict is Verdict.UNCLEAR


async def test_nothing_is_sent_while_the_market_is_closed() -> None:
    gateway, certificate = await certified(is_open=lambda _: False)
    assert gateway.desk.floor.venue.orders() == ()
    assert by_probe(certificate)["orders"].verdict is Verdict.UNCLEAR


HANDLED, MISSING = Verdict.HANDLED, Verdict.MISSING


@pytest.mark.slow
@pytest.mark.parametrize(
    ("quirk", "probe", "verdict", "fact"),
    [
        ("terse-books", "order rows", HANDLED, {"book_has_fills": False}),
        ("inherited-status", "order rows", HANDLED, {"book_has_fills": False}),
        ("transient-status", "status words", HANDLED, {}),
        ("foreign-status", "status words", Verdict.OK, {}),
        ("no-average", "average price", HANDLED, {}),
        ("text-numbers", "numbers", HANDLED, {"numbers_are_text": True}),
        ("number-ids", "place", Verdict.OK, {}),
        ("other-times", "book times", Verdict.OK, {"book_times": "%d-%b-%Y %H:%M:%S"}),
        ("netted-positions", "clean-up", Verdict.OK, {}),
        ("no-order-stream", "order updates", HANDLED, {"order_stream": False}),
        ("mute-order-stream", "order stream", HANDLED, {"order_stream": False}),
        ("modify-ignored", "change", HANDLED, {"changes": Changes.IGNORED}),
        ("modify-refused", "change", HANDLED, {"changes": Changes.REFUSED}),
        ("cancel-crashes", "cancel of a filled order", HANDLED, {"cancel_tells_end": False}),
        ("no-order-id", "place", HANDLED, {"names_orders": False}),
        ("no-margin", "margin", HANDLED, {}),
        ("semi-auto", "place LIMIT", MISSING, {}),
        ("rounded-triggers", "stop-limit", MISSING, {"keeps_stops": False}),
        ("untriggered-stops", "stop-limit", MISSING, {"keeps_stops": False}),
    ],
)
async def test_what_differs_is_found(
    quirk: str, probe: str, verdict: Verdict, fact: dict[str, Any]
) -> None:
    gateway, certificate = await certified(quirk)
    assert by_probe(certificate)[probe].verdict is verdict, by_probe(certificate)[probe]
    assert fact.items() <= learned(certificate.profile).items()
    assert certificate.is_usable == (verdict is not MISSING)
    assert by_probe(certificate)["clean-up"].verdict is Verdict.OK
    assert_untouched(gateway)


@pytest.mark.parametrize("line", ["place: ok", "change: ok", "stop-limit: ok", "fill: ok"])
async def test_an_interrupt_leaves_nothing_behind(line: str) -> None:
    said: list[str] = []
    async with open_market() as (gateway, client):

        def tell(text: str) -> None:
            said.append(text)
            if text.startswith(line):
                task.cancel()

        where = client.addresses
        plan = wanted(where.host, where.ws_url, client.key, with_orders=True, tell=tell)
        task = asyncio.ensure_future(examine(plan))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gateway.desk.floor.venue.orders()
        assert_untouched(gateway)
    assert said[-1].startswith("clean-up: ok")


def yes(data: Any, **more: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"status": "success", "data": data, **more}


LEG: dict[str, Any] = {
    "symbol": "NIFTY01DEC2624200CE",
    "lotsize": 65,
    "tick_size": 0.05,
    "ltp": 150.0,
}
PUT = LEG | {"symbol": "NIFTY01DEC2624200PE"}
QUOTE = {"ltp": 150.0, "bid": 149.9, "ask": 150.1}
ANSWERS: Mapping[str, tuple[int, Any]] = {
    "ping": yes({"broker": "zerodha", "message": "pong"}),
    "analyzer": yes({"analyze_mode": True, "mode": "analyze"}),
    "funds": yes({"availablecash": "100000.00"}),
    "expiry": yes(["01-DEC-26"]),
    "optionchain": (200, {"status": "success", "chain": [{"strike": 24200, "ce": LEG}]}),
    "symbol": yes({"freeze_qty": 1800, "lotsize": 65}),
    "orderbook": yes({"orders": []}),
    "tradebook": yes([]),
    "positionbook": yes([]),
    "quotes": yes(QUOTE),
    "intervals": yes({"minutes": ["1m"]}),
    "history": yes([]),
    "margin": yes({"total_margin_required": 1.0}),
}


def scripted(*, ticks: bool = True, **answers: dict[str, Any] | None) -> Script:
    """A feed whose answers to some actions are *answers*; ``None`` hangs up."""

    async def script(socket: web.WebSocketResponse) -> None:
        while True:
            action = (await heard(socket))["action"]
            if action == "ping":
                await socket.send_json({"type": "pong", "server_timestamp": 1795405500000})
                await socket.receive()
                return
            usual = {"type": "auth" if action == "authenticate" else action, "status": "success"}
            answer = answers.get(action, usual)
            if answer is None:
                return
            await socket.send_json(answer)
            if ticks and action == "subscribe":
                await socket.send_json(market_data("NIFTY", 24200.0, 1))
                await socket.send_json(market_data(LEG["symbol"], 150.0, 1))
                await socket.send_json(market_data(PUT["symbol"], 160.0, 1))

    return script


async def feed(socket: web.WebSocketResponse) -> None:
    """A feed that lets everybody in and never ticks."""
    await scripted(ticks=False)(socket)


@asynccontextmanager
async def fake(**answers: tuple[int, Any]) -> AsyncIterator[tuple[RestServer, Examination]]:
    async with rest_server() as rest, feed_server(feed) as ws:
        for path, answer in (ANSWERS | answers).items():
            rest.on(path, answer)
        changes: dict[str, Any] = {"with_orders": True, "is_open": lambda _: True}
        yield rest, wanted(rest.url, ws.url, "key", **changes)


BROKEN = (500, {"status": "error", "message": "broker said no"})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swingbreak.adapters.certification.streaming._FIRST_TICK_S", 0.01)
    monkeypatch.setattr("swingbreak.adapters.certification.streaming._ANSWER_S", 0.2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("path", "answer", "probe", "verdict"),
    [
        ("analyzer", BROKEN, "mode", MISSING),
        ("analyzer", yes({}), "mode", MISSING),
        ("funds", yes({}), "funds", MISSING),
        ("expiry", BROKEN, "expiry", MISSING),
        ("expiry", yes([]), "expiry", MISSING),
        ("optionchain", BROKEN, "option chain", MISSING),
        ("symbol", yes({"freeze_qty": 1}), "symbol", MISSING),
        ("symbol", BROKEN, "symbol", MISSING),
        ("orderbook", BROKEN, "orderbook", MISSING),
        ("tradebook", (200, "no json"), "tradebook", MISSING),
        ("positionbook", yes({}), "positionbook", MISSING),
        ("quotes", BROKEN, "quotes", MISSING),
        ("intervals", yes({"minutes": []}), "intervals", MISSING),
        ("history", (429, {"message": "10 per 1 second"}), "history", MISSING),
        ("margin", BROKEN, "margin", HANDLED),
        ("positionbook", yes([{"product": "I", "quantity": 0}]), "products", HANDLED),
    ],
)
async def test_what_is_missing_is_found(
    path: str, answer: tuple[int, Any], probe: str, verdict: Verdict
) -> None:
    async with fake(**{path: answer}) as (_, plan):
        certificate = await examine(plan_without_orders(plan))
    assert by_probe(certificate)[probe].verdict is verdict
    assert certificate.is_usable == (verdict is not MISSING)


def plan_without_orders(plan: Examination) -> Examination:
    return wanted(plan.host, plan.ws_url, plan.api_key)


@pytest.mark.usefixtures("impatient")
async def test_a_mute_feed_and_an_empty_book_are_unclear() -> None:
    async with fake() as (_, plan):
        certificate = await examine(plan_without_orders(plan))
    unclear = [f.probe for f in certificate.findings if f.verdict is Verdict.UNCLEAR]
    assert unclear == ["first tick ltp", "first tick quote", "orders", "order rows"]


REFUSED = {"status": "error", "code": "AUTHENTICATION_ERROR", "message": "Invalid API key"}
PARTIAL = {"type": "subscribe", "status": "partial", "message": "Token not found"}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("answers", "probe", "verdict"),
    [
        ({"authenticate": REFUSED}, "feed log-in", MISSING),
        ({"authenticate": None}, "feed log-in", MISSING),
        ({"subscribe_orders": REFUSED | {"code": "INVALID_ACTION"}}, "order updates", HANDLED),
        ({"subscribe_orders": None}, "order updates", HANDLED),
        ({"subscribe": PARTIAL}, "subscribe ltp", MISSING),
        ({"subscribe": PARTIAL}, "subscribe depth", MISSING),
        ({}, "first tick depth", HANDLED),
    ],
    ids=["key refused", "hangs up", "no updates", "hangs up then", "ltp", "depth", "no depth"],
)
async def test_what_a_feed_lacks_is_found(
    answers: dict[str, dict[str, Any] | None], probe: str, verdict: Verdict
) -> None:
    async with rest_server() as rest, feed_server(scripted(**answers)) as ws:
        for path, answer in ANSWERS.items():
            rest.on(path, answer)
        chain = [{"strike": 24200, "ce": LEG, "pe": PUT}]
        rest.on("optionchain", (200, {"status": "success", "chain": chain}))
        certificate = await examine(wanted(rest.url, ws.url, "key"))
    assert by_probe(certificate)[probe].verdict is verdict


async def test_a_wrong_key_is_told() -> None:
    answer = (403, {"status": "error", "message": "Invalid openalgo apikey"})
    async with fake(ping=answer) as (_, plan):
        certificate = await examine(plan)
    (finding,) = certificate.findings
    assert (finding.probe, finding.verdict) == ("ping", MISSING)
    assert "log in" in finding.remedy


async def test_silence_is_no_certificate() -> None:
    with pytest.raises(GatewayUnreachable, match="start OpenAlgo"):
        await examine(wanted("http://127.0.0.1:9", "ws://127.0.0.1:9", "key"))


async def test_a_missing_feed_is_told() -> None:
    async with fake() as (_, plan):
        certificate = await examine(wanted(plan.host, "ws://127.0.0.1:9", "key"))
    assert by_probe(certificate)["feed"].verdict is MISSING


@pytest.mark.usefixtures("impatient")
async def test_no_order_where_orders_are_real() -> None:
    async with fake(analyzer=yes({"analyze_mode": False, "mode": "live"})) as (rest, plan):
        with pytest.raises(ModeMismatch, match="nothing has been sent"):
            await examine(plan)
        assert "placeorder" not in {path for path, _ in rest.requests}


@pytest.mark.usefixtures("impatient")
async def test_an_order_taken_outside_the_sandbox_is_the_last_and_taken_back() -> None:
    row = {"orderid": "7", "symbol": LEG["symbol"], "action": "BUY", "product": "MIS"}
    row |= {"quantity": 65, "pricetype": "LIMIT", "price": 112.4, "trigger_price": 0.0}
    working, gone = ({**row, "order_status": word} for word in ("open", "cancelled"))
    async with fake(
        placeorder=(200, {"status": "success", "orderid": "7"}),
        cancelorder=(200, {"status": "success", "orderid": "7"}),
    ) as (rest, plan):
        empty = ANSWERS["orderbook"]
        rest.on("orderbook", empty, yes({"orders": [working]}), yes({"orders": [gone]}))
        with pytest.raises(ModeMismatch, match="not by a sandbox"):
            await examine(plan)
        asked = [path for path, _ in rest.requests]
    assert asked.count("placeorder") == 1
    assert asked.index("cancelorder") > asked.index("placeorder")


@pytest.mark.usefixtures("impatient")
async def test_what_cannot_be_taken_back_is_named() -> None:
    async with fake(
        placeorder=(200, {"status": "success", "orderid": "7", "mode": "analyze"}),
        cancelorder=BROKEN,
        modifyorder=BROKEN,
    ) as (_, plan):
        certificate = await examine(plan)
    left = by_probe(certificate)["clean-up"]
    assert left.verdict is MISSING
    assert "7" in left.found
