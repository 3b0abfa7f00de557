"""The documented quirks by name, and the families of brokers that have several of them.

Source: OpenAlgo 2.0.2.1, code, recorded exchanges and issue numbers, read 2026-11-22. The table in
``docs/reference/quirks.md`` is this file in words.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from swingbreak.domain.session import IST
from swingbreak.gateway.envelope import Refused, Reply, refusal
from swingbreak.gateway.quirks import Quirk, Row, Shape
from swingbreak.gateway.schema import Fields
from swingbreak.simulation.venue import Books, PriceType, VenueOrder

__all__ = ["FAMILIES", "KNOWN", "QUIRKS"]

_TRANSIENT: Final = timedelta(milliseconds=900)
_UNTOLD: Final = frozenset(
    {"average_price", "filled_quantity", "pending_quantity", "rejection_reason", "strategy"}
)
_FOREIGN_WORDS: Final = {
    "complete": "TRADED",
    "cancelled": "EXPIRED",
    "trigger pending": "TRIGGER_PENDING",
    "open": "PENDING",
}
_LIVE_WORDS: Final = frozenset({"open", "trigger pending"})


def _each(change: Callable[[Row, VenueOrder | None], Row]) -> Shape:
    def shape(rows: list[Row], books: Books, _: datetime) -> list[Row]:
        return [change(row, books.order(str(row["orderid"]))) for row in rows]

    return shape


def _without(names: frozenset[str], row: Row, _: VenueOrder | None) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def _reworded(words: Mapping[str, str], row: Row, _: VenueOrder | None) -> Row:
    return row | {"order_status": words.get(row["order_status"], row["order_status"])}


def _unpriced(row: Row, _: VenueOrder | None) -> Row:
    return row | {"average_price": 0.0} if "average_price" in row else row


def _terse_trade(row: Row, _: VenueOrder | None) -> Row:
    kept = _without(frozenset({"tradeid", "price", "strategy"}), row, None)
    return kept | {"timestamp": row["timestamp"].split(" ")[-1]}


def _dated_in_words(row: Row, order: VenueOrder | None) -> Row:
    if order is None:
        return row
    return row | {"timestamp": f"{order.placed_at.astimezone(IST):%d-%b-%Y %H:%M:%S}"}


def _first_trade(rows: list[Row], books: Books, _: datetime) -> list[Row]:
    first: dict[str, float] = {}
    for trade in books.trades():
        first.setdefault(trade.orderid, trade.price / 100)
    return [row | {"average_price": first.get(str(row["orderid"]), 0.0)} for row in rows]


def _transient(rows: list[Row], books: Books, now: datetime) -> list[Row]:
    def worded(row: Row, order: VenueOrder | None) -> Row:
        fresh = order is not None and now - order.updated_at < _TRANSIENT
        if not fresh or row["order_status"] not in _LIVE_WORDS:
            return row
        return row | {"order_status": "put order req received"}

    return _each(worded)(rows, books, now)


def _inherited(rows: list[Row], books: Books, now: datetime) -> list[Row]:
    shown: list[Row] = []
    for row in reversed(rows):  # the mapping reads the broker's book, oldest first
        order = books.order(str(row["orderid"]))
        bare = _without(_UNTOLD, row, order)
        if order is not None and now - order.placed_at < _TRANSIENT:
            if not shown:
                text = "cannot access local variable 'order_status' where it is not associated"
                raise refusal(500, f"{text} with a value")
            bare |= {"order_status": shown[-1]["order_status"]}
        shown.append(bare)
    return shown[::-1]


def _netted(rows: list[Row], _: Books, __: datetime) -> list[Row]:
    net: dict[str, Row] = {}
    for row in rows:
        so_far = net.setdefault(row["symbol"], row | {"product": "INTRADAY", "quantity": 0})
        so_far["quantity"] += row["quantity"]
    return [row for row in net.values() if row["quantity"]]


def _again(rows: list[Row], _: Books, __: datetime) -> list[Row]:
    return rows * 2


def _nothing(_: list[Row], __: Books, ___: datetime) -> list[Row]:
    return []


def _kept_terms(fields: Fields, books: Books) -> Fields:
    order = books.order(fields["orderid"])
    if order is None:
        return fields
    return fields | {
        "quantity": order.quantity,
        "pricetype": order.pricetype.value,
        "price": order.price / 100,
        "trigger_price": order.trigger / 100,
    }


def _refused(status: int, message: str, _: Fields, __: Books) -> Fields:
    raise refusal(status, message)


def _queued(_: Fields, books: Books) -> Fields:
    words = "Order queued for approval in Action Center"
    number = len(books.orders()) + 1
    raise Refused(
        Reply(
            {
                "status": "success",
                "message": words,
                "mode": "semi_auto",
                "pending_order_id": number,
            }
        )
    )


def _rounded_trigger(fields: Fields, _: Books) -> Fields:
    if fields["pricetype"] != PriceType.SL:
        return fields
    limit, trigger = float(fields["price"]), round(float(fields["trigger_price"]))
    # a limit that the rounding left on the wrong side goes with it
    limit = max(limit, trigger) if fields["action"].upper() == "BUY" else min(limit, trigger)
    return fields | {"trigger_price": trigger, "price": limit}


def _untriggered(fields: Fields, _: Books) -> Fields:
    if fields["pricetype"] != PriceType.SL:
        return fields
    return fields | {"pricetype": PriceType.LIMIT.value, "trigger_price": 0.0}


def _nameless(reply: Reply) -> Reply:
    if not isinstance(reply.body, dict) or reply.body.get("status") != "success":
        return reply
    return replace(reply, body=reply.body | {"orderid": None})


def _crashed(reply: Reply) -> Reply:
    if not isinstance(reply.body, dict) or reply.body.get("status") == "success":
        return reply
    message = f"Failed to cancel order: {reply.body.get('message')}"
    return replace(reply, body=reply.body | {"message": message}, status=500)


def _numbers_as_text(reply: Reply) -> Reply:
    if not isinstance(reply.body, dict) or "data" not in reply.body:
        return reply
    return replace(reply, body=reply.body | {"data": _texts(reply.body["data"])})


def _texts(value: Any) -> Any:
    match value:
        case dict():
            return {name: _texts(each) for name, each in value.items()}
        case list():
            return [_texts(each) for each in value]
        case int() | float() if not isinstance(value, bool):
            return str(value)
        case _:
            return value


def _texts_of(row: Row, _: VenueOrder | None) -> Row:
    return {name: _texts(value) for name, value in row.items()}


def _numbered(reply: Reply) -> Reply:
    return replace(reply, body=_id_numbers(reply.body))


def _numbered_row(row: Row, _: VenueOrder | None) -> Row:
    return row | {"orderid": int(row["orderid"])}


def _id_numbers(value: Any) -> Any:
    match value:
        case dict():
            return {
                name: int(each) if _is_id(name, each) else _id_numbers(each)
                for name, each in value.items()
            }
        case list():
            return [_id_numbers(each) for each in value]
        case _:
            return value


def _is_id(name: str, value: object) -> bool:
    return name == "orderid" and isinstance(value, str) and value.isdigit()


def _books_of_orders(shape: Shape) -> dict[str, Shape]:
    return {"orderbook": shape, "orderstatus": shape}


_NOT_IN_SEMI_AUTO = partial(
    _refused, 403, "This operation is not allowed in Semi-Auto mode. Switch to Auto mode."
)
_MAPPING, _ISSUES = "OpenAlgo 2.0.2.1, broker/zerodha/mapping", "github.com/marketcalls/openalgo"

QUIRKS: Final = (
    Quirk(
        name="terse-books",
        meaning="the order book has no filled quantity, average price or reason, trades have no id",
        source=f"{_MAPPING} (live answers; any broker's)",
        rows=_books_of_orders(_each(partial(_without, _UNTOLD)))
        | {"tradebook": _each(_terse_trade)},
    ),
    Quirk(
        name="inherited-status",
        meaning="for its first moments an order shows the status of the one before it; the very "
        "first makes the book fail with HTTP 500",
        source=f"{_MAPPING}/order_data.py",
        rows={"orderbook": _inherited},
    ),
    Quirk(
        name="transient-status",
        meaning="after every change an order shows a word of the broker's own for a moment",
        source="OpenAlgo 2.0.2.1, broker plug-ins that pass raw words on; Kite Connect 3, orders",
        rows=_books_of_orders(_transient),
    ),
    Quirk(
        name="foreign-status",
        meaning="statuses in a broker's own words: TRADED, EXPIRED, TRIGGER_PENDING, PENDING",
        source="OpenAlgo 2.0.2.1, broker plug-ins that pass raw words on; Dhan API 2, orders",
        rows=_books_of_orders(_each(partial(_reworded, _FOREIGN_WORDS))),
        updates=_each(partial(_reworded, _FOREIGN_WORDS)),
    ),
    Quirk(
        name="trigger-as-open",
        meaning="an order that waits for its trigger shows as open",
        source=f"{_ISSUES}/pull/1650 (definedge; shoonya alike)",
        rows=_books_of_orders(_each(partial(_reworded, {"trigger pending": "open"}))),
        updates=_each(partial(_reworded, {"trigger pending": "open"})),
    ),
    Quirk(
        name="no-average",
        meaning="average prices are 0 in order book, order status and order updates",
        source=f"{_ISSUES}/issues/424, 558, 688",
        rows=_books_of_orders(_each(_unpriced)),
        updates=_each(_unpriced),
    ),
    Quirk(
        name="first-trade-average",
        meaning="the average price of an order in several trades is that of the first",
        source=f"{_ISSUES}/issues/1987",
        rows=_books_of_orders(_first_trade),
        updates=_first_trade,
    ),
    Quirk(
        name="text-numbers",
        meaning="numbers are text",
        source=f"{_MAPPING} (positions, funds); OpenAlgo's own SDK samples",
        updates=_each(_texts_of),
        worded={"*": _numbers_as_text},
    ),
    Quirk(
        name="number-ids",
        meaning="order ids are numbers",
        source=f"{_ISSUES}/issues/688",
        updates=_each(_numbered_row),
        worded={"*": _numbered},
    ),
    Quirk(
        name="other-times",
        meaning="times are 20-Nov-2026 09:16:03 in the order book, 09:16:03 in the trade book",
        source="OpenAlgo documents, orderbook; broker/zerodha/mapping, tradebook",
        rows=_books_of_orders(_each(_dated_in_words)) | {"tradebook": _each(_terse_trade)},
    ),
    Quirk(
        name="netted-positions",
        meaning="one position per symbol, its product in a broker's word, flat ones left out",
        source="OpenAlgo 2.0.2.1, broker plug-ins that pass products on (INTRADAY)",
        rows={"positionbook": _netted},
    ),
    Quirk(
        name="no-order-stream",
        meaning="order updates cannot be subscribed to",
        source="OpenAlgo 2.0.2.1, websocket_proxy before order updates; brokers not in its table",
        has_order_stream=False,
    ),
    Quirk(
        name="mute-order-stream",
        meaning="the subscription to order updates is confirmed, and none ever comes",
        source="OpenAlgo 2.0.2.1, order stream after a restart without a log-in of the day",
        updates=_nothing,
    ),
    Quirk(
        name="double-updates",
        meaning="every order update comes twice",
        source=f"{_ISSUES}/issues/811, 871 (postback beside WebSocket)",
        updates=_again,
    ),
    Quirk(
        name="modify-ignored",
        meaning="a change of an order is confirmed and not made",
        source="OpenAlgo 2.0.2.1, sandbox order_manager (price type); measured 2026-11-22",
        understood={"modifyorder": _kept_terms},
    ),
    Quirk(
        name="modify-refused",
        meaning="every change of an order is refused",
        source="github.com/zerodha/pykiteconnect/issues/242",
        understood={
            "modifyorder": partial(_refused, 400, "Market protection is required for this order")
        },
    ),
    Quirk(
        name="cancel-crashes",
        meaning="a refused cancel, of a filled order too, is HTTP 500",
        source="OpenAlgo 2.0.2.1, broker/zerodha/api/order_api.py",
        worded={"cancelorder": _crashed},
    ),
    Quirk(
        name="no-order-id",
        meaning="a new order is confirmed with its id left empty",
        source="OpenAlgo 2.0.2.1, services/place_order_service.py",
        worded={"placeorder": _nameless},
    ),
    Quirk(
        name="semi-auto",
        meaning="new orders wait for a person's approval; changes and cancels are refused",
        source="OpenAlgo 2.0.2.1, services/order_router_service.py",
        understood={
            "placeorder": _queued,
            "modifyorder": _NOT_IN_SEMI_AUTO,
            "cancelorder": _NOT_IN_SEMI_AUTO,
        },
    ),
    Quirk(
        name="rounded-triggers",
        meaning="a stop's trigger is rounded to the rupee without a word",
        source=f"{_ISSUES}/issues/1647 (Dhan: stops sent on with terms of the plug-in's own)",
        understood={"placeorder": _rounded_trigger},
    ),
    Quirk(
        name="untriggered-stops",
        meaning="a stop-limit is sent on as a plain limit, which works at once",
        source=f"{_ISSUES}/issues/1647 (Dhan)",
        understood={"placeorder": _untriggered},
    ),
    Quirk(
        name="no-margin",
        meaning="the broker has no margin calculator",
        source="OpenAlgo 2.0.2.1, services/margin_service.py",
        understood={
            "margin": partial(
                _refused, 404, "Margin calculation not supported for broker: simulated"
            )
        },
    ),
)

# What one broker does, all of it documented of that broker.
FAMILIES: Final = {
    "zerodha": ("terse-books", "inherited-status", "cancel-crashes"),
}

_BY_NAME = {quirk.name: quirk for quirk in QUIRKS}
KNOWN: Final[Mapping[str, tuple[Quirk, ...]]] = {
    **{name: (quirk,) for name, quirk in _BY_NAME.items()},
    **{family: tuple(_BY_NAME[one] for one in names) for family, names in FAMILIES.items()},
}
