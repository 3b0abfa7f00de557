"""What became of an order and of the position it opened: the records of it, in plain words."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import assert_never

from swingbreak.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderEvent,
    OrderFilled,
    OrderPriced,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.money import rupees
from swingbreak.domain.orders import OrderIntent, Purpose
from swingbreak.domain.records import Record
from swingbreak.runtime.sight import Line

__all__ = ["story"]


def story(kept: Sequence[tuple[datetime, Record]], order_id: str) -> Iterator[Line]:
    """Yield what was kept of *order_id*; of an entry, of what closed its position too."""
    intents = {r.order_id: r.intent for _, r in kept if isinstance(r, SubmitOrder)}
    own = intents[order_id]
    follows, short, opened = own.slot.purpose is Purpose.ENTRY, 0, False
    for at, record in kept:
        about = getattr(record, "order_id", "")
        intent = intents.get(about)
        closes = intent is not None and intent.slot.purpose is Purpose.CLOSE
        of_symbol = intent is not None and intent.symbol == own.symbol
        if about == order_id or (follows and opened and short and closes and of_symbol):
            yield _line(at, record, "stop" if closes and follows else "")
        if isinstance(record, OrderFilled) and of_symbol:
            opened = opened or about == order_id
            short += -record.quantity if closes else record.quantity


def _line(at: datetime, record: Record, prefix: str) -> Line:
    match record:
        case SubmitOrder(order_id, intent):
            topic, text = "request", f"{order_id} is kept, then sent: {_terms(intent)}"
        case ReplaceOrder(order_id, intent):
            topic, text = "request", f"{order_id} is to be changed: {_terms(intent)}"
        case CancelOrder(order_id, reason):
            topic, text = "request", f"{order_id} is to be cancelled: {reason}"
        case OrderFilled(order_id=order_id, quantity=quantity, value=value):
            text = f"{order_id} trades {quantity} units at {value / quantity / 100:.2f}"
            return Line(at, prefix or "fill", text, {"quantity": quantity, "value": value / 100})
        case _ if isinstance(record, OrderEvent):
            topic, text = "answer", _answer(record)
        case _:
            topic, text = "day", type(record).__name__
    return Line(at, prefix or topic, text)


def _answer(event: OrderEvent) -> str:
    name = event.order_id
    match event:
        case OrderAccepted():
            text = f"the gateway took {name} as {event.broker_order_id}"
        case OrderRejected():
            said = "was refused" if event.proof else "is in no book and was given up"
            text = f"{name} {said}: {event.reason}"
        case OrderUnconfirmed():
            text = f"no answer settles {name}: it may be working"
        case OrderPriced():
            text = f"the trade book prices {name}: {event.filled} units for {rupees(event.value)}"
        case OrderCanceled():
            text = f"{name} is gone" + (f": {event.reason}" if event.reason else ", as asked")
        case OrderCancelRefused():
            text = f"{name} was not cancelled: {event.reason}"
        case OrderReplaced():
            text = f"{name} works with its new terms"
        case OrderReplaceRefused():
            text = f"{name} was not changed: {event.reason}"
        case OrderFilled():
            text = f"{name} trades {event.quantity} units"
        case _:
            assert_never(event)
    return text


def _terms(intent: OrderIntent) -> str:
    trigger = "" if intent.trigger is None else f" trigger {rupees(intent.trigger)}"
    return (
        f"{intent.side} {intent.quantity} {intent.symbol}{trigger} limit {rupees(intent.limit)} "
        f"({intent.reason})"
    )
