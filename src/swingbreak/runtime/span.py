"""Which symbols' ticks can matter within about a minute, judged by what is known of it as a whole.

Rules of this file:

1. A symbol is eventful when a price of the span reaches the trigger of its order or its stop, or
   while anything of it is in flight, triggered or being exited.
2. A symbol moves when a price of the span reaches its level's break or exceeds the highest high
   since its swing; only such prices matter, and only to the engine.
3. While an entry that neither moves nor is eventful holds a right's slots, no other symbol of that
   right matters: levels are judged afresh when the minute closes.
4. All positions are eventful when the worst or the best marks of the span would end the day.
"""

from collections.abc import Container, Sequence
from collections.abc import Set as AbstractSet

from swingbreak.domain.instrument import Right
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Order, OrderStatus, Purpose, Side
from swingbreak.engine.engine import Engine
from swingbreak.simulation.cut_day import Minute

__all__ = ["Span"]


class Span:
    """A stretch of the day, seen before it is traded; only to skip what cannot matter.

    Args:
        engine: Whose orders, positions and levels.
        minutes: The minutes that the stretch touches.
    """

    def __init__(self, engine: Engine, minutes: Sequence[Minute]) -> None:
        self._engine = engine
        self._minutes = minutes

    def eventful(self) -> set[str]:
        """Return the symbols with an order or a position whose every tick has to be read."""
        engine, state = self._engine, self._engine.state
        positions = state.holdings.positions
        if positions and (state.halted or state.lost or self.may_decide()):
            eventful = set(positions)
        else:
            reached = engine.view.reached
            eventful = {
                symbol
                for symbol, position in positions.items()
                if symbol in reached or self._range(symbol)[1] >= position.stop
            }
        eventful.update(o.intent.symbol for o in state.book.live.values() if self._is_busy(o))
        return eventful

    def candidates(self, eventful: AbstractSet[str]) -> list[str]:
        """Return the other symbols whose ticks outside their level's band have to be read."""
        engine = self._engine
        pinned = engine.pinned()
        moving = [symbol for symbol in pinned - eventful if self._moves(symbol)]
        settled = self._settled({*eventful, *moving})
        moving += [
            symbol
            for symbol in engine.view.strategy.live_symbols()
            if engine.contracts[symbol].right not in settled
            and symbol not in pinned
            and self._moves(symbol)
        ]
        return moving

    def _settled(self, moving: Container[str]) -> set[Right]:
        """Return the rights whose slots keep their entry through the span, whatever others do."""
        return {
            Right(slot.key)
            for slot, order in self._engine.state.book.live.items()
            if slot.purpose is Purpose.ENTRY and order.intent.symbol not in moving
        }

    def _moves(self, symbol: str) -> bool:
        low, high = self._range(symbol)
        floor, ceiling = self._engine.view.strategy.band(symbol)
        return low <= floor or high > ceiling

    def _is_busy(self, order: Order) -> bool:
        trigger = order.intent.trigger
        if (
            trigger is None
            or order.status is not OrderStatus.ACCEPTED
            or order.order_id in self._engine.state.triggered
        ):
            return True
        low, high = self._range(order.intent.symbol)
        return low <= trigger if order.intent.side is Side.SELL else high >= trigger

    def may_decide(self) -> bool:
        """Whether the worst or the best marks of the span would end the day."""
        engine = self._engine
        marks = {symbol: self._mark(symbol) for symbol in engine.state.holdings.positions}
        worst = engine.account_at(lambda symbol: marks[symbol][1])
        best = engine.account_at(lambda symbol: marks[symbol][0])
        return engine.decides(worst) or engine.decides(best)

    def _range(self, symbol: str) -> tuple[Paise, Paise]:
        low, high = _HIGHEST, 0
        for minute in self._minutes:
            reach = minute.reach(symbol)
            if reach is not None:
                low, high = min(low, reach[0]), max(high, reach[1])
        return low, high

    def _mark(self, symbol: str) -> tuple[Paise, Paise]:
        # what it is marked at now counts too, until its first tick of the span
        now = self._engine.view.mark(symbol)
        marks = [each for minute in self._minutes if (each := minute.marks(symbol)) is not None]
        return min([now, *(low for low, _ in marks)]), max([now, *(high for _, high in marks)])


_HIGHEST: Paise = 1 << 62
