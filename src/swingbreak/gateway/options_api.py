"""Endpoints about option chains: the chain, one of its options, its forward, greeks."""

from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from swingbreak.domain.instrument import OptionContract, Right, expiry_text
from swingbreak.domain.session import IST
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import KEY, Endpoint
from swingbreak.gateway.envelope import Family, Refused, Reply, refusal
from swingbreak.gateway.greeks import Greeks, greeks
from swingbreak.gateway.instruments import Chain, Instrument
from swingbreak.gateway.limits import GREEKS
from swingbreak.gateway.placing import LABEL
from swingbreak.gateway.schema import (
    ORDER_EXCHANGE,
    Field,
    Fields,
    Invalid,
    choice,
    flag,
    integer,
    many,
    number,
    text,
)

__all__ = ["ENDPOINTS", "UNDERLYING", "chain_of", "option_at"]

_EXPIRES = time(15, 30)  # OpenAlgo still reckons with the close before August 2026
_YEAR_S = 365 * 24 * 3600


def chain_of(desk: Desk, fields: Fields) -> Chain:
    """Return the chain a request names.

    Raises:
        Refused: There is none.
    """
    underlying, expiry = fields["underlying"], fields["expiry_date"]
    if (chain := desk.instruments.chain(underlying, str(expiry))) is None:
        remedy = "Please check expiry date or update master contract."
        raise refusal(404, f"No strikes found for {underlying} expiring {expiry}. {remedy}")
    return chain


def option_at(desk: Desk, fields: Fields) -> Instrument:
    """Return the option at the offset from the money that *fields* name.

    Raises:
        Refused: There is no such chain, or it does not reach that far.
    """
    offset, right = fields["offset"], Right(fields["option_type"])
    option = chain_of(desk, fields).at_offset(offset, right, desk.spot)
    if option is None:
        remedy = "Please use a smaller offset."
        raise refusal(400, f"Offset {offset} is out of range for available strikes. {remedy}")
    return option


def _optionsymbol(desk: Desk, fields: Fields) -> Reply:
    option = option_at(desk, fields)
    return _ordered(
        symbol=option.symbol,
        exchange=option.exchange,
        lotsize=option.lot,
        tick_size=option.tick,
        freeze_qty=option.freeze,
        underlying_ltp=desk.spot / 100,
    )


def _syntheticfuture(desk: Desk, fields: Fields) -> Reply:
    chain = chain_of(desk, fields)
    body = {
        "atm_strike": chain.strikes[chain.atm(desk.spot)] / 100,
        "expiry": fields["expiry_date"],
        "synthetic_future_price": _forward(desk, chain),
        "underlying": fields["underlying"],
        "underlying_ltp": desk.spot / 100,
    }
    return Reply({"status": "success", **body})


def _forward(desk: Desk, chain: Chain) -> float:
    """Return call - put + strike at the money, rupees."""
    strike = chain.strikes[chain.atm(desk.spot)]
    call, put = (desk.quote(chain.options[strike, right]).price for right in Right)
    return (strike + call - put) / 100


def _optionchain(desk: Desk, fields: Fields) -> Reply:
    chain, spot = chain_of(desk, fields), desk.quote(desk.instruments.spot)
    middle, count = chain.atm(spot.price), fields["strike_count"]
    forward = _forward(desk, chain) if fields["with_greeks"] else None
    places = range(len(chain.strikes))
    if count is not None:
        places = places[max(0, middle - count) : middle + count + 1]
    return _ordered(
        underlying=fields["underlying"],
        underlying_symbol=desk.instruments.spot.symbol,
        underlying_exchange=desk.instruments.spot.exchange,
        underlying_ltp=spot.price / 100,
        underlying_prev_close=spot.previous_close / 100,
        expiry_date=fields["expiry_date"],
        expiry_ts=int(_expires(chain).timestamp()),
        server_ts=int(desk.now().timestamp()),
        atm_strike=chain.strikes[middle] / 100,
        quotes_included=True,
        greeks_included=forward is not None,
        forward_price=forward,
        chain=[_strike_row(desk, chain, place, middle, forward) for place in places],
    )


