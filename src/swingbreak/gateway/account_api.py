"""Endpoints about the account and the server itself."""

from typing import Any

from swingbreak.domain.session import ist_stamp
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import KEY, Endpoint
from swingbreak.gateway.envelope import Family, Reply, refusal
from swingbreak.gateway.frames import BROKER
from swingbreak.gateway.limits import GREEKS, ORDERS
from swingbreak.gateway.placing import LABEL, TERMS, paise_of
from swingbreak.gateway.schema import Field, Fields, flag, many, text

__all__ = ["ENDPOINTS"]


def _ping(_: Desk, __: Fields) -> Reply:
    return Reply({"status": "success", "data": {"broker": BROKER, "message": "pong"}})


def _funds(desk: Desk, _: Fields) -> Reply:
    desk.now()
    account = desk.account
    realised, open_pnl = _rupees(account.realised()), _rupees(account.open_pnl())
    blocked = _rupees(account.blocked())
    data: dict[str, Any] = {
        "availablecash": _rupees(account.available()),
        "collateral": 0.0,
        "m2mrealized": realised,
        "m2munrealized": open_pnl,
        "utiliseddebits": blocked,
    }
    if not desk.analyzing:
        return desk.success(data={name: f"{value:.2f}" for name, value in data.items()})
    data |= {
        "grossexposure": blocked,
        "totalpnl": round(realised + open_pnl, 2),
        "total_realized_pnl": realised,
        "today_realized_pnl": realised,
        "last_reset": ist_stamp(desk.tape.session.opens),
        "reset_count": 0,
    }
    return desk.success(data=data)


def _margin(desk: Desk, fields: Fields) -> Reply:
    desk.now()
    premium, legs = 0, []
    for leg in fields["positions"]:
        instrument = desk.instruments.find(leg["symbol"], leg["exchange"])
        if instrument is None or instrument.contract is None:
            raise refusal(400, f"unknown instrument {leg['exchange']}:{leg['symbol']}")
        units = _units(leg["quantity"])
        if leg["action"].upper() == "BUY":
            limit = paise_of(_number(leg["price"]))
            premium += units * (limit or desk.quote(instrument).price)
        else:
            units = -units
        legs.append((instrument.symbol, units))
    margin = desk.account.required(legs)
    data = {
        "total_margin_required": _rupees(margin.total + premium),
        "span_margin": _rupees(margin.span),
        # brokers show the addition on the day of expiry as exposure
        "exposure_margin": _rupees(margin.exposure + margin.expiry_day),
    }
    return Reply({"status": "success", "data": data})


def _units(quantity: str) -> int:
    return int(_number(quantity))


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise refusal(400, f"could not convert string to float: {value!r}") from None


def _analyzer(desk: Desk, _: Fields) -> Reply:
    return Reply({"status": "success", "data": _analyzer_state(desk)})


def _toggle(desk: Desk, fields: Fields) -> Reply:
    desk.analyzing = fields["mode"]
    words = {"message": f"Analyzer mode switched to {desk.mode}"}
    return Reply({"status": "success", "data": _analyzer_state(desk) | words})


def _analyzer_state(desk: Desk) -> dict[str, Any]:
    return {"analyze_mode": desk.analyzing, "mode": desk.mode, "total_logs": desk.calls}


def _notify(_: Desk, __: Fields) -> Reply:
    raise refusal(409, "Telegram bot is stopped. Start the bot to send notifications.")


def _gtt(_: Desk, __: Fields) -> Reply:
    raise refusal(501, f"GTT orders are not supported for broker '{BROKER}' yet")


def _rupees(amount: float) -> float:
    return round(amount / 100, 2)


_LEG = {
    "symbol": LABEL,
    "exchange": TERMS["exchange"],
    "action": TERMS["action"],
    "quantity": LABEL,
    "product": Field(TERMS["product"].parse, required=True),
    "pricetype": Field(TERMS["pricetype"].parse, required=True),
    "price": Field(text(), default="0"),
    "trigger_price": Field(text(), default="0"),
}
_LEGS = many(_LEG, least=1, most=50, refusal="Positions must contain 1 to 50 items.")
_BAD_NOTIFY_KEY = refusal(401, "Invalid or missing API key").reply
_BROKEN_FUNDS = refusal(500, "An unexpected error occurred").reply

ENDPOINTS = (
    Endpoint("ping", {"apikey": KEY}, _ping),
    Endpoint("funds", {"apikey": KEY}, _funds, untyped=_BROKEN_FUNDS),
    Endpoint(
        "margin",
        {"apikey": KEY, "positions": Field(_LEGS, required=True)},
        _margin,
        family=Family.TEXT,
    ),
    Endpoint("analyzer", {"apikey": KEY}, _analyzer, family=Family.TEXT),
    Endpoint(
        "analyzer/toggle",
        {"apikey": KEY, "mode": Field(flag(), required=True)},
        _toggle,
        family=Family.TEXT,
    ),
    Endpoint("telegram/notify", None, _notify, rate=GREEKS, bad_key=_BAD_NOTIFY_KEY),
    *(
        Endpoint(name, None, _gtt, rate=ORDERS)
        for name in ("placegttorder", "modifygttorder", "cancelgttorder", "gttorderbook")
    ),
)
