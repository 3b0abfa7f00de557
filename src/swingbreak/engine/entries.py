"""The entry that each right should have resting, in slices where one order may not be so large.

Rules of this file:

1. The slices of an entry are one entry: one symbol, one level, equal terms. They are switched and
   cancelled together, and no slice of the next symbol is sent while one of the last may trade.
2. Once one of them has triggered, or while one is being cancelled, no further slice is sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Purpose, Side, Slot
from swingbreak.domain.parameters import EntryType, Parameters
from swingbreak.engine.slices import cut, largest_slice
from swingbreak.engine.state import State
from swingbreak.strategy.baseline import Baseline
from swingbreak.strategy.selection import Choice

__all__ = ["Entries", "entry_slot"]


_SLOTS = {right: Slot(Purpose.ENTRY, right.value) for right in Right}


def entry_slot(right: Right) -> Slot:
    """Return the slot of the first slice of *right*'s entry; mostly the only one."""
    return _SLOTS[right]


class Entries:
    """Says which entry each right's slots should hold.

    An entry whose trigger has been reached is left alone for its time, then given up: the break
    is the entry. Before that, the slots go to the best level; while one rests and still
    qualifies, another takes its place only at the close of a bar.
    """

    def __init__(
        self,
        state: State,
        strategy: Baseline,
        contracts: Mapping[str, OptionContract],
        parameters: Parameters,
    ) -> None:
        self._state = state
        self._strategy = strategy
        self._largest = {symbol: largest_slice(each) for symbol, each in contracts.items()}
        self._fill_time = timedelta(seconds=parameters.entry_fill_s)
        self._resting = parameters.entry_type is EntryType.STOP_LIMIT

    def wanted(
        self,
        right: Right,
        live: Mapping[int, Order],
        at: datetime,
        barred: Mapping[str, str],
        *,
        may_switch: bool,
    ) -> Sequence[OrderIntent]:
        """Return the entry that shall rest for *right*, slice by slice; nothing if none shall.

        Args:
            right: Call or put.
            live: The slices that may still trade, by number.
            at: Now.
            barred: Symbols that may not be entered, and why.
            may_switch: Whether a bar has just closed.
        """
        triggered = self._state.triggered
        if any(order.order_id in triggered for order in live.values()):
            return [order.resting for order in live.values() if self._may_wait(order, at)]
        slot = entry_slot(right)
        if not live and self._state.pausing(slot, at):
            return ()
        order = next(iter(live.values()), None)
        choice = self._pick(right, order, barred, may_switch=may_switch)
        if choice is None:
            return ()
        intent, largest = self._intent(slot, choice), self._largest[choice.contract.symbol]
        if intent.quantity <= largest and not self._state.book.further:
            return (intent,)
        if order is None or order.intent.symbol == intent.symbol:
            return self._sliced(intent, live, at)
        # nothing is sent to a slot that is free already
        part = replace(intent, quantity=min(intent.quantity, largest))
        return [replace(part, slot=each.intent.slot) for each in live.values()]

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

    def _may_wait(self, order: Order, at: datetime) -> bool:
        since = self._state.triggered.get(order.order_id)
        return since is not None and at - since < self._fill_time

    def _sliced(
        self, whole: OrderIntent, live: Mapping[int, Order], at: datetime
    ) -> Sequence[OrderIntent]:
        sizes = cut(whole.quantity, self._largest[whole.symbol])
        pausing = self._state.pausing(whole.slot, at)
        going = any(order.status is OrderStatus.PENDING_CANCEL for order in live.values())
        may_join = not going and self._strategy.last(whole.symbol) > (whole.trigger or whole.limit)
        return [
            replace(whole, slot=whole.slot._replace(number=number), quantity=size)
            for number, size in enumerate(sizes, 1)
            if number in live or (may_join and number not in pausing)
        ]
