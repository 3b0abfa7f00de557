"""OpenAlgo's REST payloads as values; pure.

Rules of this file:

1. A payload is trusted for nothing: keys may be missing, numbers may be text, ids may be numbers.
2. What cannot be used raises ``DataError``; in a list, the bad row alone is dropped and counted,
   except where absence would be read as a fact (a position, a bar).
3. An average price comes in as the worth it stands for, because the average of several trades is
   no whole number of paise.

Source: OpenAlgo 2.0.2.1, recorded exchanges and code, read 2026-11-22.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar

import msgspec

from swingbreak.adapters.openalgo.books import (
    HeldPosition,
    OrderBook,
    OrderState,
    OrderTerms,
    OrderUpdate,
    TradeBook,
    Traded,
)
from swingbreak.adapters.openalgo.capabilities import DOCUMENTED, Capabilities
from swingbreak.adapters.openalgo.loose_json import is_text
from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise, paise_of_wire
from swingbreak.domain.session import IST, Session

__all__ = [
    "BOOK_TIMES",
    "bars",
    "book_time",
    "held_positions",
    "order_book",
    "order_update",
    "state_of",
    "trade_book",
]

BOOK_TIMES: Final = ("%Y-%m-%d %H:%M:%S", "%d-%b-%Y %H:%M:%S")

_NO_WORDS: Final[Mapping[str, str]] = MappingProxyType({})
_T = TypeVar("_T")
_Payload: TypeAlias = bytes | str | msgspec.Raw

# OpenAlgo's words, and those that adapters of brokers pass on (Dhan API 2, Kite Connect 3).
_STATES: Final = {state.value: state for state in OrderState} | {
    "canceled": OrderState.CANCELLED,
    "expired": OrderState.CANCELLED,
    "part traded": OrderState.OPEN,
    "pending": OrderState.OPEN,
    "traded": OrderState.COMPLETE,
}


class _OrderRow(msgspec.Struct, gc=False):
    orderid: str | int
    order_status: str
    symbol: str | None = None
    action: str | None = None
    quantity: int = 0
    pricetype: str | None = None
    product: str | None = None
    price: float | None = None
    trigger_price: float | None = None
    filled_quantity: int | None = None
    average_price: float | None = None
    rejection_reason: str | None = None
    timestamp: str | None = None


class _TradeRow(msgspec.Struct, gc=False):
    orderid: str | int
    quantity: int
    average_price: float
    tradeid: str | int | None = None


class _PositionRow(msgspec.Struct, gc=False):
    quantity: int
    symbol: str | None = None
    exchange: str | None = None
    product: str | None = None


class _Candle(msgspec.Struct, gc=False):
    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: int = 0


_decode_order = msgspec.json.Decoder(_OrderRow, strict=False).decode
_decode_trade = msgspec.json.Decoder(_TradeRow, strict=False).decode
_decode_position = msgspec.json.Decoder(_PositionRow, strict=False).decode
_decode_candle = msgspec.json.Decoder(_Candle, strict=False).decode


def order_update(payload: _Payload, gateway: Capabilities = DOCUMENTED) -> OrderUpdate:
    """Return the order that *payload*, a row of the book or a frame of the stream, is about.

    Average prices are left out where the *gateway* is known to get them wrong.

    Raises:
        DataError: It names no order, or its numbers are none.
    """
    row = _read(_decode_order, payload, "order")
    is_named = row.orderid and is_text(row.orderid, row.symbol)
    if not is_named or row.quantity < 0 or (row.filled_quantity or 0) < 0:
        raise DataError(f"order row makes no sense: {row}")
    average = row.average_price if gateway.averages_right else None
    return OrderUpdate(
        broker_order_id=str(row.orderid),
        terms=OrderTerms(
            symbol=row.symbol or "",
            side=(row.action or "").upper(),
            product=row.product or "",
            quantity=row.quantity,
            pricetype=row.pricetype or "",
            limit=_nearest(row.price),
            trigger=_nearest(row.trigger_price),
        ),
        state=state_of(row.order_status, gateway.status_words),
        filled=row.filled_quantity,
        value=_nearest((average or 0.0) * (row.filled_quantity or 0)),
        reason=row.rejection_reason or "",
        placed=book_time(row.timestamp, gateway.book_times),
    )


def state_of(word: str, own_words: Mapping[str, str] = _NO_WORDS) -> OrderState:
    """Return what a status *word* means; OTHER, which is no end, where that is not known.

    *own_words* gives OpenAlgo's word for words of the broker's own.
    """
    plain = own_words.get(word.lower(), word)
    return _STATES.get(" ".join(plain.lower().replace("_", " ").split()), OrderState.OTHER)


@lru_cache(maxsize=1024)  # a book says the same of each order again and again
def book_time(text: str | None, pattern: str = "") -> datetime | None:
    """Return the instant that a book's *text* means; ``None`` where it cannot be read.

    *pattern* goes before the ones that are known.
    """
    for each in filter(None, (pattern, *BOOK_TIMES)):
        with suppress(ValueError):
            local = datetime.strptime(text or "", each).replace(tzinfo=IST)
            return local.astimezone(UTC)
    return None


def order_book(rows: Iterable[msgspec.Raw], gateway: Capabilities = DOCUMENTED) -> OrderBook:
    """Return the orders of the book's *rows*."""
    orders, dropped = _each(partial(order_update, gateway=gateway), rows)
    return OrderBook(tuple(orders), dropped)


