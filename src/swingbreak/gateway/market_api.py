"""Endpoints that show the market: quotes, depth, history."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from swingbreak.domain.market import Bar
from swingbreak.domain.orders import Side
from swingbreak.domain.session import IST, Session
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.endpoint import KEY, Endpoint
from swingbreak.gateway.envelope import Reply, refusal
from swingbreak.gateway.instruments import Instrument
from swingbreak.gateway.quotes import Quote
from swingbreak.gateway.schema import ORDER_EXCHANGE, Field, Fields, choice, day, many, text
from swingbreak.simulation.book import LEVELS, ladder

__all__ = ["ENDPOINTS", "found", "quote_fields"]

_SCHEMA_INTERVALS = (
    "1s", "5s", "10s", "15s", "30s", "45s", "1m", "2m", "3m", "5m", "10m", "15m", "20m", "30m",
    "1h", "2h", "3h", "4h", "D", "W", "M", "Q", "Y",
)  # fmt: skip
# Minutes of each interval we make: what Zerodha offers. A day is one bar whatever its length.
_MINUTES = {"1m": 1, "3m": 3, "5m": 5, "10m": 10, "15m": 15, "30m": 30, "1h": 60, "D": 24 * 60}
_IST_OFFSET_S = 19_800

_TEXT = Field(text(), required=True)
_PLACE = {"symbol": _TEXT, "exchange": ORDER_EXCHANGE}
_SPAN = {
    "interval": Field(choice(*_SCHEMA_INTERVALS), required=True),
    "start_date": Field(day(), required=True),
    "end_date": Field(day(), required=True),
}
_TICKER = {
    "path": Field(text(), required=True),
    "interval": Field(choice(*_SCHEMA_INTERVALS), default="D"),
    "start_date": Field(day(), required=True),
    "end_date": Field(day(), required=True),
    "format": Field(text(), default="json"),
}


def _unknown(symbol: str, exchange: str) -> str:
    return (
        f"Symbol '{symbol}' not found for exchange '{exchange}'. Please verify the symbol name "
        "and ensure master contracts are downloaded."
    )


def found(desk: Desk, fields: Fields) -> Instrument:
    """Return the instrument a request names.

    Raises:
        Refused: There is none.
    """
    symbol, exchange = fields["symbol"], fields["exchange"]
    if (instrument := desk.instruments.find(symbol, exchange)) is None:
        raise refusal(400, _unknown(symbol, exchange))
    return instrument


def quote_fields(quote: Quote) -> dict[str, Any]:
    """Return *quote* as the quote endpoints show it: rupees."""
    return {
        "ask": quote.ask / 100,
        "bid": quote.bid / 100,
        "high": quote.high / 100,
        "low": quote.low / 100,
        "ltp": quote.price / 100,
        "oi": 0,
        "open": quote.open / 100,
        "prev_close": quote.previous_close / 100,
        "volume": quote.volume,
    }


def _quotes(desk: Desk, fields: Fields) -> Reply:
    data = quote_fields(desk.quote(found(desk, fields)))
    return Reply({"status": "success", "data": data})


def _multiquotes(desk: Desk, fields: Fields) -> Reply:
    unknown, known = [], []
    for wanted in fields["symbols"]:
        symbol, exchange = wanted["symbol"], wanted["exchange"]
        row = {"symbol": symbol, "exchange": exchange}
        instrument = desk.instruments.find(symbol, exchange)
        if instrument is None:
            unknown.append(row | {"error": _unknown(symbol, exchange)})
        else:
            known.append(row | {"data": quote_fields(desk.quote(instrument))})
    if not known:
        raise refusal(400, unknown[0]["error"], invalid_symbols=unknown)
    return Reply({"status": "success", "results": unknown + known})


def _depth(desk: Desk, fields: Fields) -> Reply:
    quote = desk.quote(found(desk, fields))
    bids, asks = (_levels(quote, side) for side in (Side.BUY, Side.SELL))
    data = quote_fields(quote) | {
        "asks": asks,
        "bids": bids,
        "ltq": quote.last_quantity,
        "totalbuyqty": sum(level["quantity"] for level in bids),
        "totalsellqty": sum(level["quantity"] for level in asks),
    }
    del data["ask"], data["bid"]
    return Reply({"status": "success", "data": data})


def _levels(quote: Quote, side: Side) -> list[dict[str, Any]]:
    displayed = ladder(quote.tick, side) if quote.tick else ((0, 0),) * LEVELS
    return [{"price": price / 100, "quantity": size} for price, size in displayed]


def _history(desk: Desk, fields: Fields) -> Reply:
    instrument = found(desk, fields)
    if fields["source"] == "db":
        name = f"{instrument.symbol}:{instrument.exchange} interval {fields['interval']}"
        remedy = "Download data first using Historify."
        raise refusal(404, f"No data found for {name} in local database. {remedy}")
    return Reply({"status": "success", "data": list(_candles(desk, instrument, fields))})


def _candles(desk: Desk, instrument: Instrument, fields: Fields) -> Iterator[dict[str, Any]]:
    interval, session = fields["interval"], desk.tape.session
    if interval not in _MINUTES:
        raise refusal(500, f"interval {interval} is not supported")
    if not fields["start_date"] <= session.day <= fields["end_date"]:
        return
    for bar in _grouped(desk.bars(instrument), _MINUTES[interval]):
        yield {
            "timestamp": _stamp(session, bar.minute, interval),
            "open": bar.open / 100,
            "high": bar.high / 100,
            "low": bar.low / 100,
            "close": bar.close / 100,
            "volume": bar.volume,
            "oi": 0,
        }


def _grouped(bars: Iterable[Bar], minutes: int) -> Iterator[Bar]:
    """Yield bars of so many minutes, the last one as far as it has formed."""
    for group, members in groupby(bars, lambda bar: bar.minute // minutes):
        parts = list(members)
        yield Bar(
            minute=group * minutes,
            open=parts[0].open,
            high=max(part.high for part in parts),
            low=min(part.low for part in parts),
            close=parts[-1].close,
            volume=sum(part.volume for part in parts),
        )


def _stamp(session: Session, minute: int, interval: str) -> int:
    """Return the start of a candle, epoch seconds; a day's is its date in India, as if UTC."""
    if interval == "D":
        midnight = datetime.combine(session.day, datetime.min.time(), IST)
        return int(midnight.timestamp()) + _IST_OFFSET_S
    return int(session.start_of(minute).timestamp())


