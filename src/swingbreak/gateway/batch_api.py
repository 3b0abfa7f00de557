"""Endpoints that place several orders, or work out which order is needed."""

from typing import Any

from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import KEY, Endpoint
from swingbreak.gateway.envelope import Family, Refused, Reply, refusal
from swingbreak.gateway.limits import ORDERS
from swingbreak.gateway.placing import LABEL, TERMS, place, quantity, slices
from swingbreak.gateway.schema import Field, Fields, integer, many, number
from swingbreak.simulation.holding import Holding

__all__ = ["ENDPOINTS", "place_split", "refused_text"]

_MOST_PARTS = 100
_SPLIT_SIZE = integer(least=1, refusal="Must be greater than or equal to 1.")
_MATCHED = "Positions Already Matched. No Action needed."
_SQUARE_OFF = "AUTO_SQUARE_OFF"  # the strategy OpenAlgo's sandbox writes on closing orders


def refused_text(refused: Refused) -> str:
    """Return the message of *refused*."""
    body = refused.reply.body
    return str(body["message"]) if isinstance(body, dict) else body


def _basket(desk: Desk, fields: Fields) -> Reply:
    # buys first, so that a hedge is there before what it hedges
    legs = sorted(fields["orders"], key=lambda leg: leg["action"].upper() == "SELL")
    results = []
    for number_, leg in enumerate(legs, 1):
        result = _basket_leg(desk, leg | {"strategy": fields["strategy"]})
        if desk.analyzing and result["status"] == "success":
            result |= {"batch_order": True, "is_last_order": number_ == len(legs)}
        results.append(result)
    return desk.success(results=results)


def _basket_leg(desk: Desk, leg: Fields) -> dict[str, Any]:
    symbol = leg["symbol"]
    try:
        orderid = place(desk, leg).orderid
    except Refused as refused:
        return {"symbol": symbol, "status": "error", "message": refused_text(refused)}
    where = {"exchange": leg["exchange"], "product": leg["product"]}
    return {"symbol": symbol, **where, "status": "success", "orderid": orderid}


def _split(desk: Desk, fields: Fields) -> Reply:
    size = fields["splitsize"]
    results = place_split(desk, fields, size)
    total = fields["quantity"]
    return desk.success(results=results, split_size=size, total_quantity=total)


def place_split(desk: Desk, fields: Fields, size: int) -> list[dict[str, Any]]:
    """Place the order of *fields* in parts of *size* and say what became of each.

    Raises:
        Refused: There would be too many parts.
    """
    if fields["quantity"] > _MOST_PARTS * size:
        raise refusal(400, f"Total number of orders would exceed maximum limit of {_MOST_PARTS}")
    parts = slices(fields["quantity"], size)
    return [_part(desk, fields, order_num, units) for order_num, units in enumerate(parts, 1)]


def _part(desk: Desk, fields: Fields, order_num: int, units: int) -> dict[str, Any]:
    row: dict[str, Any] = {"order_num": order_num, "quantity": units}
    try:
        orderid = place(desk, fields | {"quantity": units}).orderid
    except Refused as refused:
        return row | {"status": "error", "message": refused_text(refused)}
    return row | {"status": "success", "orderid": orderid}


def _smart(desk: Desk, fields: Fields) -> Reply:
    target = int(fields["position_size"])
    current = _held(desk, fields["symbol"], fields["product"])
    order = fields
    if target != current:
        away = target - current
        order = fields | {"action": "BUY" if away > 0 else "SELL", "quantity": abs(away)}
    elif current or not desk.analyzing:
        return desk.success(message=_MATCHED)
    elif not fields["quantity"]:
        return desk.success(message="No OpenPosition Found. Not placing Exit order.")
    if desk.personality.smart_at_market:
        order = order | {"pricetype": "MARKET"}
    return desk.success(orderid=place(desk, order).orderid)


def _held(desk: Desk, symbol: str, product: str) -> int:
    desk.now()
    position = desk.floor.venue.positions().get((symbol, product))
    return position.quantity if position else 0


def _close(desk: Desk, _: Fields) -> Reply:
    desk.now()
    outcomes = [_flatten(desk, one) for one in desk.account.holdings() if one.quantity]
    if not desk.analyzing:
        return desk.success(message="All Open Positions Squared Off")
    closed = sum(outcomes)
    return desk.success(
        closed_positions=closed,
        failed_closures=len(outcomes) - closed,
        message=f"Closed {closed} positions",
    )


def _flatten(desk: Desk, held: Holding) -> bool:
    """Send what closes *held*, and say whether all of it was taken."""
    instrument = desk.instruments.named(held.symbol)
    order = {name: field.default for name, field in TERMS.items()} | {
        "strategy": _SQUARE_OFF,
        "symbol": held.symbol,
        "exchange": instrument.exchange,
        "product": held.product,
        "action": "SELL" if held.quantity > 0 else "BUY",
    }
    most = max(instrument.lot, instrument.freeze // instrument.lot * instrument.lot)
    try:
        for units in slices(abs(held.quantity), most):
            place(desk, order | {"quantity": units})
    except Refused:
        return False
    return True


_ORDER = {"apikey": KEY, "strategy": LABEL, **TERMS}
_SMART_QUANTITY = quantity(least=0, refusal="Quantity must be a non-negative number.")

ENDPOINTS = (
    Endpoint(
        "placesmartorder",
        {
            **_ORDER,
            "quantity": Field(_SMART_QUANTITY, required=True),
            "position_size": Field(number(), required=True),
            "underlying_ltp": Field(number(), nullable=True),
        },
        _smart,
        family=Family.TEXT,
        rate=ORDERS,
    ),
    Endpoint(
        "basketorder",
        {"apikey": KEY, "strategy": LABEL, "orders": Field(many(TERMS), required=True)},
        _basket,
        family=Family.TEXT,
    ),
    Endpoint(
        "splitorder",
        {**_ORDER, "splitsize": Field(_SPLIT_SIZE, required=True)},
        _split,
        family=Family.TEXT,
    ),
    Endpoint("closeposition", {"apikey": KEY, "strategy": LABEL}, _close, family=Family.TEXT),
)
