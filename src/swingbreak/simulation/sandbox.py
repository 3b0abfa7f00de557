"""OpenAlgo's analyzer ("sandbox") mode as a venue: its fills as measured, flaws included.

Rules of this file (source: OpenAlgo 2.0.2.1, measured on a running server, 2026-11-22):

1. Every fill is whole, whatever is displayed. There is no latency.
2. MARKET fills inside the request, buys at the ask and sells at the bid, at the last price where
   that side is 0. Before a first quote it is refused, or rests where the symbol has a position row.
3. LIMIT fills inside the request, at the last price, if that is within the limit; later, at the
   limit, once a last price is. Bid and ask do not matter; a touch is enough.
4. SL-M fills at the last price that is at or through its trigger, SL at one that is also within its
   limit. SL that only triggers becomes ``open``, and is tested for trigger and limit together for
   ever after: it strands when the price comes back through the trigger.
5. Price step, freeze quantity, trigger side, market hours and SL geometry are not checked.
6. A change keeps what it gives as 0, ignores the price type, sends no update, and fills only at the
   next evaluation.
7. Orders are evaluated on each tick of their symbol, or, as where the proxy is another process,
   every ``poll_s`` seconds on the last price: what lasts less is missed.
8. From 15:15, and before 09:00, a MIS order must reduce a position. A second after 15:15 (measured:
   within a minute) MIS is squared off: live orders are cancelled, positions closed by MARKET orders
   of strategy AUTO_SQUARE_OFF.

Not reproduced: positions corrupted by concurrent orders, the ten-second stall after a fill that
flattens, indices as tradable symbols.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from swingbreak.domain.errors import OrderRefused
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.simulation.register import Register
from swingbreak.simulation.sandbox_checks import (
    SQUARE_OFF,
    lot_refusal,
    place_refusal,
    status_refusal,
    terms_refusal,
)
from swingbreak.simulation.sandbox_fills import Analyzer
from swingbreak.simulation.venue import Margin, NewOrder, OrderUpdate, PriceType, VenueOrder

__all__ = ["Sandbox"]

_SQUARE_OFF_TAKES = timedelta(seconds=1)


class Sandbox:
    """The measured analyzer; see ``Venue`` for its methods."""

    def __init__(
        self,
        contracts: Iterable[OptionContract],
        session: Session,
        *,
        poll_s: int = 0,
        margin: Margin | None = None,
    ) -> None:
        """Open the books of one day; *poll_s* 0 evaluates orders on every tick."""
        self._contracts = {contract.symbol: contract for contract in contracts}
        self._poll = timedelta(seconds=poll_s)
        self._next_poll = session.opens
        self._square_off: datetime | None = session.at(SQUARE_OFF) + _SQUARE_OFF_TAKES
        self._margin = margin
        self._register = Register(session.day)
        self._analyzer = Analyzer(self._register)
        # the books answer for themselves
        self.orders = self._register.orders
        self.order = self._register.order
        self.trades = self._register.trades
        self.positions = self._register.positions

    def submit(self, at: datetime, new: NewOrder) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take a new order."""
        position = self.positions().get((new.symbol, new.product))
        quoted = new.symbol in self._analyzer.last
        _raise(place_refusal(at, new, self._contracts, position, quoted=quoted))
        _raise(self._margin(at, new) if self._margin else "")
        updates = self.advance(at)
        placed = self._analyzer.place(at, new)
        return placed[-1].order, updates + placed

    def modify(  # noqa: PLR0913 - the wire's own terms
        self,
        at: datetime,
        orderid: str,
        *,
        quantity: int,
        price: Paise,
        trigger: Paise,
        pricetype: PriceType,  # noqa: ARG002 - rule 6: ignored
    ) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Take a change of terms."""
        order = self._live(orderid, "modify")
        _raise(
            lot_refusal(quantity, self._contracts[order.symbol])
            or terms_refusal(order, price=price, trigger=trigger)
        )
        updates = self.advance(at)
        order = self._register[orderid]
        if not order.status.is_live:
            return order, updates
        terms = replace(
            order,
            quantity=quantity or order.quantity,
            price=price or order.price,
            trigger=trigger or order.trigger,
        )
        return self._register.put(at, terms).order, updates

    def cancel(self, at: datetime, orderid: str) -> tuple[VenueOrder, list[OrderUpdate]]:
        """Cancel at once."""
        self._live(orderid, "cancel")
        updates = self.advance(at)
        order = self._register[orderid]
        if order.status.is_live:
            updates.append(self._analyzer.cancel(at, order))
        return self._register[orderid], updates

    def on_tick(self, tick: Tick) -> list[OrderUpdate]:
        """Learn *tick*, after whatever was due at its instant."""
        updates = self.advance(tick.at)
        self._analyzer.last[tick.symbol] = tick
        if not self._poll:
            updates += self._analyzer.evaluate(tick.at, tick.symbol)
        return updates

    def recall(self, _at: datetime, ticks: Sequence[Tick]) -> None:
        """Know what a symbol's recent *ticks* told; only the last one matters here."""
        self._analyzer.last[ticks[-1].symbol] = ticks[-1]

    def advance(self, at: datetime) -> list[OrderUpdate]:
        """Let time pass to *at*."""
        updates: list[OrderUpdate] = []
        while (due := self.next_due()) is not None and due <= at:
            updates += self._happen(due)
        if self._poll and at >= self._next_poll:
            self._next_poll += ((at - self._next_poll) // self._poll + 1) * self._poll
        return updates

    def next_due(self) -> datetime | None:
        """Return when orders are next evaluated, or the square-off."""
        polls = self._poll and self._analyzer.has_orders
        instants = [at for at in (self._square_off, self._next_poll if polls else None) if at]
        return min(instants, default=None)

    def last(self, symbol: str) -> Tick | None:
        """Return the latest tick of *symbol*."""
        return self._analyzer.last.get(symbol)

    def _happen(self, due: datetime) -> list[OrderUpdate]:
        if due == self._square_off:
            self._square_off = None
            return self._analyzer.square_off(due)
        self._next_poll += self._poll
        return self._analyzer.evaluate_all(due)

    def _live(self, orderid: str, verb: str) -> VenueOrder:
        _raise(status_refusal(self.order(orderid), orderid, verb))
        return self._register[orderid]


def _raise(why: str) -> None:
    if why:
        raise OrderRefused(why)
