"""What goes wrong with the contents of answers: books that lag, omit, and word things their way."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import msgspec

from swingbreak.domain.session import ist_stamp
from swingbreak.faults.weather import Weather
from swingbreak.gateway.rest import Answered

__all__ = ["Books"]

_Row: TypeAlias = dict[str, Any]
_Change: TypeAlias = Callable[[Answered], Answered]

_ONLY_SANDBOX: Final = ("filled_quantity", "average_price", "pending_quantity", "rejection_reason")
_LIVE: Final = frozenset({"open", "trigger pending"})
_OWN_WORDS: Final = {"open": "modify pending", "trigger pending": "validation pending"}
_NUMBERS: Final = ("quantity", "price", "trigger_price", "average_price", "filled_quantity")
_LAG: Final = timedelta(seconds=3)
_BRAND_NEW: Final = timedelta(seconds=1)
_GONE_S: Final = (70.0, 240.0)
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "orderbook": (
        "orders.empty",
        "orders.partial",
        "orders.stale",
        "orders.inherited",
        "orders.bare",
        "orders.text",
        "orders.own_word",
        "orders.unreadable",
        "orders.average_zero",
    ),
    "tradebook": ("trades.late", "trades.text"),
    "positionbook": ("positions.text", "positions.late", "positions.empty"),
    "history": ("history.short",),
}


class Books:
    """Distorts books, one way at a time.

    Args:
        weather: The day's faults.
        now: Market time.
    """

    def __init__(self, weather: Weather, now: Callable[[], datetime]) -> None:
        self._weather = weather
        self._now = now
        self._names = {
            path: tuple(name for name in names if weather.has(name))
            for path, names in _NAMES.items()
        }
        self._gone_until: datetime | None = None  # the positions
        self._kept: dict[str, list[tuple[datetime, Answered]]] = {}
        self._keeps = {
            path
            for path, name in (("orderbook", "orders.stale"), ("positionbook", "positions.late"))
            if weather.has(name)
        }

    def changes(self, path: str) -> _Change | None:
        """Return what is done to the next answer of *path*; ``None`` where nothing is."""
        if path == "positionbook" and self._are_gone():
            return lambda answered: self._changed("positions.gone", path, answered)
        for name in self._names.get(path, ()):
            if self._weather.happens(name):
                return lambda answered: self._changed(name, path, answered)
        if path in self._keeps:
            return lambda answered: self._keep(path, answered)
        return None

    def _are_gone(self) -> bool:
        now = self._now()
        if self._weather.happens("positions.gone"):
            self._gone_until = now + timedelta(seconds=self._weather.between(*_GONE_S))
        return self._gone_until is not None and now < self._gone_until and not self._weather.is_calm

    def _keep(self, path: str, answered: Answered) -> Answered:
        self._kept.setdefault(path, []).append((self._now(), answered))
        return answered

    def _changed(self, name: str, path: str, answered: Answered) -> Answered:
        if answered.status != 200:  # noqa: PLR2004 - HTTP
            return answered
        if name in {"orders.stale", "positions.late"}:
            return self._earlier(path, answered)
        body = msgspec.json.decode(answered.body)
        holder, key = (body["data"], "orders") if path == "orderbook" else (body, "data")
        holder[key] = self._rows(name, holder[key])
        return Answered(200, msgspec.json.encode(body), "application/json")

    def _earlier(self, path: str, answered: Answered) -> Answered:
        before = self._now() - _LAG
        old = [kept for at, kept in self._kept.get(path, ()) if at <= before]
        return old[-1] if old else answered

    def _rows(self, name: str, rows: list[_Row]) -> list[_Row]:
        match name.partition(".")[2]:
            case "inherited":
                return [*_inherited(rows, ist_stamp(self._now() - _BRAND_NEW))]
            case "late":
                latest = ist_stamp(self._now() - _LAG)
                return [row for row in rows if str(row["timestamp"]) <= latest]
            case what:
                return _WAYS[what](rows)


def _bare(rows: list[_Row]) -> list[_Row]:
    return [{k: v for k, v in row.items() if k not in _ONLY_SANDBOX} for row in rows]


def _text(rows: list[_Row]) -> list[_Row]:
    return [row | {k: str(row[k]) for k in _NUMBERS if k in row} for row in rows]


def _own_word(rows: list[_Row]) -> list[_Row]:
    statuses = [row["order_status"] for row in rows]
    return [
        row | {"order_status": _OWN_WORDS.get(status, status)}
        for row, status in zip(rows, statuses, strict=True)
    ]


_WAYS: Final[Mapping[str, Callable[[list[_Row]], list[_Row]]]] = {
    "empty": lambda _: [],
    "gone": lambda _: [],
    "partial": lambda rows: rows[1::2],
    "bare": _bare,
    "text": _text,
    "own_word": _own_word,
    "unreadable": lambda rows: [row | {"symbol": None} for row in rows[:1]] + rows[1:],
    "average_zero": lambda rows: [row | {"average_price": 0.0} for row in rows],
    "short": lambda rows: rows[:-2],
}


def _inherited(rows: Iterable[_Row], since: str) -> Iterable[_Row]:
    # a brand-new order shows the status of the row before it. Source: Zerodha's mapping
    before = "complete"
    for row in rows:
        status = row["order_status"]
        if status in _LIVE and before not in _LIVE and str(row["timestamp"]) >= since:
            bare = {k: v for k, v in row.items() if k not in _ONLY_SANDBOX}
            yield bare | {"order_status": before, "average_price": 0.0}
        else:
            yield row
        before = status
