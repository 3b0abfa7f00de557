"""Orders: what we want (OrderIntent), what we have (Order), and how one becomes the other.

Rule: every change of an order's status is in TRANSITIONS below, and nowhere else.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, assert_never

from swingbreak.domain.errors import InvalidTransition
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
from swingbreak.domain.money import Paise

__all__ = ["TRANSITIONS", "Order", "OrderIntent", "OrderStatus", "Purpose", "Side", "Slot"]


class Side(StrEnum):
    """The side of an order."""

    BUY = "BUY"
    SELL = "SELL"


class Purpose(StrEnum):
    """Why an order exists."""

    ENTRY = "entry"
    CLOSE = "close"  # a protective stop, or the exit it turns into: never both


class Slot(NamedTuple):
    """A place that holds at most one live order: ``entry:CE``, ``close:NIFTY...PE``.

    A quantity above the freeze quantity is cut into slices, each in a slot of its own:
    ``entry:CE``, ``entry:CE#2``.
    """

    purpose: Purpose
    key: str
    number: int = 1

    @property
    def first(self) -> "Slot":
        """The slot of the first slice, which stands for all of them."""
        return self if self.number == 1 else Slot(self.purpose, self.key)

    def __str__(self) -> str:
        text = f"{self.purpose}:{self.key}"
        return text if self.number == 1 else f"{text}#{self.number}"


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """An order we would like to be working.

    Attributes:
        slot: The place it takes.
        symbol: Instrument symbol.
        side: BUY or SELL.
        quantity: Units still to trade, a multiple of the lot.
        limit: Worst acceptable price, paise. Always given: market and SL-M orders do not
            exist for index options through an API.
        trigger: Stop trigger, paise; ``None`` for an order that works at once.
        reason: Why it is wanted: ``break``, ``stop``, ``stop_gapped``, ``daily_target``,
            ``daily_stop``, ``force_exit``.
        level: Id of the level an entry rests on; empty for a closing order.
        points: Stop points an entry was sized with, paise; 0 for a closing order.
    """

    slot: Slot
    symbol: str
    side: Side
    quantity: int
    limit: Paise
    trigger: Paise | None
    reason: str
    level: str = ""
    points: Paise = 0

    def same_terms(self, other: "OrderIntent") -> bool:
        """Whether both would look alike in the exchange's book."""
        return (
            self.symbol == other.symbol
            and self.limit == other.limit
            and self.trigger == other.trigger
            and self.quantity == other.quantity
            and self.side is other.side
        )


class OrderStatus(StrEnum):
    """Where an order is in its life; names follow FIX."""

    SUBMITTED = "submitted"
    UNCONFIRMED = "unconfirmed"
    ACCEPTED = "accepted"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"
    FILLED = "filled"
    CANCELED = "canceled"
    REJECTED = "rejected"

    @property
    def is_live(self) -> bool:
        """Whether the order may still trade."""
        return self not in _ENDED


_S = OrderStatus
_ENDED = frozenset({_S.FILLED, _S.CANCELED, _S.REJECTED})

# A fill that completes the order leads to FILLED from every state that lists OrderFilled;
# a partial fill leaves the status as it was. OrderPriced never changes a status.
TRANSITIONS: dict[OrderStatus, dict[type[OrderEvent], OrderStatus]] = {
    _S.SUBMITTED: {
        OrderAccepted: _S.ACCEPTED,
        OrderRejected: _S.REJECTED,
        OrderUnconfirmed: _S.UNCONFIRMED,
        OrderFilled: _S.FILLED,
        OrderCanceled: _S.CANCELED,
    },
    _S.UNCONFIRMED: {
        OrderAccepted: _S.ACCEPTED,
        OrderRejected: _S.REJECTED,
        OrderFilled: _S.FILLED,
        OrderCanceled: _S.CANCELED,
    },
    _S.ACCEPTED: {
        OrderFilled: _S.FILLED,
        OrderCanceled: _S.CANCELED,
        OrderRejected: _S.REJECTED,  # a stop that the exchange refuses once triggered
    },
    _S.PENDING_CANCEL: {
        OrderCanceled: _S.CANCELED,
        OrderCancelRefused: _S.ACCEPTED,
        OrderFilled: _S.FILLED,
        OrderRejected: _S.REJECTED,
    },
    _S.PENDING_REPLACE: {
        OrderReplaced: _S.ACCEPTED,
        OrderReplaceRefused: _S.ACCEPTED,
        OrderFilled: _S.FILLED,
        OrderCanceled: _S.CANCELED,
        OrderRejected: _S.REJECTED,
    },
    # Ended orders: a fill that crossed our cancel, or of an order that was given up for lost, or
    # beyond the size that we know of; and the refusal of a change that came too late.
    _S.FILLED: {
        OrderFilled: _S.FILLED,
        OrderCancelRefused: _S.FILLED,
        OrderReplaceRefused: _S.FILLED,
    },
    _S.CANCELED: {
        OrderFilled: _S.FILLED,
        OrderCancelRefused: _S.CANCELED,
        OrderReplaceRefused: _S.CANCELED,
    },
    _S.REJECTED: {
        OrderFilled: _S.FILLED,
        OrderCancelRefused: _S.REJECTED,
        OrderReplaceRefused: _S.REJECTED,
    },
}


