"""What the kernel reads and writes: a day, rules and a desk as records and arrays of integers.

Rules of this file:

1. Prices are paise, times milliseconds since the open, minutes those of the session.
2. A symbol is its place among the followed contracts, a low its place in the order of lows.
3. ``-1`` is no symbol, no low, no instant; a high of 0 is that of no bar.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DEALT", "DESK", "MOST_LOWS", "MOST_MINUTES", "MOST_SPREADS", "MOST_SYMBOLS", "RULES", "SCORES",
    "SHEET", "TRADE", "Desk", "Numbers", "Record", "Sheet", "new_records",
]  # fmt: skip

Numbers: TypeAlias = NDArray[np.int64]
Record: TypeAlias = Any  # of one of the types below; numpy has no name for that
Sheet: TypeAlias = Record  # of SHEET
Desk: TypeAlias = Record  # of DESK

# not plain Python's: numba would compile what they are handed to for these values apart
NO: Any = np.bool_(False)
NONE: Any = np.int64(-1)
# room is of one size, so that a day is one word to hand over; what does not fit is the engine's
MOST_SYMBOLS, MOST_MINUTES, MOST_LOWS, MOST_SPREADS = 128, 400, 8192, 16
MOST_TRADES = 250
SCENARIOS = 32  # sixteen at both ends of the index


def _record(names: str) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in names.split()])


# where open, high, low, close and volume are in a sheet's bars
OPEN, HIGH, LOW, CLOSE, VOLUME = range(5)

# why a position is closed; by number
REASONS = ("stop", "force_exit", "daily_target", "daily_stop")
FORCE_EXIT, DAILY_TARGET, DAILY_STOP = range(1, 4)

# what the kernel does not know how to do; by number
BEYOND = (
    "", "fills in parts", "orders in slices", "prices near a band", "margin near its limit",
    "too many messages", "an order changed too often", "too many trades", "odd stops", "settings",
    "cancels that race",
)  # fmt: skip
PARTS, SLICES, BANDS, MARGIN, MESSAGES, CHANGES, TRADES, STOPS, SETTINGS, RACES = range(1, 11)

CONTRACT = _record("right lot strike tick freeze rank")

# Of a swing low: the minute whose close confirms it, what it lies above the VWAP in basis points,
# rounded down, the highest high from its bar's end to that close, and that of its own bar.
SWING = _record("symbol price confirmed premium highest own")

# The names are those of ``Parameters``; target and loss are net paise that end the day.
RULES = _record(
    "price_min price_max premium_min stop_buffer stop_min_bp stop_max_bp target_points "
    "prefers_round round_strike r_value max_lots offset entry_buffer fill_ms max_positions "
    "max_per_right stop_limit_buffer chase_ms chase_step target loss force_exit last_entry grace_ms"
)

# What the day says of prices and money: spreads' steps, charges in parts of a paisa, price bands,
# the most margin that a unit may need, what must be free for an entry's in basis points of it, and
# the capital.
TERMS = _record(
    "per_sold per_bought per_order parts protection_percent protection_least gap_percent gap_least "
    "margin headroom capital"
)

# One symbol: its newest level (armed, highest since, whether it qualifies, stop above it), its
# newest price, and the position (units short, the entry, the stop, which extreme comes first);
# it is quiet in a minute that changes nothing of it.
SYMBOL = _record(
    "is_active is_armed level high wants points price bar units sold_at sold_ms entry_trigger "
    "planned stop limit since is_turned is_quiet"
)

# The resting entry of one right; ``since`` is when it was triggered, ``high`` the highest since
# the swing of its level.
# ``is_leaving`` from its cancel to its confirmation, which comes before the next price; ``margin``
# is the most that it may block.
ENTRY = _record("symbol level units points trigger limit since high changes is_leaving margin")

# What traded at this instant; ``is_entry`` tells entries from stops.
FILL = _record("symbol price is_entry level units points trigger high")

# A closed trade, and what its doubt hangs on: net as its last minute began.
TRADE = _record(
    "symbol units sold_at sold_ms bought_at bought_ms reason stop planned entry_trigger net_before"
)
# of these, what two runs must agree on
DEALT = ("symbol", "units", "sold_at", "sold_ms", "bought_at", "bought_ms", "reason")

# The whole day: how it stands, and how many messages have left. It is dirty while something has
# changed that entries depend on, settled once a minute has closed since; ``point`` is the net as
# last noted, ``net_at_start`` what that was when the minute began. It waits once a stop or an
# entry has been triggered without a fill, and is late in the second half of a minute; ``missing``
# is the money of this instant's exits of which the account may not know yet.
NOW = _record(
    "active shorts halted realised trades fills is_dirty is_settled waits is_late beyond point "
    "net_at_start moment_exits moment_entries minute_messages last_minute_messages day_messages "
    "missing"
)

# What a set comes to on a day; ``beyond`` says why it has to be run by the engine.
SCORES = _record("net charges trades wins ambiguous stake beyond")


# A day of bars and its swing lows under one rule: how many symbols and minutes there are, bars by
# OPEN to VOLUME, symbol and minute, 0 where there is none; ``newest`` by symbol and minute is the
# minute of the newest bar not later, -1 before the first; ``lows`` in the order in which they are
# confirmed, ``first_low`` by minute the first that its close confirms; ``has_bars`` by minute
# whether anything followed traded; ``edges`` the highest premium of each spread; ``wide`` the
# spreads, paise; ``together`` and ``alone`` the margin of a unit: ``margins.py``.
SHEET = np.dtype(
    [
        *((name, np.int64) for name in ("symbols", "minutes")),
        ("terms", TERMS),
        ("contracts", CONTRACT, (MOST_SYMBOLS,)),
        ("lows", SWING, (MOST_LOWS,)),
        ("first_low", np.int64, (MOST_MINUTES + 1,)),
        ("has_bars", np.int64, (MOST_MINUTES,)),
        ("edges", np.int64, (MOST_SPREADS,)),
        ("wide", np.int64, (MOST_SPREADS,)),
        ("together", np.int64, (MOST_SYMBOLS, SCENARIOS)),
        ("alone", np.int64, (MOST_SYMBOLS,)),
        ("newest", np.int64, (MOST_SYMBOLS, MOST_MINUTES)),
        ("bars", np.int64, (5, MOST_SYMBOLS, MOST_MINUTES)),
    ]
)

# All that changes as a day goes on: ``active`` are the symbols with an armed level, an order or a
# position, in order; ``seen`` symbol and price of what comes at this instant, ``fills`` what of it
# trades.
DESK = np.dtype(
    [
        ("now", NOW),
        ("entries", ENTRY, (2,)),
        ("active", np.int64, (MOST_SYMBOLS,)),
        ("seen", np.int64, (MOST_SYMBOLS, 2)),
        ("fills", FILL, (MOST_SYMBOLS,)),
        ("symbols", SYMBOL, (MOST_SYMBOLS,)),
        ("trades", TRADE, (MOST_TRADES,)),
    ]
)


def new_records(kind: "np.dtype[np.void]", count: int = 1) -> Record:
    """Return *count* records of zeros."""
    return np.zeros(count, kind).view(np.recarray)
