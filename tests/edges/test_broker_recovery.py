"""Orders of an earlier process: sent, perhaps sent, given up."""

from dataclasses import replace
from datetime import datetime

import pytest

from swingbreak.adapters.openalgo.books import OrderState, OrderUpdate, terms_of
from swingbreak.adapters.openalgo.tracking import TrackedOrder
from swingbreak.adapters.openalgo.unnamed import ARRIVES_WITHIN, UnnamedOrder
from swingbreak.domain.errors import RequestNotSent
from swingbreak.domain.events import OrderFilled, OrderPriced, OrderRejected, OrderReplaceRefused
from swingbreak.domain.orders import Order, OrderStatus
from tests.broker_rig import Rig
from tests.builders import OPEN, PE, at, stop

PATIENCE = int(ARRIVES_WITHIN.total_seconds())
FIELDS = {
    "symbol": stop().symbol,
    "exchange": "NFO",
    "action": "BUY",
    "product": "MIS",
    "quantity": 650,
    "pricetype": "SL",
    "price": "188.00",
    "trigger_price": "185.00",
}


def taken_over(rig: Rig, status: OrderStatus, *, given_up: bool = False) -> None:
    """A stop that the ledger knows, and of which no answer is known."""
    rig.orders["o1"] = Order("o1", stop(), status)
    rig.broker.adopt(rig.orders["o1"], OPEN, given_up=given_up)


def last(rig: Rig) -> OrderRejected:
    event = rig.events[-1]
    assert isinstance(event, OrderRejected)
    return event


async def test_what_two_whole_books_do_not_show_was_never_sent(rig: Rig) -> None:
    taken_over(rig, OrderStatus.SUBMITTED)
    await rig.poll_for(PATIENCE)
    assert rig.status is OrderStatus.SUBMITTED, "a gateway may pass it on late"
    await rig.poll_for(1)
    event = last(rig)
    assert (event.sent, event.proof) == (False, False)
    assert event.reason == "never sent: not in the order book"


async def test_it_stays_in_doubt_while_no_book_is_whole(rig: Rig) -> None:
    taken_over(rig, OrderStatus.SUBMITTED)
    rig.clock.wait(PATIENCE)
    rig.gateway.fail("order_book", *["down"] * 20)
    await rig.poll_for(20)
    rig.gateway.rows["odd"] = {"orderid": "", "order_status": "open"}
    await rig.poll_for(20)
    assert rig.status is OrderStatus.SUBMITTED
    del rig.gateway.rows["odd"]
    await rig.poll_for(2)
    assert not last(rig).sent


async def test_a_book_without_an_order_that_is_known_is_not_whole(rig: Rig) -> None:
    known = await rig.submit(order_id="o2")
    taken_over(rig, OrderStatus.UNCONFIRMED)
    row = rig.gateway.rows.pop(known)
    await rig.poll_for(30)
    assert rig.status is OrderStatus.UNCONFIRMED
    rig.gateway.rows[known] = row
    await rig.poll_for(15)
    assert not last(rig).proof


async def test_a_book_that_waited_for_its_trades_is_as_old_as_the_question(rig: Rig) -> None:
    taken_over(rig, OrderStatus.UNCONFIRMED)
    await rig.poll_for(8)
    rig.gateway.meanwhile = lambda: rig.clock.wait(20)
    await rig.broker.poll()
    assert rig.status is OrderStatus.UNCONFIRMED, "what it did not show may have come since"
    rig.gateway.meanwhile = lambda: None
    await rig.poll_for(1)
    assert not last(rig).proof


async def test_a_row_of_before_is_not_shared(rig: Rig) -> None:
    as_ours = {"action": "SELL", "price": "171.95", "trigger_price": "174.95"}
    theirs = (await rig.gateway.place(FIELDS | as_ours)).broker_order_id
    await rig.submit(stop(symbol=PE.symbol), "o0")
    await rig.broker.poll()
    rig.gateway.fail("place", "lost", "dropped")
    await rig.submit(order_id="o1")
    await rig.submit(order_id="o2")
    await rig.poll_for(20)
    assert theirs not in {order.broker_order_id for order in rig.orders.values()}
    assert rig.orders["o2"].status is OrderStatus.REJECTED


@pytest.mark.parametrize(
    "left_out", ["symbol", "action", "pricetype", "price", "trigger_price", "quantity"]
)
async def test_a_row_that_leaves_something_out_may_be_the_one(rig: Rig, left_out: str) -> None:
    taken_over(rig, OrderStatus.SUBMITTED)
    number = (await rig.gateway.place(FIELDS)).broker_order_id
    row = rig.gateway.rows[number]
    said, row[left_out] = row[left_out], 0 if left_out == "quantity" else None
    await rig.poll_for(PATIENCE + 20)
    assert rig.status is OrderStatus.SUBMITTED
    row[left_out] = said
    await rig.poll_for(1)
    assert rig.status is OrderStatus.ACCEPTED


