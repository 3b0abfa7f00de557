"""The exchange and the broker before it, who now and then act of their own accord.

Rules of this file:

1. What the books say is the truth of the day, whatever anybody is told of it.
2. Orders and trades made by hand are other people's: they are in the books and in ``foreign``.
"""

from datetime import datetime

from swingbreak.adapters.openalgo.books import Mode
from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.faults.weather import Weather
from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.tape import ArrayTape
from swingbreak.simulation.venue import (
    NewOrder,
    OrderUpdate,
    PriceType,
    VenueOrder,
    VenuePosition,
    VenueStatus,
)

__all__ = ["WilfulVenue"]

_PROMPT_MS = (30, 120)
_SLOW_MS = {Mode.LIVE: (400, 4000), Mode.ANALYZE: (200, 800)}  # a sandbox is never very slow
_LOT = 65
# In the field's wording. Sources: broker forums and OpenAlgo issues 1425 and 1574.
_REJECTIONS = {
    "reject.margin": "RMS:Margin Exceeds,Required:142710.5, Available:98211.0 for entity account",
    "reject.rms": "RMS:Rule: Check circuit limit including square off order exceeds for entity",
    "reject.at_exchange": "16284 : The order price is out of the execution range",
}
_PROTECTION = "17071 : The order price is out of the LPP range: cancelled by the exchange"
_BY_BROKER = "RMS:Auto Square Off Block: order cancelled"


class WilfulVenue:
    """An honest exchange that has weather; see ``Venue`` for the methods.

    Attributes:
        foreign: Ids of orders made by hand.
    """

    def __init__(self, tape: ArrayTape, seed: int, weather: Weather, mode: Mode) -> None:
        latency = _SLOW_MS[mode] if weather.has("exchange.slow") else _PROMPT_MS
        rules = ExchangeRules(seed=seed, latency_ms=latency, fault=self._rejection)
        self.foreign: set[str] = set()
        self._weather = weather
        self._exchange = exchange = Exchange(tape.contracts, tape.session, rules)
        self._resting: dict[str, VenueOrder] = {}  # waiting for their trigger
        if weather.has("exchange.slow"):
            weather.fired["exchange.slow"] += 1
        self._parts = weather.has("exchange.parts")
        self.orders = exchange.orders
        self.order = exchange.order
        self.trades = exchange.trades
        self.positions = exchange.positions
        self.next_due = exchange.next_due
        self.last = exchange.last
        self.recall = exchange.recall

    def submit(self, at: datetime, new: NewOrder) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take a new order."""
        order, updates = self._exchange.submit(at, new)
        return order, self._noted(updates)

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
        """Take a change of terms."""
        order, updates = self._exchange.modify(
            at, orderid, quantity=quantity, price=price, trigger=trigger, pricetype=pricetype
        )
        return order, self._noted(updates)

    def cancel(self, at: datetime, orderid: str) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take the wish to cancel."""
        order, updates = self._exchange.cancel(at, orderid)
        return order, self._noted(updates)

    def advance(self, at: datetime) -> list[OrderUpdate]:
        """Let time pass to *at*."""
        return self._noted(self._exchange.advance(at))

    def on_tick(self, tick: Tick) -> list[OrderUpdate]:
        """Learn *tick*; some of what rests on its symbol may be taken away first."""
        updates: list[OrderUpdate] = []
        for orderid, order in [*self._resting.items()]:
            if order.symbol == tick.symbol:
                updates += self._meddle(tick, orderid, order)
        if self._parts and tick.bid and self._weather.happens("exchange.parts"):
            tick = tick._replace(bid_size=_LOT, ask_size=_LOT)
        return updates + self._noted(self._exchange.on_tick(tick))

    def by_hand(self, at: datetime, new: NewOrder) -> list[OrderUpdate]:
        """Take an order that somebody places in the broker's own application."""
        order, updates = self.submit(at, new)
        self.foreign.add(order.orderid)
        return updates

    def _meddle(self, tick: Tick, orderid: str, order: VenueOrder) -> list[OrderUpdate]:
        at, weather = tick.at, self._weather
        buys = order.side is Side.BUY
        if buys and tick.price >= order.trigger and weather.happens("exchange.protection"):
            return self._expel(at, orderid, _PROTECTION)
        if not buys and weather.happens("broker.cancels_entry"):
            return self._expel(at, orderid, _BY_BROKER)
        if buys and weather.happens("broker.cancels_stop"):
            return self._expel(at, orderid, _BY_BROKER)
        if buys and weather.happens("broker.drops_stop"):
            self._expel(at, orderid, "")
        return []

    def _expel(self, at: datetime, orderid: str, why: str) -> list[OrderUpdate]:
        return self._noted(self._exchange.expel(at, orderid, VenueStatus.CANCELLED, why))

    def _rejection(self, new: NewOrder) -> str:
        del new
        happens = self._weather.happens
        return next((text for name, text in _REJECTIONS.items() if happens(name)), "")

    def _noted(self, updates: list[OrderUpdate]) -> list[OrderUpdate]:
        for update in updates:
            order = update.order
            if order.status is VenueStatus.TRIGGER_PENDING:
                self._resting[order.orderid] = order
            else:
                self._resting.pop(order.orderid, None)
        return updates

    def net(self) -> dict[str, VenuePosition]:
        """Return what is held by symbol in our product."""
        positions = self.positions()
        return {symbol: one for (symbol, product), one in positions.items() if product == "MIS"}
