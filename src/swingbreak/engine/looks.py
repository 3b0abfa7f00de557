"""Which discrepancies are believed, look after look; pure.

Rules of this file:

1. Two looks in a row must show a discrepancy, with nothing of ours in flight in its symbol and no
   trade of ours told in it, from the beginning of each look to its end; for a position, none since
   the look before either.
2. A position that no trades explain must be seen for a minute: a book may lag behind our own fills.
3. What is believed stays so until two looks in a row do not show it, for a row may be missing once;
   but a row that shows a position as it should be is believed at once.
4. A look that could not be had decides nothing. When there has been none for long, that is said.
"""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from swingbreak.domain.account import (
    AccountBooks,
    Discrepancy,
    PositionDiffers,
)
from swingbreak.domain.events import AccountSeen
from swingbreak.domain.orders import OrderStatus
from swingbreak.engine.discrepancies import discrepancies
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
        traded: Units that we have counted as traded, by symbol, all sides added up.
    """

    in_flight: frozenset[str]
    traded: Counter[str]

    def moved_since(self, before: "_Mark") -> frozenset[str]:
        """Return the symbols in which something was counted since *before*."""
        now, then = self.traded, before.traded
        return frozenset(symbol for symbol, units in now.items() if units != then[symbol])


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
        self._mark = self._before = self._now()
        self._sightings: dict[Discrepancy, _Sighting] = {}
        self._told = AccountSeen(datetime.min.replace(tzinfo=UTC))
        self._has_looked = False
        self._unread_since: datetime | None = None

    @property
    def is_unsure(self) -> bool:
        """Whether there has been no look yet, or another one soon would tell more."""
        return not self._has_looked or self._has_news

    @property
    def _has_news(self) -> bool:
        return any(sighting.count == 1 for sighting in self._sightings.values())

    def begin(self) -> None:
        """Note how we stand: a look begins."""
        self._mark = self._now()

    def end(self, at: datetime, books: AccountBooks) -> AccountSeen | None:
        """Take what the look showed at *at*; return what the engine should hear, if anything."""
        if books.orders is None or books.held is None:
            return self._unread(at, books)
        self._unread_since = None
        self._weigh(at, books)
        if not self._has_looked and self._has_news:
            return None  # nothing is traded before the first look is sure
        believed = tuple(d for d, each in self._sightings.items() if each.is_believed)
        before, self._told = self._told, AccountSeen(at, believed)
        # what is believed is said again and again: what is to be done about it may have failed
        is_news = bool(believed or before.discrepancies or before.unread) or not self._has_looked
        self._has_looked = True
        return self._told if is_news else None

    def _unread(self, at: datetime, books: AccountBooks) -> AccountSeen | None:
        since = self._unread_since = self._unread_since or at
        if self._told.unread or at - since < _BLIND_AFTER:
            return None
        what = "order and trade books" if books.orders is None else "position book"
        unread = f"the {what} cannot be read"
        self._told = AccountSeen(at, self._told.discrepancies, unread)
        return self._told

    def _weigh(self, at: datetime, books: AccountBooks) -> None:
        state, now = self._state, self._now()
        holdings = state.holdings
        found = {
            each: each
            for each in discrepancies(
                books, state.book.orders, holdings.positions, holdings.by_hand, self._followed
            )
        }
        unsettled = now.moved_since(self._mark) | now.in_flight | self._mark.in_flight
        self._forget(now.moved_since(self._before))
        self._before = now
        rows = books.held or {}
        for discrepancy in {**self._sightings, **found}:
            seen = found.get(discrepancy)
            if discrepancy.symbol in unsettled:
                self._keep(discrepancy)
            elif seen is not None:
                self._count(at, seen)
            elif isinstance(discrepancy, PositionDiffers) and discrepancy.symbol in rows:
                del self._sightings[discrepancy]
            else:
                self._miss(discrepancy)

    def _forget(self, moved: Container[str]) -> None:
        """Begin afresh with the positions in which something was traded since the last look."""
        for discrepancy in tuple(self._sightings):
            if isinstance(discrepancy, PositionDiffers) and discrepancy.symbol in moved:
                del self._sightings[discrepancy]

    def _count(self, at: datetime, found: Discrepancy) -> None:
        sighting = self._sightings.pop(found, _Sighting(at))
        sighting.count = min(sighting.count + 1, _TWICE)
        waits = isinstance(found, PositionDiffers) and not found.is_explained
        if sighting.count == _TWICE and not (waits and at - sighting.since < _UNEXPLAINED):
            sighting.is_believed = True
        self._sightings[found] = sighting  # the newest evidence goes with it

    def _miss(self, discrepancy: Discrepancy) -> None:
        sighting = self._sightings[discrepancy]
        sighting.count -= 1
        if sighting.count:
            self._keep(discrepancy)
        else:
            del self._sightings[discrepancy]

    def _keep(self, discrepancy: Discrepancy) -> None:
        """Keep what this look does not show, if it was seen before."""
        sighting = self._sightings.pop(discrepancy, None)
        if sighting is not None:
            known = discrepancy
            if isinstance(known, PositionDiffers):
                known = replace(known, is_current=False)
            self._sightings[known] = sighting

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
        for symbol, trades in self._state.holdings.by_hand.items():
            traded[symbol] += trades.bought + trades.sold
        return _Mark(frozenset(in_flight), traded)
