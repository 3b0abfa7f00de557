"""Orders taken over by a new process, and answers under way while other things happen."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace

import pytest

from swingbreak.domain.commands import CancelOrder
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderEvent,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
)
from swingbreak.domain.orders import Order, OrderStatus
from tests.broker_rig import AS_SENT, LOWER_STOP, Rig
from tests.builders import OPEN, PE, entry, stop


class TestRestart:
    async def test_orders_are_taken_over(self, rig: Rig) -> None:
        first = await rig.submit(stop())
        rig.gateway.fail("place", "lost")
        rig.gateway.fail("order_book", "down")
        await rig.submit(order_id="o2")
        rig.gateway.fill(first, 130, 18500)
        rig.gateway.stream.clear()
        broker = rig.broker = rig.fresh_broker()
        for order in rig.orders.values():
            broker.adopt(order, OPEN)
        assert broker.needs_poll
        await broker.poll()
        assert rig.orders["o1"].filled == 130
        assert rig.orders["o2"].status is OrderStatus.ACCEPTED
        look = await broker.look()
        assert look.orders is not None
        assert {seen.order_id for seen in look.orders} == {"o1", "o2"}

    @pytest.mark.parametrize(
        ("trigger", "status", "event"),
        [(180.0, "accepted", OrderReplaced), (185.0, "accepted", OrderReplaceRefused)],
        ids=["was-made", "was-not"],
    )
    async def test_a_change_on_its_way(
        self, rig: Rig, trigger: float, status: str, event: type[OrderEvent]
    ) -> None:
        broker_order_id = await rig.submit(stop())
        if trigger == 180.0:
            rig.gateway.rows[broker_order_id] |= {"price": 183.0, "trigger_price": trigger}
        rig.orders["o1"] = replace(
            rig.orders["o1"], status=OrderStatus.PENDING_REPLACE, replacement=LOWER_STOP
        )
        rig.broker = rig.fresh_broker()
        rig.broker.adopt(rig.orders["o1"], OPEN)
        await rig.poll_for(6)
        assert rig.told()[1:] == [event]
        assert rig.status == status

    async def test_a_cancel_on_its_way(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.orders["o1"] = replace(rig.orders["o1"], status=OrderStatus.PENDING_CANCEL)
        rig.broker = rig.fresh_broker()
        rig.broker.adopt(rig.orders["o1"], OPEN)
        await rig.poll_for(5)
        assert rig.told()[1:] == [OrderCancelRefused]

    async def test_an_older_twin_is_another_order(self, rig: Rig) -> None:
        twin = (await rig.gateway.place(AS_SENT)).broker_order_id
        rig.gateway.rows[twin]["timestamp"] = "2026-11-20 09:13:59"
        rig.orders["o1"] = Order("o1", entry())
        rig.broker.adopt(rig.orders["o1"], OPEN)
        await rig.broker.poll()
        assert rig.status is OrderStatus.SUBMITTED
        rig.gateway.rows[twin]["timestamp"] = "2026-11-20 09:14:01"
        await rig.broker.poll()
        assert rig.status is OrderStatus.ACCEPTED

    async def test_ended_orders_are_known_but_not_asked_about(self, rig: Rig) -> None:
        await rig.submit()
        await rig.cancel()
        rig.broker = rig.fresh_broker()
        rig.broker.adopt(rig.orders["o1"], OPEN)
        rejected = replace(
            rig.orders["o1"], order_id="o3", status=OrderStatus.REJECTED, broker_order_id=""
        )
        rig.broker.adopt(rejected, OPEN)
        await rig.broker.poll()
        assert len(rig.events) == 2
        assert not rig.broker.needs_poll
        look = await rig.broker.look()
        assert look.orders is not None
        assert [seen.order_id for seen in look.orders] == ["o1"]

    async def test_a_cancel_that_never_left_is_sent_and_settled(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.orders["o1"] = replace(rig.orders["o1"], status=OrderStatus.PENDING_CANCEL)
        rig.broker = rig.fresh_broker()
        rig.broker.adopt(rig.orders["o1"], OPEN)
        await rig.broker.execute(CancelOrder("o1", "not settled"))
        assert rig.told()[1:] == [OrderCanceled]
        assert not rig.broker.needs_poll

    @pytest.mark.parametrize("filled", [0, 650], ids=["it-had-left", "it-traded-before"])
    async def test_a_cancel_of_what_is_over_meanwhile(self, rig: Rig, filled: int) -> None:
        broker_order_id = await rig.submit(stop())
        rig.orders["o1"] = replace(rig.orders["o1"], status=OrderStatus.PENDING_CANCEL)
        if filled:
            rig.gateway.fill(broker_order_id, filled, 18500)
        else:
            await rig.gateway.cancel(broker_order_id, "test")
        rig.gateway.stream.clear()
        rig.broker = rig.fresh_broker()
        rig.broker.adopt(rig.orders["o1"], OPEN)
        await rig.broker.execute(CancelOrder("o1", "not settled"))
        assert rig.told()[1:] == [OrderFilled if filled else OrderCanceled]


class TestOverlap:
    """Answers under way while other things happen."""

    async def begin(self, work: Coroutine[object, object, object]) -> asyncio.Task[object]:
        task = asyncio.ensure_future(work)
        for _ in range(5):
            await asyncio.sleep(0)
        return task

    async def test_a_book_from_before_the_change_does_not_judge_it(self, rig: Rig) -> None:
        await rig.submit(stop())
        gate = rig.gateway.gates["order_book"] = asyncio.Event()
        polling = await self.begin(rig.broker.poll())
        changing = await self.begin(rig.replace(LOWER_STOP))
        rig.clock.wait(30)
        gate.set()
        await asyncio.gather(polling, changing)
        assert rig.told() == [OrderAccepted, OrderReplaced]

    @pytest.mark.parametrize("kind", [OrderRejected, OrderReplaceRefused])
    async def test_what_waits_for_its_turn_does_not_leave_once_it_is_too_late(
        self, rig: Rig, kind: type[OrderEvent]
    ) -> None:
        """The day was paused while an order of the same symbol had no answer."""
        await rig.submit(entry(), "o2")
        gate = rig.gateway.gates["place"] = asyncio.Event()
        first = await self.begin(rig.submit(entry()))
        smaller = entry(quantity=585)
        new = kind is OrderRejected
        waiting = await self.begin(rig.submit(smaller, "o3") if new else rig.replace(smaller, "o2"))
        rig.late = "not sent: paused"
        gate.set()
        await asyncio.gather(first, waiting)
        refused = rig.events[-1]
        assert isinstance(refused, OrderRejected | OrderReplaceRefused)
        assert (type(refused), refused.reason, refused.sent) == (kind, "not sent: paused", False)
        assert (rig.gateway.calls["place"], rig.gateway.calls["modify"]) == (2, 0)

    async def test_a_cancel_is_refused_once(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        gate = rig.gateway.gates["cancel"] = asyncio.Event()
        canceling = await self.begin(rig.cancel())
        rig.gateway.rows[broker_order_id]["order_status"] = "open"
        rig.clock.wait(5)
        await rig.broker.poll()
        assert rig.told() == [OrderAccepted, OrderCancelRefused]
        rig.gateway.fail("cancel", "lost")
        gate.set()
        await canceling
        assert rig.told() == [OrderAccepted, OrderCancelRefused]

    async def test_the_row_of_an_order_that_is_being_answered(self, live: Rig) -> None:
        live.gateway.fail("place", "dropped")
        await live.submit()
        gate = live.gateway.gates["place"] = asyncio.Event()
        submitting = await self.begin(live.submit(order_id="o2"))
        await live.poll_for(12)
        assert live.status is OrderStatus.UNCONFIRMED
        gate.set()
        await submitting
        assert live.orders["o2"].status is OrderStatus.ACCEPTED
        await live.poll_for(11)
        assert live.status is OrderStatus.REJECTED

    async def test_a_book_from_before_the_loss_does_not_count(self, rig: Rig) -> None:
        await rig.submit(stop(symbol=PE.symbol), "o0")
        gate = rig.gateway.gates["order_book"] = asyncio.Event()
        polling = await self.begin(rig.broker.poll())
        rig.gateway.fail("place", "dropped")
        submitting = await self.begin(rig.submit())
        gate.set()
        await asyncio.gather(polling, submitting)
        rig.clock.wait(60)
        await rig.broker.poll()
        assert rig.status is OrderStatus.UNCONFIRMED
        await rig.broker.poll()
        assert rig.status is OrderStatus.REJECTED

    async def test_trades_from_before_the_end_do_not_settle_it(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        gate = rig.gateway.gates["trade_book"] = asyncio.Event()
        polling = await self.begin(rig.broker.poll())
        rig.gateway.end(broker_order_id, "cancelled")
        rig.hear()
        gate.set()
        await polling
        assert rig.broker.needs_poll
        await rig.broker.poll()
        assert not rig.broker.needs_poll

    @pytest.mark.parametrize(("is_live", "together"), [(False, 1), (True, 2)])
    async def test_one_symbol_at_a_time_in_the_sandbox(self, is_live: bool, together: int) -> None:
        rig = Rig(live=is_live)
        gate = rig.gateway.gates["place"] = asyncio.Event()
        tasks = [await self.begin(rig.submit(order_id=f"o{n}")) for n in (1, 2)]
        gate.set()
        await asyncio.gather(*tasks)
        assert rig.gateway.most_at_once["place"] == together
