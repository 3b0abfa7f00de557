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

from swingbreak.research.compiling import compiled, entered, inlined
from swingbreak.research.doubts import score
from swingbreak.research.entries import confirm_cancels, look_after_entries, refresh
from swingbreak.research.positions import account, look_after_stops
from swingbreak.research.stillness import is_quiet, is_still, pass_over, qualifies, rests
from swingbreak.research.tables import (
    CLOSE,
    FORCE_EXIT,
    HIGH,
    MESSAGES,
    NO,
    OPEN,
    Desk,
    Numbers,
    Record,
    Sheet,
)
from swingbreak.research.trading import move

__all__ = ["run_sets"]

_MINUTE, _HALF = 60_000, 30_000
_STEPS_MS = (0, 20_000, 40_000, 59_000)
_GRACE = 4  # a moment's kind: below it a step, above it a timer
_LAST = 3
_PER_SECOND, _LEFT_TO_ENTRIES, _PER_MINUTE, _PER_DAY = 8, 5, 55, 950  # runtime/governor.py, less


@entered
def run_sets(
    sheets: Record, rules: Record, desks: Record, scores: Record, trades: Record, ends: Numbers
) -> int:
    """Run the day under each of *rules*.

    Args:
        sheets: One record, the day.
        rules: Records of settings.
        desks: One record, room to work in.
        scores: Takes what each set comes to.
        trades: Takes the trades, set by set.
        ends: Takes the number of trades up to and with each set's.

    Returns:
        How many sets have been run: all, unless *trades* is full.
    """
    count = 0
    sheet, desk = sheets[0], desks[0]
    now = desk.now
    for place in range(rules.size):
        _run_day(sheet, rules[place], desk)
        if count + now.trades > trades.size:
            return place
        for each in range(now.trades):
            trades[count + each] = desk.trades[each]
        count += now.trades
        ends[place] = count
        score(sheet, rules[place], desk, scores[place])
    return rules.size


@compiled
def _run_day(sheet: Sheet, rules: Record, desk: Desk) -> None:
    _clear(sheet, desk)
    now = desk.now
    moments = _moments(rules)
    for minute in range(sheet.minutes):
        if minute >= rules.force_exit and not now.halted:
            now.halted, now.is_dirty, now.point = FORCE_EXIT, 1, account(sheet, desk)
        if minute >= rules.last_entry and rests(desk):
            now.is_dirty = 1
        now.net_at_start = now.point
        if now.active == 0 and now.halted:
            return
        if is_still(sheet, rules, desk, minute):
            pass_over(sheet, desk, minute)
        else:
            _run_minute(sheet, rules, desk, minute, moments)
        if now.beyond:
            return


@compiled
def _run_minute(sheet: Sheet, rules: Record, desk: Desk, minute: int, moments: Numbers) -> None:
    now = desk.now
    since = 0
    if now.active == 0:  # nothing has happened before the last minute closes
        since = rules.grace_ms
    for place in range(now.active):
        symbol = desk.active[place]
        desk.symbols[symbol].is_quiet = is_quiet(sheet, desk, minute, symbol)
    for place in range(moments.shape[0]):
        if moments[place, 1] > _GRACE and not now.waits:
            continue
        if moments[place, 0] >= since and (now.active or moments[place, 1] == _GRACE):
            _pass(sheet, rules, desk, minute, moments[place, 0], moments[place, 1])
    _count_messages(desk)
    _sweep_out(desk)


@compiled
def _clear(sheet: Sheet, desk: Desk) -> None:
    now = desk.now
    now.active = now.shorts = now.halted = now.realised = now.trades = 0
    now.is_dirty = now.is_settled = now.waits = now.is_late = now.beyond = 0
    now.point = now.net_at_start = now.moment_exits = now.moment_entries = now.missing = 0
    now.minute_messages = now.last_minute_messages = now.day_messages = now.fills = 0
    for symbol in range(sheet.symbols):
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
    now, at = desk.now, minute * _MINUTE + after
    now.is_late = 1 if after >= _HALF else 0
    now.moment_exits = now.moment_entries = now.missing = 0
    if kind < _GRACE:
        move(sheet, rules, desk, minute, kind, at)
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
            look_after_entries(sheet, rules, desk, minute, at, NO)
    confirm_cancels(sheet, rules, desk, minute, at)
    _check_pace(desk, kind)


@inlined
def _check_pace(desk: Desk, kind: int) -> None:
    """Notice where the order rate might hold up what the next price or close depends on."""
    now = desk.now
    sent = now.moment_exits + now.moment_entries
    now.minute_messages += sent
    is_pressing = kind == _LAST or (kind != _GRACE and not now.halted)
    if is_pressing and sent > _LEFT_TO_ENTRIES:
        now.beyond = MESSAGES
    if now.moment_exits > 0 and sent > _PER_SECOND:
        now.beyond = MESSAGES


@inlined
def _count_messages(desk: Desk) -> None:
    now = desk.now
    now.day_messages += now.minute_messages
    if now.minute_messages + now.last_minute_messages > _PER_MINUTE:
        now.beyond = MESSAGES
    if now.day_messages > _PER_DAY:
        now.beyond = MESSAGES
    now.last_minute_messages, now.minute_messages = now.minute_messages, 0


@compiled
def _after_close(sheet: Sheet, rules: Record, desk: Desk, minute: int, at: int) -> None:
    now = desk.now
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
        its.level, its.is_armed, its.is_quiet = number, 0, 0
        if qualifies(sheet, rules, number):
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
    now = desk.now
    place = now.active
    while place > 0 and desk.active[place - 1] > symbol:
        desk.active[place] = desk.active[place - 1]
        place -= 1
    desk.active[place] = symbol
    now.active += 1
    its = desk.symbols[symbol]
    its.is_active, its.is_turned, its.is_quiet = 1, 0, 0


@inlined
def _sweep_out(desk: Desk) -> None:
    now = desk.now
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
