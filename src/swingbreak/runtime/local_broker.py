"""A simulated venue called directly, with the outcomes as order events."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import assert_never

from swingbreak.domain.commands import CancelOrder, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.errors import OrderRefused
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderEvent,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
)
from swingbreak.domain.orders import OrderIntent
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.simulation.venue import (
    NewOrder,
    OrderUpdate,
    PriceType,
    Venue,
    VenueOrder,
    VenueStatus,
)

__all__ = ["LocalBroker"]


class LocalBroker:
    """Carries commands to a venue and says what became of them, as the wire's client does.

    Args:
        venue: Where orders go.
        check: Asked whether the account can carry an entry; without one every entry leaves.
    """

    def __init__(self, venue: Venue, check: LocalCheck | None = None) -> None:
        self._venue = venue
        self._check = check
        self._ours: dict[str, str] = {}  # venue's order id to ours
        self._theirs: dict[str, str] = {}
        self._known: dict[str, VenueOrder] = {}
        self._changing: dict[str, NewOrder] = {}

    def execute(self, at: datetime, command: OrderCommand) -> Iterator[OrderEvent]:
        """Carry out *command* at *at*; yield what is known of it at once."""
        if self._check is not None and (held_back := self._check.refusal(at, command)):
            yield held_back
            return
        for event in self._execute(at, command):
            self._hear(event)
            yield event

    def learn(self, at: datetime, updates: Iterable[OrderUpdate]) -> Iterator[OrderEvent]:
        """Yield what *updates* say that was not known."""
        for event in self._learn(at, updates):
            self._hear(event)
            yield event

    def _hear(self, event: OrderEvent) -> None:
        if self._check is not None:
            self._check.heard(event)

    def _execute(self, at: datetime, command: OrderCommand) -> Iterator[OrderEvent]:
        try:
            order, updates = self._send(at, command)
        except OrderRefused as error:
            yield self._refused(at, command, str(error))
            return
        if isinstance(command, SubmitOrder):
            self._ours[order.orderid] = command.order_id
            self._theirs[command.order_id] = order.orderid
            yield OrderAccepted(at, command.order_id, order.orderid)
        yield from self._learn(at, updates)

    def _learn(self, at: datetime, updates: Iterable[OrderUpdate]) -> Iterator[OrderEvent]:
        for update in updates:
            order = update.order
            if order.orderid not in self._ours:
                continue  # the venue's own, such as the sandbox's square-off
            before = self._known.get(order.orderid)
            self._known[order.orderid] = order
            yield from self._news(at, self._ours[order.orderid], before, order)

    def _send(self, at: datetime, command: OrderCommand) -> tuple[VenueOrder, list[OrderUpdate]]:
        match command:
            case SubmitOrder(_, intent):
                return self._venue.submit(at, _new(intent))
            case ReplaceOrder(order_id, intent, filled):
                new = self._changing[order_id] = _new(intent, filled)
                return self._venue.modify(
                    at,
                    self._theirs[order_id],
                    quantity=new.quantity,
                    price=new.price,
                    trigger=new.trigger,
                    pricetype=new.pricetype,
                )
            case CancelOrder(order_id):
                return self._venue.cancel(at, self._theirs[order_id])
            case _:
                assert_never(command)

    def _news(
        self, at: datetime, order_id: str, before: VenueOrder | None, order: VenueOrder
    ) -> Iterator[OrderEvent]:
        filled, value = (before.filled, before.value) if before else (0, 0)
        if order.filled > filled:
            fill_id = f"{order.orderid}:{order.filled}"
            quantity = order.filled - filled
            yield OrderFilled(at, order_id, fill_id, quantity, order.value - value)
        yield from self._change_settled(at, order_id, before, order)
        if order.status is VenueStatus.CANCELLED:
            yield OrderCanceled(at, order_id, order.reason)
        elif order.status is VenueStatus.REJECTED:
            yield OrderRejected(at, order_id, order.reason)

    def _change_settled(
        self, at: datetime, order_id: str, before: VenueOrder | None, order: VenueOrder
    ) -> Iterator[OrderEvent]:
        change = self._changing.get(order_id)
        complete = order.status is VenueStatus.COMPLETE
        if change is None or not (complete or order.status.is_live):
            return
        reason = "complete before the change" if complete else order.reason
        if _shows(order, change):
            del self._changing[order_id]
            # filled whole at the larger size, the fill has said it all
            if not complete or (before is not None and change.quantity < before.quantity):
                yield OrderReplaced(at, order_id)
        elif reason:
            del self._changing[order_id]
            yield OrderReplaceRefused(at, order_id, reason)

    def _refused(self, at: datetime, command: OrderCommand, reason: str) -> OrderEvent:
        match command:
            case SubmitOrder(order_id):
                return OrderRejected(at, order_id, reason)
            case ReplaceOrder(order_id):
                self._changing.pop(order_id, None)
                return OrderReplaceRefused(at, order_id, reason)
            case CancelOrder(order_id):
                return OrderCancelRefused(at, order_id, reason)
            case _:
                assert_never(command)


def _new(intent: OrderIntent, filled: int = 0) -> NewOrder:
    return NewOrder(
        symbol=intent.symbol,
        side=intent.side,
        quantity=filled + intent.quantity,
        pricetype=PriceType.LIMIT if intent.trigger is None else PriceType.SL,
        price=intent.limit,
        trigger=intent.trigger or 0,
    )


def _shows(order: VenueOrder, change: NewOrder) -> bool:
    return (
        order.quantity == change.quantity
        and order.price == change.price
        and order.trigger == change.trigger
        and order.pricetype is change.pricetype
    )
