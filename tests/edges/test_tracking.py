"""What one piece of evidence about one order means."""

from dataclasses import replace
from datetime import timedelta

import pytest

from swingbreak.adapters.openalgo.books import (
    OrderBook,
    OrderState,
    OrderUpdate,
    TradeBook,
    Traded,
    terms_of,
)
from swingbreak.adapters.openalgo.registry import OrderRegistry
from swingbreak.adapters.openalgo.tracking import Look, SentChange, TrackedOrder
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
)
from tests.builders import OPEN, stop

TERMS = terms_of(stop(), "MIS")
LESS = replace(TERMS, quantity=585)
NOW = OPEN


def order(filled: int = 0, *, change: bool = False) -> TrackedOrder:
    tracked = TrackedOrder("o1", TERMS, "b1", filled=filled, value=filled * 185_00)
    if change:
        tracked.change = SentChange(LESS, OPEN, judge_from=1, sure=True)
    return tracked


def row(state: OrderState, quantity: int = 650, filled: int | None = None) -> OrderUpdate:
    return OrderUpdate("b1", replace(TERMS, quantity=quantity), state, filled, 0)


def book(number: int, seconds: float = 0) -> Look:
    now = OPEN + timedelta(seconds=seconds)
    return Look(now, number, book=True, asked=now)


@pytest.mark.parametrize("quantity", [650, 0], ids=["with its quantity", "without"])
def test_complete_is_not_believed_before_its_units_are_accounted_for(quantity: int) -> None:
    tracked = order(filled=195)
    assert tracked.learn(row(OrderState.COMPLETE, quantity), book(7)) == []
    assert (tracked.ended, tracked.doubt) == (False, 7)


@pytest.mark.parametrize(
    ("filled", "event"),
    [
        (585, OrderReplaced(NOW, "o1")),
        (650, OrderReplaceRefused(NOW, "o1", "complete before the change")),
        (260, OrderCanceled(NOW, "o1", "complete at 260 of 650")),
    ],
    ids=["at the new size", "at the old size", "at neither"],
)
def test_complete_settles_a_change(filled: int, event: OrderEvent) -> None:
    tracked = order(filled, change=True)
    assert tracked.learn(row(OrderState.COMPLETE, filled), book(7)) == [event]
    assert (tracked.ended, tracked.change) == (True, None)
    assert tracked.terms == (LESS if filled == 585 else TERMS)


@pytest.mark.parametrize(
    ("number", "seconds", "state", "gone"),
    [
        (8, 1, OrderState.CANCELLED, True),
        (8, 0.9, OrderState.CANCELLED, False),
        (7, 1, OrderState.CANCELLED, False),
        (8, 1, OrderState.REJECTED, False),
    ],
    ids=["another book, a second later", "too soon", "the same book", "another end"],
)
def test_the_end_in_a_bare_row_must_be_repeated(
    number: int, seconds: float, state: OrderState, gone: bool
) -> None:
    tracked = order()
    assert tracked.learn(row(OrderState.CANCELLED), book(7)) == []
    assert tracked.doubt == 7, "another book is wanted"
    assert len(tracked.learn(row(state), book(number, seconds))) == gone
    assert tracked.ended is gone


STREAM = Look(OPEN, 7, book=False, asked=OPEN)


def test_the_end_that_the_stream_tells_counts_at_once_and_its_trades_are_looked_for() -> None:
    tracked = order()
    assert len(tracked.learn(row(OrderState.CANCELLED), STREAM)) == 1
    assert (tracked.ended, tracked.doubt) == (True, 7)


@pytest.mark.parametrize(
    ("state", "said", "asked", "altered", "reason"),
    [
        (OrderState.CANCELLED, "price band", False, "", "price band"),
        (OrderState.CANCELLED, "", False, "", "cancelled by the exchange or by hand"),
        (OrderState.CANCELLED, "price band", True, "", ""),
        (OrderState.CANCELLED, "price band", False, "no trigger", "no trigger"),
        (OrderState.REJECTED, "margin", True, "", "margin"),
        (OrderState.REJECTED, "", True, "", "rejected, no reason given"),
    ],
    ids=["told", "not told", "our own wish", "altered", "rejected", "rejected without a reason"],
)
def test_why_an_order_is_gone(
    state: OrderState, said: str, asked: bool, altered: str, reason: str
) -> None:
    tracked = order()
    tracked.cancel_at = OPEN if asked else None
    tracked.read_back.altered = altered
    (event,) = tracked.learn(replace(row(state), reason=said), STREAM)
    assert isinstance(event, OrderCanceled | OrderRejected)
    assert event.reason == reason


