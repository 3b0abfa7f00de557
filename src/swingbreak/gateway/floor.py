"""The trading floor: one day's tape, venue and quotes under one market time.

Rules of this file:

1. Market time never goes back. What happens at one instant happens in this order: what the venue
   had due, then the tape's ticks.
2. Time stops at an instant at which an order changed, so that clients learn of it before more
   happens.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

from swingbreak.domain.market import Tick
from swingbreak.gateway.quotes import Quote, Quotes
from swingbreak.ports import DayTape
from swingbreak.simulation.venue import OrderUpdate, Venue

__all__ = ["Floor", "Happening"]

_BEFORE_OPEN = timedelta(seconds=30)
_AFTER_CLOSE = timedelta(seconds=60)

# A quote that changed, or an order that did.
Happening: TypeAlias = Quote | OrderUpdate


class Floor:
    """The market of the day.

    Attributes:
        now: Market time.
        ends: When the day is over.
        quotes: What the market looks like now.
        venue: Where orders go.
    """

    def __init__(self, tape: DayTape, venue: Venue, symbols: Iterable[str]) -> None:
        """Open half a minute before the session does; *symbols* is all that may tick."""
        self.venue = venue
        self.now = tape.session.opens - _BEFORE_OPEN
        self.ends = tape.session.closes + _AFTER_CLOSE
        self.quotes = Quotes(tape.session, {one: tape.previous_close(one) for one in symbols})
        self._ticks = tape.ticks()
        self._tick = next(self._ticks, None)

    @property
    def is_over(self) -> bool:
        """Whether the day has ended."""
        return self.now >= self.ends

    def due(self) -> datetime:
        """Return the instant of the next thing that will happen by itself."""
        instants = [self.ends]
        if self._tick is not None:
            instants.append(self._tick.at)
        if (due := self.venue.next_due()) is not None:
            instants.append(due)
        return min(instants)

    def advance(self, until: datetime) -> Iterator[Happening]:
        """Let time pass to *until*, or to the first instant at which an order changed.

        Yields what happens, in order; a quote is only current until the next one is taken.
        """
        until = min(until, self.ends)
        while (due := self.due()) <= until:
            changed = False
            self.now = max(self.now, due)
            for happening in self._happen(due):
                changed = changed or not isinstance(happening, Quote)
                yield happening
            if changed or due >= self.ends:
                return
        self.now = max(self.now, until)

    def _happen(self, at: datetime) -> Iterator[Happening]:
        due = self.venue.next_due()
        if due is not None and due <= at:
            yield from self.venue.advance(at)
        while self._tick is not None and self._tick.at <= at:
            yield from self._take(self._tick)
            self._tick = next(self._ticks, None)

    def _take(self, tick: Tick) -> Iterator[Happening]:
        yield self.quotes.take(tick)
        yield from self.venue.on_tick(tick)
