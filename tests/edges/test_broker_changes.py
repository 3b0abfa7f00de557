"""Changing an order at a scripted gateway: what proves it, and each way it can fail."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from swingbreak.adapters.openalgo.books import terms_of
from swingbreak.adapters.openalgo.rest import OrderReply
from swingbreak.domain.commands import ReplaceOrder
from swingbreak.domain.errors import (
    BrokerError,
    GatewayRefused,
    OrderRefused,
    RateLimited,
    RequestNotSent,
)
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderReplaced,
    OrderReplaceRefused,
)
from swingbreak.domain.orders import OrderStatus
from tests.broker_rig import LOWER_STOP, Rig
from tests.builders import OPEN, entry, stop

EXIT = replace(stop(), trigger=None, limit=17000)


class TestReplace:
    async def test_the_book_proves_it(self, rig: Rig) -> None:
        broker_order_id = await rig.submit(stop())
        await rig.replace(LOWER_STOP)
        assert rig.told() == [OrderAccepted, OrderReplaced]
        assert rig.gateway.rows[broker_order_id]["trigger_price"] == 180.0

    async def test_what_has_filled_is_part_of_the_total(self, rig: Rig) -> None:
        broker_order_id = await rig.submit(stop())
        rig.gateway.fill(broker_order_id, 130, 18500)
        rig.hear()
        await rig.replace(replace(LOWER_STOP, quantity=520))
        assert rig.gateway.rows[broker_order_id]["quantity"] == 650
        assert rig.status is OrderStatus.ACCEPTED

    async def test_the_sandbox_ignores_a_new_price_type(self, rig: Rig) -> None:
        await rig.submit(stop())
        await rig.replace(EXIT)
        await rig.poll_for(1)
        assert rig.told() == [OrderAccepted]  # an exchange would need a moment; a book may be old
        await rig.poll_for(1)
        event = rig.events[-1]
        assert isinstance(event, OrderReplaceRefused)
        assert event.reason.startswith("ignored by the gateway: BUY 650")
        assert rig.orders["o1"].stubborn

    async def test_a_stop_becomes_a_limit(self, rig: Rig) -> None:
        rig.gateway.ignores_pricetype = False
        await rig.submit(stop())
        await rig.replace(EXIT)
        assert rig.told() == [OrderAccepted, OrderReplaced]

    async def test_refused(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.gateway.fail("modify", OrderRefused("off tick"))
        await rig.replace(LOWER_STOP)
        assert rig.events[-1] == OrderReplaceRefused(OPEN, "o1", "off tick")

    async def test_not_sent(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.gateway.fail("modify", RateLimited("10 per 1 second"))
        await rig.replace(LOWER_STOP)
        assert rig.events[-1] == OrderReplaceRefused(
            OPEN, "o1", "not sent: 10 per 1 second", sent=False
        )
        assert rig.gateway.calls["order_book"] == 0

    async def test_refused_because_it_is_complete(self, rig: Rig) -> None:
        broker_order_id = await rig.submit(stop())
        rig.gateway.fill(broker_order_id, 650, 18500)
        await rig.replace(LOWER_STOP)
        assert rig.told() == [OrderAccepted, OrderFilled]
        assert rig.status is OrderStatus.FILLED

    async def test_complete_before_it_could_grow(self, rig: Rig) -> None:
        broker_order_id = await rig.submit(stop(quantity=65))
        rig.gateway.fill(broker_order_id, 65, 18500)
        await rig.replace(replace(LOWER_STOP, quantity=130))
        assert rig.told() == [OrderAccepted, OrderFilled, OrderReplaceRefused]
        assert rig.status is OrderStatus.FILLED

    async def test_complete_before_it_could_grow_but_the_book_lags(self, rig: Rig) -> None:
        broker_order_id = await rig.submit(stop(quantity=65))
        rig.gateway.fail("modify", *["dropped"] * 4)
        rig.gateway.fail("order_book", "down")
        await rig.replace(replace(LOWER_STOP, quantity=130))
        rig.gateway.fill(broker_order_id, 65, 18500)
        rig.gateway.rows[broker_order_id]["order_status"] = "trigger pending"
        await rig.poll_for(6)
        assert rig.told() == [OrderAccepted, OrderFilled, OrderReplaceRefused]
        rig.hear()
        rig.gateway.rows[broker_order_id]["order_status"] = "complete"
        await rig.broker.poll()
        assert rig.status is OrderStatus.FILLED

    async def test_complete_at_its_smaller_size(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await rig.submit(stop())
        modify = rig.gateway.modify

        async def modify_and_fill(fields: dict[str, str | int]) -> object:
            reply = await modify(fields)
            rig.gateway.fill(reply.broker_order_id, 130, 18000)
            rig.hear()
            return reply

        monkeypatch.setattr(rig.gateway, "modify", modify_and_fill)
        await rig.replace(replace(LOWER_STOP, quantity=130))
        assert rig.told() == [OrderAccepted, OrderFilled, OrderReplaced]
        assert rig.status is OrderStatus.FILLED

    async def test_done_but_not_answered(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.gateway.fail("modify", "lost")
        await rig.replace(LOWER_STOP)
        assert rig.told() == [OrderAccepted, OrderReplaced]

    async def test_an_answer_that_is_lost_is_asked_for_again(self, rig: Rig) -> None:
        broker_order_id = await rig.submit(stop())
        rig.gateway.fail("modify", "dropped", "dropped")
        await rig.replace(LOWER_STOP)
        assert rig.told() == [OrderAccepted, OrderReplaced]
        assert rig.gateway.rows[broker_order_id]["trigger_price"] == 180.0

    async def test_what_the_stream_has_settled_is_not_asked_for_again(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broker_order_id = await rig.submit(stop())
        rig.gateway.fail("modify", *["dropped"] * 9)

        async def fill(_seconds: float) -> None:
            if rig.status is not OrderStatus.FILLED:
                rig.gateway.fill(broker_order_id, 650, 185_00)
                rig.hear()

        monkeypatch.setattr(rig.broker, "_sleep", fill)
        await rig.replace(LOWER_STOP)
        assert rig.status is OrderStatus.FILLED
        assert len(rig.gateway.faults["modify"]) == 8

    async def test_neither_done_nor_answered(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.gateway.fail("modify", *["dropped"] * 4)
        await rig.replace(LOWER_STOP)
        await rig.poll_for(5)
        assert rig.status is OrderStatus.PENDING_REPLACE
        await rig.poll_for(1)
        assert rig.told() == [OrderAccepted, OrderReplaceRefused]

    async def test_a_live_book_has_time_to_follow(
        self, live: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broker_order_id = await live.submit(stop())
        before = dict(live.gateway.rows[broker_order_id])
        modify = live.gateway.modify

        async def modify_later(fields: dict[str, str | int]) -> object:
            reply = await modify(fields)
            live.gateway.rows[broker_order_id] |= before
            return reply

        monkeypatch.setattr(live.gateway, "modify", modify_later)
        await live.replace(LOWER_STOP)
        await live.poll_for(2)
        assert live.status is OrderStatus.PENDING_REPLACE
        live.gateway.rows[broker_order_id] |= {"price": 183.0, "trigger_price": 180.0}
        live.gateway.say(broker_order_id)
        live.hear()
        assert live.told() == [OrderAccepted, OrderReplaced]

    async def test_gone_meanwhile(self, rig: Rig) -> None:
        broker_order_id = await rig.submit(stop())
        rig.gateway.end(broker_order_id, "cancelled", "price band")
        await rig.replace(LOWER_STOP)
        assert rig.told() == [OrderAccepted, OrderCanceled]
        await rig.broker.execute(ReplaceOrder("o1", LOWER_STOP, 0))
        assert len(rig.events) == 2

    async def test_complete_before_a_larger_size_is_sent(self, rig: Rig) -> None:
        broker_order_id = await rig.submit(stop())
        larger = replace(stop(), quantity=780)
        rig.orders["o1"] = replace(
            rig.orders["o1"], status=OrderStatus.PENDING_REPLACE, replacement=larger
        )
        rig.gateway.fill(broker_order_id, 650, 18500)
        rig.hear()
        assert rig.status is OrderStatus.PENDING_REPLACE
        await rig.broker.execute(ReplaceOrder("o1", larger, 0))
        assert rig.told() == [OrderAccepted, OrderFilled, OrderReplaceRefused]
        assert rig.status is OrderStatus.FILLED

    @pytest.mark.parametrize(
        "later",
        [
            [RequestNotSent("no connection")] * 3,
            [RateLimited("10 per 1 second")] * 3,
            [OrderRefused("nothing to change")],
            [GatewayRefused("Invalid openalgo apikey")],
        ],
    )
    async def test_no_refusal_of_a_repeat_takes_back_what_was_done_unanswered(
        self, rig: Rig, later: list[BrokerError]
    ) -> None:
        broker_order_id = await rig.submit(entry(quantity=65))
        rig.gateway.fail("modify", "lost", *later)
        await rig.replace(entry(quantity=130))
        assert rig.told() == [OrderAccepted, OrderReplaced]
        rig.gateway.fill(broker_order_id, 130, 174_95)
        rig.hear()
        assert rig.orders["o1"].filled == 130
        assert rig.status is OrderStatus.FILLED

    async def test_an_order_that_somebody_made_larger_is_told_with_all_that_it_sold(
        self, rig: Rig
    ) -> None:
        broker_order_id = await rig.submit(entry(quantity=65))
        rig.gateway.rows[broker_order_id]["quantity"] = 130
        rig.gateway.fill(broker_order_id, 130, 174_95)
        rig.hear()
        await rig.poll_for(1)
        order = rig.orders["o1"]
        assert (order.status, order.filled, order.value) == (OrderStatus.FILLED, 130, 130 * 174_95)
        assert rig.told() == [OrderAccepted, OrderFilled]

    async def test_a_repeat_that_is_refused_after_none_was_done_is_seen_in_the_books(
        self, rig: Rig
    ) -> None:
        await rig.submit(stop())
        rig.gateway.fail("modify", "dropped", OrderRefused("off tick"))
        await rig.replace(LOWER_STOP)
        assert rig.told() == [OrderAccepted]
        await rig.poll_for(6)
        assert rig.told() == [OrderAccepted, OrderReplaceRefused]


async def test_a_change_says_all_that_the_gateway_asks_for(rig: Rig) -> None:
    number = await rig.submit(stop())
    said: list[Mapping[str, str | int]] = []
    modify = rig.gateway.modify

    async def heard(fields: Mapping[str, str | int]) -> OrderReply:
        said.append(fields)
        return await modify(fields)

    rig.gateway.modify = heard  # type: ignore[method-assign]
    await rig.replace(LOWER_STOP)
    extra = {"strategy": "swingbreak", "exchange": "NFO", "orderid": number}
    assert said == [terms_of(LOWER_STOP, "MIS").fields() | extra]


async def test_a_change_whose_answer_is_lost_is_looked_for_at_once(rig: Rig) -> None:
    await rig.submit(stop())
    rig.gateway.fail("modify", *["lost"] * 4)
    before = rig.gateway.calls["order_book"]
    await rig.replace(LOWER_STOP)
    assert rig.gateway.calls["order_book"] > before
    assert rig.told()[-1] is OrderReplaced
