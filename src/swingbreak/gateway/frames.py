"""WebSocket frames, encoded once and ready for the wire.

Source: market data as Zerodha's adapter of OpenAlgo 2.0.2.1 sends it, plus the names that other
adapters use for the same facts, so that every client finds the one it reads.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from swingbreak.domain.market import Tick
from swingbreak.domain.orders import Side
from swingbreak.gateway.instruments import Instrument
from swingbreak.gateway.quotes import Quote
from swingbreak.simulation.book import Displayed, ladder

__all__ = [
    "BROKER",
    "MODES",
    "USER",
    "epoch_ms",
    "market_data",
    "ping_frame",
    "text_frame",
]

BROKER = "simulated"
USER = "trader"
MODES = {1: "LTP", 2: "Quote", 3: "Depth"}
_SHORT, _MEDIUM = 126, 1 << 16

_encode = msgspec.json.Encoder().encode


def text_frame(message: Mapping[str, Any]) -> bytes:
    """Return *message* as one unmasked WebSocket text frame (RFC 6455, section 5.2)."""
    payload = _encode(message)
    size = len(payload)
    if size < _SHORT:
        return bytes((0x81, size)) + payload
    if size < _MEDIUM:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def ping_frame(payload: bytes) -> bytes:
    """Return a WebSocket ping; *payload* has at most 125 bytes."""
    return bytes((0x89, len(payload))) + payload


def epoch_ms(at: datetime) -> int:
    """Return *at* as milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def market_data(instrument: Instrument, quote: Quote, mode: int) -> bytes:
    """Return the frame of the instrument's newest tick for a subscription in *mode*."""
    tick = quote.tick
    if tick is None:
        raise ValueError(f"{quote.symbol} has not ticked")
    at = epoch_ms(tick.at)
    data: dict[str, Any] = {
        "symbol": quote.symbol,
        "exchange": instrument.exchange,
        "ltp": tick.price / 100,
        # the adapter gives receive time in ms, but in depth packets exchange time in seconds
        "ltt": at if mode < _FULL else at // 1000,
        "timestamp": at,
        "mode": _MODE_WORDS[mode],
    }
    if mode > _LTP:
        data |= _index_fields() if instrument.contract is None else _quote_fields(quote)
    if mode == _FULL and instrument.contract is not None:
        data |= _depth_fields(tick)
    return text_frame(
        {
            "type": "market_data",
            "symbol": quote.symbol,
            "exchange": instrument.exchange,
            "mode": mode,
            "data": data,
            "broker": BROKER,
        }
    )


_LTP, _QUOTE, _FULL = 1, 2, 3
_MODE_WORDS = {_LTP: "ltp", _QUOTE: "quote", _FULL: "full"}


def _index_fields() -> dict[str, Any]:
    return {"volume": 0}  # an index packet carries nothing else


def _quote_fields(quote: Quote) -> dict[str, Any]:
    last, close = quote.last, quote.previous_close
    quantity, average = quote.last_quantity, quote.average / 100
    bid_size, ask_size = quote.bid_size, quote.ask_size
    return {
        "volume": quote.volume,
        "last_quantity": quantity,
        "last_trade_quantity": quantity,
        "average_price": average,
        "avg_trade_price": average,
        "total_buy_quantity": bid_size,
        "total_sell_quantity": ask_size,
        "open": quote.open / 100,
        "high": quote.high / 100,
        "low": quote.low / 100,
        "close": close / 100,
        "prev_close": close / 100,
        "change": (last - close) / 100 if close else 0.0,
        "change_percent": round(100 * (last - close) / close, 2) if close else 0.0,
        "oi": 0,
        "bid": quote.bid / 100,
        "ask": quote.ask / 100,
        "bid_qty": bid_size,
        "ask_qty": ask_size,
    }


def _depth_fields(tick: Tick) -> dict[str, Any]:
    buy, sell = ladder(tick, Side.BUY), ladder(tick, Side.SELL)
    return {
        "open_interest": 0,
        "total_buy_quantity": sum([size for _, size in buy]),
        "total_sell_quantity": sum([size for _, size in sell]),
        "depth": {"buy": _levels(buy), "sell": _levels(sell)},
    }


def _levels(displayed: tuple[Displayed, ...]) -> list[dict[str, Any]]:
    return [{"price": price / 100, "quantity": size, "orders": 1} for price, size in displayed]
