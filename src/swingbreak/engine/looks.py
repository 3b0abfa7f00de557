"""Which differences are believed, look after look; pure.

Rules of this file:

1. Two looks in a row must show a difference, with nothing of ours in flight in its symbol and no
   trade of ours told in it, from the beginning of each look to its end.
2. A position that no trades explain must be seen for a minute: a book may lag behind our own fills.
3. What is believed stays so until two looks in a row do not show it: a row may be missing once.
4. A look that could not be had decides nothing. When there has been none for long, that is said.
"""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from swingbreak.domain.account import (
    AccountBooks,
    Difference,
    PositionDiffers,
)
from swingbreak.domain.events import AccountSeen
from swingbreak.domain.orders import OrderStatus
from swingbreak.engine.differences import differences
from swingbreak.engine.state import State

__all__ = ["Looks"]

_TWICE = 2
_BLIND_AFTER = timedelta(minutes=3)
_UNEXPLAINED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Mark:
    """How we stood when a look began.

    Attributes:
        in_flight: Symbols with an order whose last command has no answer.
        traded: Units of ours that have traded, by symbol, both sides added up.
    """

    in_flight: frozenset[str]
    traded: Counter[str]


@dataclass(slots=True)
class _Sighting:
    since: datetime
    count: int = 0
    is_believed: bool = False


class Looks:
    """What has been seen of the account so far.

    Args:
        state: Ours.
        followed: Symbols we may trade.
    """

    def __init__(self, state: State, followed: Container[str]) -> None:
        self._state = state
        self._followed = followed
        self._mark = self._now()
        self._sightings: dict[Difference, _Sighting] = {}
        self._told: AccountSeen | None = None
        self._unread_since: datetime | None = None

    @property
    def is_unsure(self) -> bool:
        """Whether there has been no look yet, or another one soon would tell more."""
        return self._told is None or any(s.count == 1 for s in self._sightings.values())

    def begin(self) -> None:
        """Note how we stand: a look begins."""
        self._mark = self._now()

    def end(self, at: datetime, books: AccountBooks) -> AccountSeen | None:
        """Take what the look showed at *at*; return what the engine should hear, if anything."""
        if books.orders is None or books.held is None:
            return self._unread(at, books)
        self._unread_since = None
        self._weigh(at, books)
        believed = tuple(d for d, sighting in self._sightings.items() if sighting.is_believed)
        before, self._told = self._told, AccountSeen(at, believed)
        # what is believed is said again and again: what is to be done about it may have failed
        was_quiet = before is not None and not before.differences and not before.unread
        return None if was_quiet and not believed else self._told

    def _unread(self, at: datetime, books: AccountBooks) -> AccountSeen | None:
        since = self._unread_since = self._unread_since or at
        before = self._told
        if before is None or before.unread or at - since < _BLIND_AFTER:
            return None
        what = "order and trade books" if books.orders is None else "position book"
        self._told = AccountSeen(at, before.differences, f"the {what} cannot be read")
        return self._told

    def _weigh(self, at: datetime, books: AccountBooks) -> None:
        state, now = self._state, self._now()
        holdings = state.holdings
        found = {
            each: each
            for each in differences(
                books, state.book.orders, holdings.positions, holdings.by_hand, self._followed
            )
        }
        moved = {s for s, units in now.traded.items() if units != self._mark.traded[s]}
        unsettled = moved | now.in_flight | self._mark.in_flight
        for difference in {**self._sightings, **found}:
            if difference.symbol not in unsettled:
                self._count(at, difference, found.get(difference))
        for difference in tuple(self._sightings):
            if self._is_over(difference):
                del self._sightings[difference]

    def _count(self, at: datetime, known: Difference, found: Difference | None) -> None:
        sighting = self._sightings.get(known, _Sighting(at))
        if found is None:
            sighting.count -= 1
            if not sighting.count:
                self._sightings.pop(known, None)
            return
        sighting.count = min(sighting.count + 1, _TWICE)
        waits = isinstance(found, PositionDiffers) and not found.is_explained
        if sighting.count == _TWICE and not (waits and at - sighting.since < _UNEXPLAINED):
            sighting.is_believed = True
        # the newest evidence goes with it
        self._sightings.pop(known, None)
        self._sightings[found] = sighting

    def _is_over(self, difference: Difference) -> bool:
        """Whether it is about what we do not think any more."""
        match difference:
            case PositionDiffers(symbol, ours):
                position = self._state.holdings.positions.get(symbol)
                return ours != (position.quantity if position is not None else 0)
            case _:
                return False

    def _now(self) -> _Mark:
        orders = self._state.book.orders.values()
        in_flight = {
            o.intent.symbol
            for o in self._state.book.live.values()
            if o.status is not OrderStatus.ACCEPTED
        }
        traded: Counter[str] = Counter()
        for order in orders:
            traded[order.intent.symbol] += order.filled
        return _Mark(frozenset(in_flight), traded)
