"""Begins where the ledger ends: a fresh day and a crash are the same path.

The ledger says what we decided and were told; the gateway's books, read at the first chance, say
what has become of it since; only the difference between the two is news to the engine.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.events import OrderFilled, OrderRejected
from swingbreak.domain.orders import Order
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine

__all__ = ["Adopting", "recover"]


class Adopting(Protocol):
    """A broker that can take over orders of an earlier process."""

    def adopt(self, order: Order, sent_at: datetime, *, given_up: bool, fill_id: str) -> None:
        """Take over *order*, sent at *sent_at*; one that was *given_up* may turn up yet.

        Its last fill, if it had one, is *fill_id*: one that turned up is known by that alone.
        """


def recover(engine: Engine, broker: Adopting, kept: Iterable[tuple[datetime, Record]]) -> int:
    """Bring *engine* and *broker* to where the day's records end; return how many there were.

    Raises:
        InvalidTransition: The records contradict each other.
    """
    records = list(kept)
    engine.restore(record for _, record in records)
    sent = {r.order_id: at for at, r in records if isinstance(r, SubmitOrder)}
    rejected = [record for _, record in records if isinstance(record, OrderRejected)]
    lost = {each.order_id for each in rejected if not each.proof}
    fills = {r.order_id: r.fill_id for _, r in records if isinstance(r, OrderFilled)}
    for order_id, order in engine.state.book.orders.items():
        fill_id = fills.get(order_id, "")
        broker.adopt(order, sent[order_id], given_up=order_id in lost, fill_id=fill_id)
    return len(records)
