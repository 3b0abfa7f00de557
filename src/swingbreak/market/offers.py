"""Which offers can be bought at, and which prices cannot have traded.

The exchange turns away a limit too far from what has just traded (price protection, NSE/FAOP/54242
of 28 October 2022). An offer beyond that is therefore nobody's price: it neither marks a position
nor is it followed. The exchange measures from the last half minute's average; we, from the last
price.
"""

from swingbreak.domain.money import Paise
from swingbreak.facts.order_rules import NSE_PROTECTION

__all__ = ["PROTECTION", "ceiling", "is_freak", "offer"]

# The band of every index option since 2025-12-01; before, BSE's was wider.
PROTECTION = NSE_PROTECTION


def offer(last: Paise, ask: Paise) -> Paise:
    """Return *ask*, or 0 where it is too far above *last* to be bought at; 0 is unknown."""
    # cheap for the usual offer: this is asked of every tick of what is held
    return 0 if ask > last + PROTECTION.least and last and ask > ceiling(last) else ask


def is_freak(last: Paise, bid: Paise, ask: Paise) -> bool:
    """Whether *last*, beside the best prices of the same moment, is nobody's trade; 0 is unknown.

    Within the band a trade may lie outside the book that it has just swept. Beyond it the price is
    a wrong one, or one of long ago.
    """
    if ask and last > ask + PROTECTION.least and last > ceiling(ask):
        return True
    return last < bid - PROTECTION.least and last < 2 * bid - ceiling(bid)


def ceiling(last: Paise) -> Paise:
    """Return the highest limit that a buyer may set while *last* is the price, paise."""
    return last + max(last * PROTECTION.percent // 100, PROTECTION.least)
