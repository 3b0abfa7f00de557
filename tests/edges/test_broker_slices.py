"""Slices look alike: orders with equal terms in flight together, and which row is whose."""

import asyncio
from dataclasses import replace

import pytest

from swingbreak.adapters.openalgo.books import terms_of
from swingbreak.domain.errors import OrderRefused
from swingbreak.domain.events import OrderFilled
from swingbreak.domain.orders import Order, OrderStatus
from tests.broker_rig import Rig
from tests.builders import OPEN, stop

SLICES = [replace(stop(), slot=stop().slot._replace(number=n)) for n in (1, 2)]
FIELDS = terms_of(stop(), "MIS").fields() | {"exchange": "NFO"}
WORKS, GONE = OrderStatus.ACCEPTED, OrderStatus.REJECTED


async def send_both(rig: Rig, *faults: str) -> None:
    """Send two slices at once; whichever is answered first meets the first fault."""
    gate = rig.gateway.gates["place"] = asyncio.Event()
    rig.gateway.fail("place", *faults)
    sent = [asyncio.create_task(rig.submit(each, f"o{n}")) for n, each in enumerate(SLICES, 1)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*sent)
    del rig.gateway.gates["place"]


def statuses(rig: Rig) -> list[OrderStatus]:
    return [rig.orders[name].status for name in ("o1", "o2")]


def ids(rig: Rig) -> set[str]:
    return {rig.orders[name].broker_order_id for name in ("o1", "o2")}


@pytest.mark.parametrize("is_live", [False, True], ids=["sandbox", "live"])
@pytest.mark.parametrize("faults", [["lost"], ["lost", "lost"]], ids=["one", "both"])
async def test_an_answer_that_is_lost_costs_nothing(is_live: bool, faults: list[str]) -> None:
    rig = Rig(live=is_live)
    await send_both(rig, *faults)
    await rig.poll_for(2)
    assert statuses(rig) == [WORKS, WORKS]
    assert ids(rig) == set(rig.gateway.rows)
    assert rig.gateway.calls["place"] == 2
    for number, units in zip(rig.gateway.rows, (650, 325), strict=True):
        rig.gateway.fill(number, units, 185_00)
    rig.hear(times=2)
    await rig.poll_for(3)
    filled = {o.broker_order_id: o.filled for o in rig.orders.values()}
    assert filled == dict(zip(rig.gateway.rows, (650, 325), strict=True))
    assert sum(isinstance(event, OrderFilled) for event in rig.events) == 2


@pytest.mark.parametrize("is_live", [False, True], ids=["sandbox", "live"])
async def test_one_that_never_arrived_does_not_take_the_others_row(is_live: bool) -> None:
    rig = Rig(live=is_live)
    await send_both(rig, "dropped")
    await rig.poll_for(9)
    assert sorted(statuses(rig)) == [WORKS, OrderStatus.UNCONFIRMED]
    (number,) = rig.gateway.rows
    rig.gateway.fill(number, 325, 185_00)
    rig.hear()
    await rig.poll_for(3)
    assert sorted(statuses(rig)) == [WORKS, GONE]
    assert sorted(order.filled for order in rig.orders.values()) == [0, 325]
    assert rig.gateway.calls["place"] == 2


async def refused_with_a_row(rig: Rig) -> None:
    """Refuse ``o1`` without an id, and show it as rejected in the book all the same."""
    rig.gateway.fail("place", OrderRefused("Insufficient funds"))
    await rig.submit(SLICES[0], "o1")
    row = await rig.gateway.place(FIELDS)
    rig.gateway.end(row.broker_order_id, "rejected", "Insufficient funds")


async def lost_but_working(rig: Rig) -> str:
    """Send ``o2`` and lose its answer; return the gateway's id, which nobody has told us."""
    rig.gateway.fail("place", "lost")
    rig.gateway.fail("order_book", "down")
    await rig.submit(SLICES[1], "o2")
    return list(rig.gateway.rows)[-1]


