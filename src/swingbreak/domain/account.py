"""What one look at the account shows, and how that may differ from what we think.

The account is shared: a person, or another program, may trade in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from swingbreak.domain.money import Paise

__all__ = [
    "AccountBooks",
    "Discrepancy",
    "ForeignOrder",
    "ForeignPosition",
    "HandTrades",
    "OrderAltered",
    "OrderLives",
    "OrderMissing",
    "PositionDiffers",
    "SeenOrder",
]


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """One row of the order book, with what the trade book has of it.

    Attributes:
        broker_order_id: The gateway's.
        order_id: Ours; empty for an order that is none of ours.
        symbol: Instrument symbol.
        buys: Whether it buys.
        quantity: Units in all; 0 where the row does not say.
        limit: Paise; 0 where the row does not say.
        trigger: Paise; 0 where there is none, or the row does not say.
        works: Whether it may still trade.
        traded: Units, by the trade book.
        value: What they traded for, paise.
    """

    broker_order_id: str
    order_id: str
    symbol: str
    buys: bool
    quantity: int
    limit: Paise
    trigger: Paise
    works: bool
    traded: int = 0
    value: Paise = 0


@dataclass(frozen=True, slots=True)
class AccountBooks:
    """One look. ``None`` says that a book could not be read, which is not the same as empty.

    Attributes:
        orders: The day's orders in our product.
        is_whole: Whether every row of the order book and the trade book could be read.
        held: Signed units by symbol in our product; a row that has become flat says 0.
    """

    orders: tuple[SeenOrder, ...] | None
    held: Mapping[str, int] | None
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class HandTrades:
    """What has been traded in one symbol today by orders that are none of ours.

    Attributes:
        bought: Units.
        bought_value: Paise.
        sold: Units.
        sold_value: Paise.
    """

    bought: int = 0
    bought_value: Paise = 0
    sold: int = 0
    sold_value: Paise = 0

    @property
    def net(self) -> int:
        """Signed units that they leave."""
        return self.bought - self.sold

    def plus(self, quantity: int, value: Paise) -> "HandTrades":
        """Return these and *quantity* units more, negative if sold, worth *value* paise."""
        if quantity < 0:
            sold, sold_value = self.sold - quantity, self.sold_value + value
            return HandTrades(self.bought, self.bought_value, sold, sold_value)
        bought, bought_value = self.bought + quantity, self.bought_value + value
        return HandTrades(bought, bought_value, self.sold, self.sold_value)


@dataclass(frozen=True, slots=True)
class OrderMissing:
    """We think that it works; the whole order book does not show it."""

    symbol: str
    order_id: str


@dataclass(frozen=True, slots=True)
class OrderAltered:
    """An order of ours that works on other terms than we think. Prices in paise."""

    symbol: str
    order_id: str
    quantity: int
    limit: Paise
    trigger: Paise


@dataclass(frozen=True, slots=True)
class OrderLives:
    """We think that it has ended; the order book shows it working."""

    symbol: str
    order_id: str
    broker_order_id: str


@dataclass(frozen=True, slots=True)
class ForeignOrder:
    """A working order that is none of ours, in a symbol that we follow."""

    symbol: str
    broker_order_id: str
    buys: bool
    quantity: int


@dataclass(frozen=True, slots=True)
class PositionDiffers:
    """The account holds something else in a symbol we follow than our fills come to.

    Attributes:
        ours: Signed units.
        theirs: Signed units.
        trades: All that others have traded in it today.
        is_explained: Whether these trades are what makes the discrepancy.
        is_current: Whether the last look shows it; if not, it may have gone.
    """

    symbol: str
    ours: int
    theirs: int
    trades: HandTrades = field(default=HandTrades(), compare=False)
    is_explained: bool = field(default=False, compare=False)
    is_current: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class ForeignPosition:
    """The account holds something in a symbol that we do not follow."""

    symbol: str
    theirs: int


Discrepancy: TypeAlias = (
    OrderMissing | OrderAltered | OrderLives | ForeignOrder | PositionDiffers | ForeignPosition
)