def trade_book(rows: Iterable[msgspec.Raw]) -> TradeBook:
    """Return what each order of the book's *rows* has traded; a repeated trade id counts once."""
    trades, dropped = _each(_trade, rows)
    seen: set[str] = set()
    by_order: dict[str, Traded] = {}
    for broker_order_id, trade_id, trade in trades:
        if trade_id in seen:
            continue
        if trade_id:
            seen.add(trade_id)
        so_far = by_order.get(broker_order_id, Traded())
        by_order[broker_order_id] = Traded(
            so_far.quantity + trade.quantity, so_far.value + trade.value
        )
    return TradeBook(by_order, dropped)


def held_positions(rows: Iterable[msgspec.Raw]) -> tuple[HeldPosition, ...]:
    """Return the positions of the book's *rows*, flat ones too.

    Raises:
        DataError: A row cannot be read: what it holds is unknown, and unknown is not flat.
    """
    return tuple(_position(row) for row in rows)


def bars(rows: Iterable[msgspec.Raw], session: Session) -> tuple[Bar, ...]:
    """Return the session's bars among the history *rows*, oldest first.

    Rows of other days and hours are left out; of two rows for a minute the later one counts. A
    minute without trades makes no bar, but an index and a feed without volumes have none at all.

    Raises:
        DataError: A row cannot be read or its prices contradict each other.
    """
    found: dict[int, Bar] = {}
    for row in rows:
        candle = _read(_decode_candle, row, "history row")
        minute = session.minute_of(_instant(candle.timestamp))
        if 0 <= minute < session.minutes:
            found[minute] = _bar(minute, candle)
    traded = {minute: bar for minute, bar in found.items() if bar.volume} or found
    return tuple(traded[minute] for minute in sorted(traded))


def _instant(epoch: int) -> datetime:
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise DataError(f"history row {epoch}: that is no time") from error


def _bar(minute: int, row: _Candle) -> Bar:
    bar = Bar(
        minute,
        paise_of_wire(row.open),
        paise_of_wire(row.high),
        paise_of_wire(row.low),
        paise_of_wire(row.close),
        row.volume,
    )
    if not 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
        raise DataError(f"history row {row.timestamp}: prices contradict each other: {row}")
    if bar.volume < 0:
        raise DataError(f"history row {row.timestamp}: volume {row.volume} is negative")
    return bar


def _trade(row: msgspec.Raw) -> tuple[str, str, Traded]:
    trade = _read(_decode_trade, row, "trade")
    if trade.quantity <= 0 or trade.average_price <= 0 or not is_text(trade.orderid):
        raise DataError(f"trade of {trade.orderid}: {trade.quantity} at {trade.average_price}")
    value = _nearest(trade.average_price * trade.quantity)
    trade_id = "" if trade.tradeid is None else str(trade.tradeid)
    return str(trade.orderid), trade_id, Traded(trade.quantity, value)


def _position(row: msgspec.Raw) -> HeldPosition:
    held = _read(_decode_position, row, "position")
    if not is_text(held.symbol):
        raise DataError(f"position of {held.symbol}: its symbol did not come as text")
    return HeldPosition(held.symbol or "", held.exchange or "", held.product or "", held.quantity)


def _each(parse: Callable[[msgspec.Raw], _T], rows: Iterable[msgspec.Raw]) -> tuple[list[_T], int]:
    good: list[_T] = []
    dropped = 0
    for row in rows:
        try:
            good.append(parse(row))
        except DataError:
            dropped += 1
    return good, dropped


def _read(decode: Callable[[_Payload], _T], payload: _Payload, what: str) -> _T:
    try:
        return decode(payload)
    except ValueError as error:  # no JSON, or no UTF-8
        raise DataError(f"{what} cannot be read: {error}") from error


def _nearest(amount: float | None) -> Paise:
    # worths and averages, and prices that are only compared: the nearest paisa is right
    try:
        return round((amount or 0.0) * 100)
    except (OverflowError, ValueError) as error:
        raise DataError(f"{amount!r} is not an amount of rupees") from error
