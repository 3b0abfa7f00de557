"""What a set's day comes to, and how much of it hangs on the path inside bars; compiled.

The rules of doubt are those of ``bootstrap/backtest/trips.py``.
"""

from swingbreak.research.compiling import compiled
from swingbreak.research.prices import charge_of
from swingbreak.research.tables import (
    CLOSE,
    DAILY_STOP,
    DAILY_TARGET,
    HIGH,
    LOW,
    OPEN,
    TRADES,
    Desk,
    Record,
    Sheet,
)

__all__ = ["score"]

_MINUTE = 60_000


@compiled
def score(sheet: Sheet, rules: Record, desk: Desk, into: Record) -> None:
    """Reckon the day of *desk* up."""
    now = desk.now
    net, charges, wins, ambiguous, stakes = 0, 0, 0, 0, 0
    for place in range(now.trades):
        trade = desk.trades[place]
        sold, bought = trade.units * trade.sold_at, trade.units * trade.bought_at
        costs = charge_of(sheet, sold, bought)
        charges += costs
        net += sold - bought - costs
        wins += sold - bought - costs > 0
        stake = _stake(sheet, rules, desk, trade)
        ambiguous += stake > 0
        stakes += stake
    into.net, into.charges, into.trades, into.wins = net, charges, now.trades, wins
    into.ambiguous, into.stake, into.beyond = ambiguous, stakes, now.beyond


@compiled
def _stake(sheet: Sheet, rules: Record, desk: Desk, trade: Record) -> int:
    symbol = trade.symbol
    first, last = trade.sold_ms // _MINUTE, trade.bought_ms // _MINUTE
    is_stop = trade.reason == 0
    is_inside = trade.sold_ms > first * _MINUTE
    if first == last and is_stop:
        return abs(_survival(sheet, rules, trade, first)) if is_inside else 0
    stake = 0
    tick = sheet.contracts[symbol].tick
    planned = trade.entry_trigger + rules.offset * tick + trade.planned
    if is_inside and first != last and sheet.bars[HIGH, symbol, first] >= planned:
        stake = abs(_difference(trade, planned))
    is_limit = trade.reason in (DAILY_TARGET, DAILY_STOP)
    # an exit that is not the stop's is on its way for part of a second
    if (is_stop and trade.bought_ms > last * _MINUTE) or is_limit:
        stake = max(stake, _at_the_end(sheet, rules, desk, trade, last))
    return stake


@compiled
def _at_the_end(sheet: Sheet, rules: Record, desk: Desk, trade: Record, last: int) -> int:
    symbol = trade.symbol
    minute = last
    while minute < sheet.minutes and sheet.bars[HIGH, symbol, minute] == 0:
        minute += 1
    if minute == sheet.minutes:
        desk.now.beyond = TRADES
        return 0
    before = sheet.newest[symbol, minute - 1] if minute else -1
    if before < 0:
        return 0
    low, high = sheet.bars[LOW, symbol, minute], sheet.bars[HIGH, symbol, minute]
    fall = sheet.bars[CLOSE, symbol, before] - low
    if trade.net_before + fall * trade.units < rules.target or high < trade.stop:
        return 0
    return abs(_difference(trade, low if trade.reason == 0 else trade.stop))


@compiled
def _survival(sheet: Sheet, rules: Record, trade: Record, first: int) -> int:
    symbol, newest = trade.symbol, first
    stop = sheet.bars[HIGH, symbol, first] + rules.stop_buffer
    for minute in range(first + 1, sheet.minutes):
        if sheet.bars[HIGH, symbol, minute] == 0:
            continue
        newest = minute
        opens = sheet.bars[OPEN, symbol, minute]
        if minute >= rules.force_exit:
            return _difference(trade, opens)
        if sheet.bars[HIGH, symbol, minute] >= stop:
            return _difference(trade, max(stop, opens))
    return _difference(trade, sheet.bars[CLOSE, symbol, newest])


@compiled
def _difference(trade: Record, price: int) -> int:
    return (trade.bought_at - price) * trade.units
