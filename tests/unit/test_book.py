from dataclasses import replace

import pytest

from swingbreak.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.events import OrderAccepted, OrderCanceled, OrderFilled
from swingbreak.domain.orders import OrderStatus, Purpose, Slot
from swingbreak.engine.book import OrderBook
from tests.builders import at, entry

SLOT = entry().slot


def sent() -> OrderBook:
    book = OrderBook()
    book.record(SubmitOrder("o1", entry()))
    return book


def test_ids_are_counted_and_go_on_after_those_recorded() -> None:
    book = OrderBook()
    book.record(SubmitOrder("o7", entry()))
    assert [book.new_id(), book.new_id()] == ["o8", "o9"]


def test_an_order_is_in_flight_from_its_record_to_its_answer() -> None:
    book = sent()
    assert [o.order_id for o in book.in_flight()] == ["o1"]
    before, after = book.learn(OrderAccepted(at(), "o1", "b1"))
    assert (before.status, after.status) == (OrderStatus.SUBMITTED, OrderStatus.ACCEPTED)
    assert list(book.in_flight()) == []


def test_a_change_waits_for_its_answer_beside_the_terms_that_work() -> None:
    book = sent()
    book.learn(OrderFilled(at(), "o1", "f", 195, 1))
    book.record(ReplaceOrder("o1", entry(quantity=390), 195))
    order = book.live[SLOT]
    assert order.status is OrderStatus.PENDING_REPLACE
    assert order.intent.quantity == 650
    assert order.replacement is not None
    assert order.replacement.quantity == 585


def test_a_slot_is_free_once_its_order_is_gone() -> None:
    book = sent()
    book.record(CancelOrder("o1", "x"))
    assert book.live[SLOT].status is OrderStatus.PENDING_CANCEL
    book.learn(OrderCanceled(at(), "o1"))
    assert book.live == {}
    assert book.orders["o1"].status is OrderStatus.CANCELED


def test_a_late_fill_of_a_gone_order_leaves_the_slot_to_its_holder() -> None:
    book = sent()
    book.learn(OrderCanceled(at(), "o1"))
    book.record(SubmitOrder("o2", entry()))
    book.learn(OrderFilled(at(), "o1", "f", 650, 1))
    assert book.live[SLOT].order_id == "o2"


def test_two_live_orders_in_one_slot_are_an_error() -> None:
    with pytest.raises(InvalidTransition, match="entry:CE: o2 beside o1"):
        sent().record(SubmitOrder("o2", entry()))


def test_an_unknown_order_is_an_error() -> None:
    with pytest.raises(InvalidTransition, match="o9: OrderAccepted for no order of ours"):
        sent().learn(OrderAccepted(at(), "o9", "b9"))


def test_slices_have_a_slot_each() -> None:
    book = sent()
    for order_id, number in [("o2", 10), ("o3", 2)]:
        book.record(SubmitOrder(order_id, replace(entry(), slot=SLOT._replace(number=number))))
    other = Slot(Purpose.ENTRY, "PE", 2)
    book.record(SubmitOrder("o4", replace(entry(), slot=other)))
    assert [(n, o.order_id) for n, o in book.slices(SLOT).items()] == [
        (1, "o1"),
        (2, "o3"),
        (10, "o2"),
    ]
    assert list(book.slices(other.first)) == [2]
    for order_id in ("o1", "o2", "o4"):
        book.learn(OrderCanceled(at(), order_id))
    assert list(book.slices(SLOT)) == [2]
    assert book.further == {SLOT._replace(number=2)}
    book.learn(OrderCanceled(at(), "o3"))
    assert (book.slices(SLOT), book.further) == ({}, set())


def test_only_slices_after_the_first_are_further_ones() -> None:
    book = sent()
    assert book.further == set()
    second = SLOT._replace(number=2)
    book.record(SubmitOrder("o2", replace(entry(), slot=second)))
    assert book.further == {second}
