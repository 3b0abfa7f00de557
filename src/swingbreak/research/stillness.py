"""Minutes that change nothing but what is open is worth; compiled. As ``runtime/stillness.py``."""

from swingbreak.research.compiling import compiled, inlined
from swingbreak.research.positions import account
from swingbreak.research.prices import ask_at, net_of
from swingbreak.research.tables import CLOSE, HIGH, LOW, OPEN, Desk, Record, Sheet

__all__ = ["is_quiet", "is_still", "pass_over", "qualifies", "rests"]


@inlined
def rests(desk: Desk) -> bool:
    """Whether an entry rests."""
    return desk.entries[0].symbol >= 0 or desk.entries[1].symbol >= 0


@inlined
def qualifies(sheet: Sheet, rules: Record, number: int) -> bool:
    """Whether a low passes the filter that never changes: ``strategy/filters.py``."""
    low = sheet.lows[number]
    is_priced = rules.price_min <= low.price <= rules.price_max
    return is_priced and low.premium >= rules.premium_min


@compiled
def is_still(sheet: Sheet, rules: Record, desk: Desk, minute: int) -> bool:
    """Whether nothing that the minute brings can change anything but what shorts are worth."""
    now = desk.now
    if now.halted or now.is_dirty or (now.active and not now.is_settled):
        return False
    if minute > 0:
        for number in range(sheet.first_low[minute - 1], sheet.first_low[minute]):
            its = desk.symbols[sheet.lows[number].symbol]
            if its.is_active or qualifies(sheet, rules, number):
                return False
    least = most = now.realised
    for place in range(now.active):
        symbol = desk.active[place]
        its = desk.symbols[symbol]
        low, high = sheet.bars[LOW, symbol, minute], sheet.bars[HIGH, symbol, minute]
        if high == 0:
            low = high = its.price
        elif not _holds_still(sheet, desk, symbol, low, high):
            return False
        if its.units:
            bar = minute if sheet.bars[HIGH, symbol, minute] else its.bar
            worst = max(high, ask_at(sheet, symbol, its.bar, its.price))
            best = min(ask_at(sheet, symbol, bar, low), ask_at(sheet, symbol, its.bar, its.price))
            least += net_of(sheet, its.units, its.sold_at, worst)
            most += net_of(sheet, its.units, its.sold_at, best)
    return least > rules.loss and most < rules.target


@compiled
def _holds_still(sheet: Sheet, desk: Desk, symbol: int, low: int, high: int) -> bool:
    """Whether prices from *low* to *high* set nothing off and change no level."""
    its, entry = desk.symbols[symbol], desk.entries[sheet.contracts[symbol].right]
    if its.units and (its.since >= 0 or high >= its.stop):
        return False
    if entry.symbol == symbol and (entry.since >= 0 or low <= entry.trigger or high > entry.high):
        return False
    if not its.is_armed:
        return True
    return low > sheet.lows[its.level].price - sheet.contracts[symbol].tick and high <= its.high


@compiled
def pass_over(sheet: Sheet, desk: Desk, minute: int) -> None:
    """Let a still minute go by."""
    now = desk.now
    now.last_minute_messages = 0
    if now.shorts == 0:
        now.point = now.realised
        return
    _mark(sheet, desk, minute, OPEN)
    if minute > 0 and sheet.has_bars[minute - 1]:
        now.point = account(sheet, desk)
    _mark(sheet, desk, minute, CLOSE)


@compiled
def _mark(sheet: Sheet, desk: Desk, minute: int, column: int) -> None:
    for place in range(desk.now.active):
        symbol = desk.active[place]
        its = desk.symbols[symbol]
        if its.units and sheet.bars[HIGH, symbol, minute]:
            its.price, its.bar = sheet.bars[column, symbol, minute], minute


@inlined
def is_quiet(sheet: Sheet, desk: Desk, minute: int, symbol: int) -> bool:
    """Whether no price of the minute changes anything of *symbol*."""
    its = desk.symbols[symbol]
    if its.units or desk.entries[sheet.contracts[symbol].right].symbol == symbol:
        return False
    bars = sheet.bars
    return _holds_still(sheet, desk, symbol, bars[LOW, symbol, minute], bars[HIGH, symbol, minute])
