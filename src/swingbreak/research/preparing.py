"""A day of bars, and settings, as the kernel reads them.

Rules of this file:

1. What is the same for every set is reckoned once, with the program's own functions: swings, VWAP,
   spreads, charges, margin.
2. Whatever the kernel would not reckon exactly is told here already: a day without a sheet, or a
   set whose rules are ``None``, is the engine's.
"""

from collections.abc import Sequence
from datetime import time
from math import gcd
from typing import Final, NamedTuple

import numpy as np

from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import EntryType, Parameters, SwingRule
from swingbreak.domain.session import Session
from swingbreak.facts.charges import ChargeRates
from swingbreak.facts.order_rules import PriceBand, PriceRules
from swingbreak.facts.spreads import Spreads
from swingbreak.market.offers import PROTECTION
from swingbreak.research.margins import needs_of
from swingbreak.research.tables import (
    CONTRACT,
    HIGH,
    MOST_LOWS,
    MOST_MINUTES,
    MOST_SPREADS,
    MOST_SYMBOLS,
    SHEET,
    SWING,
    Numbers,
    Record,
    Sheet,
    new_records,
)
from swingbreak.risk.margin import MarginRates
from swingbreak.simulation.bar_day import BarSheet
from swingbreak.simulation.cash import CAPITAL
from swingbreak.simulation.track import Track

__all__ = ["Costs", "rules_of", "sheet_of"]

_MINUTE = 60
_MINUTE_MS: Final = 60_000
_EXACT: Final = 1 << 62
_MOST_UNITS: Final = 1 << 20  # of one position
_PREMIUM_OF_NONE: Final = -(1 << 60)
# an order that is decided then is at the exchange before the next price, at second 20
_LATEST_MS: Final = 18_000
_ON_ITS_WAY_MS: Final = 300  # a cancel and the order that follows it, confirmed
_MOST_POSITIONS: Final = 8
_MOST_LOTS: Final = 1000


def rules_of(parameters: Parameters, session: Session) -> tuple[int, ...] | None:
    """Return *parameters* as a record of RULES; ``None`` where the kernel does not know them."""
    force_exit = _minute(parameters.force_exit, session)
    last_entry = _minute(parameters.last_entry, session)
    if force_exit is None or last_entry is None or not _is_known(parameters):
        return None
    if not 0 < force_exit < session.minutes:
        return None
    return (
        parameters.price_min,
        parameters.price_max,
        parameters.vwap_premium_min_bp,
        parameters.stop_buffer,
        parameters.stop_min_bp,
        parameters.stop_max_bp,
        parameters.target_points,
        int(parameters.prefer_round_strike),
        parameters.round_strike,
        parameters.r_value,
        parameters.max_lots,
        parameters.entry_offset_ticks,
        parameters.entry_limit_buffer,
        parameters.entry_fill_s * 1000,
        parameters.max_positions,
        parameters.max_per_right,
        parameters.stop_limit_buffer,
        parameters.chase_after_s * 1000,
        parameters.chase_step,
        parameters.daily_target_r * parameters.r_value,
        parameters.daily_stop_r * parameters.r_value,
        force_exit,
        min(last_entry, force_exit),
        parameters.bar_grace_ms,
    )


def _is_known(parameters: Parameters) -> bool:
    return (
        parameters.entry_type is EntryType.STOP_LIMIT
        and parameters.stop_buffer > 0
        and parameters.max_positions <= _MOST_POSITIONS
        and parameters.max_lots <= _MOST_LOTS
        and _is_apart(parameters)
    )


def _is_apart(parameters: Parameters) -> bool:
    """Whether no order of another moment is on its way when a minute closes."""
    grace, chase = parameters.bar_grace_ms, parameters.chase_after_s * 1000
    moments = (0, chase, parameters.entry_fill_s * 1000 % _MINUTE_MS)
    return (
        grace <= _LATEST_MS
        and 0 < chase <= _LATEST_MS
        and not any(0 <= grace - at < _ON_ITS_WAY_MS for at in moments)
    )


def _minute(at: time, session: Session) -> int | None:
    minutes, rest = divmod((session.at(at) - session.opens).total_seconds(), _MINUTE)
    return None if rest else int(minutes)


class Costs(NamedTuple):
    """What a prepared day knows beside its bars."""

    charges: ChargeRates
    spreads: Spreads
    prices: PriceRules
    margin: MarginRates
    headroom_bp: int


