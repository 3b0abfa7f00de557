"""How much of what is open has no stop at the exchange, and for how long.

Rules of this file:

1. Only an order that the gateway has accepted protects. One in flight, or whose fate is unknown,
   does not: its time counts.
2. An order being changed or cancelled protects until we know that it is gone.
3. Time is counted per position: two without a stop for a second are two seconds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from swingbreak.domain.orders import Order, OrderStatus, Purpose
from swingbreak.domain.position import Position

__all__ = ["Unprotected", "uncovered"]

_PROTECTING = frozenset(
    {OrderStatus.ACCEPTED, OrderStatus.PENDING_REPLACE, OrderStatus.PENDING_CANCEL}
)


def uncovered(positions: Mapping[str, Position], orders: Iterable[Order]) -> dict[str, int]:
    """Return the open units of each symbol that no accepted closing order covers."""
    covered: Counter[str] = Counter()
    for order in orders:
        if order.intent.slot.purpose is Purpose.CLOSE and order.status in _PROTECTING:
            covered[order.intent.symbol] += order.resting.quantity
    return {
        symbol: -position.quantity - covered[symbol]
        for symbol, position in positions.items()
        if -position.quantity > covered[symbol]
    }


@dataclass(slots=True)
class Unprotected:
    """The day's time without protection.

    Attributes:
        since: When each position that has no stop now lost it, or was opened.
        spells: Each stretch that is over: how long it lasted.
    """

    since: dict[str, datetime] = field(default_factory=dict)
    spells: list[timedelta] = field(default_factory=list)

    def see(self, at: datetime, naked: Iterable[str]) -> None:
        """Learn which symbols have open units without protection at *at*."""
        now = set(naked)
        for symbol in self.since.keys() - now:
            self.spells.append(at - self.since.pop(symbol))
        for symbol in now - self.since.keys():
            self.since[symbol] = at

    def total(self, at: datetime) -> timedelta:
        """Return all time without protection up to *at*."""
        return sum((at - began for began in self.since.values()), sum(self.spells, timedelta()))

    def longest(self, at: datetime) -> timedelta:
        """Return the longest stretch up to *at*."""
        return max([*self.spells, *(at - began for began in self.since.values())], default=_NONE)


_NONE = timedelta()
