"""The WebSocket protocol: authentication, subscriptions, frames, and how connections end."""

import asyncio
from typing import Any

import pytest
from aiohttp import WSMsgType

from swingbreak.gateway.frames import epoch_ms
from tests.gateway_fakes import CE, PE, SPOT, ListTape, at, pass_time, serving, socket_json, tick

STANDING = 1e-9  # so slow that only the test moves market time
CE_ROW = {"symbol": CE, "exchange": "NFO"}
NOPE = {"symbol": "NOPE", "exchange": "NFO"}


async def asked(socket: Any, message: Any) -> Any:
    if isinstance(message, str):
        await socket.send_str(message)
    else:
        await socket.send_json(message)
    return await socket_json(socket)


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        ("{nope", "INVALID_JSON", "Invalid JSON message"),
        ("[1]", "INVALID_JSON", "Invalid JSON message"),
        ({"action": "dance"}, "INVALID_ACTION", "Invalid action: dance"),
        ({"action": "authenticate"}, "AUTHENTICATION_ERROR", "API key is required"),
        ({"action": "auth", "apikey": "x"}, "AUTHENTICATION_ERROR", "Invalid API key"),
        ({"action": "subscribe"}, "NOT_AUTHENTICATED", "You must authenticate first"),
        ({"action": "subscribe_orders"}, "NOT_AUTHENTICATED", "You must authenticate first"),
    ],
    ids=lambda value: value.get("action") if isinstance(value, dict) else None,
)
async def test_errors_carry_a_code_and_no_type(message: Any, code: str, text: str) -> None:
    async with serving(speed=STANDING) as (_, client):
        answer = await asked(await client.connect(), message)
        assert answer == {"status": "error", "code": code, "message": text}


@pytest.mark.parametrize(
    "message",
    [
        {"action": "authenticate", "api_key": "KEY"},
        {"action": "auth", "apikey": "KEY"},
        {"type": "authenticate", "api_key": "KEY"},
    ],
    ids=["action", "aliases", "type"],
)
async def test_authentication_takes_every_spelling(message: dict[str, str]) -> None:
    async with serving(speed=STANDING, api_key="KEY") as (_, client):
        answer = await asked(await client.connect(), message)
        assert (answer["type"], answer["status"]) == ("auth", "success")
        assert answer["supported_features"] == {"ltp": True, "quote": True, "depth": True}


async def test_a_ping_needs_no_key_and_tells_market_time() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        socket = await client.connect()
        answer = await asked(socket, {"action": "ping", "timestamp": 1, "_pingId": "a"})
        now = epoch_ms(gateway.desk.floor.now)
        pong = {"type": "pong", "status": "success", "server_timestamp": now}
        assert answer == pong | {"client_timestamp": 1, "_pingId": "a"}
        assert await asked(socket, {"action": "ping"}) == pong


async def test_who_does_not_authenticate_is_closed_with_4401() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        gateway._sockets.grace_s = 0.01
        socket = await client.connect()
        message = await socket.receive(timeout=10)
        assert (message.type, message.data, message.extra) == (
            WSMsgType.CLOSE,
            4401,
            "auth timeout",
        )


async def test_who_authenticates_in_time_stays() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        socket = await client.listen(CE)
        sockets = gateway._sockets
        (held,), (subscriber,) = sockets._open, sockets.stream._everybody
        sockets.grace_s = 0
        await sockets._expel(held, subscriber)  # its time is over
        assert (await asked(socket, {"action": "get_broker_info"}))["adapter_status"] == "connected"
        assert (await asked(socket, {"action": "get_supported_brokers"}))["status"] == "success"


@pytest.mark.parametrize(
    ("wish", "label"),
    [
        ({"symbols": [CE_ROW], "mode": 1}, "LTP"),
        ({"symbols": [CE_ROW], "mode": "depth"}, "Depth"),
        ({**CE_ROW}, "Quote"),
        ({**CE_ROW, "mode": "Quote", "request_id": "r1"}, "Quote"),
    ],
    ids=["list", "label", "single", "request_id"],
)
async def test_a_subscription_is_acknowledged(wish: dict[str, Any], label: str) -> None:
    async with serving(speed=STANDING) as (_, client):
        answer = await asked(await client.listen(), {"action": "subscribe", **wish})
        row = {**CE_ROW, "status": "success", "mode": label, "depth": 5, "broker": "simulated"}
        assert answer["subscriptions"] == [row]
        assert answer["status"] == "success"
        assert answer.get("request_id") == wish.get("request_id")


