"""The account's result today, in paise and in R.

Rules of this file:

1. Realised P&L comes from fills, open P&L from marks; a short is marked at the offer.
2. R of the account is net P&L over ``r_value``; comparisons are made in paise, exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Position

__all__ = ["Account", "Charge", "OpenPnl", "charges_at", "no_charge"]

# What trading costs: premium sold and premium bought in paise and orders that traded in, charges
# in paise out. More of any of them never costs less.
Charge: TypeAlias = Callable[[Paise, Paise, int], Paise]


def no_charge(_sold: Paise, _bought: Paise, _orders: int) -> Paise:
    """Charge nothing: to study what is gained and lost before costs."""
    return 0


def charges_at(price: Paise, position: Position, charge: Charge) -> Paise:
    """Return what *position* costs in all when one more order closes it at *price*, paise."""
    bought = position.bought_value - position.quantity * price
    return charge(position.sold_value, bought, position.orders + 1)


@dataclass(frozen=True, slots=True)
class Account:
    """Where the day stands.

    Attributes:
        realised: Net P&L of the closed trades, paise.
        open: P&L of the open positions at their marks, charges so far included, paise.
    """

    realised: Paise
    open: Paise

    @property
    def net(self) -> Paise:
        """Realised and open P&L together, paise."""
        return self.realised + self.open

    def verdict(self, parameters: Parameters) -> str:
        """Return ``daily_target`` or ``daily_stop`` when the day is decided, else ``""``."""
        if self.net >= parameters.daily_target_r * parameters.r_value:
            return "daily_target"
        if self.net <= parameters.daily_stop_r * parameters.r_value:
            return "daily_stop"
        return ""


class OpenPnl:
    """The open positions' P&L, kept up one position at a time.

    Attributes:
        total: P&L at the last marks, the charges of opening and closing included, paise.
    """

    def __init__(self, charge: Charge) -> None:
        self.total: Paise = 0
        self._charge = charge
        self._by_symbol: dict[str, Paise] = {}

    def mark(self, position: Position, price: Paise) -> None:
        """Mark *position* at *price*, what it would cost to close it, paise per unit."""
        now = self.at(position, price)
        self.total += now - self._by_symbol.get(position.symbol, 0)
        self._by_symbol[position.symbol] = now

    def drop(self, symbol: str) -> None:
        """Forget a position that is closed."""
        self.total -= self._by_symbol.pop(symbol, 0)

    def at(self, position: Position, price: Paise) -> Paise:
        """Return the P&L of *position* closed at *price*, all its charges included, paise."""
        return position.pnl_at(price) - charges_at(price, position, self._charge)
