"""Our orders paired with the gateway's: whose a piece of evidence is; pure.

Updates may come before the answer that names their order, and the answer may never come. An
update that may be ours is kept until its id is known.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from swingbreak.adapters.openalgo.books import (
    OrderBook,
    OrderTerms,
    OrderUpdate,
    TradeBook,
    terms_of,
)
from swingbreak.adapters.openalgo.tracking import Look, SentChange, TrackedOrder
from swingbreak.adapters.openalgo.unnamed import UnnamedOrder, UnnamedOrders
from swingbreak.domain.events import (
    OrderAccepted,
    OrderEvent,
    OrderFilled,
    OrderRejected,
    OrderUnconfirmed,
)
from swingbreak.domain.orders import Order, OrderStatus

__all__ = ["OrderRegistry"]

_EARLY: Final = 64  # updates kept of ids nobody has named: other people's orders come too


class OrderRegistry:
    """Every order of ours today.

    Attributes:
        orders: By our order id.
        paired: By the gateway's, where it is known.
        is_told: Whether the stream has shown that it tells of our orders.

    Args:
        product: Product every order of ours is placed in.
    """

    def __init__(self, product: str) -> None:
        self.orders: dict[str, TrackedOrder] = {}
        self.paired: dict[str, TrackedOrder] = {}
        self._product = product
        self._unnamed = UnnamedOrders()
        self._early: list[OrderUpdate] = []
        self._turned_up: set[str] = set()
        self.is_told = False
        self._is_hinted = False  # whether it told of one that may be ours, given up perhaps

    @property
    def needs_books(self) -> bool:
        """Whether something is open that only the books can settle.

        While the stream has yet to prove that it tells of our orders, a live one is.
        """
        return (
            self._unnamed.awaited
            or self._is_hinted
            or any(
                order.is_open or not (order.ended or self.is_told) for order in self.paired.values()
            )
        )

    @property
    def without_triggers(self) -> str:
        """What became of an order that lost its trigger on the way; empty while none has."""
        lost = (order.read_back for order in self.paired.values() if order.read_back.lost_trigger)
        return next((each.altered for each in lost), "")

    def sent(self, order_id: str, terms: OrderTerms, at: datetime, last_book: int) -> None:
        """Note that a new order is being sent; *last_book* is the last one read to its end."""
        order = self.orders[order_id] = TrackedOrder(order_id, terms)
        self._unnamed.add(UnnamedOrder(order, at, last_book))

    def accepted(self, order_id: str, broker_order_id: str, look: Look) -> list[OrderEvent]:
        """Return what follows from the gateway's yes, updates that outran it included."""
        lost = self._unnamed.take(order_id)
        order = self.paired[broker_order_id] = lost.order
        order.broker_order_id = broker_order_id
        events: list[OrderEvent] = []
        if lost.given_up:
            self._turned_up.add(broker_order_id)
        else:
            events.append(OrderAccepted(look.at, order_id, broker_order_id))
        early, self._early = self._early, []
        self._is_hinted = False
        for seen in early:
            if seen.broker_order_id == broker_order_id:
                self.is_told = True
                events += order.learn(seen, look)
            else:
                self._early.append(seen)
                self._is_hinted = True
        return events

    def refused(self, order_id: str, reason: str, at: datetime, *, sent: bool) -> list[OrderEvent]:
        """Return what follows from the gateway's no, or from not having reached it."""
        refused = self._unnamed.refuse(order_id, at) if sent else self._unnamed.take(order_id)
        refused.order.ended = True
        return [OrderRejected(at, order_id, reason, sent)]

    def lost(self, order_id: str, look: Look) -> list[OrderEvent]:
        """Return what follows from an answer that settles nothing."""
        self._unnamed.lost(order_id, look.number)
        return [OrderUnconfirmed(look.at, order_id)]

    def adopt(
        self,
        order: Order,
        sent_at: datetime,
        at: datetime,
        *,
        given_up: bool = False,
        row: str = "",
    ) -> None:
        """Take over *order* from the ledger; the next books say what has become of it.

        Args:
            order: As the ledger leaves it.
            sent_at: When it was decided.
            at: Now.
            given_up: Whether it was told to be rejected without proof: it may turn up yet.
            row: The gateway's id of one that has turned up since, and traded.
        """
        tracked = self.orders[order.order_id] = _recalled(order, self._product, at)
        tracked.broker_order_id = tracked.broker_order_id or row
        if tracked.broker_order_id:
            self.paired[tracked.broker_order_id] = tracked
            if given_up:
                self._turned_up.add(tracked.broker_order_id)
            return
        self._unnamed.add(
            UnnamedOrder(
                tracked,
                sent_at,
                after_book=0,
                lost_at_book=0,
                given_up=given_up,
                may_be_unsent=order.status is OrderStatus.SUBMITTED,
            )
        )
        if not order.status.is_live and not given_up:
            self._unnamed.refuse(order.order_id, sent_at)

    def updated(self, seen: OrderUpdate, look: Look) -> list[OrderEvent] | None:
        """Return what an update of the stream adds; ``None`` where it cannot be about ours.

        One that may yet be ours is kept.
        """
        order = self.paired.get(seen.broker_order_id)
        if order is not None:
            self.is_told = True
            return order.learn(seen, look)
        if self._unnamed.may_own(seen):
            self._early = [*self._early, seen][-_EARLY:]
            self._is_hinted = True
            return []
        return None

    def unwanted(self, book: OrderBook) -> list[str]:
        """Return the gateway's ids of orders that *book* shows working and that must not.

        They were given up, or the gateway has altered them.
        """
        unwelcome = {number for number, order in self.paired.items() if order.is_unwelcome}
        return [
            seen.broker_order_id
            for seen in book.orders
            if seen.broker_order_id in self._turned_up | unwelcome and not seen.state.is_over
        ]

    def read(self, book: OrderBook, trades: TradeBook, look: Look) -> list[OrderEvent]:
        """Return what both books add."""
        events: list[OrderEvent] = []
        self._is_hinted = False
        known = frozenset(self.paired)
        foreign = [seen for seen in book.orders if seen.broker_order_id not in self.paired]
        unclaimed = OrderBook(tuple(foreign), book.dropped)
        for lost, seen in self._unnamed.found_in(unclaimed, look):
            events += self.accepted(lost.order.order_id, seen.broker_order_id, look)
        rows = {seen.broker_order_id: seen for seen in book.orders}
        # a trade that could not be read leaves every doubt in place
        counted = replace(look, number=0) if trades.dropped else look
        for broker_order_id, order in self.paired.items():
            untold = order.account(trades.of(broker_order_id), counted)
            if any(isinstance(event, OrderFilled) for event in untold):
                self.is_told = False  # the stream missed a fill, or is late
            events += untold
            if broker_order_id in rows:
                events += order.learn(rows[broker_order_id], look)
        # a book without an order that we know of is not whole, so what else it lacks may be there
        if not book.dropped and rows.keys() >= known:
            events += [
                _given_up(lost, look.at) for lost in self._unnamed.missing_from(unclaimed, look)
            ]
        self._unnamed.remember(book, look)
        return events


def _given_up(lost: UnnamedOrder, at: datetime) -> OrderRejected:
    why = "never sent: " if lost.may_be_unsent else ""
    sent = not lost.may_be_unsent
    return OrderRejected(at, lost.order.order_id, f"{why}not in the order book", sent, proof=False)


def _recalled(order: Order, product: str, at: datetime) -> TrackedOrder:
    tracked = TrackedOrder(
        order.order_id,
        terms_of(order.intent, product),
        order.broker_order_id,
        filled=order.filled,
        value=order.value,
        ended=not order.status.is_live,
        doubt=0,
    )
    if order.status is OrderStatus.PENDING_CANCEL:
        tracked.cancel_at = at
    if order.replacement is not None:
        terms = terms_of(order.replacement, product)
        tracked.change = SentChange(terms, at, judge_from=0, is_recalled=True)
    return tracked
