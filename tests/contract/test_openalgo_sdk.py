"""The official ``openalgo`` SDK, whichever version is installed, runs unmodified."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from swingbreak.gateway.options import DEMO_KEY
from swingbreak.gateway.server import Gateway
from tests.gateway_fakes import CE, DAY, PE, SPOT, at, pass_time, quiet_tape, serving

openalgo = pytest.importorskip("openalgo")
# the SDK's own use of pandas, and the sockets that its 2.x leaves to the garbage collector
pytestmark = [
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SPEED = 5.0  # market seconds per second: the SDK 1.x takes a tenth of a second per call
BRISK = 25.0  # the SDK 2.x takes a millisecond, and may ask fifty times a second until it is told
OPTION = {"symbol": CE, "exchange": "NFO"}


@pytest.fixture(autouse=True)
def collect_its_garbage() -> Iterator[None]:
    yield
    gc.collect()  # here, where its warnings are allowed, not in somebody else's test


async def with_sdk(use: Callable[[Any], None], speed: float = SPEED) -> Gateway:
    """Run *use* in a thread, as the SDK is synchronous, on a market that has just opened."""
    async with serving(quiet_tape(300), speed=speed) as (gateway, client):
        pass_time(gateway, at(5))
        gateway._clock._start = at(5)  # type: ignore[attr-defined]
        addresses = client.addresses
        sdk = openalgo.api(api_key=DEMO_KEY, host=addresses.host, ws_url=addresses.ws_url)
        await asyncio.to_thread(use, sdk)
    return gateway


def succeeded(answer: Any) -> Any:
    assert answer.get("status") == "success", answer
    return answer.get("data", answer)


async def test_orders_from_placing_to_cancelling() -> None:
    def use(sdk: Any) -> None:
        order = {"strategy": "S", "action": "SELL", "product": "NRML", **OPTION}
        placed = succeeded(sdk.placeorder(**order, price_type="LIMIT", quantity=65, price=180))
        orderid = placed["orderid"]
        status = succeeded(sdk.orderstatus(order_id=orderid, strategy="S"))
        assert (status["order_status"], status["price"], status["quantity"]) == ("open", 180.0, 65)

        changed = {**order, "price_type": "LIMIT", "quantity": 130, "price": 181}
        succeeded(sdk.modifyorder(order_id=orderid, **changed))
        while (book := succeeded(sdk.orderbook()))["orders"][0]["quantity"] != 130:
            assert book["orders"][0]["order_status"] == "open"
        succeeded(sdk.cancelorder(order_id=orderid, strategy="S"))
        while succeeded(sdk.orderbook())["orders"][0]["order_status"] != "cancelled":
            pass

        bought = succeeded(sdk.placeorder(**{**order, "action": "BUY"}, quantity=65))["orderid"]
        while succeeded(sdk.orderstatus(order_id=bought))["order_status"] != "complete":
            pass
        assert succeeded(sdk.tradebook())[0]["orderid"] == bought
        assert succeeded(sdk.positionbook())[0]["quantity"] == 65
        assert sdk.openposition(strategy="S", product="NRML", **OPTION)["quantity"] == 65
        assert succeeded(sdk.funds())["utiliseddebits"] > 0
        assert succeeded(sdk.closeposition(strategy="S"))["closed_positions"] == 1

    gateway = await with_sdk(use, BRISK)
    assert len(gateway.desk.floor.venue.orders()) == 3


async def test_several_orders_at_once() -> None:
    def use(sdk: Any) -> None:
        leg = {**OPTION, "action": "SELL", "quantity": 65, "pricetype": "LIMIT", "product": "NRML"}
        basket = succeeded(sdk.basketorder(strategy="S", orders=[leg | {"price": 180}]))
        assert basket["results"][0]["status"] == "success"
        order = {"strategy": "S", "action": "SELL", "product": "NRML", **OPTION}
        split = sdk.splitorder(**order, quantity=195, splitsize=130, price_type="LIMIT", price=181)
        assert [part["quantity"] for part in succeeded(split)["results"]] == [130, 65]
        assert len(succeeded(sdk.cancelallorder(strategy="S"))["canceled_orders"]) == 3
        smart = sdk.placesmartorder(**order, quantity=65, position_size=-65, price_type="MARKET")
        assert "orderid" in succeeded(smart)
        money = {"strategy": "S", "underlying": SPOT, "exchange": "NSE_INDEX"}
        place = {"offset": "OTM1", "option_type": "CE", "action": "BUY", "quantity": 65}
        placed = sdk.optionsorder(**money, expiry_date="01DEC26", **place, product="NRML")
        assert succeeded(placed)["symbol"] == "NIFTY01DEC2624250CE"
        legs = sdk.optionsmultiorder(**money, expiry_date="01DEC26", legs=[place])
        assert succeeded(legs)["results"][0]["leg"] == 1

    await with_sdk(use)


async def test_an_error_is_told_and_not_raised() -> None:
    def use(sdk: Any) -> None:
        answer = sdk.orderstatus(order_id="999", strategy="S")
        assert (answer["status"], answer["code"]) == ("error", 404)
        assert "Order 999 not found" in answer["message"]
        sdk.api_key = "wrong"
        assert sdk.funds()["code"] == 403

    await with_sdk(use)


async def test_market_and_reference_data() -> None:
    def use(sdk: Any) -> None:
        assert succeeded(sdk.quotes(**OPTION))["ltp"] >= 150
        assert sdk.multiquotes(symbols=[OPTION])["results"][0]["symbol"] == CE
        assert len(succeeded(sdk.depth(**OPTION))["asks"]) == 5
        span = {"start_date": str(DAY), "end_date": str(DAY)}
        frame = sdk.history(**OPTION, interval="1m", **span)
        assert not isinstance(frame, dict), frame
        assert frame.iloc[0]["open"] == 150.0
        assert str(frame.index[0]).startswith("2026-11-20 09:15:00")
        assert "1m" in succeeded(sdk.intervals())["minutes"]
        assert succeeded(sdk.symbol(**OPTION))["lotsize"] == 65
        assert [row["symbol"] for row in succeeded(sdk.search(query="24200 PE"))] == [PE]
        named = {"symbol": SPOT, "exchange": "NFO", "instrumenttype": "options"}
        assert succeeded(sdk.expiry(**named)) == ["01-DEC-26"]
        assert len(sdk.instruments(exchange="NFO")) == 10

    await with_sdk(use)


async def test_option_chain_margin_calendar_and_mode() -> None:
    def use(sdk: Any) -> None:
        money = {"underlying": SPOT, "exchange": "NSE_INDEX", "expiry_date": "01DEC26"}
        chain = succeeded(sdk.optionchain(**money, strike_count=1))["chain"]
        assert [row["strike"] for row in chain] == [24150.0, 24200.0, 24250.0]
        named = sdk.optionsymbol(**money, offset="ATM", option_type="PE")
        assert succeeded(named)["symbol"] == PE
        assert succeeded(sdk.syntheticfuture(**money))["atm_strike"] == 24200.0
        assert succeeded(sdk.optiongreeks(**OPTION))["option_type"] == "CE"
        leg = {
            **OPTION,
            "action": "SELL",
            "quantity": "65",
            "product": "NRML",
            "pricetype": "MARKET",
        }
        assert succeeded(sdk.margin(positions=[leg]))["total_margin_required"] > 100_000

        assert any(row["date"] == "2026-11-24" for row in succeeded(sdk.holidays(year=2026)))
        assert any(row["exchange"] == "NFO" for row in succeeded(sdk.timings(date="2026-11-23")))
        assert succeeded(sdk.analyzerstatus())["analyze_mode"] is True
        assert succeeded(sdk.analyzertoggle(mode=False))["mode"] == "live"
        assert isinstance(succeeded(sdk.funds())["availablecash"], str)
        assert "Telegram bot is stopped" in sdk.telegram(username="x", message="y")["message"]

    await with_sdk(use)


async def test_the_feed_in_every_mode() -> None:
    def use(sdk: Any) -> None:
        assert sdk.connect()
        for mode in ("ltp", "quote", "depth"):
            came = threading.Event()
            got: list[Any] = []

            def receive(frame: Any, got: list[Any] = got, came: threading.Event = came) -> None:
                got.append(frame)
                came.set()

            assert getattr(sdk, f"subscribe_{mode}")([OPTION], on_data_received=receive)
            assert came.wait(10), mode
            assert (got[0]["type"], got[0]["symbol"]) == ("market_data", CE)
            if mode == "ltp":
                last = sdk.get_ltp(exchange="NFO", symbol=CE)["ltp"]["NFO"][CE]
                assert last["ltp"] >= 150
            assert getattr(sdk, f"unsubscribe_{mode}")([OPTION])
        depth = got[0]["data"]["depth"]
        assert [len(depth[side]) for side in ("buy", "sell")] == [5, 5]
        sdk.disconnect()

    await with_sdk(use)


async def test_the_feed_in_step_needs_nothing_special() -> None:
    """A standard WebSocket client answers pings by itself: the whole day passes."""
    async with serving(quiet_tape(60)) as (gateway, client):

        def use() -> None:
            sdk = openalgo.api(
                api_key=DEMO_KEY, host=client.addresses.host, ws_url=client.addresses.ws_url
            )
            assert sdk.connect()
            frames: list[Any] = []
            done = threading.Event()

            def receive(frame: Any) -> None:
                frames.append(frame)
                if len(frames) == 60:
                    done.set()

            assert sdk.subscribe_quote([OPTION], on_data_received=receive)
            assert done.wait(20), len(frames)
            sdk.disconnect()

        await asyncio.to_thread(use)
        assert gateway.stream.dropped == {}
