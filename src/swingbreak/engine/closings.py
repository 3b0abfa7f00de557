"""The closing order of every open position."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.orders import OrderIntent
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.closing import Situation, close_slot, closing_order
from swingbreak.engine.state import State
from swingbreak.engine.view import MarketView

__all__ = ["Closings"]


class Closings:
    """Says which closing order each position's slot should hold."""

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

    def wanted(self, at: datetime) -> Iterator[OrderIntent]:
        """Yield the closing orders that shall rest at *at*."""
        live = self._state.book.live
        for symbol, position in self._state.holdings.positions.items():
            slot = close_slot(symbol)
            order = live.get(slot)
            if order is None and self._state.is_blocked(slot, at):
                continue
            reached = self._view.reached.get(symbol)
            situation = Situation(
                quote=self._view.quote(symbol),
                tick=self._contracts[symbol].tick,
                resting=order.resting if order is not None else None,
                exit_reason=self._state.exit_reason(symbol),
                reached=reached is not None,
                overdue=reached is not None and at - reached >= self._patience,
            )
            yield closing_order(position, situation, self._parameters)

    def overdue_times(self) -> Iterator[datetime]:
        """Yield when stops that the market has reached will have had their time."""
        return (reached + self._patience for reached in self._view.reached.values())
