"""One day of bars under many settings, compiled: the backtest's trades, or word that it cannot say.

It is ``tests/oracle/naive.py`` in arrays: the pessimistic reading of bars, at the few moments of a
minute at which anything happens, for the few symbols that have a level, an order or a position.

Rules of this file:

1. What it does not model exactly it notices, and says so in ``beyond``: that set's day is the
   engine's.
2. At one moment the exchange trades first; then each price is told in the order of symbols, then
   each fill; then a minute closes, stops are looked after, and entries.
"""

import numpy as np

from swingbreak.research.compiling import borrowed, compiled, inlined
from swingbreak.research.doubts import score
from swingbreak.research.entries import confirm_cancels, look_after_entries, refresh
from swingbreak.research.positions import account, buy_back, judge, look_after_stops, sell
from swingbreak.research.prices import allows, ask_at, bid_at, net_of, price_at, traded_with
from swingbreak.research.tables import (
    BANDS,
    CLOSE,
    FORCE_EXIT,
    HIGH,
    LOW,
    MESSAGES,
    OPEN,
    PARTS,
    Desk,
    Numbers,
    Record,
    Sheet,
)

__all__ = ["run_sets"]

_MINUTE = 60_000
_STEPS_MS = (0, 20_000, 40_000, 59_000)
_GRACE = 4  # a moment's kind: below it a step, above it a timer
_LAST = 3
_PER_SECOND, _LEFT_TO_ENTRIES, _PER_MINUTE, _PER_DAY = 8, 5, 55, 950  # runtime/governor.py, less


@compiled
def run_sets(
    sheet: Sheet, rules: Record, desk: Desk, scores: Record, trades: Record, ends: Numbers
) -> int:
    """Run the day under each of *rules*.

    Args:
        sheet: The day.
        rules: Records of settings.
        desk: Room to work in.
        scores: Takes what each set comes to.
        trades: Takes the trades, set by set.
        ends: Takes the number of trades up to and with each set's.

    Returns:
        How many sets have been run: all, unless *trades* is full.
    """
    count = 0
    day, own = _borrowed_sheet(sheet), _borrowed_desk(desk)
    for place in range(rules.size):
        _run_day(day, rules[place], own)
        now = desk.now[0]
        if count + now.trades > trades.size:
            return place
        for each in range(now.trades):
            trades[count + each] = desk.trades[each]
        count += now.trades
        ends[place] = count
        score(day, rules[place], own, scores[place])
    return rules.size


@compiled
def _borrowed_sheet(sheet: Sheet) -> Sheet:
    return Sheet(
        borrowed(sheet.bars),
        borrowed(sheet.newest),
        borrowed(sheet.contracts),
        borrowed(sheet.lows),
        borrowed(sheet.first_low),
        borrowed(sheet.has_bars),
        borrowed(sheet.edges),
        borrowed(sheet.wide),
        borrowed(sheet.terms),
    )


@compiled
def _borrowed_desk(desk: Desk) -> Desk:
    return Desk(
        borrowed(desk.now),
        borrowed(desk.symbols),
        borrowed(desk.entries),
        borrowed(desk.active),
        borrowed(desk.seen),
        borrowed(desk.fills),
        borrowed(desk.trades),
    )


@compiled
def _run_day(sheet: Sheet, rules: Record, desk: Desk) -> None:
    _clear(desk)
    now = desk.now[0]
    moments = _moments(rules)
    for minute in range(sheet.has_bars.size):
        if minute >= rules.force_exit and not now.halted:
            now.halted, now.is_dirty, now.point = FORCE_EXIT, 1, account(sheet, desk)
        if minute >= rules.last_entry and _rest(desk):
            now.is_dirty = 1
        now.net_at_start = now.point
        if now.active == 0 and now.halted:
            return
        if _is_still(sheet, rules, desk, minute):
            _pass_over(sheet, desk, minute)
        else:
            _run_minute(sheet, rules, desk, minute, moments)
        if now.beyond:
            return


@compiled
def _run_minute(sheet: Sheet, rules: Record, desk: Desk, minute: int, moments: Numbers) -> None:
    now = desk.now[0]
    since = 0
    if now.active == 0:  # nothing has happened before the last minute closes
        since = rules.grace_ms
    for place in range(moments.shape[0]):
        if moments[place, 0] >= since and (now.active or moments[place, 1] == _GRACE):
            _pass(sheet, rules, desk, minute, moments[place, 0], moments[place, 1])
    _count_messages(desk)
    _sweep_out(desk)


@compiled
def _rest(desk: Desk) -> bool:
    return desk.entries[0].symbol >= 0 or desk.entries[1].symbol >= 0


