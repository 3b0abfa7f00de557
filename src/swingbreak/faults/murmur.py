"""What goes wrong with the frames of the socket: ticks, order updates and answers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from swingbreak.faults.weather import Weather

__all__ = ["Murmur"]

_TICK, _UPDATE = b'{"type":"market_data"', b'{"type":"order_update"'
_TICK_NAMES: Final = (
    "tick.gap",
    "tick.twice",
    "tick.out_of_order",
    "tick.zero",
    "tick.absurd",
    "tick.volume_reset",
    "tick.garbage",
)
_FEED_NAMES: Final = (
    "feed.mute",
    "feed.mute_for_good",
    "feed.logged_out",
    "feed.cut",
    "feed.storm",
)
_BROKER: Final = '{"status":"error","code":"BROKER_CONNECTION_ERROR","message":"no broker"}'
_KEY: Final = '{"status":"error","code":"AUTHENTICATION_ERROR","message":"Invalid API key"}'
_ORDERS: Final = '{"status":"error","code":"INVALID_ACTION","message":"Invalid action"}'
_FORGOTTEN: Final = b'{"status":"error","code":"BROKER_ERROR","message":"Broker adapter not found"}'


class Murmur:
    """Passes frames on, or does not.

    Args:
        weather: The day's faults.
        now: Seconds since the day began.
        cut: Closes the socket.
    """

    def __init__(self, weather: Weather, now: Callable[[], float], cut: Callable[[], None]) -> None:
        self._weather = weather
        self._now = now
        self._cut = cut
        self._ticks = tuple(n for n in (*_FEED_NAMES, *_TICK_NAMES) if weather.has(n))
        self._muted: dict[str, float] = {}
        self._mute_until = 0.0
        self._storm = 0
        self._held: dict[str, bytes] = {}
        self._silent: bool | None = None
        self._was: list[bytes] = []
        self._logged_out = False
        self._deaf_since: float | None = None

    @property
    def deaf_for(self) -> float:
        """Seconds for which an open socket has been mute of its own accord."""
        return 0.0 if self._deaf_since is None else self._now() - self._deaf_since

    def refuses_connection(self) -> bool:
        """Whether the socket, which somebody wants anew, cannot be opened now."""
        self._deaf_since = None
        return self._weather.happens("feed.no_connection")

    def answer(self, text: str) -> bytes | None:
        """Return what is answered to the client's *text* instead; ``None`` to ask the gateway."""
        happens = self._weather.happens
        if '"authenticate"' in text:
            if happens("feed.broker_error"):
                return _BROKER.encode()
            if happens("feed.key_refused"):
                return _KEY.encode()
            return None
        if self._logged_out:
            return _FORGOTTEN
        if '"subscribe_orders"' in text and happens("update.no_stream"):
            return _ORDERS.encode()
        return None

    def asked(self, text: str) -> None:
        """Note that the gateway has answered *text*."""
        if '"authenticate"' in text:
            self._logged_out = False
            self._deaf_since = None
            self._mute_until = 0.0
            if self._storm and not self._weather.is_calm:
                self._storm -= 1
                self._cut()
        elif '"subscribe_orders"' in text:
            self._silent = None

    def told(self, payload: bytes) -> Iterable[tuple[float, bytes]]:
        """Return what comes of a frame, and after how many seconds each."""
        if payload.startswith(_TICK):
            if not self._ticks and not self._logged_out:
                return ((0.0, payload),)
            return self._tick(payload)
        if payload.startswith(_UPDATE):
            return self._update(payload)
        return ((0.0, payload),)

    def _tick(self, payload: bytes) -> Iterator[tuple[float, bytes]]:
        if self._now() < self._mute_until or self._logged_out:
            return
        name = next((n for n in self._ticks if self._weather.happens(n)), "")
        if name.startswith("feed."):
            self._feed(name)
            return
        frame = msgspec.json.decode(payload)
        symbol = frame["symbol"]
        if self._now() < self._muted.get(symbol, 0.0):
            return
        match name:
            case "tick.gap":
                self._muted[symbol] = self._now() + self._weather.between(10, 60)
            case "tick.twice":
                yield from ((0.0, payload), (0.0, payload))
            case "tick.out_of_order":
                self._held[symbol] = payload
            case "tick.zero" | "tick.absurd" | "tick.volume_reset":
                yield 0.0, _distorted(name, frame)
            case "tick.garbage":
                yield 0.0, payload[: len(payload) // 2]
            case _:
                yield 0.0, payload
                if symbol in self._held:
                    yield 0.0, self._held.pop(symbol)

    def _feed(self, name: str) -> None:
        weather = self._weather
        match name:
            case "feed.mute":
                self._mute_until = self._now() + weather.between(5, 45)
            case "feed.mute_for_good":
                self._mute_until = float("inf")
                self._deaf_since = self._now()
            case "feed.logged_out":
                self._logged_out = True
                self._deaf_since = self._now()
            case "feed.cut":
                self._cut()
            case _:
                self._storm = 4
                self._cut()

    def _update(self, payload: bytes) -> Iterator[tuple[float, bytes]]:
        happens = self._weather.happens
        if self._silent is None:
            self._silent = happens("update.silent_stream")
        if self._silent or happens("update.lost"):
            return
        if happens("update.average_zero"):
            payload = _priced(payload, 0.0)
        elif happens("update.rounded"):
            payload = _priced(payload, None)
        if happens("update.late"):
            yield self._weather.between(0.5, 8), payload
            return
        yield 0.0, payload
        if happens("update.twice"):
            yield 0.0, payload
        self._was.append(payload)
        if happens("update.again"):
            number = int(self._weather.between(0, len(self._was) - 0.01))
            yield self._weather.between(0.1, 5), self._was[number]


def _distorted(name: str, frame: dict[str, Any]) -> bytes:
    data = frame["data"]
    match name:
        case "tick.zero":
            data["ltp"] = 0
        case "tick.absurd":
            data["ltp"] = round(10 * data["ltp"], 2)
        case _:
            data["volume"] = 65
    return msgspec.json.encode(frame)


def _priced(payload: bytes, average: float | None) -> bytes:
    frame = msgspec.json.decode(payload)
    price = float(round(frame["average_price"])) if average is None else average
    return msgspec.json.encode(frame | {"average_price": price})
