"""Which minutes of a day that is known may be passed over, because nothing can come of them.

Rules of this file:

1. Only after a minute whose close called for nothing, with nothing heard since: the same question
   has the same answer.
2. Not while anything is in flight, triggered, being exited or without a stop, and not while a time
   is near at which the engine or the exchange stirs by itself.
3. Not when a price of the minute, or the first of the next, reaches what a level, an order or a
   stop waits for, or when the worst or best marks of both would end the day.
"""

from swingbreak.domain.events import Event, MinuteClosed
from swingbreak.domain.orders import Order, OrderStatus, Side
from swingbreak.engine.engine import Engine
from swingbreak.simulation.foreseen import Foreseen

__all__ = ["Stillness"]

_NEVER = 1 << 62


class Stillness:
    """Looks ahead for an engine's runner.

    Args:
        engine: Whose orders and positions.
        foreseen: The run's way through the day.
    """

    def __init__(self, engine: Engine, foreseen: Foreseen) -> None:
        self._engine = engine
        self._foreseen = foreseen
        self._is_still = False

    def heard(self, event: Event, *, answered: bool) -> None:
        """Note that the engine took *event*, and whether it called for anything."""
        self._is_still = isinstance(event, MinuteClosed) and not answered

    def ends(self, minute: int) -> int:
        """Return the first minute, from *minute* on, that may not be passed over."""
        if not self._is_still or not self._is_settled():
            return minute
        foreseen, state = self._foreseen, self._engine.state
        engine = self._engine
        until = foreseen.next_change(engine.view.strategy, engine.pinned(), minute)
        for order in state.book.live.values():
            until = min(until, self._reached(order, minute))
        for symbol, position in state.holdings.positions.items():
            until = min(until, foreseen.reached(symbol, minute, -1, position.stop))
        return until

    def _is_settled(self) -> bool:
        engine, state = self._engine, self._engine.state
        if state.halted or state.lost or engine.view.reached or engine.cover.unprotected.since:
            return False
        return not any(
            order.status is not OrderStatus.ACCEPTED
            or order.intent.trigger is None
            or order.order_id in state.triggered
            for order in state.book.live.values()
        )

    def _reached(self, order: Order, minute: int) -> int:
        intent = order.intent
        trigger = intent.trigger or 0
        sells = intent.side is Side.SELL
        floor, ceiling = (trigger, _NEVER) if sells else (-1, trigger)
        return self._foreseen.reached(intent.symbol, minute, floor, ceiling)
