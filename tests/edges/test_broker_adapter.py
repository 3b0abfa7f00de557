"""The broker over a scripted gateway: each way an order can go wrong, and what is told of it."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace

import pytest

from swingbreak.adapters.openalgo.books import HeldPosition, Mode, terms_of
from swingbreak.adapters.openalgo.rest import OrderReply
from swingbreak.domain.commands import ReplaceOrder
from swingbreak.domain.errors import (
    BrokerError,
    ConfigError,
    DataError,
    GatewayRefused,
    GatewayUnreachable,
    ModeMismatch,
    OrderRefused,
    RateLimited,
    RequestNotSent,
)
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderEvent,
    OrderFilled,
    OrderPriced,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.orders import Order, OrderStatus
from tests.broker_rig import Rig
from tests.builders import CE, OPEN, PE, entry, stop


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def live() -> Rig:
    return Rig(live=True)


AS_SENT = terms_of(entry(), "MIS").fields() | {"exchange": "NFO"}
LOWER_STOP = replace(stop(), trigger=18000, limit=18300)
EXIT = replace(stop(), trigger=None, limit=17000)


class TestSubmit:
    async def test_accepted(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        assert rig.events == [OrderAccepted(OPEN, "o1", broker_order_id)]
        row = rig.gateway.rows[broker_order_id]
        assert (row["pricetype"], row["price"], row["trigger_price"]) == ("SL", 171.95, 174.95)
        assert (row["action"], row["quantity"], row["product"]) == ("SELL", 650, "MIS")

    @pytest.mark.parametrize(
        ("fault", "reason", "sent"),
        [
            pytest.param(RequestNotSent("no connection"), "not sent: ", False, id="not-sent"),
            pytest.param(RateLimited("10 per 1 second"), "not sent: 10 per", False, id="429"),
            pytest.param(OrderRefused("Insufficient funds"), "Insufficient", True, id="refused"),
            pytest.param(OrderRefused("queued, number 17"), "queued", True, id="semi-auto"),
            pytest.param(GatewayRefused("no session"), "no session", True, id="key"),
        ],
    )
    async def test_certainly_not_working(
        self, rig: Rig, fault: OrderRefused, reason: str, sent: bool
    ) -> None:
        rig.gateway.fail("place", fault)
        await rig.submit()
        (event,) = rig.events
        assert isinstance(event, OrderRejected)
        assert event.reason.startswith(reason)
        assert event.sent is sent
        assert rig.gateway.calls["place"] == 1
        assert not rig.broker.needs_poll

    async def test_an_answer_that_never_came_is_looked_up(self, rig: Rig) -> None:
        rig.gateway.fail("place", "lost")
        await rig.submit()
        assert rig.told() == [OrderUnconfirmed, OrderAccepted]
        assert rig.gateway.calls["place"] == 1

    async def test_it_is_given_up_when_whole_books_do_not_show_it(self, rig: Rig) -> None:
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        assert rig.told() == [OrderUnconfirmed]
        await rig.poll_for(9)
        assert rig.status is OrderStatus.UNCONFIRMED
        assert rig.broker.needs_poll
        await rig.poll_for(1)
        assert rig.told() == [OrderUnconfirmed, OrderRejected]
        assert not rig.broker.needs_poll

    async def test_time_alone_gives_nothing_up(self, rig: Rig) -> None:
        rig.gateway.fail("place", "dropped")
        rig.gateway.fail("order_book", "down", "down", "down")
        await rig.submit()
        rig.clock.wait(60)
        await rig.broker.poll()
        await rig.broker.poll()
        assert rig.broker.unread_books == 3
        await rig.broker.poll()
        rig.clock.wait(60)
        await rig.broker.poll()
        assert rig.status is OrderStatus.UNCONFIRMED
        assert rig.broker.unread_books == 0

    async def test_a_latecomer_is_taken_out_of_the_market(self, rig: Rig) -> None:
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        await rig.poll_for(10)
        assert rig.status is OrderStatus.REJECTED
        answer = await rig.gateway.place(AS_SENT)
        rig.gateway.fail("cancel", RequestNotSent("busy"))
        await rig.poll_for(4)
        assert rig.gateway.rows[answer.broker_order_id]["order_status"] == "cancelled"
        assert rig.told() == [OrderUnconfirmed, OrderRejected]
        assert rig.gateway.calls["cancel"] == 2

    async def test_a_latecomer_is_the_newer_orders_first(self, rig: Rig) -> None:
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        await rig.poll_for(10)
        rig.gateway.fail("place", "lost")
        await rig.submit(order_id="o2")
        assert rig.orders["o2"].status is OrderStatus.ACCEPTED
        await rig.broker.poll()
        assert rig.gateway.calls["cancel"] == 0

    async def test_a_book_with_unreadable_rows_proves_no_absence(self, rig: Rig) -> None:
        rig.gateway.rows["?"] = {}
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        await rig.poll_for(20)
        assert rig.status is OrderStatus.UNCONFIRMED

    async def test_an_order_that_was_there_before_is_not_ours(self, rig: Rig) -> None:
        await rig.gateway.place(AS_SENT)
        await rig.submit(stop(symbol=PE.symbol), "o0")
        await rig.broker.poll()
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        await rig.poll_for(3)
        assert rig.status is OrderStatus.UNCONFIRMED
        look = await rig.broker.look()
        assert look.orders is not None
        assert sorted(seen.order_id for seen in look.orders) == ["", "o0"]

    async def test_two_lost_twins_get_one_row_each(self, rig: Rig) -> None:
        rig.gateway.fail("place", "lost", "lost")
        rig.gateway.fail("order_book", "down", "down")
        first = await rig.submit()
        second = await rig.submit(order_id="o2")
        assert (first, second) == ("", "")
        await rig.broker.poll()
        ids = {rig.orders[name].broker_order_id for name in ("o1", "o2")}
        assert ids == set(rig.gateway.rows)

    async def test_an_update_may_come_before_the_answer(self, rig: Rig) -> None:
        def fill_first(broker_order_id: str) -> None:
            rig.gateway.fill(broker_order_id, 650, 17490)
            rig.hear()

        rig.gateway.before_answer = fill_first
        await rig.submit()
        assert rig.told() == [OrderAccepted, OrderFilled]
        assert rig.status is OrderStatus.FILLED

    async def test_updates_of_strangers_are_not_kept_for_ever(self, rig: Rig) -> None:
        def crowd(broker_order_id: str) -> None:
            rig.gateway.end(broker_order_id, "rejected", "RMS")
            rig.hear()
            for number in range(200):
                rig.gateway.rows[f"x{number}"] = rig.gateway.rows[broker_order_id] | {
                    "orderid": f"x{number}"
                }
                rig.gateway.say(f"x{number}")
            rig.hear()

        rig.gateway.before_answer = crowd
        await rig.submit()
        assert rig.told() == [OrderAccepted]
        await rig.broker.poll()
        assert rig.told() == [OrderAccepted, OrderRejected]

    async def test_a_rejection_after_the_yes(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.end(broker_order_id, "rejected", "RMS: margin")
        rig.hear(times=2)
        assert rig.events[1:] == [OrderRejected(OPEN, "o1", "RMS: margin")]

    async def test_a_symbol_that_is_not_traded(self, rig: Rig) -> None:
        with pytest.raises(ConfigError, match="BANKNIFTY"):
            await rig.submit(entry(symbol="BANKNIFTY01DEC2650000CE"))


class TestMode:
    async def test_live_where_paper_was_meant(self, rig: Rig) -> None:
        rig.gateway.mode = ""
        with pytest.raises(ModeMismatch, match="went to live"):
            await rig.submit()
        assert rig.told() == [OrderAccepted]

    async def test_silence_is_looked_up(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        async def analyzer() -> Mode:
            return Mode.ANALYZE

        rig.gateway.mode = ""
        monkeypatch.setattr(rig.gateway, "analyzer", analyzer)
        await rig.submit()
        assert rig.status is OrderStatus.ACCEPTED

    async def test_what_cannot_be_proved_is_wrong(self, rig: Rig) -> None:
        rig.gateway.mode = ""
        rig.gateway.fail("analyzer", GatewayUnreachable("down"))
        with pytest.raises(ModeMismatch, match="not certain"):
            await rig.submit()

    async def test_paper_where_live_was_meant(self, live: Rig) -> None:
        live.gateway.mode = "analyze"
        with pytest.raises(ModeMismatch, match="went to analyze"):
            await live.submit()

    async def test_every_answer_is_looked_at(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.gateway.mode = ""
        with pytest.raises(ModeMismatch):
            await rig.replace(LOWER_STOP)
        with pytest.raises(ModeMismatch):
            await rig.cancel()


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


async def test_a_lost_session_is_no_verdict_on_a_change_or_a_cancel(rig: Rig) -> None:
    await rig.submit(stop())
    rig.gateway.fail("modify", GatewayRefused("Invalid openalgo apikey"))
    await rig.replace(LOWER_STOP)
    assert rig.events[-1] == OrderReplaceRefused(OPEN, "o1", "Invalid openalgo apikey", sent=False)
    rig.gateway.fail("cancel", GatewayRefused("Invalid openalgo apikey"))
    await rig.cancel()
    assert rig.events[-1] == OrderCancelRefused(OPEN, "o1", "Invalid openalgo apikey", sent=False)
    assert not rig.orders["o1"].stubborn


async def test_a_change_whose_answer_is_lost_is_looked_for_at_once(rig: Rig) -> None:
    await rig.submit(stop())
    rig.gateway.fail("modify", *["lost"] * 4)
    before = rig.gateway.calls["order_book"]
    await rig.replace(LOWER_STOP)
    assert rig.gateway.calls["order_book"] > before
    assert rig.told()[-1] is OrderReplaced


async def test_an_order_that_went_astray_is_named_with_the_remedy(rig: Rig) -> None:
    rig.gateway.mode = "live"
    with pytest.raises(ModeMismatch) as error:
        await rig.submit(stop())
    number = next(iter(rig.gateway.rows))
    assert f"order {number} was meant for analyze and went to live: look at that" in str(
        error.value
    )


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


async def test_an_order_says_all_that_the_gateway_asks_for(rig: Rig) -> None:
    said: list[Mapping[str, str | int]] = []
    place = rig.gateway.place

    async def heard(fields: Mapping[str, str | int]) -> OrderReply:
        said.append(fields)
        return await place(fields)

    rig.gateway.place = heard  # type: ignore[method-assign]
    await rig.submit()
    assert said == [AS_SENT | {"strategy": "swingbreak"}]