@pytest.mark.parametrize(
    "row",
    [{"symbol": None, "price": "189.00"}, {"symbol": "NIFTY24NOV2620000PE"}],
    ids=["without a symbol, at another price", "of another symbol, at this price"],
)
async def test_a_row_that_is_not_it_leaves_no_doubt(rig: Rig, row: dict[str, str | None]) -> None:
    taken_over(rig, OrderStatus.SUBMITTED)
    number = (await rig.gateway.place(FIELDS)).broker_order_id
    rig.gateway.rows[number] |= row
    await rig.poll_for(PATIENCE + 2)
    assert not last(rig).sent


async def test_what_a_book_lacks_it_lacked_when_it_was_asked_for(rig: Rig) -> None:
    taken_over(rig, OrderStatus.UNCONFIRMED)
    await rig.broker.poll()
    await rig.poll_for(8)
    rig.clock.wait(1)
    rig.gateway.meanwhile = lambda: rig.clock.wait(3)  # the answers of both books take seconds
    await rig.broker.poll()
    assert rig.status is OrderStatus.UNCONFIRMED, "it may have come since"
    await rig.broker.poll()
    assert not last(rig).proof


async def test_two_books_of_nearly_the_same_instant_are_one(rig: Rig) -> None:
    taken_over(rig, OrderStatus.SUBMITTED)
    rig.clock.wait(PATIENCE)
    await rig.broker.poll()
    rig.clock.wait(0.9)
    await rig.broker.poll()
    assert rig.status is OrderStatus.SUBMITTED


async def test_two_books_of_the_same_instant_are_one(rig: Rig) -> None:
    taken_over(rig, OrderStatus.SUBMITTED)
    rig.clock.wait(PATIENCE)
    await rig.broker.poll()
    await rig.broker.poll()
    assert rig.status is OrderStatus.SUBMITTED
    await rig.poll_for(1)
    assert rig.status is OrderStatus.REJECTED


async def test_one_whose_answer_was_lost_has_been_sent(rig: Rig) -> None:
    taken_over(rig, OrderStatus.UNCONFIRMED)
    await rig.poll_for(30)
    event = last(rig)
    assert (event.sent, event.proof) == (True, False)
    assert event.reason == "not in the order book"


async def test_one_that_arrived_is_found(rig: Rig) -> None:
    taken_over(rig, OrderStatus.SUBMITTED)
    await rig.gateway.place(FIELDS)
    await rig.poll_for(1)
    assert rig.status is OrderStatus.ACCEPTED


async def test_one_that_was_given_up_and_turns_up_is_taken_out_of_the_market(rig: Rig) -> None:
    taken_over(rig, OrderStatus.REJECTED, given_up=True)
    assert not rig.broker.needs_poll
    await rig.broker.poll()
    number = (await rig.gateway.place(FIELDS)).broker_order_id
    await rig.broker.poll()
    assert rig.gateway.rows[number]["order_status"] == "cancelled"
    assert rig.events == []


async def test_what_it_traded_before_is_told(rig: Rig) -> None:
    taken_over(rig, OrderStatus.REJECTED, given_up=True)
    number = (await rig.gateway.place(FIELDS)).broker_order_id
    rig.gateway.fill(number, 650, 185_00)
    await rig.broker.poll()
    assert rig.told() == [OrderFilled]


async def test_one_that_was_refused_is_not_looked_for(rig: Rig) -> None:
    taken_over(rig, OrderStatus.REJECTED)
    number = (await rig.gateway.place(FIELDS)).broker_order_id
    await rig.broker.poll()
    assert rig.gateway.rows[number]["order_status"] == "trigger pending", "somebody else's"


async def test_a_change_that_may_not_have_been_sent_may_be_sent_again(rig: Rig) -> None:
    await rig.submit(stop())
    changed = stop(trigger=180_00)
    order = replace(rig.orders["o1"], status=OrderStatus.PENDING_REPLACE, replacement=changed)
    rig.orders["o1"] = order
    rig.broker = rig.fresh_broker()
    rig.broker.adopt(order, OPEN)
    await rig.poll_for(6)
    event = rig.events[-1]
    assert isinstance(event, OrderReplaceRefused)
    assert not event.sent
    assert not rig.orders["o1"].stubborn


