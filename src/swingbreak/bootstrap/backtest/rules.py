"""What the rules are that a run can do without, one at a time, to see what each adds."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from swingbreak.domain.parameters import Parameters

__all__ = ["RULES", "without_each"]

_ENDLESS: Final = 10**9  # paise, basis points, seconds or R: more than anything comes to

# Each with the thresholds under which it turns nothing away. The stop, the force-exit, what may be
# held at once and the order of candidates are no choices: nothing is traded without them.
RULES: Final[Mapping[str, Mapping[str, int]]] = {
    "price-range": {"price_min": 0, "price_max": _ENDLESS},
    "vwap-premium": {"vwap_premium_min_bp": -10_000},
    "stop-size": {"stop_min_bp": 0, "stop_max_bp": _ENDLESS},
    "stop-buffer": {"stop_buffer": 0},
    "fill-time": {"entry_fill_s": 86_400},
    "per-right-limit": {"max_per_right": _ENDLESS},
    "daily-target": {"daily_target_r": _ENDLESS},
    "daily-stop": {"daily_stop_r": -_ENDLESS},
}


def without_each(parameters: Parameters) -> dict[str, Parameters]:
    """Return *parameters* without one rule each, by the rule's name."""
    lacking = {name: replace(parameters, **changes) for name, changes in RULES.items()}  # type: ignore[arg-type]
    lacking["last-entry"] = replace(parameters, last_entry=parameters.force_exit)
    return {name: each for name, each in lacking.items() if each != parameters}
