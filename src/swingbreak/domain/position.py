"""Positions, and the round trips they become. Only fills change either."""

from dataclasses import dataclass, replace
from datetime import datetime

from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.money import Paise

__all__ = ["Position", "Trade"]


@dataclass(frozen=True, slots=True)
class Position:
    """An open short in one symbol, from its first fill to flat.

    Attributes:
        symbol: Instrument symbol.
        trade_id: Order id of the entry that opened it; names the round trip.
        level: Id of the level it was entered on.
        points: Stop points it was sized with, paise.
        stop: Trigger of its protective stop, paise.
        opened_at: Time of the first fill.
        sold: Units sold in all.
        sold_value: What they were sold for, paise.
        bought: Units bought back so far.
        bought_value: What they were bought back for, paise.
        orders: Orders that began to trade in it; each is charged for once.
    """

    symbol: str
    trade_id: str
    level: str
    points: Paise
    stop: Paise
    opened_at: datetime
    sold: int = 0
    sold_value: Paise = 0
    bought: int = 0
    bought_value: Paise = 0
    orders: int = 0

    @property
    def quantity(self) -> int:
        """Signed units: negative while short."""
        return self.bought - self.sold

    @property
    def cash(self) -> Paise:
        """Cash that the fills have brought in, paise."""
        return self.sold_value - self.bought_value

    def sell(self, quantity: int, value: Paise) -> "Position":
        """Return the position after selling *quantity* units for *value* paise in all."""
        return replace(self, sold=self.sold + quantity, sold_value=self.sold_value + value)

    def buy(self, quantity: int, value: Paise) -> "Position":
        """Return the position after buying *quantity* units for *value* paise in all.

        Raises:
            InvalidTransition: More than is open: the short would become a long.
        """
        if self.bought + quantity > self.sold:
            raise InvalidTransition(
                f"{self.symbol}: bought {quantity} with {-self.quantity} open: a long"
            )
        return replace(self, bought=self.bought + quantity, bought_value=self.bought_value + value)

    def pnl_at(self, mark: Paise) -> Paise:
        """Return realised and open gross P&L with the open units marked at *mark*, paise."""
        return self.cash + self.quantity * mark


@dataclass(frozen=True, slots=True)
class Trade:
    """A round trip, closed.

    Attributes:
        trade_id: Order id of its entry.
        symbol: Instrument symbol.
        level: Id of the level it was entered on.
        quantity: Units sold and bought back.
        sold_value: What they were sold for, paise.
        bought_value: What they were bought back for, paise.
        points: Stop points it was sized with, paise.
        stop: Trigger its protective stop had, paise.
        charges: Costs of both sides, paise.
        orders: Orders that began to trade in it.
        opened_at: Time of the first entry fill.
        closed_at: Time of the last exit fill.
        exit_reason: Reason of the order that closed it.
    """

    trade_id: str
    symbol: str
    level: str
    quantity: int
    sold_value: Paise
    bought_value: Paise
    points: Paise
    stop: Paise
    charges: Paise
    orders: int
    opened_at: datetime
    closed_at: datetime
    exit_reason: str

    @property
    def gross(self) -> Paise:
        """P&L before costs, paise."""
        return self.sold_value - self.bought_value

    @property
    def net(self) -> Paise:
        """P&L after costs, paise."""
        return self.gross - self.charges

    @property
    def r(self) -> float:
        """Net P&L over planned risk: a statistic, never booked."""
        return self.net / (self.points * self.quantity)
