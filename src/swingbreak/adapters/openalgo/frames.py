"""OpenAlgo's WebSocket frames as values, and the frames we send; pure.

One loose structure decodes every frame: error frames carry no ``type``, and a union that must
guess costs more than the unused keys.

Source: OpenAlgo 2.0.2.1, recorded frames and code, read 2026-11-22.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec

from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise, paise_of_wire, rupees
from swingbreak.market.offers import is_freak

__all__ = [
    "Ack",
    "DataMode",
    "Frame",
    "Instrument",
    "authenticate",
    "decode",
    "instant_of_ping",
    "sent_at",
    "subscribe",
    "subscribe_orders",
    "tick_of",
    "waits_for_pong",
]

# Zerodha's depth packets carry the last trade in epoch seconds, everything else milliseconds.
_SECONDS_BELOW: Final = 100_000_000_000

# A simulated market's ping: its time in epoch milliseconds, and whether it waits for the answer.
_MARK: Final = re.compile(rb"t=(\d+)(;step)?")


class DataMode(IntEnum):
    """How much a subscription brings."""

    LTP = 1
    QUOTE = 2
    DEPTH = 3


class Instrument(NamedTuple):
    """Something to subscribe to, in the one mode it is wanted in.

    A symbol subscribed in two modes arrives twice.
    """

    symbol: str
    exchange: str
    mode: DataMode


class Level(msgspec.Struct, gc=False):
    """A price level of the displayed book; rupees."""

    price: float = 0.0
    quantity: int = 0


class Depth(msgspec.Struct, gc=False):
    """The displayed book, best level first."""

    buy: list[Level] = []
    sell: list[Level] = []


class MarketData(msgspec.Struct, gc=False):
    """The ``data`` of a market_data frame; only ``ltp`` is sure to be there. Rupees."""

    ltp: float | None = None
    ltt: int | float | str | None = None
    timestamp: int | float | str | None = None
    volume: int | float | None = None
    bid: float | None = None
    ask: float | None = None
    bid_qty: int | None = None
    ask_qty: int | None = None
    depth: Depth | None = None


class Ack(msgspec.Struct, gc=False):
    """What became of one symbol of a subscribe request."""

    symbol: str = ""
    status: str = ""
    message: str = ""


class Frame(msgspec.Struct, gc=False):
    """Any frame the gateway sends; an ``order_update`` is decoded again by ``wire``."""

    type: str = ""
    status: str = ""
    code: str = ""
    message: str = ""
    symbol: str | None = None
    exchange: str | None = None
    data: MarketData | None = None
    subscriptions: list[Ack] = []


_decode = msgspec.json.Decoder(Frame, strict=False).decode


def decode(text: str | bytes) -> Frame:
    """Return the frame *text* is.

    Raises:
        DataError: It is none.
    """
    try:
        return _decode(text)
    except ValueError as error:  # no JSON, or no UTF-8
        raise DataError(f"frame {text[:200]!r} cannot be read: {error}") from error


def sent_at(frame: Frame) -> datetime | None:
    """Return when the gateway sent a market_data *frame*, by the gateway's own clock."""
    return None if frame.data is None else _instant(frame.data.timestamp)


def tick_of(frame: Frame, received: datetime) -> Tick:
    """Return the tick of a market_data *frame* received at *received*.

    Raises:
        DataError: It has no symbol, no positive price, or one that cannot have traded.
    """
    data = frame.data
    if data is None or not frame.symbol:
        raise DataError(f"market_data without symbol or data: {frame}")
    price = _price(frame, data.ltp)
    if price <= 0:
        raise DataError(f"{frame.symbol}: last price {data.ltp} is none")
    depth = data.depth
    if depth is not None and (depth.buy or depth.sell):
        bid, bid_size = _best(depth.buy)
        ask, ask_size = _best(depth.sell)
    else:
        bid, bid_size = _price(frame, data.bid), data.bid_qty or 0
        ask, ask_size = _price(frame, data.ask), data.ask_qty or 0
    if is_freak(price, bid, ask):
        raise DataError(
            f"{frame.symbol}: last price {data.ltp} cannot have traded between "
            f"{rupees(bid)} and {rupees(ask)}"
        )
    traded = _instant(data.ltt) or _instant(data.timestamp) or received
    volume = _whole(frame, data.volume or 0)
    return Tick(frame.symbol, traded, price, volume, bid, ask, bid_size, ask_size)


def authenticate(api_key: str) -> str:
    """Return the first frame of a connection."""
    return _text({"action": "authenticate", "api_key": api_key})


def subscribe(instruments: Iterable[Instrument]) -> list[str]:
    """Return the frames that subscribe *instruments*: one per mode, since a list has one mode."""
    by_mode: dict[DataMode, list[dict[str, str]]] = {}
    for symbol, exchange, mode in instruments:
        by_mode.setdefault(mode, []).append({"symbol": symbol, "exchange": exchange})
    return [
        _text({"action": "subscribe", "symbols": symbols, "mode": int(mode)})
        for mode, symbols in by_mode.items()
    ]


def unsubscribe(instruments: Iterable[Instrument]) -> list[str]:
    """Return the frame that ends the subscription of *instruments*; none where there are none.

    Each names its mode: the gateway takes 2 where none is named, and leaves the real one active.
    """
    symbols = [
        {"symbol": symbol, "exchange": exchange, "mode": int(mode)}
        for symbol, exchange, mode in instruments
    ]
    return [_text({"action": "unsubscribe", "symbols": symbols})] if symbols else []


def subscribe_orders() -> str:
    """Return the frame that asks for the account's order updates."""
    return _text({"action": "subscribe_orders"})


def instant_of_ping(payload: bytes) -> datetime | None:
    """Return the market time a simulated market's ping tells; ``None`` from a real gateway."""
    mark = _MARK.fullmatch(payload)
    return None if mark is None else datetime.fromtimestamp(int(mark[1]) / 1000, UTC)


def waits_for_pong(payload: bytes) -> bool:
    """Whether market time stands still until this ping is answered."""
    mark = _MARK.fullmatch(payload)
    return mark is not None and mark[2] is not None


def _text(frame: Mapping[str, object]) -> str:
    return msgspec.json.encode(frame).decode()


def _price(frame: Frame, amount: float | None) -> Paise:
    if not amount:
        return 0
    # an index is computed, not traded: India VIX has four decimals
    if frame.exchange is not None and frame.exchange.endswith("_INDEX"):
        return _whole(frame, amount * 100)
    return paise_of_wire(amount)


def _whole(frame: Frame, number: float) -> int:
    try:
        return round(number)
    except (OverflowError, ValueError) as error:
        raise DataError(f"{frame.symbol}: {number!r} is no number") from error


def _best(levels: list[Level]) -> tuple[Paise, int]:
    # an empty side is padded with zeros
    return (paise_of_wire(levels[0].price), levels[0].quantity) if levels else (0, 0)


def _instant(epoch: float | str | None) -> datetime | None:
    if not isinstance(epoch, int | float) or epoch <= 0:
        return None
    seconds = epoch if epoch < _SECONDS_BELOW else epoch / 1000
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
