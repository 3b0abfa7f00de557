"""What people should hear of: facts as data, each said once."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from swingbreak.domain.commands import Tell
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
from swingbreak.domain.orders import Order, OrderStatus, Purpose
from swingbreak.risk.gate import Refused

__all__ = ["Refusals", "news"]


def news(event: OrderEvent, before: Order) -> Iterator[Tell]:
    """Yield what is worth saying about *event*, which found its order as *before*."""
    intent = before.intent
    match event:
        case OrderFilled():
            kind = "entry.filled" if intent.slot.purpose is Purpose.ENTRY else "exit.filled"
            price = rupees(event.value // event.quantity)
            yield Tell(kind, intent.symbol, f"{event.quantity} at {price} ({before.latest_reason})")
        case OrderRejected():
            yield Tell("order.rejected", str(intent.slot), event.reason)
        case OrderUnconfirmed():
            yield Tell("order.unconfirmed", str(intent.slot), event.order_id)
        case OrderCanceled():
            if before.status is not OrderStatus.PENDING_CANCEL:
                yield Tell("order.lost", str(intent.slot), event.reason or "no reason given")
        case OrderCancelRefused() | OrderReplaceRefused():
            yield Tell("order.change_refused", str(intent.slot), event.reason)
        case OrderAccepted() | OrderPriced() | OrderReplaced():
            return
        case _:
            assert_never(event)


class Refusals:
    """Says each refusal once, until its reason changes."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], str] = {}

    def tell(self, refused: Iterable[Refused]) -> Iterator[Tell]:
        """Yield the refusals not yet said."""
        for item in refused:
            key = (str(item.intent.slot.first), item.rule)
            text = f"{item.intent.symbol}: {item.reason}"
            if self._said.get(key) != text:
                self._said[key] = text
                yield Tell("risk.refused", key[0], f"{item.rule}: {text}")
