"""What trades when prices come, and who is told; compiled. As ``simulation/matching.py``."""

from swingbreak.research.compiling import compiled, inlined
from swingbreak.research.entries import look_after_entries, refresh
from swingbreak.research.positions import buy_back, judge, sell
from swingbreak.research.prices import allows, ask_at, bid_at, price_at, traded_with
from swingbreak.research.tables import BANDS, HIGH, NO, PARTS, Desk, Record, Sheet

__all__ = ["move"]


@compiled
def move(sheet: Sheet, rules: Record, desk: Desk, minute: int, step: int, at: int) -> None:
    """Let the exchange trade at a step's prices, then tell them, then the fills."""
    now = desk.now
    now.fills = 0
    seen = 0
    for place in range(now.active):
        symbol = desk.active[place]
        if sheet.bars[HIGH, symbol, minute] == 0:
            continue
        its = desk.symbols[symbol]
        if its.is_quiet:
            continue
        price = price_at(sheet, symbol, minute, step, its.is_turned)
        desk.seen[seen, 0], desk.seen[seen, 1] = symbol, price
        seen += 1
        if its.units:
            _trade_stop(sheet, desk, minute, step, at, symbol, price)
        elif desk.entries[sheet.contracts[symbol].right].symbol == symbol:
            _trade_entry(sheet, desk, minute, step, at, symbol, price)
    for place in range(seen):
        _tell(sheet, rules, desk, minute, at, desk.seen[place, 0], desk.seen[place, 1])
    for place in range(now.fills):
        fill = desk.fills[place]
        if fill.is_entry:
            sell(sheet, rules, desk, minute, at, place)
        else:
            buy_back(sheet, rules, desk, at, fill.symbol, fill.price)
        judge(sheet, rules, desk)
        if now.is_dirty:
            look_after_entries(sheet, rules, desk, minute, at, NO)


@inlined
def _tell(
    sheet: Sheet, rules: Record, desk: Desk, minute: int, at: int, symbol: int, price: int
) -> None:
    its = desk.symbols[symbol]
    its.price, its.bar = price, minute
    entry = desk.entries[sheet.contracts[symbol].right]
    if entry.symbol == symbol:
        entry.high = max(entry.high, price)
    if its.is_armed:
        is_broken = price <= sheet.lows[its.level].price - sheet.contracts[symbol].tick
        if is_broken or price > its.high:
            its.high = max(its.high, price)
            its.is_armed = 0 if is_broken else 1
            refresh(sheet, rules, desk, symbol)
    if its.units:
        judge(sheet, rules, desk)
    if desk.now.is_dirty:
        look_after_entries(sheet, rules, desk, minute, at, NO)


@compiled
def _trade_entry(
    sheet: Sheet, desk: Desk, minute: int, step: int, at: int, symbol: int, price: int
) -> None:
    entry = desk.entries[sheet.contracts[symbol].right]
    bid = bid_at(sheet, symbol, minute, price)
    if entry.since >= 0:
        if price <= entry.limit and bid < entry.limit:
            return
        lot = sheet.contracts[symbol].lot
        traded = traded_with(sheet, symbol, minute, step) // lot * lot
        if bid < entry.limit and traded < entry.units:
            desk.now.beyond = PARTS
        filled = entry.limit
    else:
        if price > entry.trigger:
            return
        entry.since = at
        if not allows(sheet, symbol, minute, desk.now.is_late, entry.limit):
            desk.now.beyond = BANDS
        filled = bid if step == 0 else max(price, entry.limit)
        if filled < entry.limit:
            desk.now.waits = 1
            return
    fill = desk.fills[desk.now.fills]
    desk.now.fills += 1
    fill.symbol, fill.price, fill.is_entry, fill.level = symbol, filled, 1, entry.level
    fill.units, fill.points, fill.trigger = entry.units, entry.points, entry.trigger
    fill.high = max(entry.high, price)


@compiled
def _trade_stop(
    sheet: Sheet, desk: Desk, minute: int, step: int, at: int, symbol: int, price: int
) -> None:
    its = desk.symbols[symbol]
    ask = ask_at(sheet, symbol, minute, price)
    if its.since >= 0:
        if price >= its.limit and ask > its.limit:
            return
        lot = sheet.contracts[symbol].lot
        traded = traded_with(sheet, symbol, minute, step) // lot * lot
        if ask > its.limit and traded < its.units:
            desk.now.beyond = PARTS
        filled = its.limit
    else:
        if price < its.stop:
            return
        its.since = at
        if not allows(sheet, symbol, minute, desk.now.is_late, its.limit):
            desk.now.beyond = BANDS
        filled = ask if step == 0 else min(price, its.limit)
        if filled > its.limit:
            desk.now.waits = 1
            return
    fill = desk.fills[desk.now.fills]
    desk.now.fills += 1
    fill.symbol, fill.price, fill.is_entry = symbol, filled, 0
    # lost already, though it is told after other fills
    desk.now.missing += its.units * max(filled - its.sold_at, 0)
