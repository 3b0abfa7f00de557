"""Endpoints that place, change and cancel orders one by one, and cancel all of them."""

from swingbreak.domain.errors import OrderRefused
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import KEY, Endpoint
from swingbreak.gateway.envelope import Family, Reply, refusal
from swingbreak.gateway.limits import ORDERS
from swingbreak.gateway.placing import LABEL, TERMS, banded, paise_of, place
from swingbreak.gateway.schema import Field, Fields, number
from swingbreak.simulation.venue import NewOrder, PriceType, VenueOrder, VenueStatus

__all__ = ["ENDPOINTS"]

_MODIFY = (
    "exchange", "symbol", "orderid", "action", "product", "pricetype", "price", "quantity",
    "disclosed_quantity", "trigger_price",
)  # fmt: skip


def _place(desk: Desk, fields: Fields) -> Reply:
    return desk.success(orderid=place(desk, fields).orderid)


def _modify(desk: Desk, fields: Fields) -> Reply:
    order = _changeable(desk, fields["orderid"], "modify")
    terms = _terms(desk, order, fields)
    try:
        desk.modify(order.orderid, terms.quantity, terms.price, terms.trigger, terms.pricetype)
    except OrderRefused as refused:
        raise desk.marked(refusal(400, str(refused))) from refused
    return _done(desk, order.orderid, "Order modified successfully")


def _terms(desk: Desk, order: VenueOrder, fields: Fields) -> NewOrder:
    """Return what the order shall be, in the venue's words."""
    terms = NewOrder(
        symbol=order.symbol,
        side=order.side,
        quantity=fields["quantity"],
        pricetype=PriceType(fields["pricetype"]),
        price=paise_of(fields["price"]),
        trigger=paise_of(fields["trigger_price"]),
    )
    instrument = desk.instruments.find(fields["symbol"], fields["exchange"])
    if instrument is None or instrument.contract is None or desk.personality.takes_market:
        return terms
    return banded(terms, instrument.contract, desk.quote(instrument).price)


def _cancel(desk: Desk, fields: Fields) -> Reply:
    if not fields["orderid"]:
        raise refusal(400, "Order ID is missing")
    order = _changeable(desk, fields["orderid"], "cancel")
    try:
        desk.cancel(order.orderid)
    except OrderRefused as refused:
        raise desk.marked(refusal(400, str(refused))) from refused
    return _done(desk, order.orderid, "Order cancelled successfully")


def _changeable(desk: Desk, orderid: str, verb: str) -> VenueOrder:
    desk.now()
    order = desk.floor.venue.order(orderid)
    if order is None:
        raise desk.marked(refusal(404, f"Order {orderid} not found"))
    if not order.status.is_live:
        raise desk.marked(refusal(400, f"Cannot {verb} order in {order.status} status"))
    return order


def _done(desk: Desk, orderid: str, message: str) -> Reply:
    words = {"message": message} if desk.analyzing else {}
    return desk.success(orderid=orderid, **words)


def _cancel_all(desk: Desk, _: Fields) -> Reply:
    desk.now()
    canceled: list[str] = []
    failed: list[object] = []
    for order in reversed(desk.floor.venue.orders()):
        if not _is_cancellable(desk, order):
            continue
        try:
            desk.cancel(order.orderid)
            canceled.append(order.orderid)
        except OrderRefused as refused:
            row = {"orderid": order.orderid, "message": str(refused)}
            failed.append(row if desk.analyzing else order.orderid)
    message = f"Canceled {len(canceled)} orders. Failed to cancel {len(failed)} orders."
    if not canceled and not failed:
        message = "No open orders to cancel"
    return desk.success(canceled_orders=canceled, failed_cancellations=failed, message=message)


def _is_cancellable(desk: Desk, order: VenueOrder) -> bool:
    spared = desk.personality.spares_stops and order.status is VenueStatus.TRIGGER_PENDING
    return order.status.is_live and not spared


_REQUIRED = {
    name: Field(TERMS[name].parse if name in TERMS else LABEL.parse, required=True)
    for name in _MODIFY
}

ENDPOINTS = (
    Endpoint(
        "placeorder",
        {
            "apikey": KEY,
            "strategy": LABEL,
            **TERMS,
            "underlying_ltp": Field(number(), nullable=True),
        },
        _place,
        family=Family.TEXT,
        rate=ORDERS,
    ),
    Endpoint(
        "modifyorder",
        {"apikey": KEY, "strategy": LABEL, **_REQUIRED},
        _modify,
        family=Family.TEXT,
        rate=ORDERS,
    ),
    Endpoint(
        "cancelorder",
        {"apikey": KEY, "strategy": LABEL, "orderid": LABEL},
        _cancel,
        family=Family.TEXT,
        rate=ORDERS,
        marks_errors=True,
    ),
    Endpoint("cancelallorder", {"apikey": KEY, "strategy": LABEL}, _cancel_all, family=Family.TEXT),
)
