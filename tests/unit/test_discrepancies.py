from dataclasses import replace

import pytest

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
from swingbreak.engine.discrepancies import discrepancies, trades_by_hand
from tests.builders import CE, PE, entry, position, stop

OTHER = "BANKNIFTY24NOV2651000CE"
STOP = Order("o2", stop(), OrderStatus.ACCEPTED, broker_order_id="b2")
OUR_STOP = SeenOrder("b2", "o2", CE.symbol, True, 650, 188_00, 185_00, works=True)
THEIRS = SeenOrder("x1", "", CE.symbol, False, 65, 170_00, 0, works=True)


def traded(units: int, price: int, *, buys: bool, symbol: str = CE.symbol) -> SeenOrder:
    value = units * price
    return SeenOrder("x2", "", symbol, buys, units, price, 0, False, units, value)


def found(
    books: AccountBooks,
    *,
    short: int = 650,
    order: Order | None = STOP,
    booked: HandTrades | None = None,
) -> list[Discrepancy]:
    positions = {CE.symbol: position(quantity=short)} if short else {}
    return list(
        discrepancies(
            books,
            {order.order_id: order} if order is not None else {},
            positions,
            {CE.symbol: booked} if booked is not None else {},
            {CE.symbol, PE.symbol},
        )
    )


ORDERS: dict[str, tuple[AccountBooks, Order | None, list[Discrepancy]]] = {
    "all agrees": (AccountBooks((OUR_STOP,), None), STOP, []),
    "missing from a whole book": (
        AccountBooks((), None),
        STOP,
        [OrderMissing(CE.symbol, "o2")],
    ),
    "missing from a part of a book": (AccountBooks((), None, is_whole=False), STOP, []),
    "missing from a book that was not read": (AccountBooks(None, None), STOP, []),
    "missing while in flight": (
        AccountBooks((), None),
        replace(STOP, status=OrderStatus.PENDING_REPLACE),
        [],
    ),
    "missing after its end": (
        AccountBooks((), None),
        replace(STOP, status=OrderStatus.CANCELED),
        [],
    ),
    "works on another trigger": (
        AccountBooks((replace(OUR_STOP, trigger=190_00),), None),
        STOP,
        [OrderAltered(CE.symbol, "o2", 650, 188_00, 190_00)],
    ),
    "works on another limit": (
        AccountBooks((replace(OUR_STOP, limit=189_00),), None),
        STOP,
        [OrderAltered(CE.symbol, "o2", 650, 189_00, 185_00)],
    ),
    "works for less": (
        AccountBooks((replace(OUR_STOP, quantity=65),), None),
        STOP,
        [OrderAltered(CE.symbol, "o2", 65, 188_00, 185_00)],
    ),
    "a row that says little": (
        AccountBooks((replace(OUR_STOP, quantity=0, limit=0, trigger=0),), None),
        STOP,
        [],
    ),
    "other terms while they are being changed": (
        AccountBooks((replace(OUR_STOP, trigger=190_00),), None),
        replace(STOP, status=OrderStatus.PENDING_REPLACE),
        [],
    ),
    "works after its end": (
        AccountBooks((OUR_STOP,), None),
        replace(STOP, status=OrderStatus.CANCELED),
        [OrderLives(CE.symbol, "o2", "b2")],
    ),
    "over in the book": (
        AccountBooks((replace(OUR_STOP, works=False, quantity=1),), None),
        STOP,
        [],
    ),
    "a foreign one": (
        AccountBooks((THEIRS,), None),
        None,
        [ForeignOrder(CE.symbol, "x1", buys=False, quantity=65)],
    ),
    "a foreign one behind one that is over": (
        AccountBooks((replace(THEIRS, broker_order_id="x0", works=False), THEIRS), None),
        None,
        [ForeignOrder(CE.symbol, "x1", buys=False, quantity=65)],
    ),
    "a foreign one that is over": (AccountBooks((replace(THEIRS, works=False),), None), None, []),
    "a foreign one elsewhere": (AccountBooks((replace(THEIRS, symbol=OTHER),), None), None, []),
}


@pytest.mark.parametrize(("books", "order", "expected"), ORDERS.values(), ids=ORDERS.keys())
def test_orders(books: AccountBooks, order: Order | None, expected: list[Discrepancy]) -> None:
    assert found(books, order=order) == expected


