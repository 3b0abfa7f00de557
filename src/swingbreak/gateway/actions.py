"""What a WebSocket client may ask for, and the answers.

Errors carry no ``type``; that is how OpenAlgo sends them. Source: OpenAlgo 2.0.2.1, recorded
2026-11-22.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from swingbreak.gateway.frames import BROKER, MODES, USER, epoch_ms
from swingbreak.gateway.instruments import Instruments
from swingbreak.gateway.quirks import PLAIN, Quirks
from swingbreak.gateway.stream import Stream
from swingbreak.gateway.subscriber import Subscriber

__all__ = ["Actions"]

_DEFAULT_MODE, _DEFAULT_DEPTH = 2, 5
_ORDERS = "subscribe_orders"
_MODE_BY_WORD = {label.upper(): mode for mode, label in MODES.items()}

Message: TypeAlias = dict[str, Any]
_Answer: TypeAlias = Callable[["Actions", Subscriber, Message], Message]


@dataclass(frozen=True, slots=True)
class Actions:
    """Answers what clients send.

    Attributes:
        key: The key that authenticates.
        now: Market time.
        quirks: What the broker behind does differently.
    """

    stream: Stream
    instruments: Instruments
    key: str
    now: Callable[[], datetime]
    quirks: Quirks = PLAIN

    def answer(self, subscriber: Subscriber, text: str) -> None:
        """Act on one message of *subscriber* and send it the answer."""
        self.stream.activity += 1
        try:
            message = msgspec.json.decode(text, type=dict[str, Any])
        except ValueError:
            subscriber.send(_error("INVALID_JSON", "Invalid JSON message"))
            return
        subscriber.send(self._dispatch(subscriber, message))
        self.stream.reindex()

    def _dispatch(self, subscriber: Subscriber, message: Message) -> Message:
        action = message.get("action") or message.get("type")
        if action in {"authenticate", "auth"}:
            return self._authenticate(subscriber, message)
        if action == "ping":
            return self._pong(message)
        answer = _ANSWERS.get(str(action))
        if answer is None or (action == _ORDERS and not self.quirks.has_order_stream):
            return _error("INVALID_ACTION", f"Invalid action: {action}")
        if not subscriber.authenticated:
            return _error("NOT_AUTHENTICATED", "You must authenticate first")
        return answer(self, subscriber, message)

    def _authenticate(self, subscriber: Subscriber, message: Message) -> Message:
        key = message.get("api_key") or message.get("apikey")
        if not key:
            return _error("AUTHENTICATION_ERROR", "API key is required")
        if key != self.key:
            return _error("AUTHENTICATION_ERROR", "Invalid API key")
        subscriber.authenticated = True
        return {
            "type": "auth",
            "status": "success",
            "message": "Authentication successful",
            "broker": BROKER,
            "user_id": USER,
            "supported_features": {"ltp": True, "quote": True, "depth": True},
        }

    def _pong(self, message: Message) -> Message:
        answer: Message = {
            "type": "pong",
            "status": "success",
            "server_timestamp": epoch_ms(self.now()),
        }
        if "timestamp" in message:
            answer["client_timestamp"] = message["timestamp"]
        if "_pingId" in message:
            answer["_pingId"] = message["_pingId"]
        return answer

    def subscribe(self, subscriber: Subscriber, message: Message) -> Message:
        """Add the message's instruments in its mode; unknown ones are named, not refused."""
        symbols = _symbols(message)
        if not symbols:
            return _error("INVALID_PARAMETERS", "At least one symbol must be specified")
        mode = _mode(message.get("mode", _DEFAULT_MODE))
        if mode is None:
            expected = "expected 1 (LTP), 2 (Quote), or 3 (Depth)"
            return _error("INVALID_MODE", f"Invalid mode {message['mode']}; {expected}")
        depth = message.get("depth", _DEFAULT_DEPTH)
        rows = [self._subscribe_one(subscriber, one, mode, depth) for one in symbols]
        whole = all(row["status"] == "success" for row in rows)
        answer = {
            "type": "subscribe",
            "status": "success" if whole else "partial",
            "subscriptions": rows,
            "message": "Subscription processing complete",
            "broker": BROKER,
        }
        return answer | _echo(message)

    def _subscribe_one(
        self, subscriber: Subscriber, wanted: Message, mode: int, depth: object
    ) -> Message:
        symbol, exchange = wanted.get("symbol"), wanted.get("exchange")
        row: Message = {"symbol": symbol, "exchange": exchange}
        instrument = self.instruments.find(str(symbol), str(exchange))
        if instrument is None:
            missing = f"Token not found for {symbol} on {exchange}"
            return row | {"status": "error", "message": missing, "broker": BROKER}
        subscriber.modes.setdefault(instrument, set()).add(mode)
        return row | {"status": "success", "mode": MODES[mode], "depth": depth, "broker": BROKER}

    def unsubscribe(self, subscriber: Subscriber, message: Message) -> Message:
        """Take the message's instruments away; one that was never there counts as done."""
        symbols = _symbols(message)
        if not symbols:
            return _error("INVALID_PARAMETERS", "At least one symbol must be specified")
        rows = []
        for one in symbols:
            mode = _mode(one.get("mode", message.get("mode", _DEFAULT_MODE)))
            self._unsubscribe_one(subscriber, one, mode)
            rows.append(_gone(one.get("symbol"), one.get("exchange")))
        return _unsubscribed(rows)

    def _unsubscribe_one(self, subscriber: Subscriber, wanted: Message, mode: int | None) -> None:
        found = self.instruments.find(str(wanted.get("symbol")), str(wanted.get("exchange")))
        if found is None or found not in subscriber.modes:
            return
        subscriber.modes[found].discard(mode or 0)
        if not subscriber.modes[found]:
            del subscriber.modes[found]


