"""Large quantities as several orders, each within the contract's freeze quantity.

Rules of this file:

1. Full slices come first, the rest last; the same quantity is always cut in the same way.
2. At worst, all the slices that close a position together buy back no more than is open.
3. What rests is changed as little as possible: what is missing fills the free numbers, then the
   last slice, then new ones; what is too much is taken from the last slices.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.facts.contracts import largest_order

__all__ = ["allotted", "cut", "largest_slice"]


def largest_slice(contract: OptionContract) -> int:
    """Return the most units in one order of *contract*: whole lots, and never less than one.

    A lot above the freeze quantity is refused at the exchange; nothing smaller can be sent.
    """
    return largest_order(contract.freeze, contract.lot) or contract.lot


def cut(quantity: int, largest: int) -> list[int]:
    """Return the sizes of the slices of *quantity* units."""
    full, rest = divmod(quantity, largest)
    return [largest] * full + ([rest] if rest else [])


def allotted(
    quantity: int, largest: int, live: Mapping[int, Order], pausing: AbstractSet[int] = frozenset()
) -> dict[int, int]:
    """Return the units that shall rest in each slice of a closing order, by the slice's number.

    Args:
        quantity: Units open.
        largest: Most units in one order.
        live: The slices that may still trade, by number.
        pausing: Free numbers that nothing may be sent to now: what was theirs waits for them.
    """
    shares = {number: _at_worst(order) for number, order in live.items()}
    missing = quantity - sum(shares.values())
    if missing > 0:
        last = max([*live, *pausing], default=0)
        free = {*range(1, last)} - live.keys() - pausing
        for number in (*sorted(pausing), *sorted(free), *sorted(live)[-1:]):
            taken = live[number].filled + shares[number] if number in live else 0
            more = min(missing, max(largest - taken, 0))
            shares[number] = shares.get(number, 0) + more
            missing -= more
        shares.update(enumerate(cut(missing, largest), last + 1))
    surplus = sum(map(_when_answered, live.values())) - quantity
    if surplus > 0:
        _take_back(surplus, live, shares)
    return {number: share for number, share in shares.items() if share}


def _take_back(surplus: int, live: Mapping[int, Order], shares: dict[int, int]) -> None:
    # one in flight cannot be changed now, and what it was asked for may be less already
    settled = (n for n, order in live.items() if order.status is OrderStatus.ACCEPTED)
    for number in sorted(settled, reverse=True):
        less = min(surplus, shares[number])
        shares[number] -= less
        surplus -= less


def _at_worst(order: Order) -> int:
    most = order.intent.quantity
    if order.replacement is not None:
        most = max(most, order.replacement.quantity)
    return most - order.filled


def _when_answered(order: Order) -> int:
    if order.status is OrderStatus.PENDING_CANCEL:
        return 0
    return max((order.replacement or order.intent).quantity - order.filled, 0)
