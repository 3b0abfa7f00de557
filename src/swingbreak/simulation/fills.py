"""Three readings of what a bar does not tell: which extreme came first, and what a fill cost.

Rules of this file:

1. Within a minute the price goes along its path through every value: open, two extremes, close.
   An order that is set off on the way trades on the way: at its trigger (optimistic), one usual
   spread worse (calibrated), or at the worst price of that stretch (pessimistic). Never worse than
   its limit, never beyond the stretch.
2. Between two minutes the price jumps. What the jump sets off, and what comes to the book, takes
   the quote there: the last price (optimistic), one usual spread worse (calibrated) or two wide
   ones (pessimistic). The quote never leaves the bar. One spread is half of it to cross, and half
   for the levels that ten lots walk behind the touch.
3. Pessimistic: of a symbol that is held when the minute before has closed, a moment into this one,
   the high comes first, of any other the low, so that an entry fills and its stop is still to
   come. Optimistic is the mirror.
   Calibrated: the low first where the bar closed at or above its open.
4. So at any moment, for any order, pessimistic is no better than calibrated, and calibrated no
   better than optimistic.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from swingbreak.domain.session import Session
from swingbreak.facts.spreads import Spreads

__all__ = ["FillModel", "Passage", "worse"]

_WIDE_SPREADS = 2


class FillModel(StrEnum):
    """A reading of bars; the first is the headline's."""

    PESSIMISTIC = "pessimistic"
    CALIBRATED = "calibrated"
    OPTIMISTIC = "optimistic"


def worse(side: Side, price: Paise, by: Paise) -> Paise:
    """Return *price* made worse for an order of *side*."""
    return price + by if side is Side.BUY else price - by


@dataclass(frozen=True, slots=True)
class Passage:
    """What fills cost on a day of bars, under one model.

    Attributes:
        model: The reading.
        session: Of the day: says which prices belong to the same minute.
        spreads: What crossing the book costs.
    """

    model: FillModel
    session: Session
    spreads: Spreads

    def cost(self, price: Paise) -> Paise:
        """Return how much worse than *price* an order that comes to the book trades, paise."""
        match self.model:
            case FillModel.PESSIMISTIC:
                return _WIDE_SPREADS * self.spreads.wide(price)
            case FillModel.CALIBRATED:
                return self.spreads.usual(price)
            case FillModel.OPTIMISTIC:
                return 0
            case _:
                assert_never(self.model)

    def quote(self, price: Paise, low: Paise, high: Paise) -> tuple[Paise, Paise]:
        """Return bid and offer around *price* in a bar of this *low* and *high*."""
        cost = self.cost(price)
        return max(price - cost, low), min(price + cost, high)

    def goes_through(self, before: Tick | None, tick: Tick) -> bool:
        """Whether the price went from *before* to *tick* through every value."""
        minute_of = self.session.minute_of
        return before is not None and minute_of(before.at) == minute_of(tick.at)

    def set_off(self, side: Side, trigger: Paise, limit: Paise, price: Paise) -> Paise:
        """Return what an order trades at whose *trigger* is passed on the way to *price*, paise."""
        worst = min(price, limit) if side is Side.BUY else max(price, limit)
        match self.model:
            case FillModel.PESSIMISTIC:
                return worst
            case FillModel.CALIBRATED:
                at = worse(side, trigger, self.cost(trigger))
                return min(at, worst) if side is Side.BUY else max(at, worst)
            case FillModel.OPTIMISTIC:
                return trigger
            case _:
                assert_never(self.model)
