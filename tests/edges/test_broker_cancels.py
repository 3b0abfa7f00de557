"""Cancelling at a scripted gateway: what proves it, and each way it can fail."""

import pytest

from swingbreak.domain.errors import OrderRefused, RequestNotSent
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderFilled,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.orders import OrderStatus
from tests.broker_rig import LOWER_STOP, Rig
from tests.builders import OPEN, PE, stop


class TestCancel:
    async def test_the_book_proves_it(self, rig: Rig) -> None:
        await rig.submit()
        await rig.cancel()
        assert rig.events[1:] == [OrderCanceled(OPEN, "o1")]
        rig.hear(times=2)
        assert len(rig.events) == 2

    async def test_the_stream_proves_it(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        broker_order_id = await rig.submit()
        cancel = rig.gateway.cancel

        async def cancel_and_say(broker_order_id: str, strategy: str) -> object:
            reply = await cancel(broker_order_id, strategy)
            rig.hear()
            return reply

        monkeypatch.setattr(rig.gateway, "cancel", cancel_and_say)
        await rig.cancel()
        assert rig.told() == [OrderAccepted, OrderCanceled]
        assert rig.gateway.calls["order_book"] == 0
        # what ended is open until the trades are known
        rig.gateway.fill(broker_order_id, 65, 17495)
        rig.gateway.stream.clear()
        await rig.broker.poll()
        assert rig.orders["o1"].filled == 65

    async def test_a_fill_that_was_faster(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.fill(broker_order_id, 650, 17495)
        await rig.cancel()
        assert rig.told() == [OrderAccepted, OrderFilled]
        rig.hear()
        assert rig.status is OrderStatus.FILLED

    async def test_a_partial_fill_that_was_faster(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.fill(broker_order_id, 130, 17495)
        rig.gateway.stream.clear()
        await rig.cancel()
        assert rig.told() == [OrderAccepted, OrderFilled, OrderCanceled]
        assert rig.orders["o1"].filled == 130

    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param("dropped", id="no-answer-not-done"),
            pytest.param(OrderRefused("not now"), id="refused"),
            pytest.param(RequestNotSent("no connection"), id="not-sent"),
        ],
    )
    async def test_it_failed(self, rig: Rig, fault: str | OrderRefused) -> None:
        await rig.submit()
        rig.gateway.fail("cancel", fault)
        await rig.cancel()
        assert rig.told() == [OrderAccepted, OrderCancelRefused]
        assert rig.events[-1].sent is not isinstance(fault, RequestNotSent)
        assert rig.status is OrderStatus.ACCEPTED

    async def test_done_but_not_answered(self, rig: Rig) -> None:
        await rig.submit()
        rig.gateway.fail("cancel", "lost")
        await rig.cancel()
        assert rig.told() == [OrderAccepted, OrderCanceled]

    async def test_the_books_are_down_after_the_yes(self, rig: Rig) -> None:
        await rig.submit()
        rig.gateway.fail("order_book", "down")
        await rig.cancel()
        assert rig.status is OrderStatus.PENDING_CANCEL
        assert rig.broker.needs_poll
        await rig.broker.poll()
        assert rig.status is OrderStatus.CANCELED

    async def test_a_yes_that_nothing_follows(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        await rig.submit(stop(symbol=PE.symbol), "o2")
        rig.gateway.fail("order_book", "down")
        await rig.cancel()
        rig.gateway.rows[broker_order_id]["order_status"] = "open"
        await rig.poll_for(4)
        assert rig.status is OrderStatus.PENDING_CANCEL
        await rig.poll_for(1)
        assert rig.status is OrderStatus.ACCEPTED

    async def test_by_somebody_else(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.end(broker_order_id, "cancelled", "price band")
        rig.hear()
        assert rig.events[-1] == OrderCanceled(OPEN, "o1", "price band")
        await rig.broker.poll()
        await rig.cancel()
        assert len(rig.events) == 2

    async def test_a_live_row_must_say_it_twice(self, live: Rig) -> None:
        broker_order_id = await live.submit()
        row = live.gateway.rows[broker_order_id]
        row["order_status"] = "cancelled"  # inherited from the row before it
        await live.broker.poll()
        row["order_status"] = "trigger pending"
        await live.poll_for(1)
        row["order_status"] = "cancelled"
        await live.poll_for(1)
        assert live.told() == [OrderAccepted]
        await live.poll_for(1)
        assert live.told() == [OrderAccepted, OrderCanceled]

    async def test_an_order_whose_id_is_unknown(self, rig: Rig) -> None:
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        await rig.cancel()
        await rig.replace(LOWER_STOP)
        assert rig.told() == [OrderUnconfirmed, OrderCancelRefused, OrderReplaceRefused]


@pytest.mark.parametrize("what", ["cancel", "change"])
async def test_what_has_no_name_at_the_gateway_cannot_be_asked_for(rig: Rig, what: str) -> None:
    rig.gateway.fail("place", "dropped")
    await rig.submit(stop())
    await (rig.cancel() if what == "cancel" else rig.replace(LOWER_STOP))
    event = rig.events[-1]
    assert isinstance(event, OrderCancelRefused | OrderReplaceRefused)
    assert event.reason == "the gateway's id of the order is not known"


async def test_a_refused_cancel_says_what_the_gateway_said(rig: Rig) -> None:
    await rig.submit(stop())
    rig.gateway.fail("cancel", OrderRefused("transient state"))
    await rig.cancel()
    event = rig.events[-1]
    assert isinstance(event, OrderCancelRefused)
    assert event.reason == "transient state"
