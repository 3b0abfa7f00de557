"""A venue's books: its orders, trades and positions, and the ids it gives them.

Rules of this file:

1. Ids are counted, so that the same calls give the same ones: an order's is YYMMDD and 8 digits,
   a trade's TRADE-YYYYMMDD-HHMMSS-xxxxxxxx (OpenAlgo 2.0.2.1, read 2026-11-22).
2. Only a trade changes a position, a filled quantity or a value, and always all three.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.domain.session import IST
from swingbreak.simulation.venue import (
    NewOrder,
    OrderUpdate,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueTrade,
    Way,
)

__all__ = ["Fill", "Register"]


class Fill(NamedTuple):
    """Units traded at one price.

    Attributes:
        way: How that came about.
        reached: Last price at that moment, paise; 0 where the order rested.
    """

    quantity: int
    price: Paise
    way: Way = Way.BOOK
    reached: Paise = 0


class Register:
    """The books of one day. Updates it returns are what it then shows."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._orders: dict[str, VenueOrder] = {}
        self._trades: list[VenueTrade] = []
        self._positions: dict[tuple[str, str], VenuePosition] = {}

    def orders(self) -> tuple[VenueOrder, ...]:
        """Return every order of the day, newest last."""
        return tuple(self._orders.values())

    def order(self, orderid: str) -> VenueOrder | None:
        """Return one order, ``None`` where there is none of this id."""
        return self._orders.get(orderid)

    def __getitem__(self, orderid: str) -> VenueOrder:
        return self._orders[orderid]

    def trades(self) -> tuple[VenueTrade, ...]:
        """Return every trade of the day, newest last."""
        return tuple(self._trades)

    def positions(self) -> dict[tuple[str, str], VenuePosition]:
        """Return the positions by symbol and product; one that has become flat stays."""
        return dict(self._positions)

    def enter(self, at: datetime, new: NewOrder, status: VenueStatus) -> OrderUpdate:
        """Give *new* an id and a row."""
        orderid = f"{self._day:%y%m%d}{len(self._orders) + 1:08d}"
        order = VenueOrder(
            orderid=orderid,
            symbol=new.symbol,
            side=new.side,
            quantity=new.quantity,
            pricetype=new.pricetype,
            product=new.product,
            price=new.price,
            trigger=new.trigger,
            status=status,
            filled=0,
            value=0,
            reason="",
            placed_at=at,
            updated_at=at,
            strategy=new.strategy,
        )
        return self.put(at, order)

    def put(self, at: datetime, order: VenueOrder) -> OrderUpdate:
        """Keep *order* as its own new state."""
        order = replace(order, updated_at=at)
        self._orders[order.orderid] = order
        return OrderUpdate(at, order)

    def forget_reason(self, orderid: str) -> None:
        """Drop what a live order says of its last refused change; nobody is told."""
        order = self._orders[orderid]
        if order.status.is_live:
            self._orders[orderid] = replace(order, reason="")

    def trade(self, at: datetime, order: VenueOrder, fills: Sequence[Fill]) -> OrderUpdate:
        """Book *fills* of *order*: one row of the trade book each, one update for all."""
        key = (order.symbol, order.product)
        for fill in fills:
            self._trades.append(_trade(at, order, fill, len(self._trades) + 1))
            held = self._positions.get(key, VenuePosition())
            self._positions[key] = _after(held, order.side, fill)
        filled = order.filled + sum(fill.quantity for fill in fills)
        value = order.value + sum(fill.quantity * fill.price for fill in fills)
        status = VenueStatus.COMPLETE if filled == order.quantity else VenueStatus.OPEN
        return self.put(at, replace(order, filled=filled, value=value, status=status, reason=""))


def _trade(at: datetime, order: VenueOrder, fill: Fill, number: int) -> VenueTrade:
    return VenueTrade(
        tradeid=f"TRADE-{at.astimezone(IST):%Y%m%d-%H%M%S}-{number:08x}",
        orderid=order.orderid,
        symbol=order.symbol,
        side=order.side,
        quantity=fill.quantity,
        price=fill.price,
        at=at,
        way=fill.way,
        trigger=order.trigger,
        limit=order.price,
        reached=fill.reached,
    )


def _after(position: VenuePosition, side: Side, fill: Fill) -> VenuePosition:
    quantity, value = fill.quantity, fill.quantity * fill.price
    if side is Side.BUY:
        bought, bought_value = position.bought + quantity, position.bought_value + value
        return replace(position, bought=bought, bought_value=bought_value)
    sold, sold_value = position.sold + quantity, position.sold_value + value
    return replace(position, sold=sold, sold_value=sold_value)
