"""What is sold, guarded and bought back; compiled. ``engine/closing.py`` is what it follows."""

from swingbreak.research.compiling import compiled, inlined
from swingbreak.research.entries import highest, refresh
from swingbreak.research.prices import allows, ask_at, exit_may_fail, gap_allows, net_of
from swingbreak.research.tables import (
    BANDS,
    DAILY_STOP,
    DAILY_TARGET,
    FORCE_EXIT,
    HIGH,
    MOST_TRADES,
    STOPS,
    TRADES,
    Desk,
    Record,
    Sheet,
)

__all__ = ["account", "buy_back", "judge", "look_after_stops", "sell"]


@inlined
def account(sheet: Sheet, desk: Desk) -> int:
    """Return the day's net, what is open marked at the offer."""
    now = desk.now
    net = now.realised
    if now.shorts == 0:
        return net
    for place in range(now.active):
        symbol = desk.active[place]
        its = desk.symbols[symbol]
        if its.units:
            net += net_of(sheet, its.units, its.sold_at, ask_at(sheet, symbol, its.bar, its.price))
    return net


@compiled
def judge(sheet: Sheet, rules: Record, desk: Desk) -> None:
    """End the day where its limits are reached."""
    now = desk.now
    if now.halted:
        return
    net = account(sheet, desk)
    if net >= rules.target:
        now.halted = DAILY_TARGET
    elif net <= rules.loss:
        now.halted = DAILY_STOP
    if now.halted:
        now.is_dirty, now.point = 1, net


@compiled
def sell(sheet: Sheet, rules: Record, desk: Desk, minute: int, at: int, place: int) -> None:
    """Open the position of a fill, its stop above the highest high since the swing."""
    now, fill = desk.now, desk.fills[place]
    its, contract = desk.symbols[fill.symbol], sheet.contracts[fill.symbol]
    if desk.entries[contract.right].symbol == fill.symbol:
        desk.entries[contract.right].symbol = -1
    if its.level == fill.level:
        its.is_armed = 0
    now.shorts += 1
    its.units, its.sold_at, its.sold_ms = fill.units, fill.price, at
    its.entry_trigger, its.planned, its.since = fill.trigger, fill.points, -1
    its.stop = highest(sheet, fill.level, fill.high) + rules.stop_buffer
    its.limit = its.stop + rules.stop_limit_buffer
    now.moment_exits += 1
    is_odd = its.stop % contract.tick != 0 or its.limit % contract.tick != 0
    if is_odd or its.stop <= its.price or not gap_allows(sheet, its.stop, its.limit):
        now.beyond = STOPS
    if not allows(sheet, fill.symbol, minute, now.is_late, its.limit):
        now.beyond = BANDS
    refresh(sheet, rules, desk, fill.symbol)
    now.is_dirty, now.point = 1, account(sheet, desk)


@compiled
def buy_back(sheet: Sheet, rules: Record, desk: Desk, at: int, symbol: int, price: int) -> None:
    """Close a position."""
    now, its = desk.now, desk.symbols[symbol]
    now.realised += net_of(sheet, its.units, its.sold_at, price)
    if now.trades == MOST_TRADES:
        now.beyond = TRADES
        now.trades -= 1
    trade = desk.trades[now.trades]
    now.trades += 1
    trade.symbol, trade.units, trade.reason = symbol, its.units, now.halted
    trade.sold_at, trade.sold_ms, trade.bought_at, trade.bought_ms = (
        its.sold_at, its.sold_ms, price, at,
    )  # fmt: skip
    trade.stop, trade.planned, trade.entry_trigger = its.stop, its.planned, its.entry_trigger
    trade.net_before = now.net_at_start
    its.units = 0
    now.shorts -= 1
    refresh(sheet, rules, desk, symbol)
    now.is_dirty, now.point = 1, account(sheet, desk)


@compiled
def look_after_stops(sheet: Sheet, rules: Record, desk: Desk, minute: int, at: int) -> None:
    """Leave what has a reason to be left, and what its stop has not closed in time."""
    now = desk.now
    if now.shorts == 0 or not (now.halted or now.waits):
        return
    for place in range(now.active):
        symbol = desk.active[place]
        its = desk.symbols[symbol]
        if its.units == 0:
            continue
        if now.halted or (its.since >= 0 and at - its.since >= rules.chase_ms):
            now.moment_exits += 1
            price = ask_at(sheet, symbol, its.bar, its.price)
            # at a cut-off its limit is of the price before
            last = sheet.newest[symbol, max(minute - 1, 0)]
            before = sheet.bars[HIGH, symbol, last] if last >= 0 else 0
            highest_offer = max(price, before) if now.halted == FORCE_EXIT else price
            limit = highest_offer + rules.chase_step + sheet.contracts[symbol].tick
            if exit_may_fail(sheet, symbol, minute, now.is_late, limit) or exit_may_fail(
                sheet, symbol, minute, 1, limit
            ):
                now.beyond = BANDS
            now.missing += its.units * sheet.alone[symbol]  # its order is on its way
            buy_back(sheet, rules, desk, at, symbol, price)
