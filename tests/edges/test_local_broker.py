"""A venue called directly, against a venue that does as each test says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from swingbreak.domain.commands import CancelOrder, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.errors import OrderRefused
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
from swingbreak.domain.orders import Side
from swingbreak.runtime.local_broker import LocalBroker
from swingbreak.simulation.register import Register
from swingbreak.simulation.venue import (
    NewOrder,
    OrderUpdate,
    PriceType,
    VenueOrder,
    VenueStatus,
)
from tests.builders import CE, DAY, at, entry, stop

NOW = at(5)
SUBMIT = SubmitOrder("o1", entry())
CHANGED = replace(entry(), quantity=325, limit=170_00, trigger=173_00)
CHANGE = ReplaceOrder("o1", CHANGED, filled=0)
CANCEL = CancelOrder("o1", "switch")


class Venue:
    """Takes orders; what it says of a change or cancel is what the test has put there."""

    def __init__(self) -> None:
        self.register = Register(DAY)
        self.asked: list[tuple[str, Any]] = []
        self.refuses = ""
        self.after: Callable[[VenueOrder], list[VenueOrder]] = lambda _order: []

    def submit(self, now: datetime, new: NewOrder) -> tuple[VenueOrder, list[OrderUpdate]]:
        self._ask("submit", new)
        entered = self.register.enter(now, new, VenueStatus.TRIGGER_PENDING)
        return entered.order, [entered, *self._updates(now, entered.order)]

    def modify(self, now: datetime, orderid: str, **terms: Any) -> Any:
        self._ask("modify", terms)
        return self._answer(now, orderid)

    def cancel(self, now: datetime, orderid: str) -> Any:
        self._ask("cancel", orderid)
        return self._answer(now, orderid)

    def _ask(self, what: str, about: Any) -> None:
        self.asked.append((what, about))
        if self.refuses:
            raise OrderRefused(self.refuses)

    def _answer(self, now: datetime, orderid: str) -> tuple[VenueOrder, list[OrderUpdate]]:
        order = self.register[orderid]
        return order, self._updates(now, order)

    def _updates(self, now: datetime, order: VenueOrder) -> list[OrderUpdate]:
        return [OrderUpdate(now, each) for each in self.after(order)]


class Rig:
    def __init__(self) -> None:
        self.venue = Venue()
        self.broker = LocalBroker(self.venue)  # type: ignore[arg-type]

    def do(self, command: OrderCommand) -> list[OrderEvent]:
        return list(self.broker.execute(NOW, command))

    def hear(self, **changes: Any) -> list[OrderEvent]:
        """Hear an update of the first order with *changes*."""
        self.order = replace(self.order, **changes)
        return list(self.broker.learn(NOW, [OrderUpdate(NOW, self.order)]))

    def placed(self) -> "Rig":
        self.do(SUBMIT)
        (self.order,) = self.venue.register.orders()
        return self


@pytest.fixture
def rig() -> Rig:
    return Rig().placed()


def test_an_entry_is_sent_as_a_stop_limit_and_an_exit_as_a_limit() -> None:
    rig = Rig()
    assert rig.do(SUBMIT) == [OrderAccepted(NOW, "o1", "26112000000001")]
    assert rig.do(SubmitOrder("o2", stop(trigger=None))) == [
        OrderAccepted(NOW, "o2", "26112000000002")
    ]
    assert [new for _, new in rig.venue.asked] == [
        NewOrder(CE.symbol, Side.SELL, 650, PriceType.SL, 171_95, 174_95),
        NewOrder(CE.symbol, Side.BUY, 650, PriceType.LIMIT, 188_00, 0),
    ]


def test_a_change_is_sent_with_the_total_quantity(rig: Rig) -> None:
    rig.do(replace(CHANGE, filled=130))
    assert rig.venue.asked[-1][1] == {
        "quantity": 455,
        "price": 170_00,
        "trigger": 173_00,
        "pricetype": PriceType.SL,
    }


def test_fills_are_what_the_cumulative_quantity_rose_by(rig: Rig) -> None:
    told = [
        rig.hear(filled=65, value=65 * 174_00, status=VenueStatus.OPEN),
        rig.hear(filled=65, value=65 * 174_00),
        rig.hear(filled=195, value=65 * 174_00 + 130 * 173_00),
        rig.hear(filled=650, value=650 * 173_00, status=VenueStatus.COMPLETE),
    ]
    order = rig.order.orderid
    assert told == [
        [OrderFilled(NOW, "o1", f"{order}:65", 65, 65 * 174_00)],
        [],
        [OrderFilled(NOW, "o1", f"{order}:195", 130, 130 * 173_00)],
        [OrderFilled(NOW, "o1", f"{order}:650", 455, 650 * 173_00 - 65 * 174_00 - 130 * 173_00)],
    ]


def test_a_fill_at_once_comes_behind_the_acceptance() -> None:
    rig = Rig()
    done = {"filled": 650, "value": 650 * 174_00, "status": VenueStatus.COMPLETE}
    rig.venue.after = lambda order: [replace(order, **done)]
    assert [type(event) for event in rig.do(SUBMIT)] == [OrderAccepted, OrderFilled]


def test_what_is_not_ours_is_nobodys(rig: Rig) -> None:
    theirs = replace(rig.order, orderid="squareoff", filled=65)
    assert list(rig.broker.learn(NOW, [OrderUpdate(NOW, theirs)])) == []


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (VenueStatus.CANCELLED, OrderCanceled(NOW, "o1", "band")),
        (VenueStatus.REJECTED, OrderRejected(NOW, "o1", "band")),
    ],
    ids=["cancelled", "rejected"],
)
def test_an_order_that_ends_says_why(rig: Rig, status: VenueStatus, event: OrderEvent) -> None:
    assert rig.hear(status=status, reason="band") == [event]


def test_an_order_that_ends_with_a_part_filled_says_both(rig: Rig) -> None:
    told = rig.hear(filled=65, value=65, status=VenueStatus.CANCELLED, reason="")
    assert [type(event) for event in told] == [OrderFilled, OrderCanceled]


NEW_TERMS = {"quantity": 325, "price": 170_00, "trigger": 173_00}


def test_a_change_is_done_when_the_book_shows_it(rig: Rig) -> None:
    assert rig.do(CHANGE) == []
    assert rig.hear() == []  # some update with the old terms
    assert rig.hear(**NEW_TERMS) == [OrderReplaced(NOW, "o1")]
    assert rig.hear() == []


def test_a_change_that_the_exchange_refuses_keeps_the_old_terms(rig: Rig) -> None:
    rig.do(CHANGE)
    assert rig.hear(reason="band") == [OrderReplaceRefused(NOW, "o1", "band")]
    assert rig.hear(reason="band") == []


def test_a_change_that_a_fill_has_outrun_is_refused(rig: Rig) -> None:
    rig.do(CHANGE)
    told = rig.hear(filled=650, value=650, status=VenueStatus.COMPLETE)
    assert told[1:] == [OrderReplaceRefused(NOW, "o1", "complete before the change")]
    assert isinstance(told[0], OrderFilled)


def test_a_change_to_what_had_filled_already_is_done(rig: Rig) -> None:
    rig.hear(filled=325, value=325, status=VenueStatus.OPEN)
    rig.do(CHANGE)
    told = rig.hear(**NEW_TERMS, status=VenueStatus.COMPLETE)
    assert told == [OrderReplaced(NOW, "o1")]


def test_a_larger_order_that_fills_whole_with_the_change_says_only_that(rig: Rig) -> None:
    rig.do(ReplaceOrder("o1", replace(CHANGED, quantity=715), filled=0))
    told = rig.hear(
        **NEW_TERMS | {"quantity": 715}, filled=715, value=715, status=VenueStatus.COMPLETE
    )
    assert [type(event) for event in told] == [OrderFilled]


def test_a_change_of_an_order_that_is_cancelled_is_not_answered(rig: Rig) -> None:
    rig.do(CHANGE)
    told = rig.hear(status=VenueStatus.CANCELLED)
    assert [type(event) for event in told] == [OrderCanceled]


def test_a_stop_that_becomes_a_limit_is_shown_by_its_kind(rig: Rig) -> None:
    rig.do(ReplaceOrder("o1", replace(CHANGED, trigger=None), filled=0))
    assert rig.hear(**NEW_TERMS) == []
    limit = {"trigger": 0, "pricetype": PriceType.LIMIT}
    assert rig.hear(**limit) == [OrderReplaced(NOW, "o1")]


def test_a_cancel_is_done_when_the_book_shows_it(rig: Rig) -> None:
    assert rig.do(CANCEL) == []
    assert rig.hear(status=VenueStatus.CANCELLED) == [OrderCanceled(NOW, "o1", "")]


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (SubmitOrder("o2", stop()), OrderRejected(NOW, "o2", "no")),
        (CHANGE, OrderReplaceRefused(NOW, "o1", "no")),
        (CANCEL, OrderCancelRefused(NOW, "o1", "no")),
    ],
    ids=["submit", "change", "cancel"],
)
def test_a_refusal_at_the_door(rig: Rig, command: OrderCommand, event: OrderEvent) -> None:
    rig.venue.refuses = "no"
    assert rig.do(command) == [event]


def test_a_refused_change_is_forgotten(rig: Rig) -> None:
    rig.venue.refuses = "no"
    rig.do(CHANGE)
    assert rig.hear(**NEW_TERMS) == []


@pytest.mark.parametrize(
    ("command", "event"),
    [(CHANGE, OrderReplaceRefused), (CANCEL, OrderCancelRefused)],
    ids=["change", "cancel"],
)
def test_what_comes_after_the_end_has_an_answer_too(
    rig: Rig, command: OrderCommand, event: type[OrderEvent]
) -> None:
    rig.hear(filled=650, value=650, status=VenueStatus.COMPLETE)
    rig.venue.refuses = "it is complete"
    assert [type(each) for each in rig.do(command)] == [event]


def test_answers_bring_what_else_has_happened(rig: Rig) -> None:
    rig.venue.after = lambda order: [replace(order, filled=65, value=65, status=VenueStatus.OPEN)]
    assert [type(event) for event in rig.do(CANCEL)] == [OrderFilled]
