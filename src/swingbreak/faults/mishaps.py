"""What goes wrong with requests: one mishap at most for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

import msgspec

from swingbreak.faults.answers import Books
from swingbreak.faults.weather import Weather
from swingbreak.gateway.rest import Answered

__all__ = ["Mishap", "Mishaps"]


@dataclass(frozen=True, slots=True)
class Mishap:
    """What becomes of one request. By itself: it arrives, and the answer comes back.

    Attributes:
        arrives: Whether the far side gets it.
        late_s: How many seconds later than it would.
        refuses: Whether there is no connection.
        waits: Whether that takes the client's patience to find out.
        silent: Whether the answer never comes.
        cuts: Whether the connection is cut instead of an answer.
        says: What is answered instead.
        at_once: Whether that answer does not wait for the request to arrive.
        slow_s: How many seconds later the answer comes.
        changes: What is done to the answer.
        kills: When the process dies: ``before``, ``in flight``, ``at answer``.
    """

    arrives: bool = True
    late_s: float = 0.0
    refuses: bool = False
    waits: bool = False
    silent: bool = False
    cuts: bool = False
    says: Answered | None = None
    at_once: bool = False
    slow_s: float = 0.0
    changes: Callable[[Answered], Answered] | None = None
    kills: str = ""


_NONE: Final = Mishap()
_HTML: Final = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_LOGIN: Final = b"<!doctype html><html><title>Login - OpenAlgo</title></html>"


def _json(code: int, /, **body: object) -> Answered:
    return Answered(code, msgspec.json.encode(body), "application/json")


def _error(status: int, message: str) -> Answered:
    return _json(status, status="error", message=message)


def _html(status: int, body: bytes = _HTML) -> Answered:
    return Answered(status, body, "text/html")


def _half(answered: Answered) -> Answered:
    return Answered(answered.status, answered.body[: len(answered.body) // 2], "application/json")


def _nameless(answered: Answered) -> Answered:
    return _json(200, status="success", orderid=None) if answered.status == 200 else answered  # noqa: PLR2004 - HTTP


_LOST_REQUEST = Mishap(arrives=False, silent=True)
_LOST_ANSWER = Mishap(silent=True)
_CUT_AFTER = Mishap(cuts=True)
_UNCONNECTED = Mishap(refuses=True)
_RATE = Mishap(arrives=False, says=_json(429, message="10 per 1 second"))
_FAILED = "Failed to place order due to internal error"
_HALF = Mishap(changes=_half)


def _refusal(text: str, status: int = 400) -> Mishap:
    return Mishap(arrives=False, says=_error(status, text))


# Wording: as brokers and OpenAlgo have it. Sources: OpenAlgo 2.0.2.1 and its issues 1425, 1574,
# 1858; market facts, section 1.6.
_PLACE: Mapping[str, Mishap] = {
    "place.no_connection": _UNCONNECTED,
    "place.connect_timeout": Mishap(refuses=True, waits=True),
    "place.lost_request": _LOST_REQUEST,
    "place.lost_answer": _LOST_ANSWER,
    "place.cut_before": Mishap(arrives=False, cuts=True),
    "place.cut_after": _CUT_AFTER,
    "place.500_before": _refusal(_FAILED, 500),
    "place.500_after": Mishap(says=_error(500, _FAILED)),
    "place.408": _refusal("Request Timeout", 408),
    "place.408_after": Mishap(says=_error(408, "Request Timeout")),
    "place.429": _RATE,
    "place.html_before": Mishap(arrives=False, says=_html(502)),
    "place.html_after": Mishap(says=_html(504)),
    "place.html_200": Mishap(arrives=False, says=_html(200, _LOGIN)),
    "place.redirect": Mishap(arrives=False, says=_html(302, _LOGIN)),
    "place.truncated": _HALF,
    "place.no_id": Mishap(changes=_nameless),
    "place.semi_auto": Mishap(
        arrives=False,
        says=_json(
            200,
            status="success",
            message="Order queued for approval in Action Center",
            mode="semi_auto",
            pending_order_id=17,
        ),
    ),
    "refuse.margin": _refusal(
        "Insufficient funds. Required margin is 142710.50 but available margin is 98211.00. "
        "Check the orderbook for open orders."
    ),
    "refuse.freeze": _refusal("Quantity 1950 exceeds the freeze quantity 1800. Slice the order"),
    "refuse.circuit": _refusal("Your order price is lower than the current lower circuit limit"),
    "refuse.rms": _refusal("RMS:Blocked for F&O segment: square off orders only"),
    "refuse.trigger_side": _refusal(
        "Trigger price for stoploss orders should be higher than the last traded price"
    ),
    "refuse.session": _refusal("Invalid openalgo apikey", 403),
    "refuse.mis_cutoff": _refusal(
        "MIS orders cannot be placed after square-off time (15:15 IST). Trading resumes at 09:00 "
        "AM IST."
    ),
    "refuse.static_ip": _refusal("No IPs configured for this app. Add allowed IPs", 403),
}
_MODIFY: Mapping[str, Mishap] = {
    "modify.lost_request": _LOST_REQUEST,
    "modify.lost_answer": _LOST_ANSWER,
    "modify.cut_after": _CUT_AFTER,
    "modify.500_before": _refusal("Failed to modify order due to internal error", 500),
    "modify.500_after": Mishap(says=_error(500, "Failed to modify order due to internal error")),
    "modify.refused": _refusal("Order cannot be modified as it is being processed"),
    "modify.429": _RATE,
}
_CANCEL: Mapping[str, Mishap] = {
    "cancel.lost_request": _LOST_REQUEST,
    "cancel.lost_answer": _LOST_ANSWER,
    "cancel.500_before": _refusal("Failed to cancel order: gateway timed out", 500),
    "cancel.500_after": Mishap(says=_error(500, "Failed to cancel order: gateway timed out")),
    "cancel.refused": _refusal("Order cannot be cancelled as it is being processed", 500),
    "cancel.429": _RATE,
}
_QUERY: Mapping[str, Mishap] = {
    "query.429": Mishap(arrives=False, says=_json(429, message="50 per 1 second")),
    "query.html": Mishap(arrives=False, says=_html(502)),
    "query.truncated": _HALF,
    "query.no_connection": _UNCONNECTED,
}
_ALLOWED_500 = _refusal("cannot access local variable 'order_status'", 500)
_BROKEN = _refusal("An unexpected error occurred", 500)
_QUERIES: Mapping[str, Mapping[str, Mishap]] = {
    "orderbook": {"orders.timeout": _LOST_ANSWER, "orders.500": _ALLOWED_500},
    "tradebook": {"trades.timeout": _LOST_ANSWER, "trades.500": _BROKEN},
    "positionbook": {"positions.timeout": _LOST_ANSWER, "positions.500": _BROKEN},
    "funds": {
        "funds.timeout": _LOST_ANSWER,
        "funds.empty": Mishap(arrives=False, says=_json(200, status="success", data={})),
    },
    "margin": {
        "margin.500": _BROKEN,
        "margin.none": _refusal("Margin calculation not supported for broker: x", 404),
    },
    "history": {"history.500": _BROKEN, "history.timeout": _LOST_ANSWER},
}
_KILLS: Mapping[str, str] = {
    "kill.before_send": "before",
    "kill.in_flight": "in flight",
    "kill.at_answer": "at answer",
}
_SLOW: Final = {
    "placeorder": "place.slow",
    "modifyorder": "modify.slow",
    "cancelorder": "cancel.slow",
}
_IGNORED: Final = {"modifyorder": "modify.ignored", "cancelorder": "cancel.ignored"}
_ORDER_PATHS: Final = {"placeorder": _PLACE, "modifyorder": _MODIFY, "cancelorder": _CANCEL}


class Mishaps:
    """Draws the mishap of each request.

    Args:
        weather: The day's faults.
        books: What goes wrong with the books' contents.
        dice: Of latencies.
    """

    def __init__(self, weather: Weather, books: Books, dice: Random) -> None:
        self._weather = weather
        self._books = books
        self._dice = dice
        table = {**_ORDER_PATHS, **_QUERIES}
        self._by_path = {
            path: {name: one for name, one in rows.items() if weather.has(name)}
            for path, rows in table.items()
        }
        self._any_query = {name: one for name, one in _QUERY.items() if weather.has(name)}
        self._kills = {name: when for name, when in _KILLS.items() if weather.has(name)}

    def latency(self, least: float, most: float) -> float:
        """Return the seconds that a way takes."""
        return self._dice.uniform(least, most)

    def request(self, path: str, body: bytes) -> Mishap:
        """Return what becomes of a request to *path*."""
        happens = self._weather.happens
        for name, mishap in self._by_path.get(path, {}).items():
            if happens(name):
                return mishap
        if path in _ORDER_PATHS:
            return self._order(path, body)
        for name, mishap in self._any_query.items():
            if happens(name):
                return mishap
        if happens("query.slow"):
            return Mishap(slow_s=self._weather.between(0.5, 4.5))
        changes = self._books.changes(path)
        return Mishap(changes=changes) if changes else _NONE

    def _order(self, path: str, body: bytes) -> Mishap:
        weather, happens = self._weather, self._weather.happens
        for name, when in self._kills.items():
            if happens(name):
                return Mishap(kills=when)
        if happens(_SLOW[path]):
            return Mishap(slow_s=weather.between(1, 4.5))
        if path == "placeorder":
            late = happens("place.passed_on_late")
            return Mishap(silent=True, late_s=weather.between(4, 12)) if late else _NONE
        orderid = msgspec.json.decode(body)["orderid"]
        yes = _json(200, status="success", orderid=orderid)
        if path == "cancelorder" and happens("cancel.late"):
            return Mishap(says=yes, at_once=True, late_s=weather.between(0.5, 4))
        return Mishap(arrives=False, says=yes) if happens(_IGNORED[path]) else _NONE