def sheet_of(source: BarSheet, rule: SwingRule, costs: Costs) -> Record | None:
    """Return the followed bars of *source* and their swings under *rule*, one record of SHEET.

    ``None`` where there are too many, or their numbers too large for the kernel.
    """
    tracks, minutes = list(source.followed.values()), source.session.minutes
    if not (0 < len(tracks) <= MOST_SYMBOLS and minutes <= MOST_MINUTES):
        return None
    needs = needs_of(source, costs.margin)
    terms = _terms(source, costs, int(needs.alone.max()))
    lows, first_low = _lows(source, rule)
    if terms is None or len(lows) > MOST_LOWS or len(costs.spreads.bands) > MOST_SPREADS:
        return None
    sheets = new_records(SHEET)
    sheet = sheets[0]
    sheet.symbols, sheet.minutes, sheet.terms = len(tracks), minutes, terms
    sheet.lows[: len(lows)] = lows
    sheet.first_low[: len(first_low)] = first_low
    sheet.contracts[: len(tracks)] = _contracts(tracks)
    sheet.together[: len(tracks)], sheet.alone[: len(tracks)] = needs
    _put_bars(sheet, tracks)
    _put_spreads(sheet, costs.spreads)
    return sheets


def _put_bars(sheet: Sheet, tracks: Sequence[Track]) -> None:
    bars = sheet.bars[:, : len(tracks), : sheet.minutes]
    for place, track in enumerate(tracks):
        columns = (track.open, track.high, track.low, track.close, track.volume)
        for column, values in enumerate(columns):
            bars[column, place, track.minutes] = values
    has_bar = bars[HIGH] > 0
    minutes = np.where(has_bar, np.arange(sheet.minutes), -1)
    sheet.newest[: len(tracks), : sheet.minutes] = np.maximum.accumulate(minutes, axis=1)
    sheet.has_bars[: sheet.minutes] = has_bar.any(axis=0)


def _put_spreads(sheet: Sheet, spreads: Spreads) -> None:
    sheet.edges[:] = _EXACT
    sheet.edges[: len(spreads.bands) - 1] = [band.up_to for band in spreads.bands[:-1]]
    sheet.wide[: len(spreads.bands)] = [band.wide for band in spreads.bands]


def _contracts(tracks: Sequence[Track]) -> Record:
    contracts = [track.contract for track in tracks]
    names = sorted(f"{each.symbol}@" for each in contracts)
    ranks = {name: rank for rank, name in enumerate(names)}
    rows = [
        (each.right.value == "PE", each.lot, each.strike, each.tick, each.freeze,
         ranks[f"{each.symbol}@"])
        for each in contracts
    ]  # fmt: skip
    return np.array(rows, CONTRACT)


def _lows(source: BarSheet, rule: SwingRule) -> tuple[Record, Numbers]:
    minutes, swings = source.session.minutes, source.swings(rule)
    rows: list[list[tuple[int, ...]]] = [[] for _ in range(minutes)]
    for place, (symbol, track) in enumerate(source.followed.items()):
        swings.reach(symbol, minutes)
        for confirmed, low in swings.lows(symbol).items():
            first, last = track.row_of[low.minute + 1], track.row_of[confirmed + 1]
            highest = max(track.high[first:last], default=0)
            own = track.high[track.row_of[low.minute]]
            premium = _premium(low.price, *low.vwap)
            rows[confirmed].append((place, low.price, confirmed, premium, highest, own))
    first_low = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return np.array([row for each in rows for row in each], SWING), first_low


def _premium(price: Paise, worth: int, units: int) -> int:
    """Return how far *price* is above the VWAP, basis points rounded down: strategy/filters.py."""
    if units <= 0:
        return _PREMIUM_OF_NONE
    return (price * units - worth) * 10_000 // worth if worth else 0


def _terms(source: BarSheet, costs: Costs, margin: Paise) -> tuple[int, ...] | None:
    sold, bought, order, parts = _reduced(costs.charges)
    most = _MOST_UNITS * max(max(track.high, default=0) for track in source.followed.values())
    if 2 * (most * (sold + bought) + 2 * order) + parts >= _EXACT:
        return None
    protection = costs.prices.protection or PROTECTION
    gap = costs.prices.stop_gap or PriceBand(100, 0)
    return (
        sold,
        bought,
        order,
        parts,
        min(protection.percent, PROTECTION.percent),
        min(protection.least, PROTECTION.least),
        gap.percent,
        gap.least,
        margin,
        10_000 + costs.headroom_bp,
        CAPITAL,
    )


def _reduced(charges: ChargeRates) -> tuple[int, ...]:
    exact = charges.exact
    common = gcd(*exact)
    return tuple(each // common for each in exact)
