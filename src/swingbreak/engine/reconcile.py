"""The difference between what should be resting and what is."""

from collections.abc import Callable, Container, Iterable, Mapping

from swingbreak.domain.commands import CancelOrder, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Slot
from swingbreak.risk.gate import Approved

__all__ = ["MOST_CHANGES", "reconcile"]

# Brokers take no more than 20 to 25 changes of one order (Kite Connect: 25, read 2026-11-22).
MOST_CHANGES = 20


def reconcile(
    desired: Iterable[Approved],
    live: Mapping[Slot, Order],
    new_id: Callable[[], str],
    paused: Container[Slot] = (),
    why: Callable[[Order], str] = lambda _order: "not wanted",
) -> list[OrderCommand]:
    """Return the commands that bring *live* towards *desired*.

    A slot holds at most one live order. A slot whose order is in flight is left alone:
    its answer brings us back here; so is the order of a *paused* slot, until its pause is
    over. New terms for the same symbol replace the order in place, so a stop is never gone; only
    one that has been changed as often as brokers allow is cancelled and followed by a new one.
    Another symbol cancels first and submits only once the cancel is confirmed, so two orders never
    race for one slot. *why* says why a live order is no longer wanted.
    """
    wanted: dict[Slot, OrderIntent] = {intent.slot: intent for intent in desired}
    commands: list[OrderCommand] = []
    for slot, order in live.items():
        if order.status is OrderStatus.ACCEPTED and slot not in paused:
            commands.extend(_amend(order, wanted.get(slot), why))
    commands.extend(
        SubmitOrder(new_id(), intent) for slot, intent in wanted.items() if slot not in live
    )
    return commands


def _amend(
    order: Order, want: OrderIntent | None, why: Callable[[Order], str]
) -> Iterable[OrderCommand]:
    if want is None:
        yield CancelOrder(order.order_id, why(order))
        return
    resting = order.resting
    # the same terms on another level are news too: the stop and the plan follow from the level
    if want.same_terms(resting) and (want.level == resting.level or order.stubborn):
        return
    if want.symbol != resting.symbol:
        yield CancelOrder(order.order_id, "switch")
    elif order.stubborn or order.changes >= MOST_CHANGES:
        yield CancelOrder(order.order_id, "terms")
    else:
        yield ReplaceOrder(order.order_id, want, order.filled)
