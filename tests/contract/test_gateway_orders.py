"""Orders over REST, on the honest exchange unless a test says otherwise."""

import pytest

from swingbreak.gateway.personality import SANDBOX
from tests.gateway_fakes import CE, PE, SESSION, SPOT, at, pass_time, serving

STANDING = 1e-9  # so slow that only the test moves market time
OPTION = {"symbol": CE, "exchange": "NFO"}
ORDER = {"strategy": "S", **OPTION, "action": "SELL", "product": "NRML", "quantity": 65}
LIMIT = {"pricetype": "LIMIT", "price": 180.0}
CHANGE = {**ORDER, **LIMIT, "disclosed_quantity": 0, "trigger_price": 0}


async def test_the_honest_exchange_is_closed_before_the_open() -> None:
    async with serving(speed=STANDING) as (_, client):
        status, body = await client.post("placeorder", **ORDER, **LIMIT)
        assert (status, body["mode"]) == (400, "analyze")
        assert body["message"].startswith("Markets are closed right now")


async def test_market_orders_become_limits_in_a_band_and_fill_inside_the_spread() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        _, placed = await client.post("placeorder", **{**ORDER, "action": "BUY"})
        pass_time(gateway, at(5.2))
        _, status = await client.post("orderstatus", strategy="S", orderid=placed["orderid"])
        data = status["data"]
        assert (data["price_type"], data["price"]) == ("LIMIT", 153.2)  # 2 % above 150.20
        assert (data["order_status"], data["average_price"]) == ("complete", 150.3)


async def test_a_stop_without_a_limit_gets_one_in_a_band_of_its_trigger() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        terms = {"pricetype": "SL-M", "trigger_price": 140.0}
        _, placed = await client.post("placeorder", **ORDER, **terms)
        _, book = await client.post("orderbook")
        row = book["data"]["orders"][0]
        assert (row["orderid"], row["pricetype"], row["price"]) == (placed["orderid"], "SL", 137.2)
        assert row["order_status"] == "trigger pending"


async def test_a_change_takes_effect_after_a_while_and_may_be_refused() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        _, placed = await client.post("placeorder", **ORDER, **LIMIT)
        orderid = placed["orderid"]
        pass_time(gateway, at(5.5))
        change = {**CHANGE, "orderid": orderid}
        status, body = await client.post("modifyorder", **{**change, "price": 181.0})
        assert (status, body["message"]) == (200, "Order modified successfully")
        status, body = await client.post("modifyorder", **{**change, "price": 181.02})
        assert (status, body["mode"]) == (400, "analyze")
        pass_time(gateway, at(6))
        _, book = await client.post("orderbook")
        assert book["data"]["orders"][0]["price"] == 181.0
        await client.post("cancelorder", strategy="S", orderid=orderid)
        pass_time(gateway, at(7))
        status, body = await client.post("cancelorder", strategy="S", orderid=orderid)
        assert (status, body["message"]) == (400, "Cannot cancel order in cancelled status")


async def test_a_short_option_blocks_margin_until_it_is_closed() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        _, before = await client.post("funds")
        await client.post("placeorder", **ORDER)
        pass_time(gateway, at(6))
        _, during = await client.post("funds")
        blocked = during["data"]["utiliseddebits"]
        assert blocked == pytest.approx(0.113 * 24205.25 * 65, rel=5e-3)
        assert during["data"]["availablecash"] == before["data"]["availablecash"] - blocked
        status, closed = await client.post("closeposition", strategy="S")
        assert (status, closed["closed_positions"], closed["failed_closures"]) == (200, 1, 0)
        pass_time(gateway, at(7))
        _, after = await client.post("funds")
        assert after["data"]["utiliseddebits"] == 0.0
        _, book = await client.post("positionbook")
        row = book["data"][0]
        assert (row["quantity"], row["average_price"]) == (0, 0.0)
        assert row["today_realized_pnl"] == row["unrealized_pnl"] == row["pnl"] < 0
        assert after["data"]["today_realized_pnl"] == row["today_realized_pnl"]
        _, pnl = await client.post("pnl/symbols")
        assert pnl["data"][0].keys() == row.keys() - {
            "average_price",
            "lot_size",
            "ltp",
            "pnlpercent",
        }


async def test_an_order_that_cannot_be_paid_for_is_refused_in_a_brokers_words() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        order = {**ORDER, **LIMIT, "quantity": 1755}
        replies = [await client.post("placeorder", **order) for _ in range(4)]
        status, body = replies[-1]
        assert [code for code, _ in replies[:3]] == [200] * 3
        assert (status, body["mode"]) == (400, "analyze")
        assert body["message"].startswith("Insufficient funds. Required margin is 4")