async def test_what_the_stream_tells_of_one_given_up_is_looked_up_at_once(rig: Rig) -> None:
    rig.gateway.fail("place", "dropped")
    await rig.submit(stop())
    await rig.poll_for(15)
    assert rig.status is OrderStatus.REJECTED
    assert not rig.broker.needs_poll
    late = (await rig.gateway.place(FIELDS)).broker_order_id
    rig.hear()
    assert rig.broker.needs_poll
    await rig.broker.poll()
    assert rig.gateway.rows[late]["order_status"] == "cancelled"
    assert not rig.broker.needs_poll


def began(rig: Rig, filled: int, status: OrderStatus) -> str:
    """An order of an earlier process that has traded *filled* units, by a rounded average."""
    order = Order("o1", stop(), status, filled, filled * 185_00, "26112000000000")
    rig.orders["o1"] = order
    rig.broker.adopt(order, OPEN)
    return order.broker_order_id


async def test_what_was_told_before_a_restart_is_not_told_again(rig: Rig) -> None:
    number = began(rig, 195, OrderStatus.ACCEPTED)
    await rig.gateway.place(FIELDS)
    rig.gateway.fill(number, 195, 185_00)
    await rig.broker.poll()
    assert rig.events == []
    rig.gateway.fill(number, 130, 186_00)
    await rig.broker.poll()
    (fill,) = rig.events
    assert isinstance(fill, OrderFilled)
    assert (fill.fill_id, fill.quantity, fill.value) == (f"{number}:325", 130, 130 * 186_00)


async def test_the_worth_of_what_ended_before_a_restart_is_looked_up(rig: Rig) -> None:
    number = began(rig, 650, OrderStatus.FILLED)
    assert rig.broker.needs_poll
    await rig.gateway.place(FIELDS)
    rig.gateway.fill(number, 650, 185_05)
    await rig.broker.poll()
    assert [type(event) for event in rig.events] == [OrderPriced]
    assert rig.orders["o1"].value == 650 * 185_05
    assert not rig.broker.needs_poll


async def test_an_order_that_never_left_has_no_row_to_be_refused_in(rig: Rig) -> None:
    rig.gateway.fail("place", RequestNotSent("no connection"), "lost")
    await rig.submit(stop())
    rig.gateway.before_answer = lambda number: rig.gateway.end(number, "rejected", "margin")
    await rig.submit(stop(), "o2")
    await rig.poll_for(2)
    assert rig.orders["o2"].status is OrderStatus.REJECTED
    assert rig.events[-1].reason == "margin"  # type: ignore[union-attr]


REFUSED = UnnamedOrder(
    TrackedOrder("o1", terms_of(stop(), "MIS")), at(10), after_book=3, refused_at=at(10, 2)
)


@pytest.mark.parametrize(
    ("placed", "state", "first_book", "may_be"),
    [
        (None, OrderState.REJECTED, 4, True),
        (at(10, 1), OrderState.REJECTED, 4, True),
        (at(9), OrderState.REJECTED, 4, True),
        (at(8, 59), OrderState.REJECTED, 4, False),
        (at(11, 2), OrderState.REJECTED, 4, True),
        (at(11, 3), OrderState.REJECTED, 4, False),
        (at(10, 1), OrderState.REJECTED, 3, False),
        (at(10, 1), OrderState.CANCELLED, 4, False),
    ],
    ids=[
        *("no time", "within the request", "a clock behind", "before it", "a clock ahead", "after"),
        *("shown before it was sent", "another end"),
    ],
)
def test_the_row_of_a_refused_order(
    placed: datetime | None, state: OrderState, first_book: int, may_be: bool
) -> None:
    seen = OrderUpdate("x1", terms_of(stop(), "MIS"), state, None, 0, placed=placed)
    assert REFUSED.may_be_refused(seen, first_book) is may_be


@pytest.mark.parametrize("status", [OrderStatus.CANCELED, OrderStatus.REJECTED])
async def test_an_order_that_ended_without_an_answer_is_not_asked_after_all_day(
    rig: Rig, status: OrderStatus
) -> None:
    number = await rig.submit(stop())
    rig.gateway.end(number, status.value.replace("canceled", "cancelled"))
    ended = replace(rig.orders["o1"], status=status, replacement=stop(quantity=325))
    rig.orders["o1"] = ended
    rig.broker = rig.fresh_broker()
    rig.broker.adopt(ended, OPEN)
    assert rig.broker.needs_poll
    await rig.poll_for(2)
    assert not rig.broker.needs_poll
    rig.gateway.fill(number, 325, 185_00)
    await rig.poll_for(1)
    assert rig.orders["o1"].filled == 325, "it may have traded all the same"
