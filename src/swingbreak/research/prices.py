"""Prices, quotes, costs and bands, as the engine and the exchange reckon them; compiled."""

from swingbreak.research.compiling import compiled, inlined
from swingbreak.research.tables import CLOSE, HIGH, LOW, OPEN, VOLUME, Sheet

__all__ = [
    "allows",
    "ask_at",
    "bid_at",
    "exit_may_fail",
    "gap_allows",
    "net_of",
    "price_at",
    "traded_with",
]

_FIRST, _SECOND, _LAST = 0, 1, 3  # of the four prices of a bar
_STEPS = 4


@inlined
def price_at(sheet: Sheet, symbol: int, minute: int, step: int, is_turned: int) -> int:
    """Return the price that *step* of a minute's four shows."""
    if step == _FIRST:
        return sheet.bars[OPEN, symbol, minute]
    if step == _LAST:
        return sheet.bars[CLOSE, symbol, minute]
    if (step == _SECOND) == (is_turned == 1):
        return sheet.bars[HIGH, symbol, minute]
    return sheet.bars[LOW, symbol, minute]


@inlined
def _cost(sheet: Sheet, price: int) -> int:
    place = 0
    while sheet.edges[place] < price:
        place += 1
    return 2 * sheet.wide[place]


@inlined
def bid_at(sheet: Sheet, symbol: int, minute: int, price: int) -> int:
    """Return what an order to sell gets at *price*."""
    return max(price - _cost(sheet, price), sheet.bars[LOW, symbol, minute])


@inlined
def ask_at(sheet: Sheet, symbol: int, minute: int, price: int) -> int:
    """Return what an order to buy pays at *price*."""
    return min(price + _cost(sheet, price), sheet.bars[HIGH, symbol, minute])


@inlined
def traded_with(sheet: Sheet, symbol: int, minute: int, step: int) -> int:
    """Return how many units trade with this step; a whole bar of none says that nobody knows."""
    volume = sheet.bars[VOLUME, symbol, minute]
    if volume == 0:
        return 1 << 62
    now = max(volume * (step + 1) // _STEPS, 1)
    return now - (max(volume * step // _STEPS, 1) if step else 0)


@inlined
def charge_of(sheet: Sheet, sold: int, bought: int) -> int:
    """Return what a round trip of two orders costs."""
    terms = sheet.terms
    exact = sold * terms.per_sold + bought * terms.per_bought + 2 * terms.per_order
    return (2 * exact + terms.parts) // (2 * terms.parts)


@inlined
def net_of(sheet: Sheet, units: int, sold_at: int, price: int) -> int:
    """Return what a short of *units* comes to when it is bought back at *price*."""
    sold, bought = units * sold_at, units * price
    return sold - bought - charge_of(sheet, sold, bought)


@compiled
def _range_of(sheet: Sheet, symbol: int, minute: int, is_late: int) -> tuple[int, int]:
    """Return the lowest and the highest price from which the band may be measured now.

    That is the average of the last half minute in which it traded, or, before the first, a price.
    In the second half of a bar that is over, one of its extremes traded and then its close.
    """
    newest = sheet.newest[symbol, minute]
    if newest == minute and not is_late and minute > 0 and sheet.newest[symbol, minute - 1] >= 0:
        newest = sheet.newest[symbol, minute - 1]
    if newest < 0:
        return 0, 1 << 40
    low, high = sheet.bars[LOW, symbol, newest], sheet.bars[HIGH, symbol, newest]
    if newest == minute or sheet.bars[VOLUME, symbol, newest] < _STEPS:
        return low, high
    close = sheet.bars[CLOSE, symbol, newest]
    return (low + close) // 2, (high + close) // 2


@compiled
def allows(sheet: Sheet, symbol: int, minute: int, is_late: int, limit: int) -> bool:
    """Whether price protection surely lets *limit* pass, wherever it is measured from."""
    terms = sheet.terms
    low, high = _range_of(sheet, symbol, minute, is_late)
    percent, least = terms.protection_percent, terms.protection_least * 100
    above = (limit - low) * 100 <= max(low * percent, least)
    return above and (high - limit) * 100 <= max(high * percent, least)


@compiled
def gap_allows(sheet: Sheet, trigger: int, limit: int) -> bool:
    """Whether a stop's *limit* is near enough to its *trigger*."""
    terms = sheet.terms
    return abs(limit - trigger) * 100 <= max(trigger * terms.gap_percent, terms.gap_least * 100)


@compiled
def exit_may_fail(sheet: Sheet, symbol: int, minute: int, is_late: int, limit: int) -> bool:
    """Whether an exit with *limit* may be turned away."""
    low, _ = _range_of(sheet, symbol, minute, is_late)
    terms = sheet.terms
    return limit > low + max(low * terms.protection_percent // 100, terms.protection_least)
