"""The account: positions by average cost, margin and cash, all made from the venue's books."""

from collections.abc import Callable
from dataclasses import dataclass

from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.gateway.personality import Personality
from swingbreak.simulation.venue import Books, NewOrder, PriceType, VenueOrder, VenueTrade

__all__ = ["Account", "Holding"]

_WHOLE_BP = 10_000


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


@dataclass(frozen=True, slots=True)
class Account:
    """The money side of a venue's books.

    Attributes:
        price: The last price of a symbol, paise.
        spot: The last price of the index, paise.
    """

    books: Books
    personality: Personality
    price: Callable[[str], Paise]
    spot: Callable[[], Paise]

    def holdings(self) -> list[Holding]:
        """Return what was traded today by symbol and product, in order of the first trade."""
        products = {order.orderid: order.product for order in self.books.orders()}
        rows: dict[tuple[str, str], Holding] = {}
        for trade in self.books.trades():
            key = (trade.symbol, products[trade.orderid])
            rows.setdefault(key, Holding(*key)).take(trade)
        return list(rows.values())

    def realised(self) -> float:
        """Return the P&L of everything closed today, paise."""
        return sum(holding.realised for holding in self.holdings())

    def open_pnl(self) -> float:
        """Return the P&L of everything open at last prices, paise."""
        return sum(one.open_pnl(self.price(one.symbol)) for one in self.holdings())

    def blocked(self) -> int:
        """Return the margin of open positions and working orders, paise."""
        held = self.holdings()
        positions = sum(self._margin(one.quantity, one.average) for one in held)
        free = {(one.symbol, one.product): one.quantity for one in held}
        orders = (order for order in self.books.orders() if order.status.is_live)
        return round(positions) + sum(self._order_margin(order, free) for order in orders)

    def available(self) -> int:
        """Return cash that is free, paise."""
        return self.personality.capital + round(self.realised()) - self.blocked()

    def lacks(self, new: NewOrder) -> tuple[int, int] | None:
        """Return margin required and cash available if *new* needs more than there is."""
        held = {(one.symbol, one.product): one.quantity for one in self.holdings()}
        need = self._new_margin(new, held.get((new.symbol, new.product), 0))
        available = self.available()
        return (need, available) if need > available else None

    def _order_margin(self, order: VenueOrder, free: dict[tuple[str, str], int]) -> int:
        key = (order.symbol, order.product)
        sign = 1 if order.side is Side.BUY else -1
        held = free.get(key, 0)
        # units that reduce a position need no margin, but only once
        reducing = min(order.pending, max(0, -sign * held))
        free[key] = held + sign * reducing
        return self._margin(sign * (order.pending - reducing), order.price or order.trigger)

    def _new_margin(self, new: NewOrder, held: int) -> int:
        sign = 1 if new.side is Side.BUY else -1
        opening = max(0, new.quantity - max(0, -sign * held))
        return self._margin(sign * opening, self._basis(new))

    def _basis(self, new: NewOrder) -> Paise:
        if new.pricetype is PriceType.MARKET:
            return self.price(new.symbol)
        return new.trigger if new.pricetype.is_stop else new.price

    def _margin(self, quantity: int, price: float) -> int:
        short_bp = self.personality.short_margin_bp
        if quantity < 0 and short_bp:
            return -quantity * self.spot() * short_bp // _WHOLE_BP
        return round(abs(quantity) * price)
