from dataclasses import replace
from itertools import product

import pytest

from swingbreak.domain import events as ev
from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.instrument import Right
from swingbreak.domain.orders import (
    TRANSITIONS,
    Order,
    OrderIntent,
    OrderStatus,
    Purpose,
    Side,
    Slot,
)
from tests.builders import at, entry, stop

EVENTS: dict[type[ev.OrderEvent], ev.OrderEvent] = {
    type(event): event
    for event in (
        ev.OrderAccepted(at(), "o1", "b1"),
        ev.OrderRejected(at(), "o1", "margin"),
        ev.OrderUnconfirmed(at(), "o1"),
        ev.OrderFilled(at(), "o1", "b1:650", 650, 650 * 17490),
        ev.OrderCanceled(at(), "o1"),
        ev.OrderCancelRefused(at(), "o1", "complete"),
        ev.OrderReplaced(at(), "o1"),
        ev.OrderReplaceRefused(at(), "o1", "complete"),
    )
}


@pytest.mark.parametrize(("status", "kind"), list(product(OrderStatus, EVENTS)))
def test_the_table_is_the_whole_truth(status: OrderStatus, kind: type[ev.OrderEvent]) -> None:
    order = Order("o1", entry(), status)
    if kind in TRANSITIONS[status]:
        assert order.apply(EVENTS[kind]).status is TRANSITIONS[status][kind]
    else:
        with pytest.raises(InvalidTransition, match=f"o1: {kind.__name__} while {status}"):
            order.apply(EVENTS[kind])


def fill(order: Order, quantity: int, price: int = 17490) -> Order:
    fill_id = f"b1:{order.filled + quantity}"
    return order.apply(ev.OrderFilled(at(), "o1", fill_id, quantity, quantity * price))


def test_a_partial_fill_leaves_the_rest_working() -> None:
    order = fill(Order("o1", entry(), OrderStatus.ACCEPTED), 195)
    assert order.status is OrderStatus.ACCEPTED
    assert (order.filled, order.value, order.resting.quantity) == (195, 195 * 17490, 455)


def test_a_fill_that_crosses_our_cancel_counts() -> None:
    order = fill(Order("o1", entry(), OrderStatus.CANCELED), 650)
    assert order.status is OrderStatus.FILLED


@pytest.mark.parametrize(("intent", "quantity"), [(entry(), 0), (entry(), -65), (stop(), 651)])
def test_more_or_less_than_the_order_cannot_fill(intent: OrderIntent, quantity: int) -> None:
    with pytest.raises(InvalidTransition, match="filled"):
        fill(Order("o1", intent, OrderStatus.ACCEPTED), quantity)


def test_what_an_order_has_sold_beyond_its_size_is_sold_all_the_same() -> None:
    """Somebody has made it larger, or a change that was given up came through: it is a short."""
    order = fill(Order("o1", entry(), OrderStatus.ACCEPTED), 715)
    assert (order.status, order.filled) == (OrderStatus.FILLED, 715)
    later = fill(fill(Order("o1", entry(), OrderStatus.ACCEPTED), 650), 65)
    assert (later.status, later.filled) == (OrderStatus.FILLED, 715)
    with pytest.raises(InvalidTransition, match="filled 715 of 650"):
        fill(fill(Order("o1", stop(), OrderStatus.ACCEPTED), 650), 65)


def replacing(quantity: int) -> Order:
    return Order("o1", entry(), OrderStatus.PENDING_REPLACE, replacement=entry(quantity=quantity))


def test_while_a_change_is_unanswered_either_size_may_fill() -> None:
    assert fill(replacing(390), 650).status is OrderStatus.FILLED
    assert fill(replacing(715), 650).status is OrderStatus.PENDING_REPLACE


def test_the_answer_to_a_change_finds_the_order_complete() -> None:
    grown = fill(replacing(715), 650)
    assert grown.apply(ev.OrderReplaceRefused(at(), "o1", "x")).status is OrderStatus.FILLED
    shrunk = fill(replacing(390), 390)
    assert shrunk.apply(ev.OrderReplaced(at(), "o1")).status is OrderStatus.FILLED


def test_a_refused_change_makes_the_order_stubborn_until_one_works() -> None:
    refused = replacing(390).apply(ev.OrderReplaceRefused(at(), "o1", "ignored"))
    assert refused.stubborn
    assert refused.intent.quantity == 650
    done = replacing(390).apply(ev.OrderReplaced(at(), "o1"))
    assert not done.stubborn
    assert done.intent.quantity == 390


def test_an_exact_value_replaces_an_average_only_for_the_same_quantity() -> None:
    order = fill(Order("o1", entry(), OrderStatus.ACCEPTED), 195)
    assert order.apply(ev.OrderPriced(at(), "o1", 195, 99)).value == 99
    assert order.apply(ev.OrderPriced(at(), "o1", 130, 99)) is order


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"trigger": 17490}, False),
        ({"quantity": 585}, False),
        ({"symbol": "X"}, False),
        ({"right": Right.PE}, True),
        ({"level": "L2"}, True),
    ],
    ids=str,
)
def test_terms_are_what_the_book_shows(change: dict[str, object], same: bool) -> None:
    assert entry(**change).same_terms(entry()) is same  # type: ignore[arg-type]


@pytest.mark.parametrize("ended", [OrderStatus.CANCELED, OrderStatus.REJECTED])
def test_an_order_that_was_given_up_or_cancelled_may_have_traded(ended: OrderStatus) -> None:
    part = fill(Order("o1", entry(), ended), 195)
    assert (part.status, part.filled) == (ended, 195)
    assert fill(part, 455).status is OrderStatus.FILLED


@pytest.mark.parametrize("ended", [OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.REJECTED])
def test_a_change_that_is_refused_too_late_wakes_nobody(ended: OrderStatus) -> None:
    order = Order("o1", entry(), ended, filled=650)
    assert order.apply(ev.OrderCancelRefused(at(), "o1", "gone")).status is ended
    assert order.apply(ev.OrderReplaceRefused(at(), "o1", "gone")).status is ended


def test_a_late_fill_may_be_of_the_size_that_was_asked_for_last() -> None:
    gone = replacing(715).apply(ev.OrderCanceled(at(), "o1", "RMS"))
    assert fill(gone, 715).status is OrderStatus.FILLED
    with pytest.raises(InvalidTransition, match="filled 650 of 390"):
        fill(Order("o1", stop(quantity=390), OrderStatus.CANCELED), 650)


def test_the_latest_reason_is_that_of_the_terms_asked_for_last() -> None:
    leaving = replace(stop(trigger=None), reason="force_exit")
    assert Order("o1", stop()).latest_reason == "stop"
    assert Order("o1", stop(), replacement=leaving).latest_reason == "force_exit"


def test_a_slot_says_which_slice_it_is_for_but_for_the_first() -> None:
    first, third = Slot(Purpose.ENTRY, "CE"), Slot(Purpose.ENTRY, "CE", 3)
    assert (str(first), str(third)) == ("entry:CE", "entry:CE#3")
    assert third.first == first.first == first
    assert third != first


def test_the_same_prices_on_the_other_side_are_other_terms() -> None:
    assert not replace(entry(), side=Side.BUY).same_terms(entry())


@pytest.mark.parametrize("kind", [ev.OrderReplaced, ev.OrderReplaceRefused])
def test_an_answered_change_is_on_its_way_no_more(kind: type[ev.OrderEvent]) -> None:
    status = OrderStatus.PENDING_REPLACE
    changing = Order("o1", entry(), status, replacement=entry(quantity=585))
    assert changing.apply(EVENTS[kind]).replacement is None