def _strike_row(
    desk: Desk, chain: Chain, place: int, middle: int, forward: float | None
) -> dict[str, Any]:
    strike = chain.strikes[place]
    row: dict[str, Any] = {"strike": strike / 100}
    for right in Right:
        option = chain.options.get((strike, right))
        away = place - middle if right is Right.CE else middle - place
        row[right.value.lower()] = option and _leg(desk, chain, option, away, forward)
    return row


def _leg(
    desk: Desk, chain: Chain, option: Instrument, away: int, forward: float | None
) -> dict[str, Any]:
    quote = desk.quote(option)
    leg: dict[str, Any] = {
        "symbol": option.symbol,
        "label": f"{'OTM' if away > 0 else 'ITM'}{abs(away)}" if away else "ATM",
        "ltp": quote.price / 100,
        "bid": quote.bid / 100,
        "ask": quote.ask / 100,
        "bid_qty": quote.bid_size,
        "ask_qty": quote.ask_size,
        "open": quote.open / 100,
        "high": quote.high / 100,
        "low": quote.low / 100,
        "prev_close": quote.previous_close / 100,
        "volume": quote.volume,
        "oi": 0,
        "lotsize": option.lot,
        "tick_size": option.tick,
    }
    if forward is not None:
        shown = asdict(_greeks(desk, chain, option, forward))
        del shown["rho"]
        leg |= shown
    return leg


def _greeks(desk: Desk, chain: Chain, option: Instrument, forward: float) -> Greeks:
    years = _seconds_left(desk, chain) / _YEAR_S
    price = desk.quote(option).price / 100
    return greeks(Right(option.kind), forward, option.strike, price, years)


def _expires(chain: Chain) -> datetime:
    return datetime.combine(chain.expiry, _EXPIRES, IST)


def _seconds_left(desk: Desk, chain: Chain) -> float:
    return (_expires(chain) - desk.now()).total_seconds()


def _optiongreeks(desk: Desk, fields: Fields) -> Reply:
    return Reply(_greeks_row(desk, fields))


def _multioptiongreeks(desk: Desk, fields: Fields) -> Reply:
    rows, failed = [], []
    for wanted in fields["symbols"]:
        try:
            rows.append(_greeks_row(desk, fields | wanted))
        except Refused as refused:
            body = refused.reply.body if isinstance(refused.reply.body, dict) else {}
            rows.append(wanted | {"status": "error", "message": body.get("message")})
            failed.append(str(body.get("message")))
    succeeded = len(rows) - len(failed)
    body = {"data": rows, "status": "success"}
    if failed:
        body["status"] = "partial" if succeeded else "error"
        body["message"] = f"{len(failed)} option Greeks calculation(s) failed: {failed[0]}"
    summary = {"total": len(rows), "success": succeeded, "failed": len(failed)}
    return Reply(body | {"summary": summary})


def _greeks_row(desk: Desk, fields: Fields) -> dict[str, Any]:
    option, contract = _option(desk, fields)
    chain = chain_of(desk, {"underlying": option.underlying, "expiry_date": _expiry(contract)})
    given = fields.get("forward_price")
    forward = _forward(desk, chain) if given is None else given
    shown = asdict(_greeks(desk, chain, option, forward))
    return {
        "status": "success",
        "symbol": option.symbol,
        "exchange": option.exchange,
        "underlying": option.underlying,
        "strike": option.strike,
        "option_type": option.kind,
        "expiry_date": _titled(contract),
        "days_to_expiry": round(_seconds_left(desk, chain) / 86400, 4),
        "spot_price": forward,
        "option_price": desk.quote(option).price / 100,
        "interest_rate": fields.get("interest_rate") or 0,
        "implied_volatility": shown.pop("implied_volatility"),
        "greeks": shown,
    }


