"""What is so, by the exchange's own books: whose orders are there, what is held, what it cost.

The program cannot see any of this but through the link.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.faults.requests import Requests
from swingbreak.faults.venue import WilfulVenue
from swingbreak.market.offers import offer
from swingbreak.simulation.venue import VenueOrder

__all__ = ["Truth"]


class Truth:
    """The books, with the program's own order ids.

    Attributes:
        placed: The venue's ids of the orders that each of ours became.
        held: Signed units by symbol, ours alone.
        sold: What ours were sold for, paise.
        bought: What ours were bought for, paise.
        filled: Units traded by our order id.
        requests: Whose each request is.
    """

    def __init__(self, venue: WilfulVenue) -> None:
        self.placed: defaultdict[str, list[str]] = defaultdict(list)
        self.held: Counter[str] = Counter()
        self.sold: Paise = 0
        self.bought: Paise = 0
        self.filled: Counter[str] = Counter()
        self.value: Counter[str] = Counter()
        self.requests = Requests()
        self._venue = venue
        self._ours: dict[str, str] = {}
        self._read = 0
        self._live: dict[str, str] = {}

    def place(self, sent_as: str, broker_order_id: str) -> None:
        """Note that the request sent as our order *sent_as* became one of the venue's."""
        order_id = self.requests.meant(sent_as)
        self.placed[order_id].append(broker_order_id)
        self._ours[broker_order_id] = order_id
        self._live[broker_order_id] = order_id

    def owner(self, broker_order_id: str) -> str:
        """Return our id of the order that the venue calls *broker_order_id*; empty for none."""
        return self._ours.get(broker_order_id, "")

    def swap(self, one: str, other: str) -> None:
        """Let two of ours with the same terms, and answers that were lost, have each other's.

        What one of them was sent as may be on its way still: it is the other's from now on.
        """
        self.read()
        self.requests.swap(one, other)
        placed, filled, value = self.placed, self.filled, self.value
        placed[one], placed[other] = placed[other], placed[one]
        filled[one], filled[other] = filled[other], filled[one]
        value[one], value[other] = value[other], value[one]
        for order_id in (one, other):
            for broker_order_id in self.placed[order_id]:
                self._ours[broker_order_id] = order_id
                if broker_order_id in self._live:
                    self._live[broker_order_id] = order_id

    def read(self) -> None:
        """Take in the trades made since the last time."""
        trades = self._venue.trades()
        for trade in trades[self._read :]:
            order_id = self._ours.get(trade.orderid)
            if order_id is None:
                if trade.orderid in self._venue.foreign:
                    continue
                return  # it is not named yet: the answer to its request is being made
            worth = trade.quantity * trade.price
            if trade.side is Side.BUY:
                self.held[trade.symbol] += trade.quantity
                self.bought += worth
            else:
                self.held[trade.symbol] -= trade.quantity
                self.sold += worth
            self.filled[order_id] += trade.quantity
            self.value[order_id] += worth
            self._read += 1
        self._read = len(trades)

    @property
    def cash(self) -> Paise:
        """What ours have brought in, paise."""
        return self.sold - self.bought

    def offer(self, symbol: str) -> Paise:
        """Return what a unit of *symbol* could be bought at now, paise."""
        last = self._venue.last(symbol)
        return (offer(last.price, last.ask) or last.price) if last is not None else 0

    @property
    def shared(self) -> bool:
        """Whether people have traded in the account as well."""
        return bool(self._venue.foreign)

    def account(self, symbol: str) -> int:
        """Return the signed units of *symbol* that the account holds, whoever traded them."""
        if not self.shared:
            return self.held[symbol]
        position = self._venue.net().get(symbol)
        return position.quantity if position is not None else 0

    def live(self) -> Iterator[tuple[str, VenueOrder]]:
        """Yield our order id and the venue's order of each that may still trade."""
        for broker_order_id, order_id in [*self._live.items()]:
            order = self._venue.order(broker_order_id)
            if order is None or not order.status.is_live:
                del self._live[broker_order_id]
            else:
                yield order_id, order
