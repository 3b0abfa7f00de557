"""What a simulated trading venue takes and gives, whichever rules it fills by.

Times are market time, aware; prices and values are paise; quantities are units.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side

__all__ = [
    "Books",
    "Margin",
    "NewOrder",
    "OrderUpdate",
    "PriceType",
    "Venue",
    "VenueOrder",
    "VenuePosition",
    "VenueStatus",
    "VenueTrade",
    "Way",
]


class PriceType(StrEnum):
    """How an order is priced, in OpenAlgo's words."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    SL = "SL"
    SL_M = "SL-M"

    @property
    def is_stop(self) -> bool:
        """Whether the order waits for a trigger."""
        return self in _STOPS


_STOPS = frozenset({PriceType.SL, PriceType.SL_M})


class VenueStatus(StrEnum):
    """What the order book says of an order, in OpenAlgo's words; ``open`` may be part filled."""

    OPEN = "open"
    TRIGGER_PENDING = "trigger pending"
    COMPLETE = "complete"
    REJECTED = "rejected"
    CANCELLED = "cancelled"

    @property
    def is_live(self) -> bool:
        """Whether the order may still trade."""
        return self in _LIVE


_LIVE = frozenset({VenueStatus.OPEN, VenueStatus.TRIGGER_PENDING})


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as it is sent.

    Attributes:
        price: Limit; 0 where the price type has none.
        trigger: Stop trigger; 0 where the price type has none.
        product: ``MIS`` or ``NRML``.
        strategy: A label; nothing depends on it.
    """

    symbol: str
    side: Side
    quantity: int
    pricetype: PriceType
    price: Paise
    trigger: Paise
    product: str = "MIS"
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """A row of the order book.

    Attributes:
        quantity: Units in all, traded ones included.
        filled: Units traded.
        value: What they traded for in all; the average price is ``value / filled``.
        reason: Why it was rejected or cancelled, or why its last change was refused.
        placed_at: When it was sent.
        updated_at: When the venue last changed it.
    """

    orderid: str
    symbol: str
    side: Side
    quantity: int
    pricetype: PriceType
    product: str
    price: Paise
    trigger: Paise
    status: VenueStatus
    filled: int
    value: Paise
    reason: str
    placed_at: datetime
    updated_at: datetime
    strategy: str

    @property
    def pending(self) -> int:
        """Units not traded."""
        return self.quantity - self.filled


class Way(StrEnum):
    """How a fill came about."""

    BOOK = "book"  # the order came to the book and took what was there
    PASSED = "passed"  # it was set off between two prices of a bar
    RESTED = "rested"  # it rested, and the market came to its limit


@dataclass(frozen=True, slots=True)
class VenueTrade:
    """A row of the trade book.

    Attributes:
        way: How it came about; no gateway tells, nor the rest.
        trigger: Of its order, paise; 0 where it has none.
        limit: Of its order, paise.
        reached: Last price when it traded, paise; 0 where it rested.
    """

    tradeid: str
    orderid: str
    symbol: str
    side: Side
    quantity: int
    price: Paise
    at: datetime
    way: Way = Way.BOOK
    trigger: Paise = 0
    limit: Paise = 0
    reached: Paise = 0


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """An order changed: the whole of it as it then stood."""

    at: datetime
    order: VenueOrder


@dataclass(frozen=True, slots=True)
class VenuePosition:
    """The sum of the day's trades in one symbol and product."""

    bought: int = 0
    bought_value: Paise = 0
    sold: int = 0
    sold_value: Paise = 0

    @property
    def quantity(self) -> int:
        """Signed units: negative while short."""
        return self.bought - self.sold


# Says why an order may not be taken now for want of funds; empty text lets it pass.
Margin: TypeAlias = Callable[[datetime, NewOrder], str]


class Books(Protocol):
    """What the venue shows of our own orders."""

    def orders(self) -> tuple[VenueOrder, ...]:
        """Return every order of the day, newest last."""

    def order(self, orderid: str) -> VenueOrder | None:
        """Return one order, ``None`` where there is none of this id."""

    def trades(self) -> tuple[VenueTrade, ...]:
        """Return every trade of the day, newest last."""

    def positions(self) -> dict[tuple[str, str], VenuePosition]:
        """Return the positions by symbol and product; one that has become flat stays."""


class Venue(Books, Protocol):
    """Takes orders and market data in order of time. Pure: the same calls, the same answers.

    Every list of updates holds all that happened up to then, other orders' updates included. A
    refusal is judged by what was known before the call, so let time pass with ``advance`` first.
    """

    def submit(self, at: datetime, new: NewOrder) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take a new order.

        Raises:
            OrderRefused: It was turned away at the door; there is no order.
        """

    def modify(  # noqa: PLR0913 - the wire's own terms
        self,
        at: datetime,
        orderid: str,
        *,
        quantity: int,
        price: Paise,
        trigger: Paise,
        pricetype: PriceType,
    ) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take a change of terms; *quantity* is the new total, traded units included.

        Raises:
            OrderRefused: There is no such live order, or the terms are turned away.
        """

    def cancel(self, at: datetime, orderid: str) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take the wish to cancel.

        Raises:
            OrderRefused: There is no such live order.
        """

    def on_tick(self, tick: Tick) -> list[OrderUpdate]:
        """Learn *tick*, after whatever was due at its instant."""

    def recall(self, at: datetime, ticks: Sequence[Tick]) -> None:
        """Know at *at* what a symbol's recent *ticks*, oldest first, told: it was not followed.

        Only where none of them could have touched its live orders.
        """

    def advance(self, at: datetime) -> list[OrderUpdate]:
        """Let time pass to *at*."""

    def next_due(self) -> datetime | None:
        """Return the next instant at which something happens by itself."""

    def last(self, symbol: str) -> Tick | None:
        """Return the latest tick of *symbol*."""