def _unsubscribe_all(__: Actions, subscriber: Subscriber, ___: Message) -> Message:
    rows = [
        _gone(instrument.symbol, instrument.exchange)
        for instrument, modes in subscriber.modes.items()
        for _ in modes
    ]
    subscriber.modes.clear()
    return _unsubscribed(rows)


def _subscribe_orders(_: Actions, subscriber: Subscriber, message: Message) -> Message:
    subscriber.wants_orders = True
    said = {"type": "subscribe_orders", "status": "success"}
    return said | {"message": "Subscribed to order updates"} | _echo(message)


def _unsubscribe_orders(_: Actions, subscriber: Subscriber, message: Message) -> Message:
    subscriber.wants_orders = False
    said = {"type": "unsubscribe_orders", "status": "success"}
    return said | {"message": "Unsubscribed from order updates"} | _echo(message)


def _broker_info(_: Actions, __: Subscriber, ___: Message) -> Message:
    said = {"type": "broker_info", "status": "success", "broker": BROKER}
    return said | {"adapter_status": "connected", "user_id": USER}


def _supported_brokers(_: Actions, __: Subscriber, ___: Message) -> Message:
    return {"type": "supported_brokers", "status": "success", "brokers": [BROKER], "count": 1}


_ANSWERS: dict[str, _Answer] = {
    "subscribe": Actions.subscribe,
    "unsubscribe": Actions.unsubscribe,
    "unsubscribe_all": _unsubscribe_all,
    _ORDERS: _subscribe_orders,
    "unsubscribe_orders": _unsubscribe_orders,
    "get_broker_info": _broker_info,
    "get_supported_brokers": _supported_brokers,
}


def _symbols(message: Message) -> list[Message]:
    listed = message.get("symbols")
    if isinstance(listed, list):
        return [one for one in listed if isinstance(one, dict)]
    return [message] if message.get("symbol") and message.get("exchange") else []


def _mode(asked: object) -> int | None:
    if isinstance(asked, str):
        return _MODE_BY_WORD.get(asked.upper())
    return asked if isinstance(asked, int) and asked in MODES else None


def _gone(symbol: object, exchange: object) -> Message:
    return {"symbol": symbol, "exchange": exchange, "status": "success", "broker": BROKER}


def _unsubscribed(rows: list[Message]) -> Message:
    return {
        "type": "unsubscribe",
        "status": "success",
        "message": "Unsubscription processing complete",
        "successful": rows,
        "failed": [],
        "broker": BROKER,
    }


def _echo(message: Message) -> Message:
    return {"request_id": message["request_id"]} if "request_id" in message else {}


def _error(code: str, message: str) -> Message:
    return {"status": "error", "code": code, "message": message}