POSITIONS: dict[str, tuple[int, AccountBooks, HandTrades | None, list[tuple[int, int, bool]]]] = {
    "agrees": (650, AccountBooks((), {CE.symbol: -650}), None, []),
    "both flat": (0, AccountBooks((), {CE.symbol: 0}), None, []),
    "no row is not flat": (650, AccountBooks((), {}), None, []),
    "a book that was not read is not flat": (650, AccountBooks((), None), None, []),
    "flat and nobody traded": (650, AccountBooks((), {CE.symbol: 0}), None, [(-650, 0, False)]),
    "bought back by hand": (
        650,
        AccountBooks((traded(650, 180_00, buys=True),), {CE.symbol: 0}),
        None,
        [(-650, 0, True)],
    ),
    "bought back by hand and no row any more": (
        650,
        AccountBooks((traded(650, 180_00, buys=True),), {}),
        None,
        [(-650, 0, True)],
    ),
    "bought back in part": (
        650,
        AccountBooks((traded(65, 180_00, buys=True),), {CE.symbol: -585}),
        None,
        [(-650, -585, True)],
    ),
    "counted already": (
        585,
        AccountBooks((traded(65, 180_00, buys=True),), {CE.symbol: -585}),
        HandTrades(bought=65, bought_value=65 * 180_00),
        [],
    ),
    "counted already and no row": (
        585,
        AccountBooks((traded(65, 180_00, buys=True),), {}),
        HandTrades(bought=65, bought_value=65 * 180_00),
        [],
    ),
    "sold more by hand": (
        650,
        AccountBooks((traded(65, 180_00, buys=False),), {CE.symbol: -715}),
        None,
        [(-650, -715, True)],
    ),
    "sold by hand where we hold nothing": (
        0,
        AccountBooks((traded(65, 180_00, buys=False),), {CE.symbol: -65}),
        None,
        [(0, -65, True)],
    ),
    "bought by hand where we hold nothing": (
        0,
        AccountBooks((traded(65, 180_00, buys=True),), {CE.symbol: 65}),
        None,
        [(0, 65, True)],
    ),
    "a row counts, whatever was traded": (
        650,
        AccountBooks((traded(65, 180_00, buys=True),), {CE.symbol: 0}),
        None,
        [(-650, 0, False)],
    ),
    "neither a row nor trades, and some counted": (
        585,
        AccountBooks(None, {}),
        HandTrades(bought=65, bought_value=65 * 180_00),
        [],
    ),
    "the trades cannot be read": (
        650,
        AccountBooks(None, {CE.symbol: 0}),
        None,
        [(-650, 0, False)],
    ),
}


@pytest.mark.parametrize(
    ("short", "books", "booked", "expected"), POSITIONS.values(), ids=POSITIONS.keys()
)
def test_positions(
    short: int,
    books: AccountBooks,
    booked: HandTrades | None,
    expected: list[tuple[int, int, bool]],
) -> None:
    seen = found(books, short=short, order=None, booked=booked)
    told = [d for d in seen if isinstance(d, PositionDiffers)]
    assert [(d.ours, d.theirs, d.is_explained) for d in told] == expected
    assert len(told) == len(seen)


def test_what_is_held_elsewhere_is_named_and_a_flat_row_is_not() -> None:
    books = AccountBooks((), {OTHER: -30, "NIFTY": 0, CE.symbol: -650})
    assert found(books, order=None) == [ForeignPosition(OTHER, -30)]


def test_trades_add_up_by_symbol_and_leave_ours_out() -> None:
    rows = (
        traded(65, 100_00, buys=True),
        traded(130, 110_00, buys=False),
        traded(65, 50_00, buys=True, symbol=PE.symbol),
        replace(OUR_STOP, traded=650, value=650 * 188_00),
        THEIRS,
        replace(THEIRS, symbol=OTHER),
    )
    trades = trades_by_hand(rows)
    assert trades == {
        CE.symbol: HandTrades(65, 65 * 100_00, 130, 130 * 110_00),
        PE.symbol: HandTrades(65, 65 * 50_00),
    }
    assert trades[CE.symbol].net == -65


def test_an_order_that_is_not_known_to_the_gateway_yet_is_not_missing() -> None:
    assert found(AccountBooks((), None), order=Order("o1", entry())) == []
