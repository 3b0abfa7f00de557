"""What the gateway's books and its order stream say, as values; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import OrderIntent

__all__ = [
    "PRODUCTS",
    "HeldPosition",
    "Mode",
    "OrderBook",
    "OrderState",
    "OrderTerms",
    "OrderUpdate",
    "TradeBook",
    "Traded",
    "terms_of",
]


PRODUCTS: Final = frozenset({"MIS", "NRML", "CNC"})  # OpenAlgo's own words


class Mode(StrEnum):
    """Where the gateway sends orders."""

    ANALYZE = "analyze"  # its sandbox: paper
    LIVE = "live"


class OrderState(StrEnum):
    """OpenAlgo's order status; a partly filled order is OPEN."""

    OPEN = "open"
    TRIGGER_PENDING = "trigger pending"
    COMPLETE = "complete"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    OTHER = "other"  # a broker's own word: not an end

    @property
    def is_over(self) -> bool:
        """Whether an order in it works no more."""
        return self in {OrderState.COMPLETE, OrderState.REJECTED, OrderState.CANCELLED}


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What identifies an order in the gateway's book, which has no place for an id of ours.

    Attributes:
        product: ``MIS`` or ``NRML``; empty where a payload does not say.
        quantity: Units in all, traded ones included.
        pricetype: ``LIMIT`` or ``SL``; the gateway knows others.
        limit: Paise.
        trigger: Paise; 0 where there is none.
    """

    symbol: str
    side: str
    product: str
    quantity: int
    pricetype: str
    limit: Paise
    trigger: Paise

    def __str__(self) -> str:
        return (
            f"{self.side} {self.quantity} {self.symbol} {self.pricetype} "
            f"{rupees(self.limit)} trigger {rupees(self.trigger)}"
        )

    def shown_as(self, shown: "OrderTerms") -> bool:
        """Whether a book that shows *shown* may mean these terms.

        A product that is none of OpenAlgo's is a broker's own word for one of them.
        """
        return shown == (
            self if shown.product in PRODUCTS else replace(self, product=shown.product)
        )

    def is_readable_in(self, shown: "OrderTerms") -> bool:
        """Whether *shown* says enough to tell these terms from others."""
        return bool(shown.symbol and shown.side and shown.pricetype and shown.quantity)

    def lost_its_trigger(self, shown: "OrderTerms") -> bool:
        """Whether *shown* is of an order that does not wait for the trigger of these terms."""
        return self.pricetype == "SL" != shown.pricetype and shown.trigger != self.trigger

    def fields(self) -> dict[str, str | int]:
        """Return the terms as the gateway's request fields; prices as exact decimal text."""
        return {
            "symbol": self.symbol,
            "action": self.side,
            "product": self.product,
            "quantity": self.quantity,
            "pricetype": self.pricetype,
            "price": rupees(self.limit),
            "trigger_price": rupees(self.trigger),
            "disclosed_quantity": 0,
        }


def terms_of(intent: OrderIntent, product: str) -> OrderTerms:
    """Return how *intent*, whose quantity is the order's total, looks in the gateway's book."""
    return OrderTerms(
        symbol=intent.symbol,
        side=intent.side.value,
        product=product,
        quantity=intent.quantity,
        pricetype="LIMIT" if intent.trigger is None else "SL",
        limit=intent.limit,
        trigger=intent.trigger or 0,
    )


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """What the gateway says about one order, in its stream or in its book.

    Attributes:
        terms: As shown; in the stream a filled order's limit is the price it filled at.
        filled: Units traded so far; ``None`` where the payload does not say (a live order book).
        value: What they traded for by the average price, paise, rounded; 0 where unknown.
        reason: The gateway's text of a rejection or cancellation.
        placed: When the gateway says it was placed; ``None`` where that cannot be read.
    """

    broker_order_id: str
    terms: OrderTerms
    state: OrderState
    filled: int | None
    value: Paise
    reason: str = ""
    placed: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderBook:
    """The day's orders. ``dropped`` counts rows that could not be read."""

    orders: tuple[OrderUpdate, ...] = ()
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Traded:
    """All trades of one order: units, and what they traded for in all, paise, exact."""

    quantity: int = 0
    value: Paise = 0


@dataclass(frozen=True, slots=True)
class TradeBook:
    """The day's trades by the gateway's order id. ``dropped`` counts rows not readable."""

    by_order: Mapping[str, Traded]
    dropped: int = 0

    def of(self, broker_order_id: str) -> Traded:
        """Return what *broker_order_id* has traded."""
        return self.by_order.get(broker_order_id, Traded())


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """The account's net holding of a symbol in one product.

    Attributes:
        symbol: Empty where the gateway could not name it.
        quantity: Signed units, negative while short; flat rows stay in the book all day.
    """

    symbol: str
    exchange: str
    product: str
    quantity: int
