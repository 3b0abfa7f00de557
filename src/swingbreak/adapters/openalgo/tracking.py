"""One order of ours, and what the gateway's evidence about it means as order events; pure.

Rules of this file:

1. Traded units only grow, and each is told once: a fill's id is the gateway's order id and the
   cumulative quantity. More than the order's size is believed from the trade book alone.
2. An ended order never works again. A fill that comes to light late is still told.
3. ``complete`` ends an order when as many units as it shows are accounted for: a live book shows
   a brand-new order with the status of the row before it.
4. For the same reason a row without quantities that says ``cancelled`` or ``rejected`` counts
   when another book, a second later or more, repeats it.
5. A change of terms is made when the gateway shows the new ones. It was ignored when two books, a
   second or more apart and both read after the gateway's yes, still show the old ones: one alone
   may be the book of a moment ago.
6. What an average price gave, and what ended, is open until the trade book has accounted for it.
7. An order is open until the book has shown it as it was sent. One that the gateway has altered is
   taken out of the market, and its end is nobody's wish but that reason.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from swingbreak.adapters.openalgo.books import OrderState, OrderTerms, OrderUpdate, Traded
from swingbreak.adapters.openalgo.readback import ReadBack
from swingbreak.domain.events import (
    OrderCanceled,
    OrderCancelRefused,
    OrderEvent,
    OrderFilled,
    OrderPriced,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
)
from swingbreak.domain.money import Paise

__all__ = ["PATIENCE", "Hint", "Look", "SentChange", "TrackedOrder", "row_of"]

PATIENCE: Final = timedelta(seconds=5)  # for a broker's book to follow the gateway's yes
_AGAIN: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Look:
    """When a piece of evidence was had.

    Attributes:
        at: Now.
        number: Number of the book it was read in; for the stream, of the last book begun.
        book: Whether it comes from a book, whose trades have been accounted for before.
        asked: When it was asked for: a book may have waited long for its trades, and what it does
            not show may have come since.
    """

    at: datetime
    number: int
    book: bool
    asked: datetime


@dataclass(frozen=True, slots=True)
class SentChange:
    """New terms that have been sent and not settled.

    Attributes:
        terms: What they are.
        since: When they were sent.
        judge_from: First book that can tell whether they were taken; ``None`` while unanswered.
        sure: Whether the gateway said yes.
        ignored_at: When a book first showed the old terms though it had had its time.
        is_recalled: Whether an earlier process asked for it, and may have ended before it did.
    """

    terms: OrderTerms
    since: datetime
    judge_from: int | None = None
    sure: bool = False
    ignored_at: datetime | None = None
    is_recalled: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """An end that a row without quantities told of."""

    state: OrderState
    look: Look


@dataclass(slots=True)
class TrackedOrder:
    """What has been told about one order.

    Attributes:
        order_id: Ours.
        terms: As the gateway is known to have them.
        broker_order_id: The gateway's; empty until known.
        filled: Units told.
        value: What they were told to have traded for, paise.
        ended: Whether it is known to work no more.
        change: New terms on their way.
        cancel_at: When its cancel was sent, while the order has not gone.
        doubt: Last book begun when something came up that only a later one can settle.
        hint: An end that another book must repeat.
        read_back: Whether the gateway has it as it was sent.
    """

    order_id: str
    terms: OrderTerms
    broker_order_id: str = ""
    filled: int = 0
    value: Paise = 0
    ended: bool = False
    change: SentChange | None = None
    cancel_at: datetime | None = None
    doubt: int | None = None
    hint: Hint | None = None
    read_back: ReadBack = field(default_factory=ReadBack)

    @property
    def is_open(self) -> bool:
        """Whether the books have something to say that has not been told."""
        # asked of every order at every tick
        if self.ended:  # whatever was asked for and not answered has become of no account
            return self.doubt is not None
        if self.doubt is not None or self.change is not None or self.cancel_at is not None:
            return True
        return not self.read_back.is_agreed

    @property
    def is_unwelcome(self) -> bool:
        """Whether it works, and not as it was sent."""
        return not self.ended and self.change is None and self.read_back.altered != ""

    @property
    def most(self) -> int:
        """Units that it may trade: while a change is on its way, either size may be working."""
        return max(self.terms.quantity, self.change.terms.quantity if self.change else 0)

    def learn(self, seen: OrderUpdate, look: Look) -> list[OrderEvent]:
        """Return what *seen*, in stream or book, adds to what is known."""
        if look.book and self.change is None:
            self.read_back.compare(self.terms, seen, look.asked)
        events = _fills(self, seen, look)
        if self.ended:
            return events
        match seen.state:
            case OrderState.COMPLETE:
                return events + _complete(self, seen, look)
            case OrderState.CANCELLED | OrderState.REJECTED:
                return events + _gone(self, seen, look)
            case OrderState.OPEN | OrderState.TRIGGER_PENDING | OrderState.OTHER:
                return events + _working(self, seen, look)

    def account(self, traded: Traded, look: Look) -> list[OrderEvent]:
        """Return what the order's trades, read in the book *look*, add or correct."""
        events: list[OrderEvent] = []
        if traded.quantity > self.filled:
            events = [_fill(self, traded.quantity, traded.value, look.at)]
        elif traded.quantity == self.filled and traded.value != self.value:
            self.value = traded.value
            events = [OrderPriced(look.at, self.order_id, self.filled, self.value)]
        accounted = traded.quantity >= self.filled
        if accounted and self.doubt is not None and look.number > self.doubt:
            self.doubt = None
        return events

    def request(self, terms: OrderTerms, at: datetime) -> None:
        """Note that new *terms* are being sent."""
        self.change = SentChange(terms, at)

    def answered(self, *, sure: bool, next_book: int) -> None:
        """Note that the gateway said yes to the change, or (not *sure*) that its answer is lost."""
        if self.change is not None:
            self.change = replace(self.change, judge_from=next_book, sure=sure)

    def refuse_change(self, reason: str, at: datetime, *, sent: bool = True) -> list[OrderEvent]:
        """Return the end of a change that was not made; nothing if it is settled."""
        if self.change is None:
            return []
        self.change = None
        self.ended = self.filled >= self.terms.quantity
        return [OrderReplaceRefused(at, self.order_id, reason, sent)]

    def refuse_cancel(self, reason: str, at: datetime, *, sent: bool = True) -> list[OrderEvent]:
        """Return the failure of a cancel; nothing if it is settled."""
        if self.cancel_at is None:
            return []
        self.cancel_at = None
        return [OrderCancelRefused(at, self.order_id, reason, sent)]


