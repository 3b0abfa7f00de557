"""What one tick offers to our orders, and how much of it they have already had.

Rules of this file:

1. No order trades worse than its limit.
2. A displayed unit, and a unit that traded, fills one of our orders once; only the symbol's next
   tick brings new ones. Our own orders never trade with each other.
3. An order that comes to the book takes the displayed levels at their prices, best first.
4. An order that rests gives its own price: to what is displayed at or through its limit, and to
   what traded strictly through it. A trade at the limit is somebody else's: we stand last in line.
5. Where a quote has no size, or a tick no volume, there is no such bound on the quantity.
6. Where neither bid nor ask is known, an order that comes takes the last price.
"""

from collections.abc import Iterator

from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.simulation.book import ladder
from swingbreak.simulation.register import Fill
from swingbreak.simulation.venue import Way

__all__ = ["UNBOUNDED", "Liquidity", "reached", "within"]

UNBOUNDED = 1 << 62
_OTHER = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}


def within(side: Side, limit: Paise, price: Paise) -> bool:
    """Whether an order may trade at *price*."""
    return price <= limit if side is Side.BUY else price >= limit


def reached(side: Side, trigger: Paise, price: Paise) -> bool:
    """Whether a print at *price* sets off a stop."""
    return price >= trigger if side is Side.BUY else price <= trigger


class Liquidity:
    """The offer of one tick, less what has been taken of it."""

    def __init__(self, tick: Tick, traded: int = 0) -> None:
        """Start from *tick*, with which *traded* units have changed hands."""
        self.tick = tick
        self._traded = traded
        self._left: dict[Side, list[tuple[Paise, int]]] = {}

    def take(self, side: Side, limit: Paise, quantity: int) -> list[Fill]:
        """Return the fills of an order that comes to the book, at displayed prices."""
        return list(self._walk(side, limit, quantity))

    def meet(self, side: Side, limit: Paise, quantity: int) -> list[Fill]:
        """Return the fill of an order that was resting when the tick came, at its limit."""
        passed = self._passed(side, limit, quantity)
        shown = 0
        if self.tick.bid or self.tick.ask:
            shown = sum(fill.quantity for fill in self._walk(side, limit, quantity - passed))
        return [Fill(passed + shown, limit, Way.RESTED)] if passed or shown else []

    def _passed(self, side: Side, limit: Paise, quantity: int) -> int:
        price = self.tick.price
        if price == limit or not within(side, limit, price):
            return 0
        units = min(quantity, self._traded)
        self._traded -= units
        return units

    def _walk(self, side: Side, limit: Paise, quantity: int) -> Iterator[Fill]:
        levels = self._levels(side)
        while quantity and levels and within(side, limit, levels[0][0]):
            price, left = levels[0]
            units = min(quantity, left)
            quantity -= units
            if units == left:
                del levels[0]
            else:
                levels[0] = (price, left - units)
            yield Fill(units, price, Way.BOOK, self.tick.price)

    def _levels(self, side: Side) -> list[tuple[Paise, int]]:
        """Return what is left for an order of *side*, best first."""
        if side not in self._left:
            tick = self.tick
            known = ladder(tick, _OTHER[side]) if tick.bid or tick.ask else ((tick.price, 0),)
            self._left[side] = [(price, size or UNBOUNDED) for price, size in known if price]
        return self._left[side]
