"""Black's formula for European options on a forward, undiscounted.

Discounting is left out on purpose: over the days this program trades it is less than one price
step, and leaving it out keeps ``call - put == forward - strike`` exact.

Units: forward, strike and premium share one unit (paise here); time is in years; volatility is a
fraction a year. Source: F. Black, "The pricing of commodity contracts", J. Financial Economics 3
(1976), 167-179.
"""

import math
from collections.abc import Iterable

from swingbreak.domain.instrument import Right

__all__ = ["delta", "premium", "premiums", "vega"]

_ROOT_HALF = math.sqrt(0.5)
_ROOT_TWO_PI = math.sqrt(2 * math.pi)


def premium(right: Right, forward: float, strike: float, years: float, volatility: float) -> float:
    """Return the fair premium; the intrinsic value once no time or no volatility is left."""
    return premiums(right, strike, years, ((forward, volatility),))[0]


def premiums(
    right: Right, strike: float, years: float, markets: Iterable[tuple[float, float]]
) -> list[float]:
    """Return the premium at each pair of forward and volatility in *markets*."""
    is_call, root = right is Right.CE, math.sqrt(max(years, 0.0))
    found = []
    for forward, volatility in markets:
        deviation = volatility * root
        if deviation <= 0:
            call = max(forward - strike, 0.0)
        else:
            # _normal() in place: a backtest asks this thousands of times a day
            d1 = math.log(forward / strike) / deviation + deviation / 2
            d2 = d1 - deviation
            call = forward * (0.5 * math.erfc(-d1 * _ROOT_HALF))
            call -= strike * (0.5 * math.erfc(-d2 * _ROOT_HALF))
        found.append(call if is_call else call - forward + strike)
    return found


def delta(right: Right, forward: float, strike: float, years: float, volatility: float) -> float:
    """Return the change of the premium per unit of the forward; needs time and volatility left."""
    call = _normal(_d1(forward, strike, years, volatility))
    return call if right is Right.CE else call - 1


def vega(forward: float, strike: float, years: float, volatility: float) -> float:
    """Return the change of the premium per 1.00 of volatility, the same for call and put."""
    d1 = _d1(forward, strike, years, volatility)
    return forward * math.exp(-d1 * d1 / 2) / _ROOT_TWO_PI * math.sqrt(years)


def _d1(forward: float, strike: float, years: float, volatility: float) -> float:
    deviation = volatility * math.sqrt(years)
    return math.log(forward / strike) / deviation + deviation / 2


def _normal(x: float) -> float:
    # erfc keeps its digits in the far tail, where 1 + erf(x) has none left
    return 0.5 * math.erfc(-x * _ROOT_HALF)
