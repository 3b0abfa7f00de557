"""The entry that each right's slot should hold."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from swingbreak.domain.instrument import Right
from swingbreak.domain.orders import Order, OrderIntent, Purpose, Side, Slot
from swingbreak.domain.parameters import EntryType, Parameters
from swingbreak.engine.state import State
from swingbreak.strategy.baseline import Baseline
from swingbreak.strategy.selection import Choice

__all__ = ["Entries", "entry_slot"]


_SLOTS = {right: Slot(Purpose.ENTRY, right.value) for right in Right}


def entry_slot(right: Right) -> Slot:
    """Return the one slot that entries of *right* share."""
    return _SLOTS[right]


class Entries:
    """Says which entry each right's slot should hold.

    An entry whose trigger has been reached is left alone for its time, then given up: the break
    is the entry. Before that, the slot goes to the best level; while one rests and still
    qualifies, another takes its place only at the close of a bar.
    """

    def __init__(self, state: State, strategy: Baseline, parameters: Parameters) -> None:
        self._state = state
        self._strategy = strategy
        self._fill_time = timedelta(seconds=parameters.entry_fill_s)
        self._resting = parameters.entry_type is EntryType.STOP_LIMIT

    def wanted(
        self, right: Right, at: datetime, barred: Mapping[str, str], *, may_switch: bool
    ) -> OrderIntent | None:
        """Return the entry that shall rest for *right*, or ``None``.

        Args:
            right: Call or put.
            at: Now.
            barred: Symbols that may not be entered, and why.
            may_switch: Whether a bar has just closed.
        """
        slot = entry_slot(right)
        order = self._state.book.live.get(slot)
        if order is not None and order.order_id in self._state.triggered:
            waiting = at - self._state.triggered[order.order_id] < self._fill_time
            return order.resting if waiting else None
        if order is None and self._state.is_blocked(slot, at):
            return None
        choice = self._pick(right, order, barred, may_switch=may_switch)
        return self._intent(slot, choice) if choice is not None else None

    def give_up_times(self) -> Iterator[datetime]:
        """Yield when triggered entries will have had their time."""
        return (began + self._fill_time for began in self._state.triggered.values())

    def _pick(
        self, right: Right, order: Order | None, barred: Mapping[str, str], *, may_switch: bool
    ) -> Choice | None:
        if order is not None and not may_switch and order.intent.symbol not in barred:
            mine = self._strategy.choice(order.intent.symbol)
            if isinstance(mine, Choice) and self._may_rest(mine, order):
                return mine
        passed = barred
        while choice := self._strategy.best(right, passed):
            if self._may_rest(choice, order):
                return choice
            passed = {**passed, choice.contract.symbol: "at_trigger"}
        return None

    def _may_rest(self, choice: Choice, order: Order | None) -> bool:
        symbol = choice.contract.symbol
        if order is not None and order.intent.symbol == symbol:
            # what rests already is not withdrawn for touching its trigger: it is its moment
            rests_at = order.intent.trigger if self._resting else order.intent.limit
            if rests_at == choice.trigger:
                return True
        return self._strategy.last(symbol) > choice.trigger

    def _intent(self, slot: Slot, choice: Choice) -> OrderIntent:
        return OrderIntent(
            slot=slot,
            symbol=choice.contract.symbol,
            side=Side.SELL,
            quantity=choice.quantity,
            limit=choice.limit if self._resting else choice.trigger,
            trigger=choice.trigger if self._resting else None,
            reason="break",
            level=choice.level.level_id,
            points=choice.points,
        )
