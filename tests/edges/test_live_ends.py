"""How a live day ends: proved flat, after the close, left by a person, or cancelled."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from swingbreak.domain.commands import CancelOrder, HaltDay, SubmitOrder
from swingbreak.domain.errors import GatewayUnreachable
from swingbreak.domain.events import (
    SymbolsHeld,
    TickReceived,
)
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.runtime.inbox import (
    Beat,
    BooksRead,
    Leave,
    TickIn,
)
from tests.builders import CE, PE, SESSION, at, entry, position, stop, tick
from tests.runtime_fakes import Rig

SUBMIT = SubmitOrder("o1", entry())
TICK = TickIn(at(0, 5), tick(150_00, 0, 5))


async def test_the_day_is_over_only_when_the_gateway_says_it_is_flat() -> None:
    rig = Rig()
    rig.broker.fails = GatewayUnreachable("down")
    async with rig:
        rig.engine.state.record(HaltDay("daily_stop"))
        await rig.put(rig.mark("m1", at(1), steps=False))
        assert "positions" in rig.broker.asked
        assert not rig.is_over
        rig.broker.fails = None
        rig.broker.held = {"OTHER": 75}
        await rig.put(Beat())
        assert rig.is_over
        assert rig.live.held == {"OTHER": 75}


async def test_a_book_that_is_not_flat_in_what_we_traded_ends_no_day() -> None:
    rig = Rig()
    rig.broker.held = {CE.symbol: -650, "OTHER": 75}
    async with rig:
        rig.engine.state.book.orders["o1"] = Order("o1", entry(), OrderStatus.CANCELED)
        rig.engine.state.record(HaltDay("daily_stop"))
        await rig.put(rig.mark("m1", at(1), steps=False))
        assert rig.broker.asked.count("positions") == 1
        assert not rig.is_over
        rig.broker.held = {"OTHER": 75}
        await rig.put(rig.mark("m2", at(1, 1), steps=False))
        assert rig.is_over
        assert rig.live.held == {"OTHER": 75}


@pytest.mark.parametrize("what", ["order", "position"])
async def test_with_something_left_the_day_goes_on(what: str) -> None:
    async with Rig() as rig:
        rig.engine.state.record(HaltDay("daily_stop"))
        if what == "order":
            rig.hold(Order("o2", stop(), OrderStatus.ACCEPTED))
        else:
            rig.hold(position=position())
        await rig.put(rig.mark("m1", at(1), steps=False), BooksRead({}))
        assert not rig.is_over


async def test_after_the_close_the_day_is_over_whatever_is_held() -> None:
    async with Rig(SESSION.closes - timedelta(seconds=1)) as rig:
        rig.hold(position=position())
        rig.broker.held = {CE.symbol: -650}
        await rig.put(Beat())
        assert not rig.is_over
        await rig.put(rig.mark("close", SESSION.closes))
        assert rig.is_over
        assert rig.live.held == {CE.symbol: -650}
        assert rig.pongs == ["close"]


async def test_marks_that_wait_when_the_day_ends_are_answered() -> None:
    async with Rig() as rig:
        rig.engine.state.record(HaltDay("daily_stop"))
        rig.broker.gate.clear()
        await rig.put(rig.mark("last", at(0, 2)))
        assert rig.pongs == []
        await rig.put(BooksRead({}))
        assert rig.is_over
        assert rig.pongs == ["last"]


async def test_leaving_takes_entries_out_and_waits_until_only_stops_rest() -> None:
    async with Rig() as rig:
        rig.hold(Order("o1", entry(), OrderStatus.ACCEPTED))
        rig.hold(Order("o2", stop(PE.symbol), OrderStatus.ACCEPTED), position(PE.symbol))
        rig.engine.answers[SymbolsHeld] = [[CancelOrder("o1", "leaving")]]
        await rig.put(Leave(at_once=False))
        assert rig.broker.sent == [CancelOrder("o1", "leaving")]
        assert not rig.is_over
        del rig.engine.state.book.live[entry().slot]
        await rig.put(Beat())
        assert rig.is_over
        assert rig.live.held is None


@pytest.mark.parametrize("status", [OrderStatus.SUBMITTED, OrderStatus.PENDING_REPLACE])
async def test_leaving_waits_for_a_stop_that_is_not_sure_to_rest(status: OrderStatus) -> None:
    async with Rig() as rig:
        rig.hold(Order("o2", stop(), status), position())
        await rig.put(Leave(at_once=False))
        assert not rig.is_over
        await rig.put(Leave(at_once=True))
        assert rig.is_over


async def test_leaving_waits_until_the_slices_cover_the_position() -> None:
    async with Rig() as rig:
        first = Order("o2", stop(quantity=390), OrderStatus.ACCEPTED)
        rig.hold(first, position())
        await rig.put(Leave(at_once=False))
        assert not rig.is_over
        rest = replace(stop(quantity=260), slot=stop().slot._replace(number=2))
        rig.hold(Order("o3", rest, OrderStatus.ACCEPTED))
        await rig.put(Beat())
        assert rig.is_over


async def test_leaving_at_once_waits_for_no_answer() -> None:
    async with Rig() as rig:
        rig.engine.answers[TickReceived] = [[SUBMIT]]
        rig.broker.gate.clear()
        await rig.put(TICK)
        await rig.put(Leave(at_once=True))
        assert rig.is_over
        assert rig.task is not None
        assert not rig.task.cancelled()
        assert rig.task.exception() is None


async def test_a_day_that_is_cancelled_stops() -> None:
    async with Rig() as rig:
        assert rig.task is not None
        rig.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await rig.task
