"""What was traded today by symbol and product, at average cost, folded from a venue's books."""

from collections.abc import Iterable
from dataclasses import dataclass

from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.simulation.venue import Books, VenueTrade

__all__ = ["Holding", "Unmatched", "holdings"]


@dataclass(slots=True)
class Holding:
    """One symbol and product, at average cost.

    Attributes:
        quantity: Signed units.
        average: What the open units cost each, paise.
        realised: P&L of what was closed, paise.
    """

    symbol: str
    product: str
    quantity: int = 0
    average: float = 0.0
    realised: float = 0.0

    def take(self, trade: VenueTrade) -> None:
        """Book *trade*."""
        units = trade.quantity if trade.side is Side.BUY else -trade.quantity
        if self.quantity * units < 0:
            units = self._close(units, trade.price)
        if units:
            cost = self.average * self.quantity + trade.price * units
            self.quantity += units
            self.average = cost / self.quantity

    def _close(self, units: int, price: Paise) -> int:
        """Close against *units*; return those left over for the other side."""
        closed = min(abs(units), abs(self.quantity))
        sign = 1 if self.quantity > 0 else -1
        self.realised += sign * closed * (price - self.average)
        self.quantity -= sign * closed
        if not self.quantity:
            self.average = 0.0
        return units + sign * closed

    def open_pnl(self, last: Paise) -> float:
        """Return the P&L of the open units at *last*, paise."""
        return self.quantity * (last - self.average)


def holdings(books: Books) -> list[Holding]:
    """Return what was traded today, in order of the first trade; flat ones stay."""
    products = {order.orderid: order.product for order in books.orders()}
    rows: dict[tuple[str, str], Holding] = {}
    for trade in books.trades():
        key = (trade.symbol, products[trade.orderid])
        rows.setdefault(key, Holding(*key)).take(trade)
    return list(rows.values())


class Unmatched:
    """Positions, less the units that orders have been found to reduce: each unit only once."""

    def __init__(self, held: Iterable[Holding]) -> None:
        self._units = {(one.symbol, one.product): one.quantity for one in held}

    def opening(self, symbol: str, product: str, side: Side, units: int) -> int:
        """Take an order's *units*; return those, signed, that would open a position."""
        sign = 1 if side is Side.BUY else -1
        held = self._units.get((symbol, product), 0)
        reducing = min(units, max(0, -sign * held))
        self._units[symbol, product] = held + sign * reducing
        return sign * (units - reducing)