def _fills(order: TrackedOrder, seen: OrderUpdate, look: Look) -> list[OrderEvent]:
    if seen.filled is None or seen.filled <= order.filled:
        return []
    order.doubt = look.number
    # without an average, or with one whose rounding swallows the new trades
    if seen.value <= order.value or seen.filled > order.most:
        return []
    return [_fill(order, seen.filled, seen.value, look.at)]


def row_of(fill_id: str) -> str:
    """Return the gateway's id of the order that *fill_id* is a fill of; empty for none."""
    return fill_id.rpartition(":")[0]


def _fill(order: TrackedOrder, filled: int, value: Paise, at: datetime) -> OrderFilled:
    fill = OrderFilled(
        at,
        order.order_id,
        f"{order.broker_order_id}:{filled}",
        filled - order.filled,
        value - order.value,
    )
    order.filled, order.value = filled, value
    if filled >= order.most:
        order.ended, order.change, order.cancel_at = True, None, None
    return fill


def _complete(order: TrackedOrder, seen: OrderUpdate, look: Look) -> list[OrderEvent]:
    if order.filled < (seen.terms.quantity or order.most):
        order.doubt = look.number
        return []
    order.ended, order.cancel_at = True, None
    change, order.change = order.change, None
    if change is not None and order.filled == change.terms.quantity:
        order.terms = change.terms
        return [OrderReplaced(look.at, order.order_id)]
    if change is not None and order.filled == order.terms.quantity:
        return [OrderReplaceRefused(look.at, order.order_id, "complete before the change")]
    reason = f"complete at {order.filled} of {order.terms.quantity}"
    return [OrderCanceled(look.at, order.order_id, reason)]


def _gone(order: TrackedOrder, seen: OrderUpdate, look: Look) -> list[OrderEvent]:
    if look.book and seen.filled is None and not _repeated(order, seen.state, look):
        order.doubt = look.number
        return []
    if not look.book:
        order.doubt = look.number
    asked = order.cancel_at is not None
    altered = order.read_back.altered
    order.ended, order.change, order.cancel_at = True, None, None
    if seen.state is OrderState.REJECTED:
        return [OrderRejected(look.at, order.order_id, seen.reason or "rejected, no reason given")]
    reason = "" if asked else altered or seen.reason or "cancelled by the exchange or by hand"
    return [OrderCanceled(look.at, order.order_id, reason)]


def _repeated(order: TrackedOrder, state: OrderState, look: Look) -> bool:
    hint = order.hint
    if hint is None or hint.state is not state:
        order.hint = Hint(state, look)
        return False
    return look.number > hint.look.number and look.asked - hint.look.asked >= _AGAIN


def _working(order: TrackedOrder, seen: OrderUpdate, look: Look) -> list[OrderEvent]:
    order.hint = None
    if order.change is not None:
        return _judge(order, order.change, seen, look)
    if order.cancel_at is not None and look.book and look.asked - order.cancel_at >= PATIENCE:
        return order.refuse_cancel("the gateway said yes, but the order works still", look.at)
    return []


def _judge(
    order: TrackedOrder, change: SentChange, seen: OrderUpdate, look: Look
) -> list[OrderEvent]:
    if change.judge_from is None:
        return []
    if change.terms.shown_as(seen.terms):
        order.terms, order.change = change.terms, None
        order.read_back.settle()
        order.ended = order.filled >= order.terms.quantity
        return [OrderReplaced(look.at, order.order_id)]
    if not look.book or look.number < change.judge_from:
        return []
    # the sandbox has changed an order before it answers, an exchange behind it takes a moment; a
    # book without quantities is a broker's own and may lag
    prompt = change.sure and seen.filled is not None
    if look.asked - change.since < (_AGAIN if prompt else PATIENCE):
        return []
    if change.ignored_at is None:
        order.change = replace(change, ignored_at=look.asked)
    elif look.asked - change.ignored_at >= _AGAIN:
        why = f"ignored by the gateway: {seen.terms}"
        return order.refuse_change(why, look.at, sent=not change.is_recalled)
    return []