async def test_an_unknown_symbol_makes_the_acknowledgement_partial() -> None:
    async with serving(speed=STANDING) as (_, client):
        message = {"action": "subscribe", "symbols": [NOPE, CE_ROW], "mode": 2}
        answer = await asked(await client.listen(), message)
        assert answer["status"] == "partial"
        assert [row["status"] for row in answer["subscriptions"]] == ["error", "success"]
        assert answer["subscriptions"][0]["message"] == "Token not found for NOPE on NFO"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"action": "subscribe", "symbols": [], "mode": 1}, "INVALID_PARAMETERS"),
        ({"action": "subscribe", "instruments": [CE_ROW]}, "INVALID_PARAMETERS"),
        ({"action": "subscribe", **CE_ROW, "mode": 7}, "INVALID_MODE"),
        ({"action": "subscribe", **CE_ROW, "mode": "full"}, "INVALID_MODE"),
        ({"action": "unsubscribe"}, "INVALID_PARAMETERS"),
    ],
    ids=["empty", "instruments", "mode 7", "mode full", "unsubscribe nothing"],
)
async def test_a_wrong_wish_is_refused(message: dict[str, Any], code: str) -> None:
    async with serving(speed=STANDING) as (_, client):
        assert (await asked(await client.listen(), message))["code"] == code


async def market_frames(mode: int, symbol: str = CE) -> list[dict[str, Any]]:
    """What a client subscribed in *mode* gets for two ticks."""
    ticks = [tick(1, 150_00, symbol, 130), tick(2, 151_05, symbol, 195)]
    async with serving(ListTape(ticks), speed=STANDING) as (gateway, client):
        socket = await client.listen(symbol, mode=mode)
        pass_time(gateway, at(3))
        return [await socket_json(socket) for _ in ticks]


async def test_mode_1_is_the_last_price_in_milliseconds() -> None:
    first, second = await market_frames(1)
    when = epoch_ms(at(1))
    shared = {
        "type": "market_data",
        "symbol": CE,
        "exchange": "NFO",
        "mode": 1,
        "broker": "simulated",
    }
    data = {"symbol": CE, "exchange": "NFO", "mode": "ltp", "ltp": 150.0}
    assert first == {**shared, "data": {**data, "ltt": when, "timestamp": when}}
    assert second["data"]["ltp"] == 151.05


async def test_mode_2_has_both_families_of_names() -> None:
    _, second = await market_frames(2)
    data = second["data"]
    assert data["volume"] == 195
    assert data["last_quantity"] == data["last_trade_quantity"] == 65
    assert data["average_price"] == data["avg_trade_price"] == 150.35
    assert (data["open"], data["high"], data["low"], data["close"]) == (150.0, 151.05, 150.0, 140.0)
    assert (data["change"], data["change_percent"]) == (11.05, 7.89)
    assert (data["bid"], data["ask"], data["bid_qty"], data["ask_qty"]) == (
        150.95,
        151.15,
        650,
        650,
    )
    assert data["ltt"] == data["timestamp"] == epoch_ms(at(2))


async def test_mode_3_has_five_levels_and_seconds() -> None:
    _, second = await market_frames(3)
    data = second["data"]
    assert data["mode"] == "full"
    assert data["ltt"] == epoch_ms(at(2)) // 1000
    assert [len(data["depth"][side]) for side in ("buy", "sell")] == [5, 5]
    assert data["depth"]["buy"][0] == {"price": 150.95, "quantity": 650, "orders": 1}
    assert data["total_buy_quantity"] == sum(row["quantity"] for row in data["depth"]["buy"])


@pytest.mark.parametrize("mode", [2, 3])
async def test_an_index_has_a_last_price_and_nothing_else(mode: int) -> None:
    data = (await market_frames(mode, SPOT))[0]["data"]
    known = {"symbol", "exchange", "mode", "ltp", "ltt", "timestamp", "volume"}
    assert (data.keys(), data["volume"]) == (known, 0)


