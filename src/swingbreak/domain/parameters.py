"""The strategy's and the risk gate's settings, as exact values."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from swingbreak.domain.money import Paise

__all__ = ["EntryType", "Foreign", "Parameters", "SwingRule"]


class SwingRule(StrEnum):
    """Which reading of the swing rule decides when one bar completes two swings."""

    WATCH2 = "watch2"
    WATCH2_ALTERNATING = "watch2-alternating"


class EntryType(StrEnum):
    """How an entry rests. ``LIMIT`` sells at once and exists for study; live refuses it."""

    STOP_LIMIT = "stop_limit"
    LIMIT = "limit"


class Foreign(StrEnum):
    """What to do about shorts and orders, in symbols we follow, that others have made."""

    REPORT = "report"  # tell, let them be, enter nothing in the symbol
    ADOPT = "adopt"  # shorts become ours, with a stop; orders are let be
    FLATTEN = "flatten"  # shorts are exited and orders cancelled


@dataclass(frozen=True, slots=True)
class Parameters:
    """Every threshold of ``baseline_v1``. Prices in paise, ratios in basis points (1/100 %).

    Attributes:
        price_min: Lowest swing price that qualifies, inclusive.
        price_max: Highest swing price that qualifies, inclusive.
        vwap_premium_min_bp: Least (price - vwap) / vwap, inclusive.
        stop_buffer: Stop above the highest high since the swing.
        stop_min_bp: Least stop points / swing price, inclusive.
        stop_max_bp: Most stop points / swing price, inclusive.
        target_points: Stop points that rank best.
        prefer_round_strike: Whether a multiple of ``round_strike`` breaks a tie.
        round_strike: What counts as a round strike, paise.
        r_value: One R of the account.
        max_lots: Most lots in one position.
        entry_offset_ticks: Entry trigger below the swing low, ticks.
        entry_limit_buffer: Entry limit below its trigger.
        entry_fill_s: Seconds a triggered entry may stay unfilled.
        max_positions: Positions and live entries together.
        max_per_right: The same, per right.
        stop_limit_buffer: Stop's limit above its trigger.
        chase_after_s: Seconds a triggered stop may stay unfilled before its limit steps up.
        chase_step: How far an exit's limit stands above the offer, and its smallest step.
        unprotected_limit_s: Seconds a position may be without a stop at the exchange.
        daily_target_r: Whole-account R that ends the day, at or above.
        daily_stop_r: Whole-account R that ends the day, at or below; negative.
        force_exit: Time in India when everything is closed.
        last_entry: Time in India after which no entry rests.
        foreign: What to do about what others trade in symbols we follow.
        bar_grace_ms: How long after its minute a bar closes.
        stale_after_s: Silence after which a symbol with an order or position is stale.
        feed_stale_after_s: Silence of the whole feed after which nothing may be entered.
    """

    price_min: Paise = 100_00
    price_max: Paise = 300_00
    vwap_premium_min_bp: int = 400
    stop_buffer: Paise = 1_00
    stop_min_bp: int = 200
    stop_max_bp: int = 1000
    target_points: Paise = 10_00
    prefer_round_strike: bool = False
    round_strike: Paise = 100_00
    r_value: Paise = 6_500_00
    max_lots: int = 10
    entry_type: EntryType = EntryType.STOP_LIMIT
    entry_offset_ticks: int = 1
    entry_limit_buffer: Paise = 3_00
    entry_fill_s: int = 60
    max_positions: int = 5
    max_per_right: int = 3
    stop_limit_buffer: Paise = 3_00
    chase_after_s: int = 1
    chase_step: Paise = 3_00
    unprotected_limit_s: int = 30
    daily_target_r: int = 5
    daily_stop_r: int = -5
    force_exit: time = time(15, 15)
    last_entry: time = time(15, 15)
    swing_rule: SwingRule = SwingRule.WATCH2
    foreign: Foreign = Foreign.REPORT
    bar_grace_ms: int = 1500
    stale_after_s: int = 30
    feed_stale_after_s: int = 10