def _intervals(_: Desk, __: Fields) -> Reply:
    minutes = [name for name in _MINUTES if name.endswith("m")]
    data = {"minutes": minutes, "hours": ["1h"], "days": ["D"]}
    return Reply({"status": "success", "data": {"seconds": [], "weeks": [], "months": []} | data})


def _ticker(desk: Desk, fields: Fields) -> Reply:
    exchange, _, symbol = fields["path"].rpartition(":")
    instrument = found(desk, {"symbol": symbol, "exchange": exchange or "NSE"})
    rows = list(_candles(desk, instrument, fields))
    if fields["format"] != "txt":
        return Reply({"status": "success", "data": rows})
    lines = (_line(instrument, row) for row in rows)
    return Reply("\n".join(lines), content_type="text/plain")


def _line(instrument: Instrument, row: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(row["timestamp"], IST)
    prices = (row[name] for name in ("open", "high", "low", "close", "volume"))
    name = f"{instrument.exchange}:{instrument.symbol}"
    return ",".join([name, f"{at:%Y-%m-%d,%H:%M:%S}", *map(str, prices)])


_MODULE_MISSING = refusal(404, "Broker-specific module not found").reply

ENDPOINTS = (
    Endpoint("quotes", {"apikey": KEY, **_PLACE}, _quotes),
    Endpoint(
        "multiquotes",
        {
            "apikey": KEY,
            "symbols": Field(
                many(_PLACE, least=1, refusal="Shorter than minimum length 1."), required=True
            ),
        },
        _multiquotes,
    ),
    Endpoint("depth", {"apikey": KEY, **_PLACE}, _depth, bad_key=_MODULE_MISSING),
    Endpoint(
        "history",
        {"apikey": KEY, **_PLACE, **_SPAN, "source": Field(choice("api", "db"), default="api")},
        _history,
    ),
    Endpoint("intervals", {"apikey": KEY}, _intervals),
    Endpoint(
        "ticker/{path}",
        {"apikey": KEY, **_TICKER},
        _ticker,
        method="GET",
    ),
)