@compiled
def _is_still(sheet: Sheet, rules: Record, desk: Desk, minute: int) -> bool:
    """Whether nothing that the minute brings can change anything but what shorts are worth."""
    now = desk.now[0]
    if now.halted or now.is_dirty or (now.active and not now.is_settled):
        return False
    if minute > 0:
        for number in range(sheet.first_low[minute - 1], sheet.first_low[minute]):
            its = desk.symbols[sheet.lows[number].symbol]
            if its.is_active or _qualifies(sheet, rules, number):
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
def _pass_over(sheet: Sheet, desk: Desk, minute: int) -> None:
    now = desk.now[0]
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
    for place in range(desk.now[0].active):
        symbol = desk.active[place]
        its = desk.symbols[symbol]
        if its.units and sheet.bars[HIGH, symbol, minute]:
            its.price, its.bar = sheet.bars[column, symbol, minute], minute


@inlined
def _qualifies(sheet: Sheet, rules: Record, number: int) -> bool:
    low = sheet.lows[number]
    is_priced = rules.price_min <= low.price <= rules.price_max
    return is_priced and low.premium >= rules.premium_min


@compiled
def _clear(desk: Desk) -> None:
    now = desk.now[0]
    now.active = now.shorts = now.halted = now.realised = now.trades = 0
    now.is_dirty = now.is_settled = now.beyond = 0
    now.point = now.net_at_start = now.moment_exits = now.moment_entries = 0
    now.minute_messages = now.last_minute_messages = now.day_messages = now.fills = 0
    for symbol in range(desk.symbols.size):
        its = desk.symbols[symbol]
        its.is_active = its.is_armed = its.wants = its.units = its.is_turned = its.points = 0
        its.level = -1
    for right in range(2):
        desk.entries[right].symbol, desk.entries[right].is_leaving = -1, 0


@compiled
def _moments(rules: Record) -> Numbers:
    """Return when in each minute something may happen, and what: see _GRACE."""
    found = np.empty((7, 2), np.int64)
    for step in range(4):
        found[step, 0], found[step, 1] = _STEPS_MS[step], step
    found[4, 0], found[4, 1] = rules.grace_ms, _GRACE
    found[5, 0], found[5, 1] = rules.chase_ms, _GRACE + 1
    found[6, 0], found[6, 1] = rules.fill_ms % _MINUTE, _GRACE + 1
    for place in range(1, 7):
        for at in range(place, 0, -1):
            if found[at, 0] >= found[at - 1, 0]:
                break
            for column in range(2):
                other = found[at, column]
                found[at, column] = found[at - 1, column]
                found[at - 1, column] = other
    return found


@compiled
def _pass(sheet: Sheet, rules: Record, desk: Desk, minute: int, after: int, kind: int) -> None:
    now, at = desk.now[0], minute * _MINUTE + after
    now.moment_exits = now.moment_entries = 0
    if kind < _GRACE:
        _move(sheet, rules, desk, minute, kind, at)
        if kind == 0:
            now.net_at_start = now.point
    if kind == _GRACE:
        _close_bars(sheet, rules, desk, minute)
        _after_close(sheet, rules, desk, minute, at)
    else:
        look_after_stops(sheet, rules, desk, minute, at)
        is_due = False
        for right in range(2):
            entry = desk.entries[right]
            is_due = is_due or (entry.symbol >= 0 and entry.since >= 0)
        if now.is_dirty or is_due:
            look_after_entries(sheet, rules, desk, minute, at, False)
    confirm_cancels(sheet, rules, desk, minute, at)
    _check_pace(desk, kind == _LAST)


@compiled
def _check_pace(desk: Desk, is_last: bool) -> None:
    """Notice where the order rate might hold up what another moment depends on."""
    now = desk.now[0]
    sent = now.moment_exits + now.moment_entries
    now.minute_messages += sent
    if is_last and sent > _LEFT_TO_ENTRIES:
        now.beyond = MESSAGES
    if now.moment_exits > 0 and sent > _PER_SECOND:
        now.beyond = MESSAGES


@compiled
def _count_messages(desk: Desk) -> None:
    now = desk.now[0]
    now.day_messages += now.minute_messages
    if now.minute_messages + now.last_minute_messages > _PER_MINUTE:
        now.beyond = MESSAGES
    if now.day_messages > _PER_DAY:
        now.beyond = MESSAGES
    now.last_minute_messages, now.minute_messages = now.minute_messages, 0


