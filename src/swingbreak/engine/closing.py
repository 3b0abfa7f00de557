"""The order that must rest to close a position: the stop, or the exit it turns into.

Rules of this file:

1. While the market has not reached the stop, a stop-limit for the whole open quantity rests.
2. Once it has, that order has a moment to fill; then its limit steps up until it does.
3. With a reason to leave, or no stop left at the exchange, a limit through the offer rests. It
   moves only when the offer has run away from it, so it is not sent again on every tick.
4. Before any price is known, as after a restart, what rests is left as it is.
5. No limit is set beyond the exchange's price protection, where it would be turned away.
6. A slice that joins an exit takes the limit of those that rest, while that is through the offer.
"""

from functools import cache
from typing import NamedTuple

from swingbreak.domain.money import Paise, ceil_to_tick, floor_to_tick
from swingbreak.domain.orders import OrderIntent, Purpose, Side, Slot
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Position
from swingbreak.market.offers import ceiling

__all__ = ["Quote", "Situation", "close_slot", "closing_order"]


class Quote(NamedTuple):
    """What a symbol last traded and was offered at, paise; ``ask`` is 0 where unknown."""

    price: Paise
    ask: Paise

    @property
    def mark(self) -> Paise:
        """What it would cost to buy back now, paise."""
        return self.ask or self.price


class Situation(NamedTuple):
    """What decides which closing order a position needs.

    Attributes:
        quote: The market.
        tick: Price step, paise.
        resting: The closing order that rests now in the slot, if one does.
        exit_reason: Why the position is to be left now; empty while it is not.
        reached: Whether the market has traded at or through the stop.
        overdue: Whether the stop has had its time to fill since.
        beside: The newest terms of another slice of the same position that is an exit already.
    """

    quote: Quote
    tick: Paise
    resting: OrderIntent | None = None
    exit_reason: str = ""
    reached: bool = False
    overdue: bool = False
    beside: OrderIntent | None = None


@cache
def close_slot(symbol: str) -> Slot:
    """Return the slot of the first slice of what closes *symbol*; mostly the only one."""
    return Slot(Purpose.CLOSE, symbol)


def closing_order(position: Position, situation: Situation, parameters: Parameters) -> OrderIntent:
    """Return the order that must rest to close the short *position*."""
    resting = situation.resting
    trigger: Paise | None = position.stop
    limit = position.stop + parameters.stop_limit_buffer
    reason = "stop"
    if not situation.quote.mark:
        if resting is not None:
            trigger, limit, reason = resting.trigger, resting.limit, resting.reason
    elif situation.exit_reason:
        trigger, reason = None, situation.exit_reason
        limit = _through_the_offer(situation, parameters)
    elif situation.reached and (resting is None or resting.trigger is None):
        trigger, reason = None, "stop_gapped"
        limit = _through_the_offer(situation, parameters)
    elif situation.reached and resting is not None:
        limit = resting.limit
        if situation.overdue and limit < situation.quote.mark:
            limit = _through_the_offer(situation, parameters)
    return OrderIntent(
        slot=close_slot(position.symbol),
        symbol=position.symbol,
        side=Side.BUY,
        quantity=-position.quantity,
        limit=limit,
        trigger=trigger,
        reason=reason,
    )


def _through_the_offer(situation: Situation, parameters: Parameters) -> Paise:
    offer = situation.quote.mark
    for rests in (situation.resting, situation.beside):
        if rests is not None and rests.trigger is None and rests.limit >= offer:
            return rests.limit
    limit = ceil_to_tick(offer + parameters.chase_step, situation.tick)
    return min(limit, floor_to_tick(ceiling(situation.quote.price), situation.tick))
