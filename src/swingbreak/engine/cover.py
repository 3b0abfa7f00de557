"""Positions without a stop at the exchange: how long, and what is done about it.

Rules of this file:

1. The time counts from the fill that opened the position, or from the loss of its stop, until the
   gateway has accepted one.
2. Past the limit people are told, nothing is entered, and a position whose stop could not even be
   sent is exited instead. One whose stop is in flight waits for the answer: two orders that close
   the same position could make it a long.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from swingbreak.domain.commands import Tell
from swingbreak.engine.closing import close_slot
from swingbreak.engine.state import State
from swingbreak.risk.protection import Unprotected, uncovered

__all__ = ["Cover"]


class Cover:
    """Watches over the stops of *state*.

    Attributes:
        unprotected: The day's time without one.
    """

    def __init__(self, state: State, limit_s: int) -> None:
        self.unprotected = Unprotected()
        self._state = state
        self._limit = timedelta(seconds=limit_s)
        self._told: set[str] = set()

    def overdue(self, at: datetime) -> list[str]:
        """Return the symbols that have been without a stop for longer than they may."""
        since = self.unprotected.since
        return [symbol for symbol, began in since.items() if at - began >= self._limit]

    def give_up(self, at: datetime) -> None:
        """Leave, instead of stopping, the overdue positions that have no order in flight."""
        for symbol in self.overdue(at):
            if not self._state.book.slices(close_slot(symbol)):
                self._state.lost.add(symbol)

    def see(self, at: datetime) -> Iterator[Tell]:
        """Look at the state as it is at *at*; yield what people should know."""
        positions = self._state.holdings.positions
        if not positions and not self.unprotected.since:
            return
        naked = uncovered(positions, self._state.book.live.values())
        self.unprotected.see(at, naked)
        self._told &= naked.keys()
        for symbol in self.overdue(at):
            if symbol not in self._told:
                self._told.add(symbol)
                passed = (at - self.unprotected.since[symbol]).total_seconds()
                yield Tell(
                    "stop.missing",
                    symbol,
                    f"{naked[symbol]} units open without a stop at the exchange for {passed:.0f} s",
                )

    def times(self) -> Iterator[datetime]:
        """Yield when what is without a stop now will be overdue."""
        return (began + self._limit for began in self.unprotected.since.values())
