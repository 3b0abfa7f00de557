"""Fills and what is held, from the stream and the books of a scripted gateway."""

from collections.abc import Sequence

import pytest

from swingbreak.adapters.openalgo.books import HeldPosition
from swingbreak.domain.errors import DataError, GatewayRefused
from swingbreak.domain.events import OrderAccepted, OrderCanceled, OrderFilled, OrderPriced
from swingbreak.domain.orders import OrderStatus
from tests.broker_rig import Rig
from tests.builders import CE, OPEN, PE, entry, stop


class TestFills:
    async def test_two_prices(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.fill(broker_order_id, 65, 17495)
        rig.hear(times=3)
        rig.gateway.fill(broker_order_id, 585, 17480)
        rig.hear(times=3)
        assert [type(event) for event in rig.events] == [OrderAccepted, OrderFilled, OrderFilled]
        assert rig.broker.needs_poll
        await rig.broker.poll()
        exact = 65 * 17495 + 585 * 17480
        assert rig.events[-1] == OrderPriced(OPEN, "o1", 650, exact)
        assert rig.orders["o1"].value == exact
        assert not rig.broker.needs_poll

    async def test_fill_ids_are_the_cumulative_quantity(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.fill(broker_order_id, 65, 17495)
        rig.gateway.fill(broker_order_id, 65, 17495)
        late, early = rig.gateway.stream[-1], rig.gateway.stream[-2]
        rig.broker.on_update(late)
        rig.broker.on_update(early)
        (fill,) = [event for event in rig.events if isinstance(event, OrderFilled)]
        assert (fill.fill_id, fill.quantity) == (f"{broker_order_id}:130", 130)

    async def test_the_books_tell_what_the_stream_lost(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.fill(broker_order_id, 130, 17495)
        rig.gateway.stream.clear()
        await rig.broker.poll()
        assert rig.orders["o1"].filled == 130
        rig.gateway.fill(broker_order_id, 520, 17490)
        rig.gateway.stream.clear()
        await rig.broker.poll()
        assert rig.status is OrderStatus.FILLED
        assert rig.orders["o1"].value == 130 * 17495 + 520 * 17490

    async def test_a_live_book_says_nothing_of_partial_fills_but_the_trades_do(
        self, live: Rig
    ) -> None:
        broker_order_id = await live.submit()
        live.gateway.fill(broker_order_id, 130, 17495)
        live.gateway.stream.clear()
        await live.broker.poll()
        assert live.orders["o1"].filled == 130

    async def test_complete_without_trades_is_not_believed(self, live: Rig) -> None:
        broker_order_id = await live.submit()
        live.gateway.rows[broker_order_id]["order_status"] = "complete"
        await live.poll_for(2)
        live.gateway.say(broker_order_id)
        live.hear()
        assert live.told() == [OrderAccepted]
        assert live.broker.needs_poll
        live.gateway.fill(broker_order_id, 650, 17490)
        live.gateway.stream.clear()
        await live.broker.poll()
        assert live.status is OrderStatus.FILLED

    async def test_more_than_the_order_is_believed_from_the_trades_alone(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.rows[broker_order_id] |= {"filled_quantity": 715, "average_price": 174.95}
        rig.gateway.say(broker_order_id)
        rig.hear()
        assert rig.told() == [OrderAccepted]
        assert rig.broker.needs_poll

    async def test_complete_at_less_than_the_order_ends_it(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.rows[broker_order_id]["quantity"] = 130
        rig.gateway.fill(broker_order_id, 130, 17495)
        rig.hear()
        assert rig.events[-1] == OrderCanceled(OPEN, "o1", "complete at 130 of 650")

    async def test_unreadable_trades_settle_nothing(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.end(broker_order_id, "cancelled")
        rig.hear()
        rig.gateway.trades.append({"orderid": broker_order_id})
        await rig.broker.poll()
        assert rig.broker.needs_poll
        rig.gateway.trades.clear()
        await rig.broker.poll()
        assert not rig.broker.needs_poll


class TestPositions:
    async def test_net_units_of_our_product(self, rig: Rig) -> None:
        rig.gateway.held = [
            HeldPosition(CE.symbol, "NFO", "MIS", -650),
            HeldPosition(PE.symbol, "NFO", "MIS", 0),
            HeldPosition(PE.symbol, "NFO", "NRML", 65),
            HeldPosition("", "NFO", "MIS", 65),
        ]
        assert await rig.broker.positions() == {CE.symbol: -650, "": 65}

    @pytest.mark.parametrize("held", [-650, 0], ids=["open", "flat"])
    async def test_a_row_that_is_there_is_believed(self, rig: Rig, held: int) -> None:
        rig.gateway.fill(await rig.submit(), 650, 174_95)
        await rig.broker.poll()
        rig.gateway.held = [HeldPosition(CE.symbol, "NFO", "MIS", held)]
        rig.gateway.calls.clear()
        assert (await rig.broker.positions()).get(CE.symbol, 0) == held
        assert list(rig.gateway.calls) == ["positions"]

    async def test_a_row_that_is_missing_is_not_flat(self, rig: Rig) -> None:
        rig.gateway.fill(await rig.submit(), 650, 174_95)
        await rig.broker.poll()
        rig.gateway.held = []
        with pytest.raises(GatewayRefused, match="by our trades it holds -650"):
            await rig.broker.positions()

    @pytest.mark.parametrize("trouble", ["orders", "trades", "none"])
    async def test_the_trade_book_may_prove_what_is_hidden(self, rig: Rig, trouble: str) -> None:
        for intent, name in ((entry(), "o1"), (stop(), "o2")):
            rig.gateway.fill(await rig.submit(intent, name), 650, 174_95)
        await rig.broker.poll()
        rig.gateway.held = []
        if trouble == "none":  # a row that earned nothing is hidden
            assert await rig.broker.positions() == {}
            return
        if trouble == "orders":
            rig.gateway.fail("order_book", "down")
        else:
            rig.gateway.trades.pop()
        with pytest.raises(GatewayRefused, match="does not account"):
            await rig.broker.positions()

    async def test_unreadable_is_not_flat(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        async def positions() -> Sequence[HeldPosition]:
            raise DataError("position cannot be read")

        monkeypatch.setattr(rig.gateway, "positions", positions)
        with pytest.raises(GatewayRefused):
            await rig.broker.positions()


async def test_nothing_to_poll_for(rig: Rig) -> None:
    await rig.broker.poll()
    assert not rig.gateway.calls


async def test_what_is_held_in_one_symbol_adds_up(rig: Rig) -> None:
    rows = (("MIS", -65), ("INTRADAY", -130), ("CNC", 30))
    rig.gateway.held = [HeldPosition(CE.symbol, "NFO", *row) for row in rows]
    assert await rig.broker.positions() == {CE.symbol: -195}


async def test_what_is_held_may_not_be_readable(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreadable() -> tuple[HeldPosition, ...]:
        raise DataError("a row without a symbol")

    monkeypatch.setattr(rig.gateway, "positions", unreadable)
    with pytest.raises(GatewayRefused, match="what is held cannot be read: a row without a symbol"):
        await rig.broker.positions()