@dataclass(frozen=True, slots=True)
class Order:
    """An order we sent, as far as we know it.

    Attributes:
        order_id: Ours, counted.
        intent: Its terms; ``intent.quantity`` is the total, traded units included.
        status: Where it is in its life.
        filled: Units traded so far.
        value: What they traded for, paise.
        broker_order_id: The gateway's, once accepted.
        replacement: The new terms, total quantity, while the gateway has not answered; kept by
            an order that ended without an answer, for a late fill may be of that size.
        stubborn: Whether the gateway has refused or ignored a change of terms.
        changes: How often a change of terms was asked for.
    """

    order_id: str
    intent: OrderIntent
    status: OrderStatus = OrderStatus.SUBMITTED
    filled: int = 0
    value: Paise = 0
    broker_order_id: str = ""
    replacement: OrderIntent | None = None
    stubborn: bool = False
    changes: int = 0

    @property
    def resting(self) -> OrderIntent:
        """The terms of what is still to trade."""
        if not self.filled:
            return self.intent
        return replace(self.intent, quantity=self.intent.quantity - self.filled)

    @property
    def latest_reason(self) -> str:
        """Why its latest terms were asked for, the gateway's answer to them come or not."""
        return (self.replacement or self.intent).reason

    def apply(self, event: OrderEvent) -> "Order":
        """Return the order after *event*.

        Raises:
            InvalidTransition: *event* cannot happen in this status, or buys more than there was
                to buy.
        """
        if isinstance(event, OrderPriced):
            return replace(self, value=event.value) if event.filled == self.filled else self
        try:
            status = TRANSITIONS[self.status][type(event)]
        except KeyError:
            what = f"{self.order_id}: {type(event).__name__} while {self.status}"
            raise InvalidTransition(what) from None
        match event:
            case OrderFilled():
                return self._fill(event, status)
            case OrderAccepted():
                return replace(self, status=status, broker_order_id=event.broker_order_id)
            case OrderReplaced():
                terms = self.replacement or self.intent
                return self._settled(status, intent=terms, stubborn=False)
            case OrderReplaceRefused():
                return self._settled(status, intent=self.intent, stubborn=event.sent)
            case OrderRejected() | OrderUnconfirmed() | OrderCanceled() | OrderCancelRefused():
                return replace(self, status=status)
            case _:
                assert_never(event)

    def _settled(self, status: OrderStatus, *, intent: OrderIntent, stubborn: bool) -> "Order":
        # the answer may find the order complete at the size that turned out to be the real one
        if status.is_live and self.filled >= intent.quantity:
            status = OrderStatus.FILLED
        return replace(self, status=status, intent=intent, replacement=None, stubborn=stubborn)

    def _fill(self, event: OrderFilled, complete: OrderStatus) -> "Order":
        filled = self.filled + event.quantity
        # while a change is unanswered either size may be the one that is working
        most = max(self.intent.quantity, self.replacement.quantity if self.replacement else 0)
        # what is sold is open, and has to be protected, whoever made the order larger
        is_too_much = filled > most and self.intent.side is Side.BUY
        if event.quantity <= 0 or is_too_much:
            raise InvalidTransition(f"{self.order_id}: filled {filled} of {most}")
        done = filled >= most
        return replace(
            self,
            filled=filled,
            value=self.value + event.value,
            status=complete if done else self.status,
        )