async def test_live_answers_have_no_mode_and_texts_for_money() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        await client.post("analyzer/toggle", mode=False)
        status, placed = await client.post("placeorder", **ORDER)
        assert (status, placed.keys()) == (200, {"orderid", "status"})
        pass_time(gateway, at(6))
        _, book = await client.post("positionbook")
        assert isinstance(book["data"][0]["average_price"], str)
        _, trades = await client.post("tradebook")
        assert len(trades["data"][0]["timestamp"]) == len("09:15:05")
        _, order = await client.post("orderstatus", strategy="S", orderid=placed["orderid"])
        assert "pricetype" in order["data"]
        assert "filled_quantity" not in order["data"]
        _, closed = await client.post("closeposition", strategy="S")
        assert closed == {"message": "All Open Positions Squared Off", "status": "success"}


@pytest.mark.parametrize(
    ("held", "target", "action", "units"),
    [(0, -65, "SELL", 65), (-65, 65, "BUY", 130), (-65, 0, "BUY", 65), (65, 130, "BUY", 65)],
    ids=["open short", "reverse", "close", "add"],
)
async def test_a_smart_order_trades_the_difference(
    held: int, target: int, action: str, units: int
) -> None:
    async with serving(personality=SANDBOX, speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        if held:
            first = {**ORDER, "action": "BUY" if held > 0 else "SELL", "quantity": abs(held)}
            await client.post("placeorder", **first)
        await client.post("placesmartorder", **{**ORDER, **LIMIT}, position_size=target)
        order = gateway.desk.floor.venue.orders()[-1]
        assert (order.side, order.quantity) == (action, units)
        _, position = await client.post("openposition", strategy="S", **OPTION, product="NRML")
        assert position["quantity"] == target


async def test_a_smart_order_to_flat_when_flat_depends_on_its_quantity() -> None:
    async with serving(personality=SANDBOX, speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        _, nothing = await client.post(
            "placesmartorder", **{**ORDER, "quantity": 0}, position_size=0
        )
        assert nothing["message"] == "No OpenPosition Found. Not placing Exit order."
        _, fresh = await client.post("placesmartorder", **ORDER, position_size=0)
        assert "orderid" in fresh


async def test_a_basket_buys_first_and_tells_each_outcome() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        leg = {name: value for name, value in ORDER.items() if name != "strategy"}
        orders = [leg, {**leg, "symbol": PE, "action": "BUY"}, {**leg, "symbol": "NOPE"}]
        _, body = await client.post("basketorder", strategy="S", orders=orders)
        assert [row["symbol"] for row in body["results"]] == [PE, CE, "NOPE"]
        assert body["results"][2] == {
            "symbol": "NOPE",
            "status": "error",
            "message": "Symbol NOPE not found on NFO",
        }


async def test_a_split_order_and_options_by_distance() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        _, body = await client.post(
            "splitorder", **{**ORDER, **LIMIT, "quantity": 195}, splitsize=130
        )
        assert [row["quantity"] for row in body["results"]] == [130, 65]
        _, bad = await client.post("splitorder", **{**ORDER, **LIMIT, "quantity": 70}, splitsize=65)
        assert [row["status"] for row in bad["results"]] == ["success", "error"]
        money = {"underlying": SPOT, "exchange": "NSE_INDEX", "expiry_date": "01DEC26"}
        place = {"offset": "ITM1", "option_type": "PE", "action": "SELL", "quantity": 130}
        options = {"strategy": "S", **money, **place, **LIMIT, "splitsize": 65}
        _, split = await client.post("optionsorder", **options)
        assert (split["symbol"], len(split["results"])) == ("NIFTY01DEC2624250PE", 2)
        status, off = await client.post(
            "optionsorder", **{**options, "splitsize": 0, "quantity": 7}
        )
        assert (status, off.keys()) == (400, {"message", "status"})
        legs = [place, {**place, "offset": "OTM9"}, {**place, "action": "BUY"}]
        _, multi = await client.post("optionsmultiorder", strategy="S", **money, legs=legs)
        assert [row["status"] for row in multi["results"]] == ["success", "error", "success"]


async def test_a_position_that_cannot_be_closed_is_counted() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        await client.post("placeorder", **ORDER)
        pass_time(gateway, SESSION.closes)
        _, body = await client.post("closeposition", strategy="S")
        assert (body["closed_positions"], body["failed_closures"]) == (0, 1)
        assert body["message"] == "Closed 0 positions"


@pytest.mark.parametrize(
    ("stored", "change", "message"),
    [
        (LIMIT, {"trigger_price": 170.0}, "LIMIT orders do not accept a trigger_price"),
        (
            {"pricetype": "SL-M", "trigger_price": 100.0},
            {"price": 99.0, "trigger_price": 100.0},
            "SL-M orders do not accept a price",
        ),
    ],
    ids=["LIMIT", "SL-M"],
)
async def test_the_sandbox_judges_a_change_by_the_stored_price_type(
    stored: dict[str, object], change: dict[str, object], message: str
) -> None:
    async with serving(personality=SANDBOX, speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        _, placed = await client.post("placeorder", **ORDER, **stored)
        terms = {**CHANGE, "orderid": placed["orderid"], **change}
        status, body = await client.post("modifyorder", **terms)
        assert (status, body["message"], body["mode"]) == (400, message, "analyze")
