"""How much to sell, and at which prices."""

from swingbreak.domain.money import Paise, ceil_to_tick, floor_to_tick
from swingbreak.domain.parameters import Parameters

__all__ = ["entry_terms", "lots_for"]

# A stop-limit's limit may stand 20 % of its trigger away from it, Rs 10 where the trigger is
# Rs 50 or less. Source: the brokers' support pages and BSE notice 20260114-28; see
# docs/reference/market-facts.
_GAP_DIVISOR = 5
_LOW_TRIGGER = 50_00
_LOW_TRIGGER_GAP = 10_00


def lots_for(points: Paise, lot: int, parameters: Parameters) -> int:
    """Return the most lots whose loss at the stop is within one R; 0 when one is too many.

    Args:
        points: Stop above the swing low, paise; no size is right for a stop that is not above it.
        lot: Units per lot.
        parameters: Settings.
    """
    if points <= 0:
        return 0
    return min(parameters.r_value // (points * lot), parameters.max_lots)


def entry_terms(price: Paise, tick: Paise, parameters: Parameters) -> tuple[Paise, Paise]:
    """Return trigger and limit of the sell stop-limit under a swing low at *price*, paise.

    Both are whole ticks and at least one; the limit keeps to the exchange's stop-limit gap rule.
    """
    trigger = max(floor_to_tick(price, tick) - parameters.entry_offset_ticks * tick, tick)
    widest = trigger // _GAP_DIVISOR if trigger > _LOW_TRIGGER else _LOW_TRIGGER_GAP
    gap = min(parameters.entry_limit_buffer, widest)
    return trigger, max(ceil_to_tick(trigger - gap, tick), tick)
