"""Endpoints that place option orders by distance from the money."""

from typing import Any

from swingbreak.gateway.batch_api import place_split, refused_text
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import Endpoint
from swingbreak.gateway.envelope import Family, Refused, Reply, refusal
from swingbreak.gateway.limits import ORDERS
from swingbreak.gateway.options_api import UNDERLYING, option_at
from swingbreak.gateway.placing import LABEL, TERMS, place
from swingbreak.gateway.schema import Field, Fields, choice, integer, many, text

__all__ = ["ENDPOINTS"]


def _order(desk: Desk, fields: Fields) -> Reply:
    option = option_at(desk, fields)
    order = fields | {"symbol": option.symbol, "exchange": option.exchange}
    asked = {name: fields[name] for name in ("offset", "option_type", "underlying")}
    where = {"exchange": option.exchange, "symbol": option.symbol}
    told = {**asked, **where, "underlying_ltp": desk.spot / 100}
    if size := fields["splitsize"]:
        results = place_split(desk, order, size)
        total = {"total_quantity": fields["quantity"], "split_size": size}
        return desk.success(**told, **total, results=results)
    try:
        return desk.success(**told, orderid=place(desk, order).orderid)
    except Refused as refused:
        # this endpoint never tells the mode of an error
        raise refusal(refused.reply.status, refused_text(refused)) from refused


def _multi(desk: Desk, fields: Fields) -> Reply:
    legs = list(enumerate(fields["legs"], 1))
    # buys first, so that a hedge is there before what it hedges
    legs.sort(key=lambda leg: leg[1]["action"].upper() == "SELL")
    results = [_leg(desk, fields, number, leg) for number, leg in legs]
    results.sort(key=lambda row: row["leg"])
    told = {"underlying": fields["underlying"], "underlying_ltp": desk.spot / 100}
    return desk.success(**told, results=results)


def _leg(desk: Desk, fields: Fields, number: int, leg: Fields) -> dict[str, Any]:
    row: dict[str, Any] = {"leg": number}
    row |= {name: leg[name] for name in ("action", "offset", "option_type", "product")}
    wanted = fields | leg
    wanted["expiry_date"] = leg["expiry_date"] or fields["expiry_date"]
    try:
        option = option_at(desk, wanted)
        row |= {"symbol": option.symbol, "exchange": option.exchange}
        row["orderid"] = place(desk, wanted | row).orderid
    except Refused as refused:
        return row | {"status": "error", "message": refused_text(refused)}
    mode = {"mode": "analyze"} if desk.analyzing else {}
    return row | {"status": "success", **mode}


_PART = integer(least=0, refusal="Must be greater than or equal to 0.")
_WORDS = {
    "offset": LABEL,
    "option_type": Field(choice("CE", "PE"), required=True),
    "action": TERMS["action"],
    "quantity": TERMS["quantity"],
    "pricetype": TERMS["pricetype"],
    "product": Field(choice("MIS", "NRML"), default="MIS"),
    "price": TERMS["price"],
    "trigger_price": TERMS["trigger_price"],
    "disclosed_quantity": TERMS["disclosed_quantity"],
    "expiry_date": Field(text(), nullable=True),
    "splitsize": Field(_PART, default=0),
}
_REQUEST = {**UNDERLYING, "strategy": LABEL, "strike_int": Field(integer(), nullable=True)}
_LEGS = many(_WORDS, least=1, most=20, refusal="Legs must contain 1 to 20 items.")

ENDPOINTS = (
    Endpoint("optionsorder", {**_REQUEST, **_WORDS}, _order, family=Family.ERRORS, rate=ORDERS),
    Endpoint(
        "optionsmultiorder",
        {
            **_REQUEST,
            "expiry_date": Field(text(), nullable=True),
            "legs": Field(_LEGS, required=True),
        },
        _multi,
        family=Family.ERRORS,
        rate=ORDERS,
    ),
)
