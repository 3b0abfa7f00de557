"""Quirks of the server: what a client sees of each, and how they compose."""

from pathlib import Path
from typing import Any

import pytest

from swingbreak.cli.serve import quirks_of
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.orders import Side
from swingbreak.gateway.broker_quirks import FAMILIES, KNOWN, QUIRKS
from swingbreak.gateway.quirks import PLAIN, Row
from swingbreak.simulation.venue import VenueTrade
from tests.gateway_fakes import CE, PE, Client, at, pass_time, serving, socket_json

STOP = {"action": "BUY", "pricetype": "SL", "price": 170.0, "trigger_price": 165.0}
LIMIT = {"action": "BUY", "pricetype": "LIMIT", "price": 152.0}


async def placed(client: Client, **terms: Any) -> tuple[int, Any]:
    fields = {"strategy": "s", "exchange": "NFO", "symbol": CE, "quantity": 65}
    return await client.post("placeorder", **(fields | terms))


async def rows(client: Client, book: str = "orderbook") -> list[Row]:
    status, body = await client.post(book)
    assert status == 200, body
    found: list[Row] = body["data"]["orders"] if book == "orderbook" else body["data"]
    return found


async def book_of(names: str, **terms: Any) -> Row:
    async with serving(quirks=quirks_of(names)) as (gateway, client):
        pass_time(gateway, at(3))
        await placed(client, **terms)
        pass_time(gateway, at(6))
        (row,) = await rows(client)
        return row


def test_every_quirk_says_what_it_is() -> None:
    assert len({quirk.name for quirk in QUIRKS}) == len(QUIRKS) >= 20
    assert all(quirk.meaning and quirk.source for quirk in QUIRKS)
    assert KNOWN.keys() == {quirk.name for quirk in QUIRKS} | FAMILIES.keys()


def test_the_reference_tells_of_every_quirk() -> None:
    path = Path(__file__).parents[2] / "docs" / "reference" / "quirks.md"
    text = path.read_text(encoding="utf-8")
    told = [line for line in text.splitlines() if line.startswith("| `")]
    plain = [f"| `{quirk.name}` | {quirk.meaning} | {quirk.source} |" for quirk in QUIRKS]
    families = [
        f"| `{name}` | {', '.join(f'`{one}`' for one in names)} |"
        for name, names in FAMILIES.items()
    ]
    assert told == [*plain, *families]


def test_an_unknown_quirk_is_named_with_the_known() -> None:
    with pytest.raises(ConfigError, match="'modify-eaten' is not known; there are terse-books"):
        quirks_of("no-average, modify-eaten")


def test_a_quirk_named_twice_is_there_once() -> None:
    assert quirks_of("") == PLAIN
    assert len(quirks_of("zerodha,terse-books, cancel-crashes,").all) == 3


@pytest.mark.parametrize(
    ("names", "terms", "shown"),
    [
        ("", STOP, {"order_status": "trigger pending", "trigger_price": 165.0}),
        ("trigger-as-open", STOP, {"order_status": "open"}),
        ("foreign-status", STOP, {"order_status": "TRIGGER_PENDING"}),
        ("foreign-status", LIMIT, {"order_status": "TRADED"}),
        ("no-average", LIMIT, {"average_price": 0.0, "filled_quantity": 65}),
        ("text-numbers", LIMIT, {"price": "152.0", "filled_quantity": "65"}),
        ("number-ids", LIMIT, {"orderid": 26112000000001}),
        ("text-numbers,number-ids", LIMIT, {"orderid": 26112000000001, "quantity": "65"}),
        ("rounded-triggers", STOP | {"trigger_price": 165.35}, {"trigger_price": 165.0}),
        ("untriggered-stops", STOP, {"pricetype": "LIMIT", "trigger_price": 0.0}),
    ],
)
async def test_how_the_order_book_shows_an_order(
    names: str, terms: dict[str, Any], shown: dict[str, Any]
) -> None:
    row = await book_of(names, **terms)
    assert {name: row[name] for name in shown} == shown


async def test_terse_books_leave_out_what_live_ones_do() -> None:
    row = await book_of("terse-books", **LIMIT)
    assert not {"filled_quantity", "average_price", "rejection_reason"} & row.keys()


async def test_a_new_order_inherits_the_status_before_it() -> None:
    async with serving(quirks=quirks_of("inherited-status")) as (gateway, client):
        pass_time(gateway, at(3))
        await placed(client, **LIMIT)
        status, body = await client.post("orderbook")
        assert (status, body["status"]) == (500, "error")
        pass_time(gateway, at(6))
        await placed(client, **STOP)
        assert [row["order_status"] for row in await rows(client)] == ["complete", "complete"]
        pass_time(gateway, at(8))
        newest = (await rows(client))[0]
        assert newest["order_status"] == "trigger pending"


