"""When and at what price OpenAlgo's analyzer fills. The rules are those of ``sandbox.py``."""

from dataclasses import replace
from datetime import datetime

from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.simulation.liquidity import reached, within
from swingbreak.simulation.register import Fill, Register
from swingbreak.simulation.venue import NewOrder, OrderUpdate, PriceType, VenueOrder, VenueStatus

__all__ = ["SQUARE_OFF_STRATEGY", "Analyzer"]

SQUARE_OFF_STRATEGY = "AUTO_SQUARE_OFF"


class Analyzer:
    """The analyzer's execution engine.

    Attributes:
        last: The latest tick of each symbol.
    """

    def __init__(self, register: Register) -> None:
        self.last: dict[str, Tick] = {}
        self._register = register
        self._live: dict[str, list[str]] = {}

    @property
    def has_orders(self) -> bool:
        """Whether any order may be live."""
        return any(self._live.values())

    def place(self, at: datetime, new: NewOrder) -> list[OrderUpdate]:
        """Take *new* and fill it where it can be filled at once; its own row comes first."""
        tick = self.last.get(new.symbol)
        if new.pricetype is PriceType.MARKET:
            new = replace(new, price=tick.price if tick else 0)
        waits = new.pricetype.is_stop and not (tick and reached(new.side, new.trigger, tick.price))
        status = VenueStatus.TRIGGER_PENDING if waits else VenueStatus.OPEN
        entered = self._register.enter(at, new, status)
        self._live.setdefault(new.symbol, []).append(entered.order.orderid)
        price = _price_at_once(entered.order, tick) if tick else 0
        return [entered, *self._fill(at, entered.order, price)]

    def evaluate(self, at: datetime, symbol: str) -> list[OrderUpdate]:
        """Test the live orders of *symbol* against its last price."""
        tick = self.last.get(symbol)
        orders = [self._register[orderid] for orderid in self._live.get(symbol, ())]
        live = [order for order in orders if order.status.is_live]
        self._live[symbol] = [order.orderid for order in live]
        if tick is None:
            return []
        return [update for order in live for update in self._test(at, order, tick.price)]

    def evaluate_all(self, at: datetime) -> list[OrderUpdate]:
        """Test every live order."""
        return [update for symbol in list(self._live) for update in self.evaluate(at, symbol)]

    def cancel(self, at: datetime, order: VenueOrder) -> OrderUpdate:
        """Take *order* off."""
        return self._register.put(at, replace(order, status=VenueStatus.CANCELLED))

    def square_off(self, at: datetime) -> list[OrderUpdate]:
        """Cancel what is live and close what is open in MIS."""
        rows = [order for order in self._register.orders() if order.product == "MIS"]
        updates = [self.cancel(at, order) for order in rows if order.status.is_live]
        for (symbol, product), position in self._register.positions().items():
            if product == "MIS" and position.quantity:
                side = Side.SELL if position.quantity > 0 else Side.BUY
                closing = NewOrder(
                    symbol=symbol,
                    side=side,
                    quantity=abs(position.quantity),
                    pricetype=PriceType.MARKET,
                    price=0,
                    trigger=0,
                    product=product,
                    strategy=SQUARE_OFF_STRATEGY,
                )
                updates += self.place(at, closing)
        return updates

    def _test(self, at: datetime, order: VenueOrder, last: Paise) -> list[OrderUpdate]:
        if price := _price(order, last, order.price):
            return self._fill(at, order, price)
        waits = order.status is VenueStatus.TRIGGER_PENDING
        if waits and reached(order.side, order.trigger, last):
            return [self._register.put(at, replace(order, status=VenueStatus.OPEN))]
        return []

    def _fill(self, at: datetime, order: VenueOrder, price: Paise) -> list[OrderUpdate]:
        fill = Fill(order.quantity, price)
        return [self._register.trade(at, order, [fill])] if price else []


def _price_at_once(order: VenueOrder, tick: Tick) -> Paise:
    if order.pricetype is PriceType.MARKET:
        return (tick.ask if order.side is Side.BUY else tick.bid) or tick.price
    return _price(order, tick.price, tick.price)


def _price(order: VenueOrder, last: Paise, limit_price: Paise) -> Paise:
    """Return what *order* fills at now, 0 for nothing; *limit_price* is what a LIMIT gets."""
    triggered = not order.pricetype.is_stop or reached(order.side, order.trigger, last)
    bounded = order.pricetype in {PriceType.LIMIT, PriceType.SL}
    if not triggered or (bounded and not within(order.side, order.price, last)):
        return 0
    return limit_price if order.pricetype is PriceType.LIMIT else last
