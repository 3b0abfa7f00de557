"""The displayed order book: five price levels a side, made from the best quotes of a tick.

Rules of this file:

1. The first level is the tick's own best price and size.
2. Each level behind it lies half the spread further away, at least one price step, and shows one
   to three times the size at the touch: the medians of NIFTY's nearest weekly leave a 10-lot order
   two to four levels to walk (market data of February 2026).
3. The same tick always gives the same book. What is displayed is what orders fill against.
"""

from typing import TypeAlias

from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise, floor_to_tick
from swingbreak.domain.orders import Side

__all__ = ["LEVELS", "PRICE_STEP", "Displayed", "ladder"]

LEVELS = 5
# Price step of every index option, Rs 0.05. Source: NSE contract specifications, read 2026-11-22.
PRICE_STEP: Paise = 5

# Price in paise and units displayed there; (0, 0) where nothing is.
Displayed: TypeAlias = tuple[Paise, int]

_NOTHING: Displayed = (0, 0)
_UNKNOWN: tuple[Displayed, ...] = (_NOTHING,) * LEVELS


def ladder(tick: Tick, side: Side) -> tuple[Displayed, ...]:
    """Return the five displayed levels of *side*, best first: BUY the bids, SELL the offers.

    A size of 0 at a price says that the feed gave no size there.
    """
    is_bid = side is Side.BUY
    touch, size = (tick.bid, tick.bid_size) if is_bid else (tick.ask, tick.ask_size)
    if not touch:
        return _UNKNOWN
    gap = _gap(tick) * (-1 if is_bid else 1)
    behind = (_behind(touch + gap * depth, size, depth) for depth in range(1, LEVELS))
    return ((touch, size), *behind)


def _gap(tick: Tick) -> Paise:
    if not (tick.bid and tick.ask):
        return PRICE_STEP
    return max(PRICE_STEP, floor_to_tick((tick.ask - tick.bid) // 2, PRICE_STEP))


def _behind(price: Paise, size: int, depth: int) -> Displayed:
    if price <= 0 or not size:
        return _NOTHING
    # whole multiples of the touch are whole lots whenever the touch is
    return price, size * (1 + (price // PRICE_STEP + depth * size) % 3)
