"""Endpoints that show the books: orders, trades, positions, holdings."""

from typing import Any

from swingbreak.domain.session import ist_clock, ist_stamp
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import KEY, Endpoint
from swingbreak.gateway.envelope import Family, Reply, refusal
from swingbreak.gateway.placing import LABEL, TERMS
from swingbreak.gateway.schema import Fields
from swingbreak.simulation.holding import Holding
from swingbreak.simulation.venue import VenueOrder, VenueStatus, VenueTrade

__all__ = ["ENDPOINTS", "average_price"]

_COUNTED = {
    VenueStatus.COMPLETE: "total_completed_orders",
    VenueStatus.OPEN: "total_open_orders",
    VenueStatus.REJECTED: "total_rejected_orders",
    VenueStatus.TRIGGER_PENDING: "total_trigger_pending_orders",
}


def average_price(order: VenueOrder) -> float:
    """Return the order's average price, rupees to the paisa; 0 before it trades."""
    return round(order.value / order.filled / 100, 2) if order.filled else 0.0


def _order_row(desk: Desk, order: VenueOrder) -> dict[str, Any]:
    return {
        "action": order.side.value,
        "exchange": desk.instruments.named(order.symbol).exchange,
        "order_status": order.status.value,
        "orderid": order.orderid,
        "price": order.price / 100,
        "product": order.product,
        "quantity": order.quantity,
        "symbol": order.symbol,
        "timestamp": ist_stamp(order.placed_at),
        "trigger_price": order.trigger / 100,
    }


def _traded(order: VenueOrder) -> dict[str, Any]:
    """Return what only the analyzer tells of an order."""
    return {
        "filled_quantity": order.filled,
        "pending_quantity": order.pending,
        "strategy": order.strategy,
    }


def _orderbook(desk: Desk, _: Fields) -> Reply:
    desk.now()
    orders = desk.floor.venue.orders()
    rows = []
    for order in reversed(orders):
        row = _order_row(desk, order) | {"pricetype": order.pricetype.value}
        if desk.analyzing:
            row |= {"average_price": average_price(order), "rejection_reason": order.reason}
            row |= _traded(order)
        rows.append(row)
    return desk.success(data={"orders": rows, "statistics": _statistics(desk, orders)})


def _statistics(desk: Desk, orders: tuple[VenueOrder, ...]) -> dict[str, int]:
    counts = dict.fromkeys(_COUNTED.values(), 0)
    counts |= {"total_buy_orders": 0, "total_sell_orders": 0}
    for order in orders:
        counts[f"total_{order.side.value.lower()}_orders"] += 1
        if order.status in _COUNTED:
            counts[_COUNTED[order.status]] += 1
    if not desk.analyzing:
        del counts["total_trigger_pending_orders"]
    return counts


def _orderstatus(desk: Desk, fields: Fields) -> Reply:
    desk.now()
    order = desk.floor.venue.order(fields["orderid"])
    if order is None:
        raise desk.marked(refusal(404, f"Order {fields['orderid']} not found"))
    data = _order_row(desk, order) | {"average_price": average_price(order)}
    if desk.analyzing:
        # the analyzer spells it with an underscore, here and nowhere else
        data |= {"price_type": order.pricetype.value, **_traded(order)}
    else:
        data["pricetype"] = order.pricetype.value
    return desk.success(data=data)


def _tradebook(desk: Desk, _: Fields) -> Reply:
    desk.now()
    orders = {order.orderid: order for order in desk.floor.venue.orders()}
    trades = reversed(desk.floor.venue.trades())
    return desk.success(data=[_trade_row(desk, one, orders[one.orderid]) for one in trades])


def _trade_row(desk: Desk, trade: VenueTrade, order: VenueOrder) -> dict[str, Any]:
    row = {
        "action": trade.side.value,
        "average_price": trade.price / 100,
        "exchange": desk.instruments.named(trade.symbol).exchange,
        "orderid": trade.orderid,
        "product": order.product,
        "quantity": trade.quantity,
        "symbol": trade.symbol,
        "timestamp": ist_clock(trade.at),
        "trade_value": trade.quantity * trade.price / 100,
    }
    if desk.analyzing:
        row |= {"timestamp": ist_stamp(trade.at), "price": trade.price / 100}
        row |= {"strategy": order.strategy, "tradeid": trade.tradeid}
    return row


