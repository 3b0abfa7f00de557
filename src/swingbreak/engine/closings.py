"""The closing order of every open position, in slices where one order may not be so large."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.orders import Order, OrderIntent, Slot
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Position
from swingbreak.engine.closing import Situation, close_slot, closing_order
from swingbreak.engine.slices import allotted, largest_slice
from swingbreak.engine.state import State
from swingbreak.engine.view import MarketView

__all__ = ["Closings"]


class Closings:
    """Says which closing order each slot of a position should hold."""

    def __init__(
        self,
        state: State,
        view: MarketView,
        contracts: Mapping[str, OptionContract],
        parameters: Parameters,
    ) -> None:
        self._state = state
        self._view = view
        self._contracts = contracts
        self._parameters = parameters
        self._patience = timedelta(seconds=parameters.chase_after_s)
        self._largest = {symbol: largest_slice(each) for symbol, each in contracts.items()}

    def wanted(self, at: datetime) -> Iterator[OrderIntent]:
        """Yield the closing orders that shall rest at *at*."""
        book = self._state.book
        for symbol, position in self._state.holdings.positions.items():
            slot = close_slot(symbol)
            order = book.live.get(slot)
            total = -position.quantity if order is None else order.filled - position.quantity
            if book.further or total > self._largest[symbol]:
                yield from self._sliced(position, slot, at)
            elif not self._state.pausing(slot, at):
                yield closing_order(position, self._situation(symbol, order, at), self._parameters)

    def overdue_times(self) -> Iterator[datetime]:
        """Yield when stops that the market has reached will have had their time."""
        return (reached + self._patience for reached in self._view.reached.values())

    def _situation(
        self, symbol: str, order: Order | None, at: datetime, beside: OrderIntent | None = None
    ) -> Situation:
        reached = self._view.reached.get(symbol)
        return Situation(
            self._view.quote(symbol),
            self._contracts[symbol].tick,
            order.resting if order is not None else None,
            self._state.exit_reason(symbol),
            reached is not None,
            reached is not None and at - reached >= self._patience,
            beside,
        )

    def _sliced(self, position: Position, first: Slot, at: datetime) -> Iterator[OrderIntent]:
        symbol, largest = position.symbol, self._largest[position.symbol]
        live = self._state.book.slices(first)
        newest = [order.replacement or order.intent for order in live.values()]
        beside = next((terms for terms in newest if terms.trigger is None), None)
        pausing = self._state.pausing(first, at) - live.keys()
        for number, share in allotted(-position.quantity, largest, live, pausing).items():
            if number in pausing:
                continue
            order = live.get(number)
            situation = self._situation(symbol, order, at, beside)
            whole = closing_order(position, situation, self._parameters)
            intent = replace(whole, slot=first._replace(number=number), quantity=share)
            if order is not None and not intent.same_terms(order.resting):
                # a change is judged by the whole order, what has traded of it included
                intent = replace(intent, quantity=min(share, largest - order.filled))
            if intent.quantity > 0:
                yield intent
