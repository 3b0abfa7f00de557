"""Our orders: every one we sent, and which of them holds each slot."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import assert_never

from swingbreak.domain.commands import CancelOrder, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.events import OrderEvent
from swingbreak.domain.orders import Order, OrderStatus, Slot

__all__ = ["OrderBook"]


@dataclass(slots=True)
class OrderBook:
    """Orders by id, and the live one of each slot.

    Attributes:
        orders: Every order of the day.
        live: Orders that may still trade, by slot: at most one each.
        further: Those slots among them that are not the first slice's; empty on most days.
    """

    orders: dict[str, Order] = field(default_factory=dict)
    live: dict[Slot, Order] = field(default_factory=dict)
    further: set[Slot] = field(default_factory=set)
    _numbered: int = 0

    def new_id(self) -> str:
        """Mint the next order id. Counted, so that a replay mints the same ones."""
        self._numbered += 1
        return f"o{self._numbered}"

    def learn(self, event: OrderEvent) -> tuple[Order, Order]:
        """Apply *event*; return the order before and after it.

        Raises:
            InvalidTransition: No such order, or the event is impossible for it.
        """
        before = self.orders.get(event.order_id)
        if before is None:
            raise InvalidTransition(
                f"{event.order_id}: {type(event).__name__} for no order of ours"
            )
        after = before.apply(event)
        self._keep(after)
        return before, after

    def record(self, command: OrderCommand) -> None:
        """Remember that *command* is now in flight."""
        match command:
            case SubmitOrder(order_id, intent):
                self._numbered = max(self._numbered, int(order_id[1:]))
                self._keep(Order(order_id, intent))
            case CancelOrder(order_id):
                self._keep(replace(self.orders[order_id], status=OrderStatus.PENDING_CANCEL))
            case ReplaceOrder(order_id, intent, filled):
                total = replace(intent, quantity=filled + intent.quantity)
                order = self.orders[order_id]
                pending, asked = OrderStatus.PENDING_REPLACE, order.changes + 1
                self._keep(replace(order, status=pending, replacement=total, changes=asked))
            case _:
                assert_never(command)

    def slices(self, first: Slot) -> dict[int, Order]:
        """Return the live orders of the slices that *first* stands for, by number."""
        order = self.live.get(first)
        found = {} if order is None else {1: order}
        if not self.further:
            return found
        return found | {s.number: self.live[s] for s in sorted(self.further) if s.first == first}

    def in_flight(self) -> Iterable[Order]:
        """Return the live orders whose last command has no answer yet."""
        return [o for o in self.live.values() if o.status is not OrderStatus.ACCEPTED]

    def _keep(self, order: Order) -> None:
        self.orders[order.order_id] = order
        slot = order.intent.slot
        holder = self.live.get(slot)
        if order.status.is_live:
            if holder is not None and holder.order_id != order.order_id:
                raise InvalidTransition(f"{slot}: {order.order_id} beside {holder.order_id}")
            self.live[slot] = order
            if slot.number > 1:
                self.further.add(slot)
        elif holder is not None and holder.order_id == order.order_id:
            del self.live[slot]
            self.further.discard(slot)
