"""What orders and order events look like in a trace."""

from swingbreak.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from swingbreak.domain.events import OrderEvent

__all__ = ["short"]


def short(said: OrderEvent | SubmitOrder | ReplaceOrder | CancelOrder) -> str:
    """Return one line."""
    match said:
        case SubmitOrder(order_id, i) | ReplaceOrder(order_id, i):
            verb = "submit" if isinstance(said, SubmitOrder) else "replace"
            trigger = "-" if i.trigger is None else i.trigger
            return (
                f"{verb} {order_id} {i.slot} {i.side} {i.quantity} {i.symbol} {trigger}/{i.limit} "
                f"{i.reason}"
            )
        case CancelOrder(order_id, reason):
            return f"cancel {order_id} {reason}"
        case _:
            fields = {n: getattr(said, n) for n in said.__dataclass_fields__ if n != "at"}
            words = " ".join(str(value) for value in fields.values())
            return f"{type(said).__name__} {words}"
