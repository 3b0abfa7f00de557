"""Everything the engine knows about its own orders and positions. One writer: the engine.

Rules of this file:

1. The same records in the same order give the same state: a restart is a replay.
2. A fill counts once, by its id.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    CancelStray,
    DayCommand,
    HaltDay,
    MoveWindow,
    OrderCommand,
    PauseDay,
    ReplaceOrder,
    ResumeDay,
    SubmitOrder,
)
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderEvent,
    OrderFilled,
    OrderPriced,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Purpose, Slot
from swingbreak.domain.records import Record
from swingbreak.engine.book import OrderBook
from swingbreak.engine.holdings import Holdings
from swingbreak.risk.account import Charge

__all__ = ["State"]

# How long a slot rests after the gateway turned its order away, or kept one as it was.
_PAUSE = {Purpose.ENTRY: timedelta(seconds=5), Purpose.CLOSE: timedelta(seconds=1)}
_KEPT_PAUSE = timedelta(seconds=1)
# From the tenth refusal in a row the pause doubles: a broker that turns an exit away for hours must
# not use up the messages of the day. What never left us is no refusal: a gateway comes back.
_PATIENT_AFTER, _LONGEST = 10, timedelta(seconds=60)
_LONGEST_KEPT = timedelta(seconds=30)


@dataclass(slots=True)
class State:
    """Orders, holdings and the day's latches.

    Attributes:
        halted: Why no entry may be made any more today; empty while one may.
        paused: Whether a person wants no entries for now.
        refused: Level whose entry was refused or taken away, by symbol.
        filled_levels: Levels that were entered on.
        triggered: When the trigger of a live entry was reached or it first filled, by order id.
        lost: Symbols whose stop was refused or taken away.
        blocked: Slots that rest, and until when.
        foreign: Symbols in which others have something, and what.
        unwanted: Symbols whose position was taken over only to be left.
        blind: Why the account cannot be looked at; empty while it can.
        adopted: How many positions of others were taken over.
        centre: Strike in the middle of the window, paise; 0 while it is where it began.
    """

    book: OrderBook
    holdings: Holdings
    halted: str = ""
    paused: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    filled_levels: set[str] = field(default_factory=set)
    triggered: dict[str, datetime] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    blocked: dict[Slot, datetime] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    unwanted: set[str] = field(default_factory=set)
    blind: str = ""
    adopted: int = 0
    centre: Paise = 0
    _fills: set[str] = field(default_factory=set)
    _turned_away: Counter[Slot] = field(default_factory=Counter)  # refusals in a row
    _kept: Counter[Slot] = field(default_factory=Counter)  # the same of cancels and changes

    @classmethod
    def empty(cls, charge: Charge) -> "State":
        """Return the state at the start of a day."""
        return cls(OrderBook(), Holdings(charge))

    def restore(self, records: Iterable[Record], stop_of: Callable[[OrderIntent], Paise]) -> None:
        """Take in what was kept of the day; *stop_of* as in :meth:`learn`.

        Raises:
            InvalidTransition: The records contradict each other.
        """
        for record in records:
            if isinstance(record, OrderEvent):
                self.learn(record, stop_of)
            else:
                self.record(record)

    def learn(self, event: OrderEvent, stop_of: Callable[[OrderIntent], Paise]) -> bool:
        """Apply an order event; return False when it is a fill that has been applied before.

        Args:
            event: What happened to one order.
            stop_of: Gives the stop of a position that an entry opens.

        Raises:
            InvalidTransition: The event is impossible for what we know.
        """
        if isinstance(event, OrderFilled):
            if event.fill_id in self._fills:
                return False
            self._fills.add(event.fill_id)
        before, after = self.book.learn(event)
        self._react(before, after, event, stop_of)
        if not after.status.is_live:
            self.triggered.pop(after.order_id, None)
            self._kept.pop(after.intent.slot, None)
        return True

    def _react(
        self,
        before: Order,
        after: Order,
        event: OrderEvent,
        stop_of: Callable[[OrderIntent], Paise],
    ) -> None:
        match event:
            case OrderFilled():
                self._filled(before, after, event, stop_of)
            case OrderPriced():
                self.holdings.reprice(after, after.value - before.value)
            case OrderRejected():
                self._refused(after, event)
            case OrderCanceled():
                self._canceled(before, event)
            case OrderCancelRefused() | OrderReplaceRefused():
                self._keeps(after, event)
            case OrderAccepted():
                self._turned_away.pop(after.intent.slot, None)
            case OrderReplaced():
                self._kept.pop(after.intent.slot, None)
            case OrderUnconfirmed():
                pass
            case _:
                assert_never(event)

    def record(self, command: OrderCommand | DayCommand) -> None:
        """Remember a command that is on its way."""
        if isinstance(command, DayCommand):
            self._record_of_day(command)
            return
        match command:
            case SubmitOrder(_, intent) | ReplaceOrder(_, intent):
                if intent.reason == "stop" and intent.trigger is not None:
                    self.holdings.move_stop(intent.symbol, intent.trigger)
                elif intent.reason == "stop_lost":
                    self.lost.add(intent.symbol)
            case CancelOrder():
                pass
            case _:
                assert_never(command)
        self.book.record(command)

    def _record_of_day(self, command: DayCommand) -> None:
        match command:
            case HaltDay(reason):
                self.halted = reason
            case PauseDay() | ResumeDay():
                self.paused = isinstance(command, PauseDay)
            case BookByHand(symbol=symbol):
                self.holdings.book_by_hand(command)
                self._forget(symbol)
            case AdoptPosition(symbol=symbol):
                self.adopted += 1
                self.holdings.adopt(command)
                if command.leaves:
                    self.unwanted.add(symbol)
            case CancelStray():
                pass  # its end is seen in the books
            case MoveWindow(centre):
                self.centre = centre
            case _:
                assert_never(command)

    def exit_reason(self, symbol: str) -> str:
        """Return why a position in *symbol* is to be left now; empty while it is not."""
        if symbol in self.lost:
            return self.halted or "stop_lost"
        return self.halted or ("foreign" if symbol in self.unwanted else "")

    def pausing(self, first: Slot, at: datetime) -> set[int]:
        """Return the numbers of the slices of *first* whose slots still rest at *at*."""
        blocked = self.blocked.items()
        return {slot.number for slot, until in blocked if at < until and slot.first == first}

    def _filled(
        self,
        before: Order,
        order: Order,
        event: OrderFilled,
        stop_of: Callable[[OrderIntent], Paise],
    ) -> None:
        intent = order.intent
        if intent.slot.purpose is Purpose.ENTRY:
            self.filled_levels.add(intent.level)
            if before.status.is_live:
                self._trigger_slices(intent, event.at)
            self.holdings.fill(order, event.at, event.quantity, event.value, stop_of(intent))
            return
        self.holdings.fill(order, event.at, event.quantity, event.value, 0)
        self._forget(intent.symbol)

    def _forget(self, symbol: str) -> None:
        if symbol not in self.holdings.positions:
            self.lost.discard(symbol)
            self.unwanted.discard(symbol)

    def _trigger_slices(self, filled: OrderIntent, at: datetime) -> None:
        # the exchange triggers all at once: news of one are news of the others on its terms
        for order in self.book.slices(filled.slot.first).values():
            if order.intent.symbol == filled.symbol and order.intent.trigger == filled.trigger:
                self.triggered.setdefault(order.order_id, at)

    def _refused(self, order: Order, event: OrderRejected) -> None:
        slot = order.intent.slot
        self.blocked.pop(slot, None)
        if event.sent:
            self._turned_away[slot] += 1
            self._lose(order.intent)
        is_stop = slot.purpose is Purpose.CLOSE and order.intent.trigger is not None
        if not (event.sent and is_stop):  # a stop that is lost has another order to follow it
            again = self._turned_away[slot] - _PATIENT_AFTER + 1 if event.sent else 0
            self._pause(slot, event.at, again)

    def _canceled(self, order: Order, event: OrderCanceled) -> None:
        self.blocked.pop(order.intent.slot, None)
        # a change that is not taken is followed by a cancel, and its answer may come late
        if order.status is OrderStatus.PENDING_CANCEL or order.stubborn:
            return
        self._lose(order.intent)
        if order.intent.trigger is None:
            self._pause(order.intent.slot, event.at)

    def _keeps(self, order: Order, event: OrderCancelRefused | OrderReplaceRefused) -> None:
        # a change that was turned down for good is not tried again: its order is cancelled at once
        final = isinstance(event, OrderReplaceRefused) and event.sent
        if not order.status.is_live or final:
            return
        slot = order.intent.slot
        if event.sent:
            self._kept[slot] += 1
        again = self._kept[slot] - _PATIENT_AFTER + 1 if event.sent else 0
        self.blocked[slot] = event.at + _longer(_KEPT_PAUSE, again, _LONGEST_KEPT)

    def _lose(self, intent: OrderIntent) -> None:
        if intent.slot.purpose is Purpose.ENTRY:
            self.refused[intent.symbol] = intent.level
        elif intent.symbol in self.holdings.positions:
            self.lost.add(intent.symbol)

    def _pause(self, slot: Slot, at: datetime, doublings: int = 0) -> None:
        self.blocked[slot] = at + _longer(_PAUSE[slot.purpose], doublings, _LONGEST)


def _longer(pause: timedelta, doublings: int, most: timedelta) -> timedelta:
    for _ in range(doublings):
        pause = min(2 * pause, most)
    return pause
