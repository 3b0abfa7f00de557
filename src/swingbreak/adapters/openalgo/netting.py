"""What our own orders come to, as far as the gateway has told of them; pure."""

from collections import Counter
from collections.abc import Iterable

from swingbreak.adapters.openalgo.books import TradeBook
from swingbreak.adapters.openalgo.tracking import TrackedOrder
from swingbreak.domain.orders import Side

__all__ = ["is_accounted", "net_units"]


def net_units(orders: Iterable[TrackedOrder]) -> Counter[str]:
    """Return the signed units that *orders* have traded, by symbol; flat symbols are there."""
    net: Counter[str] = Counter()
    for order in orders:
        if order.filled:
            net[order.terms.symbol] += (
                order.filled if order.terms.side == Side.BUY else -order.filled
            )
    return net


def is_accounted(orders: Iterable[TrackedOrder], trades: TradeBook) -> bool:
    """Whether *trades* has every unit that *orders* have traded."""
    return not trades.dropped and all(
        trades.of(order.broker_order_id).quantity >= order.filled for order in orders
    )
