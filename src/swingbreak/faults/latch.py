"""Judges that the day ends when its money says so, and that what may open a position goes then.

Rules of this file:

1. The money is what our trades have brought in and what buying back would cost at the offer now,
   charges of both taken off. It is only judged where it is beyond a limit by more than rounding.
2. On a day on which the program may not see what the exchange sees, money is not judged.
3. A day that was ended, or paused, is so for every process that follows: the word of the file.
"""

from typing import Final

from swingbreak.domain.commands import DayLatch, HaltDay, PauseDay
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import Side
from swingbreak.faults.patience import Begun, Patience
from swingbreak.faults.program import Assignment
from swingbreak.faults.truth import Truth
from swingbreak.faults.verdict import Verdict

__all__ = ["Latch"]

_ROUNDING: Final = 20_00


class Latch:
    """Watches the day's end, and its pauses.

    Attributes:
        barred: Why nothing may be entered, by what was made durable; empty while it may.
    """

    def __init__(
        self, assignment: Assignment, truth: Truth, verdict: Verdict, patience: Patience
    ) -> None:
        self.barred = ""
        self._is_over = False
        self._assignment = assignment
        self._truth = truth
        self._verdict = verdict
        self._patience = patience
        self._beyond: tuple[float, Begun] | None = None  # since when, and the patience then
        self._late: tuple[float, Begun] | None = None

    def note(self, command: DayLatch) -> None:
        """Note what has become durable."""
        if isinstance(command, HaltDay):
            self._is_over, self.barred = True, command.reason
        elif not self._is_over:
            self.barred = "paused" if isinstance(command, PauseDay) else ""

    def look(self) -> None:
        """Judge whether the day should be over by now, and its entries gone."""
        self._late = self._entries_go(self._late)
        if not (self._is_over or self._patience.is_blind or self._truth.shared):
            self._beyond = self._day_ends(self._beyond)

    def _day_ends(self, known: tuple[float, Begun] | None) -> tuple[float, Begun] | None:
        net, limits = self._net(), self._assignment.parameters
        least, most = (r * limits.r_value for r in (limits.daily_stop_r, limits.daily_target_r))
        if least - _ROUNDING < net < most + _ROUNDING:
            return None
        since, spent = known or (self._verdict.now, self._patience.begin())
        seconds = self._verdict.now - since
        if seconds > self._patience.protection(spent):
            self._verdict.fail(3, f"Rs {rupees(net)} for {seconds:.1f} s, and the day goes on")
        return since, spent

    def _entries_go(self, known: tuple[float, Begun] | None) -> tuple[float, Begun] | None:
        if not self.barred:
            return None
        working = [i for i, order in self._truth.live() if order.side is Side.SELL]
        if not working:
            return None
        since, spent = known or (self._verdict.now, self._patience.begin())
        seconds = self._verdict.now - since
        if seconds > self._patience.answer(spent):
            self._verdict.fail(4, f"{working} may open a position {seconds:.1f} s after the end")
        return since, spent

    def _net(self) -> Paise:
        truth = self._truth
        open_units = {symbol: -units for symbol, units in truth.held.items() if units}
        cost = sum(units * truth.offer(symbol) for symbol, units in open_units.items())
        orders = len(truth.filled) + len(open_units)
        return (
            truth.cash
            - cost
            - self._assignment.rates.charge(truth.sold, truth.bought + cost, orders)
        )
