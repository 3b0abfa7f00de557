"""A client's cash at the simulated broker: what is blocked, what is free, whom that turns away.

Rules of this file:

1. Open positions block the margin of all of them together (``risk/margin``), at the index as it
   stands now; bought ones have cost their premium.
2. Each resting order that would open a short blocks its full margin alone, as brokers do who
   collect it upfront: two candidate entries block two margins. One that would open a long blocks
   its premium.
3. An order that reduces a position blocks nothing and is never turned away, but the same units
   are reduced only once: a second exit looks like a new position. A change that adds units is
   asked for the margin of these, and blocks it when it arrives.
4. Free is what the day started with and what was realised, less what is blocked. Premiums that
   were received are not counted as cash: the margin holds them.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise, rupees
from swingbreak.risk.margin import Leg, Margin, MarginModel
from swingbreak.simulation.holding import Holding, Unmatched, holdings
from swingbreak.simulation.venue import Books, NewOrder, PriceType, VenueOrder

__all__ = ["CAPITAL", "Cash", "Market"]

# Rs 1.5 crore. Five positions of ten lots of NIFTY at 26,000, a little in the money and with the
# headroom of the last entry, need Rs 0.9 crore, 1.2 on their day of expiry, and 1.4 once an India
# VIX of 26 has widened the scan range by half.
CAPITAL: Paise = 1_50_00_000_00


class Market(NamedTuple):
    """What margin depends on besides the position.

    Attributes:
        spot: Gives the index at an instant, paise.
        price: Gives an option's last price, paise.
        volatility: Of the index, a fraction a year; the same all day.
    """

    spot: Callable[[datetime], Paise]
    price: Callable[[str], Paise]
    volatility: float


class Cash:
    """The account of one client for one day.

    Args:
        books: The venue's.
        contracts: Every option that may be held.
        model: The estimate that stands for the clearing house.
        market: What is known of prices.
        capital: What the day starts with, paise.
    """

    def __init__(
        self,
        books: Books,
        contracts: Iterable[OptionContract],
        model: MarginModel,
        market: Market,
        capital: Paise = CAPITAL,
    ) -> None:
        self._books = books
        self._contracts = {contract.symbol: contract for contract in contracts}
        self._model = model
        self._market = market
        self._capital = capital
        # the index and our orders when it was last asked what is blocked, and the answer
        self._asked: tuple[Paise, tuple[VenueOrder, ...]] = (0, ())
        self._answer: Paise = 0
        self._folded: tuple[int, list[Holding]] = (0, [])  # what so many trades came to

    def required(self, at: datetime, legs: Iterable[tuple[str, int]]) -> Margin:
        """Return the margin of *legs*, symbols and signed units, held together and alone."""
        options = [Leg(self._contracts[symbol], quantity) for symbol, quantity in legs]
        return self._model.required(options, self._market.spot(at), self._market.volatility)

    def blocked(self, at: datetime) -> Paise:
        """Return what positions and resting orders block, paise."""
        return self._blocked(at, self._held())

    def available(self, at: datetime) -> Paise:
        """Return what is free, paise; negative once the market has gone too far against us."""
        return self.balance(at)[0]

    def balance(self, at: datetime) -> tuple[Paise, Paise]:
        """Return what is free and what is blocked, paise."""
        held = self._held()
        blocked = self._blocked(at, held)
        return self._owned(held) - blocked, blocked

    def refusal(self, at: datetime, new: NewOrder) -> str:
        """Return why *new* cannot be paid for, in a broker's words; empty where it can."""
        held = self._held()
        unmatched = Unmatched(held)
        for order in self._books.orders():
            if order.status.is_live:
                unmatched.opening(order.symbol, order.product, order.side, order.pending)
        units = unmatched.opening(new.symbol, new.product, new.side, new.quantity)
        need = self._order_margin(at, new.symbol, units, self._basis(new))
        if not need or need <= (free := self._owned(held) - self._blocked(at, held)):
            return ""
        return (
            f"Insufficient funds. Required margin is {rupees(need)} but available margin is "
            f"{rupees(free)}. Check the orderbook for open orders."
        )

    def _held(self) -> list[Holding]:
        count = len(self._books.trades())
        if count != self._folded[0]:
            self._folded = count, holdings(self._books)
        return self._folded[1]

    def _owned(self, held: list[Holding]) -> Paise:
        return self._capital + round(sum(one.realised for one in held))

    def _blocked(self, at: datetime, held: list[Holding]) -> Paise:
        # an entry is judged twice at once: before it leaves, and at the broker's door
        asked = self._market.spot(at), self._books.orders()
        if asked != self._asked:
            self._asked, self._answer = asked, self._reckoned(at, held)
        return self._answer

    def _reckoned(self, at: datetime, held: list[Holding]) -> Paise:
        paid = sum(one.quantity * one.average for one in held if one.quantity > 0)
        margin = self.required(at, ((one.symbol, one.quantity) for one in held)).total
        unmatched = Unmatched(held)
        live = [order for order in self._books.orders() if order.status.is_live]
        resting = sum(self._resting_margin(at, order, unmatched) for order in live)
        return round(paid) + margin + resting

    def _resting_margin(self, at: datetime, order: VenueOrder, unmatched: Unmatched) -> Paise:
        units = unmatched.opening(order.symbol, order.product, order.side, order.pending)
        return self._order_margin(at, order.symbol, units, order.price or order.trigger)

    def _order_margin(self, at: datetime, symbol: str, units: int, price: Paise) -> Paise:
        return units * price if units >= 0 else self.required(at, ((symbol, units),)).total

    def _basis(self, new: NewOrder) -> Paise:
        if new.pricetype is PriceType.MARKET:
            return self._market.price(new.symbol)
        return new.price or new.trigger
