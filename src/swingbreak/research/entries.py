"""Which entry rests for each right; compiled. ``engine/entries.py`` is what it follows."""

from swingbreak.research.compiling import compiled, inlined
from swingbreak.research.prices import allows
from swingbreak.research.tables import (
    BANDS,
    CHANGES,
    MARGIN,
    NO,
    NONE,
    RACES,
    SCENARIOS,
    SLICES,
    Desk,
    Record,
    Sheet,
)

__all__ = ["confirm_cancels", "highest", "look_after_entries", "refresh"]

_MOST_CHANGES = 19  # of one order; the engine cancels one that was changed as often as brokers let
_WHOLE_BP = 10_000
_ROUNDED = 1_00  # more than all roundings of a margin
_LOW_TRIGGER, _LOW_GAP, _GAP_DIVISOR = 50_00, 10_00, 5  # strategy/sizing.py


@inlined
def highest(sheet: Sheet, level: int, high: int) -> int:
    """Return the highest high since a level's swing; where no bar is later, that of its own."""
    return high if high > 0 else sheet.lows[level].own


@inlined
def lots_of(sheet: Sheet, rules: Record, symbol: int, points: int) -> int:
    """Return the lots that a stop of *points* allows."""
    if points <= 0:
        return 0
    return min(rules.r_value // (points * sheet.contracts[symbol].lot), rules.max_lots)


@compiled
def refresh(sheet: Sheet, rules: Record, desk: Desk, symbol: int) -> None:
    """Judge the level of *symbol* afresh."""
    its = desk.symbols[symbol]
    wants, points = 0, 0
    if its.is_armed and its.units == 0:
        price = sheet.lows[its.level].price
        points = highest(sheet, its.level, its.high) + rules.stop_buffer - price
        share = points * _WHOLE_BP
        is_out = share > rules.stop_max_bp * price or lots_of(sheet, rules, symbol, points) < 1
        if is_out and its.high > 0:
            its.is_armed = 0  # what is too far comes no nearer
        if not is_out and share >= rules.stop_min_bp * price:
            wants = 1
    if wants != its.wants or points != its.points:
        desk.now.is_dirty = 1
    its.wants, its.points = wants, points


@compiled
def look_after_entries(
    sheet: Sheet, rules: Record, desk: Desk, minute: int, at: int, is_closing: bool
) -> None:
    """Bring both rights' entries to what is wanted; symbols are switched when a bar closes."""
    now = desk.now
    now.is_settled = 1 if is_closing or (now.is_settled and not now.is_dirty) else 0
    now.is_dirty = 0
    is_barred = now.halted != 0 or minute >= rules.last_entry
    first, second = NONE, NONE
    for right in range(2):
        wanted = _wanted(sheet, rules, desk, minute, at, right, is_closing, is_barred)
        if right == 0:
            first = wanted
        else:
            second = wanted
    for right in range(2):
        wanted = second if right else first
        if wanted >= 0 and _is_permitted(sheet, rules, desk, right):
            _place(sheet, rules, desk, minute, right, wanted)


@compiled
def confirm_cancels(sheet: Sheet, rules: Record, desk: Desk, minute: int, at: int) -> None:
    """Let what is on its way be gone, and what waited for its place come."""
    both = desk.entries[0].is_leaving and desk.entries[1].is_leaving
    if not desk.entries[0].is_leaving and not desk.entries[1].is_leaving:
        return
    for right in range(2):
        desk.entries[right].is_leaving = 0
    look_after_entries(sheet, rules, desk, minute, at, NO)
    if both and not desk.now.halted and minute < rules.last_entry:
        for right in range(2):
            if desk.entries[right].symbol < 0 and _best(sheet, rules, desk, right) >= 0:
                taken, of_right = _taken(sheet, desk, right)
                if of_right < rules.max_per_right and taken >= rules.max_positions:
                    desk.now.beyond = RACES  # who is confirmed first may have the last place


@compiled
def _wanted(
    sheet: Sheet,
    rules: Record,
    desk: Desk,
    minute: int,
    at: int,
    right: int,
    is_closing: bool,
    is_barred: bool,
) -> int:
    """Return the symbol to place an entry of *right* in, -1 for none; leave or drop what rests."""
    entry = desk.entries[right]
    resting, is_kept = entry.symbol, entry.symbol >= 0
    if is_kept and entry.since >= 0 and not is_barred:
        if at - entry.since < rules.fill_ms:
            return NONE
        is_kept = False
    chosen = NONE
    if not is_barred:
        if is_kept and not is_closing and desk.symbols[resting].wants:
            chosen = resting
        else:
            chosen = _best(sheet, rules, desk, right)
    if resting >= 0 and is_kept and chosen == resting:
        _amend(sheet, rules, desk, minute, right)
        return NONE
    if resting >= 0:
        entry.symbol, entry.is_leaving = -1, 1
        desk.now.moment_entries += 1
    return NONE if entry.is_leaving else chosen


@compiled
def _best(sheet: Sheet, rules: Record, desk: Desk, right: int) -> int:
    best = NONE
    for place in range(desk.now.active):
        symbol = desk.active[place]
        is_one = desk.symbols[symbol].wants and sheet.contracts[symbol].right == right
        if is_one and (best < 0 or _is_better(sheet, rules, desk, symbol, best)):
            best = symbol
    return best


@inlined
def _is_better(sheet: Sheet, rules: Record, desk: Desk, one: int, other: int) -> bool:
    mine, its = desk.symbols[one], desk.symbols[other]
    far, its_far = abs(mine.points - rules.target_points), abs(its.points - rules.target_points)
    if far != its_far:
        return far < its_far
    if rules.prefers_round:
        odd = sheet.contracts[one].strike % rules.round_strike != 0
        its_odd = sheet.contracts[other].strike % rules.round_strike != 0
        if odd != its_odd:
            return its_odd
    low, its_low = sheet.lows[mine.level], sheet.lows[its.level]
    if low.price != its_low.price:
        return low.price > its_low.price
    if low.confirmed != its_low.confirmed:
        return low.confirmed < its_low.confirmed
    return sheet.contracts[one].rank < sheet.contracts[other].rank


@compiled
def _is_permitted(sheet: Sheet, rules: Record, desk: Desk, right: int) -> bool:
    taken, of_right = _taken(sheet, desk, right)
    return of_right < rules.max_per_right and taken < rules.max_positions


@inlined
def _taken(sheet: Sheet, desk: Desk, right: int) -> tuple[int, int]:
    """Return how many places are taken, and how many positions of *right* there are."""
    taken, of_right = 0, 0
    for place in range(desk.now.active):
        symbol = desk.active[place]
        if desk.symbols[symbol].units:
            taken += 1
            of_right += sheet.contracts[symbol].right == right
    for each in range(2):
        taken += desk.entries[each].symbol >= 0 or desk.entries[each].is_leaving == 1
    return taken, of_right


@compiled
def _terms(sheet: Sheet, rules: Record, desk: Desk, symbol: int) -> tuple[int, int, int]:
    """Return units, trigger and limit of the entry in *symbol*."""
    contract, its = sheet.contracts[symbol], desk.symbols[symbol]
    tick, price = contract.tick, sheet.lows[its.level].price
    units = lots_of(sheet, rules, symbol, its.points) * contract.lot
    trigger = max(price // tick * tick - rules.offset * tick, tick)
    widest = trigger // _GAP_DIVISOR if trigger > _LOW_TRIGGER else _LOW_GAP
    limit = trigger - min(rules.entry_buffer, widest)
    return units, trigger, max(-(-limit // tick) * tick, tick)


@compiled
def _amend(sheet: Sheet, rules: Record, desk: Desk, minute: int, right: int) -> None:
    entry = desk.entries[right]
    its = desk.symbols[entry.symbol]
    units, trigger, limit = _terms(sheet, rules, desk, entry.symbol)
    is_same = entry.units == units and entry.trigger == trigger and entry.limit == limit
    if is_same and entry.level == its.level:
        return
    entry.changes += 1
    if entry.changes > _MOST_CHANGES:
        desk.now.beyond = CHANGES
    _set(sheet, rules, desk, minute, right, entry.symbol)


@compiled
def _place(sheet: Sheet, rules: Record, desk: Desk, minute: int, right: int, symbol: int) -> None:
    entry = desk.entries[right]
    entry.symbol, entry.since, entry.changes, entry.margin = symbol, -1, 0, 0
    desk.symbols[symbol].is_quiet = 0
    _set(sheet, rules, desk, minute, right, symbol)


@compiled
def _set(sheet: Sheet, rules: Record, desk: Desk, minute: int, right: int, symbol: int) -> None:
    now, entry, its = desk.now, desk.entries[right], desk.symbols[symbol]
    entry.units, entry.trigger, entry.limit = _terms(sheet, rules, desk, symbol)
    entry.level, entry.points, entry.high = its.level, its.points, its.high
    now.moment_entries += 1
    contract = sheet.contracts[symbol]
    if entry.units > contract.freeze or contract.freeze < contract.lot:
        now.beyond = SLICES
    if not allows(sheet, symbol, minute, now.is_late, entry.limit):
        now.beyond = BANDS
    # a change to fewer units may not have arrived
    entry.margin = max(entry.margin, entry.units * sheet.alone[symbol])
    if not _is_funded(sheet, desk, right):
        now.beyond = MARGIN


@compiled
def _is_funded(sheet: Sheet, desk: Desk, right: int) -> bool:
    """Whether the account can surely carry the entry of *right*: ``simulation/cash.py``."""
    now, terms, other = desk.now, sheet.terms, desk.entries[1 - right]
    free = terms.capital + min(now.realised, 0) - now.missing - _ROUNDED
    free -= desk.entries[right].margin * terms.headroom // _WHOLE_BP
    if other.symbol >= 0 or other.is_leaving:
        free -= other.margin
    return _short_units(desk) * terms.margin <= free or _together(sheet, desk) <= free


@inlined
def _short_units(desk: Desk) -> int:
    units = 0
    for place in range(desk.now.active):
        units += desk.symbols[desk.active[place]].units
    return units


@compiled
def _together(sheet: Sheet, desk: Desk) -> int:
    """Return what all positions need at most, together."""
    most = 0
    for scenario in range(SCENARIOS):
        need = 0
        for place in range(desk.now.active):
            symbol = desk.active[place]
            need += desk.symbols[symbol].units * sheet.together[symbol, scenario]
        most = max(most, need)
    return most