def _positionbook(desk: Desk, _: Fields) -> Reply:
    desk.now()
    held = desk.account.holdings()
    if not desk.analyzing:
        return desk.success(data=[_live_position(desk, one) for one in held])
    return desk.success(data=[_position(desk, one) for one in held], **_totals(desk, held))


def _pnl_symbols(desk: Desk, _: Fields) -> Reply:
    desk.now()
    if not desk.analyzing:
        raise refusal(400, "This endpoint is only available in sandbox/analyzer mode")
    held = desk.account.holdings()
    dropped = {"average_price", "lot_size", "ltp", "pnlpercent"}
    rows = [
        {name: value for name, value in _position(desk, one).items() if name not in dropped}
        for one in held
    ]
    return desk.success(data=rows, **_totals(desk, held))


def _live_position(desk: Desk, held: Holding) -> dict[str, Any]:
    last = desk.floor.quotes[held.symbol].price
    return {
        "average_price": f"{held.average / 100:.2f}",  # Zerodha's adapter sends text here
        "exchange": desk.instruments.named(held.symbol).exchange,
        "ltp": last / 100,
        "pnl": _rupees(held.realised + held.open_pnl(last)),
        "product": held.product,
        "quantity": held.quantity,
        "symbol": held.symbol,
    }


def _position(desk: Desk, held: Holding) -> dict[str, Any]:
    last = desk.floor.quotes[held.symbol].price
    open_pnl, realised = held.open_pnl(last), held.realised
    cost = abs(held.quantity) * held.average
    pnl = _rupees(realised + open_pnl)
    return _live_position(desk, held) | {
        "average_price": round(held.average / 100, 2),
        "lot_size": 1.0,  # the contract multiplier, not the lot
        "pnlpercent": 100 * (realised + open_pnl) / cost if cost else 0.0,
        "today_realized_pnl": _rupees(realised),
        "total_pnl_today": pnl,
        # a flat row repeats what was realised
        "unrealized_pnl": _rupees(open_pnl) if held.quantity else pnl,
    }


def _totals(desk: Desk, held: list[Holding]) -> dict[str, float]:
    open_pnl = sum(one.open_pnl(desk.floor.quotes[one.symbol].price) for one in held)
    realised = sum(one.realised for one in held)
    return {
        "total_pnl": _rupees(realised + open_pnl),
        "total_pnl_today": _rupees(realised + open_pnl),
        "total_today_realized_pnl": _rupees(realised),
        "total_unrealized_pnl": _rupees(open_pnl),
    }


def _openposition(desk: Desk, fields: Fields) -> Reply:
    desk.now()
    held = desk.floor.venue.positions().get((fields["symbol"], fields["product"]))
    return desk.success(quantity=held.quantity if held else 0)


def _holdings(desk: Desk, _: Fields) -> Reply:
    names = ("holdingvalue", "invvalue", "profitandloss", "pnlpercentage")
    statistics = {f"total{name}": 0.0 for name in names}
    return desk.success(data={"holdings": [], "statistics": statistics})


def _rupees(amount: float) -> float:
    return round(amount / 100, 2)


_PLACE = {"symbol": LABEL, "exchange": TERMS["exchange"], "product": TERMS["product"]}

ENDPOINTS = (
    Endpoint("orderbook", {"apikey": KEY}, _orderbook),
    Endpoint("tradebook", {"apikey": KEY}, _tradebook),
    Endpoint("positionbook", {"apikey": KEY}, _positionbook),
    Endpoint("pnl/symbols", {"apikey": KEY}, _pnl_symbols),
    Endpoint("holdings", {"apikey": KEY}, _holdings),
    Endpoint(
        "orderstatus",
        {"apikey": KEY, "strategy": LABEL, "orderid": LABEL},
        _orderstatus,
        family=Family.TEXT,
    ),
    Endpoint(
        "openposition",
        {"apikey": KEY, "strategy": LABEL, **_PLACE},
        _openposition,
        family=Family.TEXT,
    ),
)