@compiled
def _after_close(sheet: Sheet, rules: Record, desk: Desk, minute: int, at: int) -> None:
    now = desk.now[0]
    look_after_stops(sheet, rules, desk, minute, at)
    has_closed = minute > 0 and sheet.has_bars[minute - 1] == 1
    look_after_entries(sheet, rules, desk, minute, at, has_closed)
    if has_closed:
        now.point = account(sheet, desk)
    for place in range(now.active):
        its = desk.symbols[desk.active[place]]
        its.is_turned = 1 if its.units else 0


@compiled
def _close_bars(sheet: Sheet, rules: Record, desk: Desk, minute: int) -> None:
    """Learn the levels of the minute before *minute*, of which the first price has been seen."""
    if minute == 0:
        return
    for number in range(sheet.first_low[minute - 1], sheet.first_low[minute]):
        low = sheet.lows[number]
        its = desk.symbols[low.symbol]
        its.level, its.is_armed = number, 0
        if _qualifies(sheet, rules, number):
            opens = sheet.bars[OPEN, low.symbol, minute]
            is_open = sheet.bars[HIGH, low.symbol, minute] > 0
            its.high = max(low.highest, opens) if is_open else low.highest
            its.price = opens if is_open else sheet.bars[CLOSE, low.symbol, minute - 1]
            its.bar = minute if is_open else minute - 1
            tick = sheet.contracts[low.symbol].tick
            its.is_armed = 0 if is_open and opens <= low.price - tick else 1
            if its.is_armed and not its.is_active:
                _take_in(desk, low.symbol)
        if its.is_active:
            refresh(sheet, rules, desk, low.symbol)


@compiled
def _take_in(desk: Desk, symbol: int) -> None:
    now = desk.now[0]
    place = now.active
    while place > 0 and desk.active[place - 1] > symbol:
        desk.active[place] = desk.active[place - 1]
        place -= 1
    desk.active[place] = symbol
    now.active += 1
    its = desk.symbols[symbol]
    its.is_active, its.is_turned = 1, 0


@compiled
def _sweep_out(desk: Desk) -> None:
    now = desk.now[0]
    kept = 0
    for place in range(now.active):
        symbol = desk.active[place]
        its = desk.symbols[symbol]
        rests = desk.entries[0].symbol == symbol or desk.entries[1].symbol == symbol
        if its.is_armed or its.units or rests:
            desk.active[kept] = symbol
            kept += 1
        else:
            its.is_active = 0
    now.active = kept


@compiled
def _move(sheet: Sheet, rules: Record, desk: Desk, minute: int, step: int, at: int) -> None:
    """Let the exchange trade at a step's prices, then tell them, then the fills."""
    now = desk.now[0]
    now.fills = 0
    seen = 0
    for place in range(now.active):
        symbol = desk.active[place]
        if sheet.bars[HIGH, symbol, minute] == 0:
            continue
        its = desk.symbols[symbol]
        if _is_quiet(sheet, desk, minute, symbol):
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
            look_after_entries(sheet, rules, desk, minute, at, False)


@inlined
def _is_quiet(sheet: Sheet, desk: Desk, minute: int, symbol: int) -> bool:
    """Whether no price of the minute changes anything of *symbol*."""
    its = desk.symbols[symbol]
    if its.units or desk.entries[sheet.contracts[symbol].right].symbol == symbol:
        return False
    if not its.is_armed:
        return True
    breaks_at = sheet.lows[its.level].price - sheet.contracts[symbol].tick
    bars = sheet.bars
    return bars[LOW, symbol, minute] > breaks_at and bars[HIGH, symbol, minute] <= its.high


@compiled
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
    if desk.now[0].is_dirty:
        look_after_entries(sheet, rules, desk, minute, at, False)


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
            desk.now[0].beyond = PARTS
        filled = entry.limit
    else:
        if price > entry.trigger:
            return
        entry.since = at
        if not allows(sheet, symbol, minute, entry.limit):
            desk.now[0].beyond = BANDS
        filled = bid if step == 0 else max(price, entry.limit)
        if filled < entry.limit:
            return
    fill = desk.fills[desk.now[0].fills]
    desk.now[0].fills += 1
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
            desk.now[0].beyond = PARTS
        filled = its.limit
    else:
        if price < its.stop:
            return
        its.since = at
        if not allows(sheet, symbol, minute, its.limit):
            desk.now[0].beyond = BANDS
        filled = ask if step == 0 else min(price, its.limit)
        if filled > its.limit:
            return
    fill = desk.fills[desk.now[0].fills]
    desk.now[0].fills += 1
    fill.symbol, fill.price, fill.is_entry = symbol, filled, 0
