"""Whether the account can carry an entry; pure, so that live and in-process days decide alike.

Rules of this file:

1. Only what may add to a short is judged: a new entry, and a change to a larger one, by the units
   it adds. An order that closes a position never is.
2. What is required, with the headroom, must be free. What an earlier entry was granted stays
   pledged until its answer is known, for the broker may not have blocked it yet.
3. An entry that was wanted a moment ago may not be by the time it would leave: what bars all
   entries is asked again at the door.
4. A margin is good for a minute of market time, per symbol and quantity; money is counted afresh.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from swingbreak.domain.commands import CancelOrder, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.events import (
    OrderEvent,
    OrderRejected,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import Order, OrderIntent, Purpose
from swingbreak.engine.engine import Engine
from swingbreak.ports import Funds

__all__ = ["EntryMargin", "Question", "refused"]

_GOOD_FOR = timedelta(minutes=1)
_WHOLE_BP = 10_000


class Question(NamedTuple):
    """Can the account carry *units* more of *intent*?"""

    intent: OrderIntent
    units: int


class EntryMargin:
    """Grants or refuses margin to entries.

    Args:
        orders: Our orders by id, as the engine knows them now.
        headroom_bp: What must be free beyond what is required, basis points of it.
        barred: Says why nothing may be entered at an instant, an empty text while something may.

    Attributes:
        peak: Most that was blocked at once, as far as entries tell, paise.
    """

    def __init__(
        self,
        orders: Mapping[str, Order],
        headroom_bp: int,
        barred: Callable[[datetime], str] = lambda _at: "",
    ) -> None:
        self.peak: Paise = 0
        self._orders = orders
        self._headroom_bp = headroom_bp
        self._barred = barred
        self._margins: dict[tuple[str, int], tuple[datetime, Paise]] = {}
        self._pledged: dict[str, Paise] = {}

    @classmethod
    def of(cls, engine: Engine, headroom_bp: int) -> "EntryMargin":
        """Return one for the entries of *engine*."""
        return cls(engine.state.book.orders, headroom_bp, engine.entries_barred)

    def question(self, command: OrderCommand) -> Question | None:
        """Return what has to be known before *command* may leave; ``None`` where nothing has."""
        if isinstance(command, CancelOrder) or command.intent.slot.purpose is not Purpose.ENTRY:
            return None
        units = command.intent.quantity
        if isinstance(command, ReplaceOrder):
            units += command.filled - self._orders[command.order_id].intent.quantity
        return Question(command.intent, units) if units > 0 else None

    def too_late(self, at: datetime, command: OrderCommand) -> str:
        """Return why *command* may not leave any more; empty for all but barred entries."""
        if isinstance(command, CancelOrder) or command.intent.slot.purpose is not Purpose.ENTRY:
            return ""
        why = self._barred(at)
        return f"not sent: {why}" if why else ""

    def known(self, at: datetime, question: Question) -> Paise | None:
        """Return the margin of *question* if it was learnt within the minute, paise."""
        found = self._margins.get((question.intent.symbol, question.units))
        return found[1] if found is not None and at - found[0] < _GOOD_FOR else None

    def keep(self, at: datetime, question: Question, required: Paise) -> None:
        """Remember the margin of *question*."""
        self._margins[question.intent.symbol, question.units] = (at, required)

    def refusal(self, order_id: str, question: Question, required: Paise, funds: Funds) -> str:
        """Return why an order that needs *required* may not leave; else pledge it that."""
        need = required + required * self._headroom_bp // _WHOLE_BP
        free = funds.free - sum(self._pledged.values())
        if need > free:
            return (
                f"margin of {question.units} {question.intent.symbol} is short by Rs "
                f"{rupees(need - free)}: required Rs {rupees(required)}, with headroom Rs "
                f"{rupees(need)}; free Rs {rupees(free)}"
            )
        self._pledged[order_id] = required
        self.peak = max(self.peak, funds.used + sum(self._pledged.values()))
        return ""

    def heard(self, event: OrderEvent) -> None:
        """Take back the pledge of an order whose answer has come."""
        if not isinstance(event, OrderUnconfirmed):
            self._pledged.pop(event.order_id, None)


def refused(
    at: datetime, command: SubmitOrder | ReplaceOrder, reason: str, *, final: bool
) -> OrderEvent:
    """Return the event of an entry that was not let out; unless *final* it may be tried again."""
    kind = OrderReplaceRefused if isinstance(command, ReplaceOrder) else OrderRejected
    return kind(at, command.order_id, reason, sent=final)
