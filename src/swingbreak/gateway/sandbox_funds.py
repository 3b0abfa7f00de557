"""Cash as OpenAlgo's analyzer counts it: a short option blocks no more than its premium.

Source: OpenAlgo 2.0.2.1, measured 2026-11-22. Its defects, margin that resting orders lose with
every fill and results that are not credited, are not reproduced.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from swingbreak.domain.money import Paise, rupees
from swingbreak.simulation.holding import Unmatched, holdings
from swingbreak.simulation.venue import Books, NewOrder, PriceType, VenueOrder

__all__ = ["SandboxFunds"]


@dataclass(frozen=True, slots=True)
class SandboxFunds:
    """Margin is quantity times price, whichever side.

    Attributes:
        capital: What the day starts with, paise.
        price: The last price of a symbol, paise.
    """

    books: Books
    capital: Paise
    price: Callable[[str], Paise]

    def blocked(self, _at: datetime) -> Paise:
        """Return the worth of open positions and working orders, paise."""
        held = holdings(self.books)
        positions = sum(abs(one.quantity) * one.average for one in held)
        unmatched = Unmatched(held)
        live = [order for order in self.books.orders() if order.status.is_live]
        return round(positions) + sum(_resting(order, unmatched) for order in live)

    def available(self, at: datetime) -> Paise:
        """Return what is free, paise."""
        realised = sum(one.realised for one in holdings(self.books))
        return self.capital + round(realised) - self.blocked(at)

    def refusal(self, at: datetime, new: NewOrder) -> str:
        """Return why *new* cannot be paid for, in the analyzer's words; empty where it can."""
        unmatched = Unmatched(holdings(self.books))
        units = unmatched.opening(new.symbol, new.product, new.side, new.quantity)
        need = abs(units) * self._basis(new)
        if not need or need <= (free := self.available(at)):
            return ""
        rupee = "\N{INDIAN RUPEE SIGN}"
        return (
            f"Insufficient funds. Required: {rupee}{need / 100}, Available: {rupee}{rupees(free)}, "
            f"Shortage: {rupee}{rupees(need - free)}"
        )

    def _basis(self, new: NewOrder) -> Paise:
        if new.pricetype is PriceType.MARKET:
            return self.price(new.symbol)
        return new.trigger if new.pricetype.is_stop else new.price


def _resting(order: VenueOrder, unmatched: Unmatched) -> Paise:
    units = unmatched.opening(order.symbol, order.product, order.side, order.pending)
    return abs(units) * (order.price or order.trigger)