async def test_positions_of_one_symbol_are_one() -> None:
    async with serving(quirks=quirks_of("netted-positions")) as (gateway, client):
        pass_time(gateway, at(3))
        await placed(client, **LIMIT)
        await placed(client, **LIMIT, product="NRML")
        await placed(client, **LIMIT | {"symbol": PE, "price": 161.0})
        pass_time(gateway, at(6))
        await placed(client, **LIMIT | {"symbol": PE, "price": 159.0, "action": "SELL"})
        pass_time(gateway, at(9))
        (row,) = await rows(client, "positionbook")
        assert (row["symbol"], row["product"], row["quantity"]) == (CE, "INTRADAY", 130)


class OneOrder:
    """Books with one order in two trades."""

    def trades(self) -> tuple[VenueTrade, ...]:
        return tuple(
            VenueTrade(f"t{price}", "1", CE, Side.BUY, 65, price, at(1))
            for price in (150_00, 151_00)
        )


def test_the_average_may_be_that_of_the_first_trade() -> None:
    shape = quirks_of("first-trade-average").all[0].rows["orderbook"]
    (row,) = shape([{"orderid": "1", "average_price": 150.5}], OneOrder(), at(2))  # type: ignore[arg-type]
    assert row["average_price"] == 150.0


@pytest.mark.parametrize(
    ("names", "times"), [("", 1), ("double-updates", 2), ("mute-order-stream", 0)]
)
async def test_how_often_an_update_comes(names: str, times: int) -> None:
    async with serving(quirks=quirks_of(names)) as (gateway, client):
        pass_time(gateway, at(3))
        socket = await client.listen()
        await placed(client, **STOP)
        await socket.send_json({"action": "ping"})
        heard = []
        while (frame := await socket_json(socket))["type"] != "pong":
            heard.append(frame["order_status"])
        assert heard == ["trigger pending"] * times


async def test_there_may_be_no_order_stream() -> None:
    async with serving(quirks=quirks_of("no-order-stream")) as (_, client):
        socket = await client.connect()
        await socket.send_json({"action": "authenticate", "api_key": client.key})
        await socket.send_json({"action": "subscribe_orders"})
        assert (await socket_json(socket))["type"] == "auth"
        assert (await socket_json(socket))["code"] == "INVALID_ACTION"


@pytest.mark.parametrize(
    ("names", "status", "body"),
    [
        ("no-order-id", 200, {"orderid": None, "status": "success"}),
        ("semi-auto", 200, {"mode": "semi_auto", "pending_order_id": 1}),
    ],
)
async def test_answers_without_an_order_id(names: str, status: int, body: Row) -> None:
    async with serving(quirks=quirks_of(names)) as (gateway, client):
        pass_time(gateway, at(3))
        answer, said = await placed(client, **STOP)
        assert answer == status
        assert body.items() <= said.items()
        assert len(gateway.desk.floor.venue.orders()) == (names == "no-order-id")


@pytest.mark.parametrize(
    ("names", "status", "trigger"),
    [("", 200, 166.0), ("modify-ignored", 200, 165.0), ("modify-refused", 400, 165.0)],
)
async def test_what_becomes_of_a_change(names: str, status: int, trigger: float) -> None:
    async with serving(quirks=quirks_of(names)) as (gateway, client):
        pass_time(gateway, at(3))
        _, said = await placed(client, **STOP)
        terms = {**STOP, "trigger_price": 166.0, "product": "MIS", "disclosed_quantity": 0}
        terms |= {"strategy": "s", "exchange": "NFO", "symbol": CE, "quantity": 65}
        answer, _ = await client.post("modifyorder", orderid=said["orderid"], **terms)
        pass_time(gateway, at(6))
        assert (answer, (await rows(client))[0]["trigger_price"]) == (status, trigger)


async def test_a_refused_cancel_may_crash() -> None:
    async with serving(quirks=quirks_of("cancel-crashes")) as (gateway, client):
        pass_time(gateway, at(3))
        _, said = await placed(client, **LIMIT)
        pass_time(gateway, at(6))
        status, body = await client.post("cancelorder", strategy="s", orderid=said["orderid"])
        assert status == 500
        assert body["message"].startswith("Failed to cancel order: Cannot cancel order in complete")
