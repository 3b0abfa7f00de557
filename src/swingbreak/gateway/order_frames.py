"""Order updates as the WebSocket tells them."""

from typing import Any

from swingbreak.gateway.books_api import average_price
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.frames import BROKER, USER, text_frame
from swingbreak.simulation.venue import OrderUpdate, VenueOrder, VenueStatus

__all__ = ["order_frame"]


def order_frame(desk: Desk, update: OrderUpdate) -> bytes:
    """Return the frame of *update*; it has no time and no number, as OpenAlgo's has none.

    Quirks of the broker may make it none, or several in one.
    """
    rows = desk.quirks.updates(_row(desk, update), desk.floor.venue, update.at)
    return b"".join(map(text_frame, rows))


def _row(desk: Desk, update: OrderUpdate) -> dict[str, Any]:
    order = update.order
    filled, pending, price = _shown(desk, order)
    return {
        "type": "order_update",
        "user_id": USER,
        "mode": desk.mode,
        "broker": "sandbox" if desk.analyzing else BROKER,
        "orderid": order.orderid,
        "symbol": order.symbol,
        "exchange": desk.instruments.named(order.symbol).exchange,
        "action": order.side.value,
        "quantity": order.quantity,
        "price": price,
        "trigger_price": order.trigger / 100,
        "pricetype": order.pricetype.value,
        "product": order.product,
        "order_status": order.status.value,
        "filled_quantity": filled,
        "pending_quantity": pending,
        "average_price": average_price(order),
        "rejection_reason": order.reason,
    }


def _shown(desk: Desk, order: VenueOrder) -> tuple[int, int, float]:
    """Return filled and pending units and the price, as far as this server tells them."""
    if not desk.personality.shy_updates:
        return order.filled, order.pending if order.status.is_live else 0, order.price / 100
    if order.status is VenueStatus.COMPLETE:
        return order.filled, 0, average_price(order)
    return 0, 0, order.price / 100
