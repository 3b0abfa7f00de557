"""One look at the account through the gateway."""

from typing import Any

import pytest

from swingbreak.adapters.openalgo.books import HeldPosition
from swingbreak.domain.account import AccountBooks, SeenOrder
from swingbreak.domain.commands import CancelStray
from swingbreak.domain.errors import DataError, GatewayRefused, ModeMismatch
from swingbreak.domain.events import OrderFilled
from tests.broker_rig import Rig
from tests.builders import CE, PE, stop
from tests.openalgo_fakes import order_row

OTHER = "BANKNIFTY24NOV2651000CE"


def foreign(rig: Rig, **changes: Any) -> None:
    row = order_row(orderid="x1", **changes)
    rig.gateway.rows["x1"] = row


def held(rig: Rig, *rows: tuple[str, str, int]) -> None:
    rig.gateway.held = [
        HeldPosition(symbol, "NFO", product, quantity) for symbol, product, quantity in rows
    ]


async def test_ours_and_theirs(rig: Rig) -> None:
    number = await rig.submit(stop())
    foreign(rig, symbol=CE.symbol, quantity=65, pricetype="LIMIT", price=180.0, trigger_price=0.0)
    rig.gateway.trades.append(
        {"orderid": "x1", "quantity": 65, "average_price": 181.5, "tradeid": "T9"}
    )
    held(rig, (CE.symbol, "MIS", 0))
    look = await rig.broker.look()
    assert look.is_whole
    assert look.held == {CE.symbol: 0}
    assert look.orders is not None
    assert {order.broker_order_id: order for order in look.orders} == {
        number: SeenOrder(number, "o1", CE.symbol, True, 650, 188_00, 185_00, works=True),
        "x1": SeenOrder("x1", "", CE.symbol, False, 65, 180_00, 0, True, 65, 65 * 181_50),
    }


async def test_our_own_row_is_seen_as_it_is_shown(rig: Rig) -> None:
    number = await rig.submit(stop())
    rig.gateway.rows[number]["quantity"] = 65
    look = await rig.broker.look()
    assert look.orders is not None
    assert [(seen.order_id, seen.quantity) for seen in look.orders] == [("o1", 65)]


async def test_it_tells_what_the_books_add_of_ours(rig: Rig) -> None:
    number = await rig.submit(stop())
    rig.gateway.fill(number, 650, 185_00)
    await rig.broker.look()
    assert OrderFilled in rig.told()


@pytest.mark.parametrize("word", ["complete", "cancelled", "rejected"])
async def test_an_order_that_is_over_works_no_more(rig: Rig, word: str) -> None:
    foreign(rig, order_status=word)
    look = await rig.broker.look()
    assert look.orders is not None
    assert [order.works for order in look.orders] == [False]


async def test_only_our_product_and_words_that_may_mean_it(rig: Rig) -> None:
    foreign(rig, product="NRML")
    held(
        rig,
        (CE.symbol, "MIS", -65),
        (CE.symbol, "intraday", -65),
        (CE.symbol, "NRML", -650),
        (PE.symbol, "CNC", 1),
        ("", "MIS", 5),
    )
    assert await rig.broker.look() == AccountBooks((), {CE.symbol: -130})


@pytest.mark.parametrize("broken", [{"symbol": ""}, {"action": "HOLD"}])
async def test_a_row_that_cannot_be_read_makes_a_book_a_part(
    rig: Rig, broken: dict[str, str]
) -> None:
    foreign(rig, **broken)
    assert await rig.broker.look() == AccountBooks((), {}, is_whole=False)


@pytest.mark.parametrize("book", ["orders", "trades"])
async def test_so_does_one_that_is_no_row_at_all(rig: Rig, book: str) -> None:
    if book == "orders":
        rig.gateway.rows["odd"] = {"orderid": "", "order_status": "open"}
    else:
        rig.gateway.trades.append({"orderid": "x1", "quantity": "many"})
    assert await rig.broker.look() == AccountBooks((), {}, is_whole=False)


async def test_our_own_row_may_leave_out_what_we_know(rig: Rig) -> None:
    number = await rig.submit(stop())
    rig.gateway.rows[number] |= {"symbol": "", "action": ""}
    look = await rig.broker.look()
    assert look.is_whole
    assert look.orders is not None
    assert look.orders[0].symbol == CE.symbol


@pytest.mark.parametrize("book", ["order_book", "trade_book"])
async def test_orders_that_cannot_be_had(rig: Rig, book: str) -> None:
    rig.gateway.fail(book, GatewayRefused("no"))
    held(rig, (CE.symbol, "MIS", -65))
    assert await rig.broker.look() == AccountBooks(None, {CE.symbol: -65})


@pytest.mark.parametrize("error", [GatewayRefused("no"), DataError("a row without a quantity")])
async def test_positions_that_cannot_be_had(
    rig: Rig, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise error

    monkeypatch.setattr(rig.gateway, "positions", fail)
    assert await rig.broker.look() == AccountBooks((), None)


class TestStrangers:
    """Orders of others in the stream."""

    async def told(self, rig: Rig, **changes: Any) -> bool:
        foreign(rig, **changes)
        rig.gateway.say("x1")
        rig.hear()
        return rig.broker.needs_look

    async def test_in_a_symbol_of_ours(self, rig: Rig) -> None:
        assert await self.told(rig, symbol=CE.symbol)
        await rig.broker.look()
        assert not rig.broker.needs_look

    async def test_elsewhere(self, rig: Rig) -> None:
        assert not await self.told(rig, symbol=OTHER)

    async def test_in_a_symbol_of_ours_and_then_elsewhere(self, rig: Rig) -> None:
        assert await self.told(rig, symbol=CE.symbol)
        assert await self.told(rig, symbol=OTHER), "it is still wanted"

    async def test_ours(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.hear()
        assert not rig.broker.needs_look


async def test_a_look_finds_a_gateway_that_was_switched(rig: Rig) -> None:
    await rig.broker.look()
    rig.gateway.fail("analyzer", "down")
    await rig.broker.look()  # asked again at the next one
    rig.gateway.mode = ""
    with pytest.raises(ModeMismatch, match="live mode now"):
        await rig.broker.look()


class TestBooksOfOthers:
    """Orders of others that no stream told of."""

    async def polled(self, rig: Rig) -> bool:
        rig.broker.needs_look = False
        await rig.broker.poll()
        return rig.broker.needs_look

    async def test_news_of_them_want_a_look(self, rig: Rig) -> None:
        await rig.submit(stop())
        assert not await self.polled(rig)
        foreign(rig, symbol=CE.symbol)
        assert await self.polled(rig)
        assert not await self.polled(rig), "it is known by now"
        rig.gateway.fill("x1", 65, 181_50)
        assert await self.polled(rig)
        foreign(rig, order_status="cancelled")
        await rig.broker.look()
        assert not await self.polled(rig), "the look has shown it"

    async def test_elsewhere_they_are_no_news(self, rig: Rig) -> None:
        await rig.submit(stop())
        foreign(rig, symbol=OTHER)
        assert not await self.polled(rig)

    async def test_books_that_cannot_be_had_are_no_news(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.gateway.fail("order_book", GatewayRefused("no"))
        assert not await self.polled(rig)


@pytest.mark.parametrize("fails", [False, True])
async def test_a_stray_is_cancelled(rig: Rig, fails: bool) -> None:
    foreign(rig)
    if fails:
        rig.gateway.fail("cancel", GatewayRefused("busy"))
    await rig.broker.execute(CancelStray("x1", CE.symbol, "foreign"))
    assert rig.gateway.calls["cancel"] == 1
    assert rig.events == []
