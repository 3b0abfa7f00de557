"""How one look at the account differs from what we think; pure.

Rules of this file:

1. A missing row says nothing of a position: brokers show flat ones as 0. Only a row, or trades in
   the trade book that account for it, say that we are flat.
2. An order of ours is missing only from an order book that is whole, never from a part of one.
3. A book that could not be read differs in nothing.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping

from swingbreak.domain.account import (
    AccountBooks,
    Discrepancy,
    ForeignOrder,
    ForeignPosition,
    HandTrades,
    OrderAltered,
    OrderLives,
    OrderMissing,
    PositionDiffers,
    SeenOrder,
)
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.domain.position import Position

__all__ = ["discrepancies", "trades_by_hand"]


def discrepancies(
    books: AccountBooks,
    orders: Mapping[str, Order],
    positions: Mapping[str, Position],
    booked: Mapping[str, HandTrades],
    followed: Container[str],
) -> Iterator[Discrepancy]:
    """Yield what *books* show otherwise than we think.

    Args:
        books: One look.
        orders: Ours by id, ended ones too.
        positions: Ours by symbol.
        booked: What others have traded that is counted in our positions already, by symbol.
        followed: Symbols we may trade.
    """
    if books.orders is not None:
        yield from _of_orders(books, books.orders, orders, followed)
    if books.held is not None:
        traded = trades_by_hand(books.orders or ())
        for symbol in sorted({*books.held, *positions}):
            ours = positions[symbol].quantity if symbol in positions else 0
            trades = traded.get(symbol, HandTrades())
            expected = ours + trades.net - booked.get(symbol, HandTrades()).net
            theirs = books.held.get(symbol)
            if theirs is None and trades != HandTrades():
                theirs = expected  # no row, and a reason why
            if symbol not in followed:
                if theirs:
                    yield ForeignPosition(symbol, theirs)
            elif theirs is not None and theirs != ours:
                yield PositionDiffers(symbol, ours, theirs, trades, theirs == expected)


def trades_by_hand(orders: Iterable[SeenOrder]) -> dict[str, HandTrades]:
    """Return what orders that are none of ours have traded, by symbol."""
    traded: defaultdict[str, HandTrades] = defaultdict(HandTrades)
    for seen in orders:
        if not seen.order_id and seen.traded:
            units = seen.traded if seen.buys else -seen.traded
            traded[seen.symbol] = traded[seen.symbol].plus(units, seen.value)
    return dict(traded)


def _of_orders(
    books: AccountBooks,
    rows: Iterable[SeenOrder],
    orders: Mapping[str, Order],
    followed: Container[str],
) -> Iterator[Discrepancy]:
    shown: set[str] = set()
    for seen in rows:
        shown.add(seen.order_id)
        order = orders.get(seen.order_id)
        if not seen.works:
            continue
        if order is None:
            if seen.symbol in followed:
                units = seen.quantity
                yield ForeignOrder(seen.symbol, seen.broker_order_id, seen.buys, units)
        elif not order.status.is_live:
            yield OrderLives(order.intent.symbol, order.order_id, seen.broker_order_id)
        elif not _agrees(seen, order):
            terms = (seen.quantity, seen.limit, seen.trigger)
            yield OrderAltered(order.intent.symbol, order.order_id, *terms)
    for order in orders.values():
        # one without an id at the gateway is in doubt already, and looked for by its terms
        known = order.status is OrderStatus.ACCEPTED and order.order_id not in shown
        if known and books.is_whole:
            yield OrderMissing(order.intent.symbol, order.order_id)


def _agrees(seen: SeenOrder, order: Order) -> bool:
    # what a row leaves out is no evidence; one that has triggered may have lost its trigger
    if order.status is not OrderStatus.ACCEPTED:
        return True
    sent = order.intent
    return (
        seen.quantity in {0, sent.quantity}
        and seen.limit in {0, sent.limit}
        and seen.trigger in {0, sent.trigger}
    )
