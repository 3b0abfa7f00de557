"""What every endpoint works on: the market, the account and the mode."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.gateway.account import Account
from swingbreak.gateway.envelope import Refused, Reply
from swingbreak.gateway.floor import Floor, Happening
from swingbreak.gateway.instruments import Instrument, Instruments
from swingbreak.gateway.personality import Personality
from swingbreak.gateway.quirks import PLAIN, Quirks
from swingbreak.gateway.quotes import Quote
from swingbreak.ports import DayTape
from swingbreak.simulation.venue import NewOrder, OrderUpdate, PriceType, VenueOrder

__all__ = ["Desk"]


@dataclass(slots=True)
class Desk:
    """Behind the endpoints.

    Attributes:
        key: The key that opens them.
        now: Brings the floor up to date and returns market time.
        tell: Sends clients what happened, before the request that caused it is answered.
        analyzing: Whether it answers as OpenAlgo's analyzer (paper), else as live trading. There
            is one account: the mode changes the shape of answers, not where orders go.
        calls: Requests logged by the analyzer.
        quirks: What the broker behind does differently.
    """

    key: str
    tape: DayTape
    floor: Floor
    instruments: Instruments
    personality: Personality
    account: Account
    now: Callable[[], datetime]
    tell: Callable[[Iterable[Happening]], None]
    analyzing: bool = True
    calls: int = 0
    quirks: Quirks = PLAIN

    @property
    def mode(self) -> str:
        """The mode in OpenAlgo's words."""
        return "analyze" if self.analyzing else "live"

    def success(self, **fields: Any) -> Reply:
        """Return a success that tells the mode, as OpenAlgo does only in analyze mode."""
        mode = {"mode": "analyze"} if self.analyzing else {}
        return Reply({"status": "success", **fields, **mode})

    def marked(self, refused: Refused) -> Refused:
        """Return *refused* with the mode in its body, as far as OpenAlgo tells it."""
        body = refused.reply.body
        if not self.analyzing or not isinstance(body, dict):
            return refused
        return Refused(replace(refused.reply, body=body | {"mode": "analyze"}))

    def quote(self, instrument: Instrument) -> Quote:
        """Return what the market of *instrument* looks like now."""
        self.now()
        return self.floor.quotes[instrument.symbol]

    def bars(self, instrument: Instrument) -> list[Bar]:
        """Return the minutes of *instrument* so far; the last one may be forming."""
        self.now()
        return self.floor.quotes.bars(instrument.symbol)

    @property
    def spot(self) -> Paise:
        """The last price of the index."""
        return self.quote(self.instruments.spot).price

    def submit(self, new: NewOrder) -> VenueOrder:
        """Send *new* to the venue and tell clients what came of it.

        Raises:
            OrderRefused: The venue turned it away; there is no order.
        """
        order, updates = self.floor.venue.submit(self.now(), new)
        return self._told(order, updates)

    def modify(
        self, orderid: str, quantity: int, price: Paise, trigger: Paise, pricetype: PriceType
    ) -> VenueOrder:
        """Send new terms of an order; *quantity* is its new total.

        Raises:
            OrderRefused: The venue turned them away.
        """
        terms = {"quantity": quantity, "price": price, "trigger": trigger}
        order, updates = self.floor.venue.modify(self.now(), orderid, **terms, pricetype=pricetype)
        return self._told(order, updates)

    def cancel(self, orderid: str) -> VenueOrder:
        """Send the wish to cancel an order.

        Raises:
            OrderRefused: The venue turned it away.
        """
        order, updates = self.floor.venue.cancel(self.now(), orderid)
        return self._told(order, updates)

    def _told(self, order: VenueOrder, updates: list[OrderUpdate]) -> VenueOrder:
        self.tell(updates)
        return order
