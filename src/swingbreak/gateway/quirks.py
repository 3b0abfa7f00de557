"""Quirks: ways in which brokers behind OpenAlgo differ from what its documents promise.

Rules of this file:

1. A quirk changes what is understood or shown; what the venue did stays what it did.
2. Quirks compose in the order given, each working on what the ones before it left.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

from swingbreak.domain.errors import ConfigError
from swingbreak.gateway.envelope import Refused, Reply
from swingbreak.gateway.schema import Fields
from swingbreak.simulation.venue import Books

__all__ = ["PLAIN", "Quirk", "Quirks", "Row", "Shape", "chosen"]

Row: TypeAlias = dict[str, Any]

# Returns how rows are shown at an instant; they may become fewer or more. Raises ``Refused``.
Shape: TypeAlias = Callable[[list[Row], Books, datetime], list[Row]]

# Returns how a request is understood; raises ``Refused`` with what it is answered instead.
Understood: TypeAlias = Callable[[Fields, Books], Fields]

Worded: TypeAlias = Callable[[Reply], Reply]


@dataclass(frozen=True, slots=True)
class Quirk:
    """One way to differ.

    Attributes:
        name: As the command line spells it.
        meaning: What a client meets.
        source: Who says that brokers do this.
        rows: How rows of an endpoint that shows a book are shown, by endpoint.
        updates: How an order update is sent; none, one or several.
        understood: How requests of an endpoint are understood, by endpoint.
        worded: How answers of an endpoint leave, refusals too, by endpoint; ``*`` for all.
        has_order_stream: Whether there are order updates to subscribe to.
    """

    name: str
    meaning: str
    source: str
    rows: Mapping[str, Shape] = field(default_factory=dict)
    updates: Shape | None = None
    understood: Mapping[str, Understood] = field(default_factory=dict)
    worded: Mapping[str, Worded] = field(default_factory=dict)
    has_order_stream: bool = True


@dataclass(frozen=True, slots=True)
class Quirks:
    """All the quirks of one server."""

    all: tuple[Quirk, ...] = ()

    @property
    def has_order_stream(self) -> bool:
        """Whether there are order updates to subscribe to."""
        return all(quirk.has_order_stream for quirk in self.all)

    def answer(
        self,
        endpoint: str,
        fields: Fields,
        answer: Callable[[Fields], Reply],
        books: Books,
        now: Callable[[], datetime],
    ) -> Reply:
        """Return what becomes of a request whose plain answer *answer* makes."""
        if not self.all:
            return answer(fields)
        try:
            for quirk in self.all:
                if endpoint in quirk.understood:
                    fields = quirk.understood[endpoint](fields, books)
            reply = self._shown(endpoint, answer(fields), books, now())
        except Refused as refused:
            reply = refused.reply
        for quirk in self.all:
            for name in (endpoint, "*"):
                if name in quirk.worded:
                    reply = quirk.worded[name](reply)
        return reply

    def updates(self, row: Row, books: Books, now: datetime) -> list[Row]:
        """Return the order updates that stand for the plain one, *row*."""
        rows = [row]
        for quirk in self.all:
            if quirk.updates is not None:
                rows = quirk.updates(rows, books, now)
        return rows

    def _shown(self, endpoint: str, reply: Reply, books: Books, now: datetime) -> Reply:
        for quirk in self.all:
            if endpoint in quirk.rows:
                reply = _reshaped(reply, quirk.rows[endpoint], books, now)
        return reply


PLAIN = Quirks()


def chosen(names: Iterable[str], known: Mapping[str, tuple[Quirk, ...]]) -> Quirks:
    """Return the quirks that *names*, of quirks or of families of them, stand for.

    Raises:
        ConfigError: There is no such quirk.
    """
    found: list[Quirk] = []
    for name in names:
        if name not in known:
            raise ConfigError(f"quirk {name!r} is not known; there are {', '.join(known)}")
        found += [quirk for quirk in known[name] if quirk not in found]
    return Quirks(tuple(found))


def _reshaped(reply: Reply, shape: Shape, books: Books, now: datetime) -> Reply:
    if not isinstance(reply.body, dict):
        return reply
    data = reply.body["data"]
    if isinstance(data, list):
        changed: object = shape(data, books, now)
    elif "orders" in data:
        changed = data | {"orders": shape(data["orders"], books, now)}
    else:
        changed = shape([data], books, now)[0]
    return replace(reply, body=reply.body | {"data": changed})