def _option(desk: Desk, fields: Fields) -> tuple[Instrument, OptionContract]:
    symbol = fields["symbol"]
    option = desk.instruments.find(symbol, fields["exchange"])
    if option is None or option.contract is None:
        failed = "Failed to parse option symbol"
        raise refusal(500, f"{failed}: {failed} {symbol}: Invalid option symbol format: {symbol}")
    return option, option.contract


def _expiry(contract: OptionContract) -> str:
    return expiry_text(contract.expiry)


def _titled(contract: OptionContract) -> str:
    expiry = _expiry(contract)
    return f"{expiry[:2]}-{expiry[2:5].title()}-{contract.expiry.year}"


def _ordered(**fields: Any) -> Reply:
    return Reply({"status": "success", **fields}, ordered=True)


def _offset(value: Any) -> str:
    offset = str(text()(value))
    side, steps = offset[:3], offset[3:]
    known = side in {"ITM", "OTM"} and steps.isdigit() and 1 <= int(steps) <= _FURTHEST
    if offset != "ATM" and not known:
        raise Invalid([f"Offset must be ATM, ITM1-ITM{_FURTHEST}, or OTM1-OTM{_FURTHEST}"])
    return offset


_FURTHEST = 50
UNDERLYING = {"apikey": KEY, "underlying": LABEL, "exchange": ORDER_EXCHANGE}
_RIGHT = Field(choice("CE", "PE"), required=True)
_COUNT = integer(
    least=1, most=100, refusal="Must be greater than or equal to 1 and less than or equal to 100."
)
_MODEL = {
    "interest_rate": Field(number(), nullable=True),
    "forward_price": Field(number(), nullable=True),
    "underlying_symbol": Field(text(), nullable=True),
    "underlying_exchange": Field(text(), nullable=True),
    "expiry_time": Field(text(), nullable=True),
}
_OPTION = {"symbol": LABEL, "exchange": ORDER_EXCHANGE}
_MANY_OPTIONS = many(_OPTION, least=1, most=50, refusal="Length must be between 1 and 50.")
_CHAIN_KEY = "Failed to fetch LTP for NIFTY: Invalid openalgo apikey"
_GREEKS_KEY = refusal(401, "Invalid openalgo apikey").reply

ENDPOINTS = (
    Endpoint(
        "optionchain",
        {
            **UNDERLYING,
            "expiry_date": LABEL,
            "strike_count": Field(_COUNT, nullable=True),
            "with_greeks": Field(flag(), default=False),
            "interest_rate": Field(number(), nullable=True),
        },
        _optionchain,
        family=Family.ERRORS,
        bad_key=refusal(403, _CHAIN_KEY).reply,
    ),
    Endpoint(
        "optionsymbol",
        {
            **UNDERLYING,
            "expiry_date": Field(text(), nullable=True),
            "offset": Field(_offset, required=True),
            "option_type": _RIGHT,
            "strike_int": Field(integer(), nullable=True),
            "strategy": Field(text(), nullable=True),
        },
        _optionsymbol,
        family=Family.ERRORS,
    ),
    Endpoint(
        "syntheticfuture",
        {**UNDERLYING, "expiry_date": LABEL},
        _syntheticfuture,
        family=Family.ERRORS,
    ),
    Endpoint(
        "optiongreeks",
        {"apikey": KEY, **_OPTION, **_MODEL},
        _optiongreeks,
        family=Family.GREEKS,
        rate=GREEKS,
        bad_key=_GREEKS_KEY,
    ),
    Endpoint(
        "multioptiongreeks",
        {"apikey": KEY, "symbols": Field(_MANY_OPTIONS, required=True), **_MODEL},
        _multioptiongreeks,
        family=Family.GREEKS,
        bad_key=_GREEKS_KEY,
    ),
)
