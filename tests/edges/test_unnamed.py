"""Orders whose id is not known, and the rows of the book that may be theirs."""

from dataclasses import replace

import pytest

from swingbreak.adapters.openalgo.books import OrderBook, OrderState, OrderUpdate, terms_of
from swingbreak.adapters.openalgo.tracking import Look, TrackedOrder
from swingbreak.adapters.openalgo.unnamed import UnnamedOrder, UnnamedOrders
from tests.builders import OPEN, entry

TERMS = terms_of(entry(), "MIS")
FIRST = OrderUpdate("b1", TERMS, OrderState.TRIGGER_PENDING, 0, 0)
SECOND = replace(FIRST, broker_order_id="b2")
NAMELESS = replace(FIRST, terms=replace(TERMS, symbol=""))


def look(number: int) -> Look:
    return Look(OPEN, number, book=True, asked=OPEN)


def lost(orders: UnnamedOrders, name: str, *, after_book: int, lost_at: int) -> UnnamedOrder:
    one = UnnamedOrder(TrackedOrder(name, TERMS), OPEN, after_book)
    orders.add(one)
    orders.lost(name, lost_at)
    return one


def read(orders: UnnamedOrders, number: int, *rows: OrderUpdate) -> dict[str, str]:
    """Read a book and return which order was found in which row."""
    book, seen = OrderBook(rows), look(number)
    found = orders.found_in(book, seen)
    orders.remember(book, seen)
    for one, _ in found:
        orders.take(one.order.order_id)
    return {one.order.order_id: row.broker_order_id for one, row in found}


@pytest.fixture
def orders() -> UnnamedOrders:
    """Book 1 showed the first order's row without its symbol; then the second was sent."""
    orders = UnnamedOrders()
    lost(orders, "o1", after_book=0, lost_at=0)
    assert read(orders, 1, NAMELESS) == {}
    lost(orders, "o2", after_book=1, lost_at=1)
    return orders


def test_an_order_takes_the_row_that_an_equal_one_left_by_taking_its_own(
    orders: UnnamedOrders,
) -> None:
    orders.take("o2")
    lost(orders, "o2", after_book=1, lost_at=1).given_up = True  # so the first chooses first
    assert read(orders, 2, NAMELESS, SECOND) == {"o1": "b2"}
    assert read(orders, 3, FIRST) == {"o2": "b1"}


def test_who_was_sent_last_chooses_first(orders: UnnamedOrders) -> None:
    assert read(orders, 2, FIRST, SECOND) == {"o1": "b1", "o2": "b2"}


def test_a_row_that_was_there_before_both_is_nobodys() -> None:
    orders = UnnamedOrders()
    assert read(orders, 1, FIRST) == {}
    lost(orders, "o1", after_book=1, lost_at=1)
    lost(orders, "o2", after_book=1, lost_at=1)
    assert read(orders, 2, FIRST, SECOND) == {"o1": "b2"}
    assert read(orders, 3, FIRST) == {}, "it is no order of ours"


def test_a_book_begun_before_an_answer_was_lost_gives_its_row_to_no_equal_order() -> None:
    """A book on its way shows the one whose answer is just lost; another was given up long ago."""
    orders = UnnamedOrders()
    lost(orders, "never sent", after_book=0, lost_at=0).given_up = True
    lost(orders, "just sent", after_book=3, lost_at=4)
    assert read(orders, 4, FIRST) == {}
    assert read(orders, 5, FIRST) == {"just sent": "b1"}