class TestARowOfARefusedTwin:
    @pytest.mark.parametrize("first", [True, False], ids=["refused first", "lost first"])
    async def test_is_not_the_lost_ones(self, first: bool) -> None:
        rig = Rig()
        if first:
            await refused_with_a_row(rig)
            number = await lost_but_working(rig)
        else:
            number = await lost_but_working(rig)
            await refused_with_a_row(rig)
        await rig.poll_for(12)
        assert statuses(rig) == [GONE, WORKS]
        assert rig.orders["o2"].broker_order_id == number

    async def test_nor_after_a_restart(self) -> None:
        rig = Rig()
        number = await lost_but_working(rig)
        await refused_with_a_row(rig)
        rig.broker = rig.fresh_broker()
        for order in rig.orders.values():
            rig.broker.adopt(order, OPEN)
        await rig.broker.poll()
        assert rig.orders["o2"].broker_order_id == number

    async def test_is_one_row(self) -> None:
        rig = Rig()
        await refused_with_a_row(rig)
        number = await lost_but_working(rig)
        rig.gateway.end(number, "rejected", "Insufficient funds")
        await rig.poll_for(2)
        assert statuses(rig) == [GONE, GONE]
        assert rig.events[-1].reason == "Insufficient funds"  # type: ignore[union-attr]

    async def test_is_not_one_of_long_after(self) -> None:
        rig = Rig()
        rig.gateway.fail("place", OrderRefused("Insufficient funds"))
        await rig.submit(SLICES[0], "o1")
        rig.clock.wait(120)
        number = await lost_but_working(rig)
        rig.gateway.rows[number]["timestamp"] = "2026-11-20 09:17:00"
        rig.gateway.end(number, "rejected", "Insufficient funds")
        await rig.broker.poll()
        assert rig.orders["o2"].status is GONE


async def test_twins_are_taken_over_by_a_new_process() -> None:
    rig = Rig(live=True)
    first = await rig.submit(SLICES[0], "o1")
    second = await lost_but_working(rig)
    rig.broker = rig.fresh_broker()
    for order in rig.orders.values():
        rig.broker.adopt(order, OPEN)
    await rig.broker.poll()
    assert [rig.orders[name].broker_order_id for name in ("o1", "o2")] == [first, second]


async def test_an_id_is_never_given_to_two() -> None:
    rig = Rig(live=True)
    for name, intent in zip(("o1", "o2"), SLICES, strict=True):
        rig.orders[name] = Order(name, intent, OrderStatus.UNCONFIRMED)
        rig.broker.adopt(rig.orders[name], OPEN)
    await rig.gateway.place(FIELDS)
    await rig.poll_for(12)
    assert sorted(statuses(rig)) == [WORKS, GONE]


async def test_every_order_gets_a_row_where_only_one_choice_gives_it_one() -> None:
    rig = Rig(live=True)
    gate = rig.gateway.gates["place"] = asyncio.Event()
    rig.gateway.fail("place", "lost", "lost")
    first = asyncio.create_task(rig.submit(SLICES[0], "o1"))
    await asyncio.sleep(0)
    await rig.poll_for(1)  # shows the first one's row, and its answer may yet come
    second = asyncio.create_task(rig.submit(SLICES[1], "o2"))  # can only be a later row
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, second)
    await rig.poll_for(12)
    assert statuses(rig) == [WORKS, WORKS]
    assert [rig.orders[name].broker_order_id for name in ("o1", "o2")] == list(rig.gateway.rows)


async def test_the_row_of_one_given_up_is_remembered_by_a_new_process() -> None:
    rig = Rig()
    rig.gateway.fail("place", "dropped", "dropped")
    await rig.submit(SLICES[0], "o1")
    await rig.submit(SLICES[1], "o2")
    await rig.poll_for(15)
    assert statuses(rig) == [GONE, GONE]
    late = (await rig.gateway.place(FIELDS)).broker_order_id
    rig.gateway.fail("cancel", "dropped")
    rig.gateway.fill(late, 65, 185_00)
    await rig.poll_for(1)
    told = [event for event in rig.events if isinstance(event, OrderFilled)]
    rig.broker = rig.fresh_broker()
    for order in rig.orders.values():
        fill_id = next((event.fill_id for event in told if event.order_id == order.order_id), "")
        rig.broker.adopt(order, OPEN, given_up=True, fill_id=fill_id)
    rig.gateway.fill(late, 65, 185_00)
    await rig.poll_for(2)
    assert sum(order.filled for order in rig.orders.values()) == 130
    assert rig.gateway.rows[late]["order_status"] == "cancelled"


async def test_a_row_of_one_refused_order_is_not_taken_for_that_of_another() -> None:
    rig = Rig()
    await refused_with_a_row(rig)
    rig.gateway.fail("place", OrderRefused("Insufficient funds"))
    await rig.submit(SLICES[1], "o3")
    await rig.poll_for(2)  # shows the first one's row, again and again
    rig.gateway.fail("place", "dropped")
    await rig.submit(SLICES[1], "o2")
    row = (await rig.gateway.place(FIELDS)).broker_order_id
    rig.gateway.end(row, "rejected", "Insufficient funds")
    await rig.poll_for(1)
    assert rig.orders["o2"].status is OrderStatus.UNCONFIRMED, "the row is that of o3"