@pytest.mark.parametrize(
    ("look", "counts"),
    [
        (book(3, 1), True),
        (book(2, 1), False),
        (book(3, 0.9), False),
        (replace(STREAM, at=OPEN + timedelta(seconds=9)), False),
    ],
    ids=["the first book after the yes", "the one before", "at once", "the stream"],
)
def test_what_may_say_that_a_change_was_ignored(look: Look, counts: bool) -> None:
    tracked = order(change=True)
    tracked.answered(sure=True, next_book=3)
    assert tracked.learn(row(OrderState.OPEN, filled=0), look) == []
    assert tracked.change is not None
    assert (tracked.change.ignored_at is not None) is counts


@pytest.mark.parametrize(
    ("look", "refused"),
    [
        (book(7, 5), True),
        (book(7, 4.9), False),
        (replace(STREAM, at=OPEN + timedelta(seconds=9)), False),
    ],
    ids=["a book, later", "a book, at once", "the stream, however late"],
)
def test_what_may_say_that_a_cancel_was_not_made(look: Look, refused: bool) -> None:
    tracked = order()
    tracked.cancel_at = OPEN
    events = tracked.learn(row(OrderState.OPEN, filled=0), look)
    reason = "the gateway said yes, but the order works still"
    assert events == ([OrderCancelRefused(look.at, "o1", reason)] if refused else [])
    assert (tracked.cancel_at is None) is refused


def test_a_change_that_is_seen_is_made_and_the_order_read_back() -> None:
    tracked = order(change=True)
    assert tracked.learn(row(OrderState.OPEN, 585), STREAM) == [OrderReplaced(NOW, "o1")]
    assert (tracked.terms, tracked.change) == (LESS, None)
    assert tracked.read_back.is_agreed


def test_a_row_that_works_takes_the_hint_of_an_end_back() -> None:
    tracked = order()
    tracked.learn(row(OrderState.CANCELLED), book(7))
    tracked.learn(row(OrderState.OPEN), book(8, 1))
    assert tracked.learn(row(OrderState.CANCELLED), book(9, 2)) == []


def test_units_without_a_price_are_looked_for_in_the_trades() -> None:
    tracked = order()
    assert tracked.learn(row(OrderState.OPEN, filled=195), book(7)) == []
    assert (tracked.filled, tracked.doubt) == (0, 7)


def test_while_its_terms_are_being_changed_an_order_is_not_called_altered() -> None:
    tracked = order()
    tracked.request(LESS, OPEN)
    for number in (7, 8, 9):
        assert tracked.learn(row(OrderState.OPEN, 585, filled=0), book(number, number)) == []
    assert tracked.read_back.altered == ""


def test_what_the_stream_told_of_one_order_is_kept_when_another_is_named_first() -> None:
    registry = OrderRegistry("MIS")
    for order_id in ("o1", "o2"):
        registry.sent(order_id, TERMS, OPEN, last_book=0)
    traded = replace(row(OrderState.OPEN, filled=195), broker_order_id="b2", value=195 * 185_00)
    assert registry.updated(traded, STREAM) == []
    registry.accepted("o1", "b1", STREAM)
    assert [type(e) for e in registry.accepted("o2", "b2", STREAM)] == [OrderAccepted, OrderFilled]


def test_a_stream_that_told_of_an_order_before_its_answer_does_tell() -> None:
    registry = OrderRegistry("MIS")
    registry.sent("o1", TERMS, OPEN, last_book=0)
    registry.updated(row(OrderState.OPEN, filled=0), STREAM)
    registry.accepted("o1", "b1", STREAM)
    assert registry.needs_books, "it was not known whose order that was"
    registry.read(OrderBook((row(OrderState.OPEN, filled=0),)), TradeBook({}), book(8))
    assert not registry.needs_books


def test_trades_tell_what_the_books_did_not() -> None:
    tracked = order(filled=195)
    (fill,) = tracked.account(Traded(260, 260 * 186_00), book(7))
    assert fill == OrderFilled(NOW, "o1", "b1:260", 65, 260 * 186_00 - 195 * 185_00)
    assert (tracked.filled, tracked.value, tracked.ended) == (260, 260 * 186_00, False)
    tracked.doubt = 7
    assert tracked.account(Traded(260, 260 * 186_05), book(7)) == [
        OrderPriced(NOW, "o1", 260, 260 * 186_05)
    ]
    assert tracked.doubt == 7, "what is in doubt needs a later book"
    assert tracked.account(Traded(195, 1), book(8)) == []
    assert tracked.doubt == 7, "and one that accounts for all of it"
    assert tracked.account(Traded(260, 260 * 186_05), book(8)) == []
    assert tracked.doubt is None
