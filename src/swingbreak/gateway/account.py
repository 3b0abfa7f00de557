"""The account: positions by average cost, margin and cash, all made from the venue's books."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from swingbreak.domain.money import Paise
from swingbreak.risk.margin import Margin
from swingbreak.simulation.cash import Cash
from swingbreak.simulation.holding import Holding, holdings
from swingbreak.simulation.venue import Books, NewOrder

__all__ = ["Account", "Funds"]


class Funds(Protocol):
    """How a broker counts money."""

    def blocked(self, at: datetime) -> Paise:
        """Return what positions and resting orders block, paise."""

    def available(self, at: datetime) -> Paise:
        """Return what is free, paise."""

    def refusal(self, at: datetime, new: NewOrder) -> str:
        """Return why *new* cannot be paid for; empty where it can."""


@dataclass(frozen=True, slots=True)
class Account:
    """The money side of a venue's books.

    Attributes:
        funds: What is blocked and free as the personality counts it.
        broker: The live broker behind, whom the margin of a basket is always asked.
        price: The last price of a symbol, paise.
        now: Market time.
    """

    books: Books
    funds: Funds
    broker: Cash
    price: Callable[[str], Paise]
    now: Callable[[], datetime]

    def holdings(self) -> list[Holding]:
        """Return what was traded today by symbol and product, in order of the first trade."""
        return holdings(self.books)

    def realised(self) -> float:
        """Return the P&L of everything closed today, paise."""
        return sum(holding.realised for holding in self.holdings())

    def open_pnl(self) -> float:
        """Return the P&L of everything open at last prices, paise."""
        return sum(one.open_pnl(self.price(one.symbol)) for one in self.holdings())

    def blocked(self) -> Paise:
        """Return the margin of open positions and working orders, paise."""
        return self.funds.blocked(self.now())

    def available(self) -> Paise:
        """Return cash that is free, paise."""
        return self.funds.available(self.now())

    def required(self, legs: Iterable[tuple[str, int]]) -> Margin:
        """Return the margin of *legs*, symbols and signed units, held together and alone."""
        return self.broker.required(self.now(), legs)
