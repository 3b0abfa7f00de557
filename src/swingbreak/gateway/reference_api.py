"""Endpoints that describe the instruments."""

import csv
import io
from typing import Any

from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import KEY, Endpoint
from swingbreak.gateway.envelope import Reply, refusal
from swingbreak.gateway.instruments import Instrument, dashed_expiry
from swingbreak.gateway.placing import LABEL
from swingbreak.gateway.schema import EXCHANGES, ORDER_EXCHANGE, Field, Fields, choice, text

__all__ = ["ENDPOINTS"]


def _symbol(desk: Desk, fields: Fields) -> Reply:
    symbol, exchange = fields["symbol"], fields["exchange"]
    instrument = desk.instruments.find(symbol, exchange)
    if instrument is None:
        raise refusal(404, f"Symbol {symbol} not found in exchange {exchange}")
    row = _searchable(instrument) | {"id": instrument.token}
    return Reply({"status": "success", "data": row})


def _searchable(instrument: Instrument) -> dict[str, Any]:
    return instrument.row() | {"freeze_qty": instrument.freeze}


def _search(desk: Desk, fields: Fields) -> Reply:
    found = [
        _searchable(one) for one in desk.instruments.search(fields["query"], fields["exchange"])
    ]
    message = f"Found {len(found)} matching symbols" if found else "No matching symbols found"
    return Reply({"status": "success", "data": found, "message": message})


def _expiry(desk: Desk, fields: Fields) -> Reply:
    symbol, exchange, kind = fields["symbol"], fields["exchange"], fields["instrumenttype"]
    expiries = desk.instruments.expiries(symbol, exchange) if kind == "options" else []
    found = f"Found {len(expiries)}" if expiries else "No"
    ending = "found " if not expiries else ""
    message = f"{found} expiry dates {ending}for {symbol} {kind} in {exchange}"
    data = [dashed_expiry(expiry) for expiry in expiries]
    return Reply({"status": "success", "data": data, "message": message})


def _instruments(desk: Desk, fields: Fields) -> Reply:
    rows = [one.row() for one in desk.instruments.on(fields["exchange"])]
    if fields["format"] == "csv":
        return Reply(_csv(rows), content_type="text/csv")
    message = f"Found {len(rows)} instruments"
    return Reply({"status": "success", "data": rows, "message": message})


_COLUMNS = (
    "symbol", "brsymbol", "name", "exchange", "brexchange", "token", "expiry", "strike", "lotsize",
    "instrumenttype", "tick_size",
)  # fmt: skip


def _csv(rows: list[dict[str, object]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


_EXPIRING = ("NFO", "BFO", "MCX", "CDS", "NCO", "BCD", "NCDEX", "CRYPTO")

ENDPOINTS = (
    Endpoint("symbol", {"apikey": KEY, "symbol": LABEL, "exchange": ORDER_EXCHANGE}, _symbol),
    Endpoint(
        "search",
        {
            "apikey": KEY,
            "query": LABEL,
            "exchange": Field(choice(*EXCHANGES), nullable=True),
        },
        _search,
    ),
    Endpoint(
        "expiry",
        {
            "apikey": KEY,
            "symbol": LABEL,
            "exchange": Field(choice(*_EXPIRING), required=True),
            "instrumenttype": Field(choice("futures", "options"), required=True),
        },
        _expiry,
    ),
    Endpoint(
        "instruments",
        {
            "apikey": KEY,
            "exchange": ORDER_EXCHANGE,
            "format": Field(text(), default="json"),
        },
        _instruments,
        method="GET",
    ),
)