async def test_several_modes_get_one_frame_each_the_fullest_first() -> None:
    async with serving(ListTape([tick(1)]), speed=STANDING) as (gateway, client):
        socket = await client.listen(CE, mode=1)
        for mode in (2, 3):
            await asked(socket, {"action": "subscribe", **CE_ROW, "mode": mode})
        pass_time(gateway, at(2))
        assert [(await socket_json(socket))["mode"] for _ in range(3)] == [3, 2, 1]


async def test_unsubscribing_takes_away_the_mode_it_names_and_quote_by_default() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        socket = await client.listen(CE, PE, mode=1)
        await asked(socket, {"action": "subscribe", **CE_ROW, "mode": 2})
        answer = await asked(socket, {"action": "unsubscribe", "symbols": [CE_ROW, NOPE]})
        assert (answer["status"], len(answer["successful"]), answer["failed"]) == ("success", 2, [])
        pass_time(gateway, at(0.4))
        frame = await socket_json(socket)
        assert (frame["symbol"], frame["mode"]) == (CE, 1)

        await asked(socket, {"action": "unsubscribe", "symbols": [{**CE_ROW, "mode": 1}]})
        everything = await asked(socket, {"action": "unsubscribe_all"})
        assert [row["symbol"] for row in everything["successful"]] == [PE]


async def test_order_updates_go_to_who_asked_before_the_answer_of_the_request() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        told, untold = await client.listen(), await client.connect()
        await asked(untold, {"action": "authenticate", "api_key": client.key})
        pass_time(gateway, at(2))
        order = {"symbol": CE, "exchange": "NFO", "action": "SELL", "quantity": 65}
        terms = {"pricetype": "SL", "product": "NRML", "price": 139.0, "trigger_price": 140.0}
        _, placed = await client.post("placeorder", strategy="S", **order, **terms)
        update = await socket_json(told)
        assert update == {
            "type": "order_update",
            "user_id": "trader",
            "mode": "analyze",
            "broker": "sandbox",
            "orderid": placed["orderid"],
            "symbol": CE,
            "exchange": "NFO",
            "action": "SELL",
            "quantity": 65,
            "price": 139.0,
            "trigger_price": 140.0,
            "pricetype": "SL",
            "product": "NRML",
            "order_status": "trigger pending",
            "filled_quantity": 0,
            "pending_quantity": 65,
            "average_price": 0.0,
            "rejection_reason": "",
        }
        await asked(told, {"action": "unsubscribe_orders", "request_id": "o2"})
        await client.post("cancelorder", strategy="S", orderid=placed["orderid"])
        pass_time(gateway, at(4))
        answer = await asked(told, {"action": "ping", "timestamp": 9})
        assert (await asked(untold, {"action": "ping"}))["type"] == answer["type"] == "pong"


async def test_a_client_that_does_not_read_is_dropped_and_others_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("swingbreak.gateway.subscriber._MOST_UNREAD", 100_000)
    ticks = [tick(second / 100, 150_00, CE, second) for second in range(1, 6_000)]
    async with serving(ListTape(ticks), speed=STANDING) as (gateway, client):
        deaf = await client.listen(CE, mode=3)
        deaf._conn.protocol.transport.pause_reading()  # type: ignore[union-attr]
        quick = await client.listen(CE, mode=1)
        reading = asyncio.create_task(_count(quick, len(ticks)))
        for second in range(1, 61):
            pass_time(gateway, at(second))
            await asyncio.sleep(0)
        assert await reading == len(ticks)
        assert gateway.stream.dropped == {"slow": 1}
        deaf._conn.protocol.transport.abort()  # type: ignore[union-attr]


async def _count(socket: Any, wanted: int) -> int:
    seen = 0
    while seen < wanted:
        frame = await socket_json(socket)
        seen += frame["type"] == "market_data"
    return seen


async def test_stopping_says_goodbye_with_1001() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        socket = await client.connect()
        stopping = asyncio.create_task(gateway.stop())
        message = await socket.receive(timeout=10)
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)
        await stopping


async def test_a_protocol_ping_of_a_client_is_answered() -> None:
    async with serving(speed=STANDING) as (_, client):
        socket = await client.connect()
        await socket.ping(b"there?")
        message = await socket.receive(timeout=10)
        assert (message.type, bytes(message.data)) == (WSMsgType.PONG, b"there?")
