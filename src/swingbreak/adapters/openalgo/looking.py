"""The gateway's books as one look at the account; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from swingbreak.adapters.openalgo.books import (
    PRODUCTS,
    HeldPosition,
    OrderBook,
    OrderUpdate,
    TradeBook,
)
from swingbreak.adapters.openalgo.tracking import TrackedOrder
from swingbreak.domain.account import AccountBooks, SeenOrder
from swingbreak.domain.orders import Side

__all__ = ["account_books"]

_SIDES = frozenset(Side)


def account_books(
    books: tuple[OrderBook, TradeBook] | None,
    held: Iterable[HeldPosition] | None,
    paired: Mapping[str, TrackedOrder],
    product: str,
) -> AccountBooks:
    """Return the look that *books* and *held* are; ``None`` for what could not be read.

    Args:
        books: Order book and trade book, read together.
        held: The position book's rows.
        paired: Our orders by the gateway's id.
        product: The one that we trade in.
    """
    units: Counter[str] | None = None
    if held is not None:
        units = Counter()
        for row in held:
            if row.symbol and _may_be_ours(row.product, product):
                units[row.symbol] += row.quantity  # a flat row counts: it says 0
    if books is None:
        return AccountBooks(None, units)
    book, trades = books
    rows = [seen for seen in book.orders if _may_be_ours(seen.terms.product, product)]
    orders = [_seen(row, trades, paired.get(row.broker_order_id)) for row in rows]
    readable = tuple(order for order in orders if order is not None)
    is_whole = len(readable) == len(orders) and not book.dropped and not trades.dropped
    return AccountBooks(readable, units, is_whole)


def _may_be_ours(word: str, product: str) -> bool:
    # a word that is none of OpenAlgo's may be a broker's own for our product
    return word == product or word not in PRODUCTS


def _seen(row: OrderUpdate, trades: TradeBook, ours: TrackedOrder | None) -> SeenOrder | None:
    terms = row.terms if ours is None or row.terms.symbol else ours.terms
    if not terms.symbol or terms.side not in _SIDES:
        return None
    traded = trades.of(row.broker_order_id)
    return SeenOrder(
        broker_order_id=row.broker_order_id,
        order_id="" if ours is None else ours.order_id,
        symbol=terms.symbol,
        buys=terms.side == Side.BUY,
        quantity=terms.quantity,
        limit=terms.limit,
        trigger=terms.trigger,
        works=not row.state.is_over,
        traded=traded.quantity,
        value=traded.value,
    )
