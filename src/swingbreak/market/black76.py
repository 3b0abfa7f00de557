"""Black's formula for European options on a forward, undiscounted.

Discounting is left out on purpose: over the days this program trades it is less than one price
step, and leaving it out keeps ``call - put == forward - strike`` exact.

Units: forward, strike and premium share one unit (paise here); time is in years; volatility is a
fraction a year. Source: F. Black, "The pricing of commodity contracts", J. Financial Economics 3
(1976), 167-179.
"""

import math

from swingbreak.domain.instrument import Right

__all__ = ["delta", "premium", "vega"]

_ROOT_HALF = math.sqrt(0.5)
_ROOT_TWO_PI = math.sqrt(2 * math.pi)


def premium(right: Right, forward: float, strike: float, years: float, volatility: float) -> float:
    """Return the fair premium; the intrinsic value once no time or no volatility is left."""
    deviation = volatility * math.sqrt(max(years, 0.0))
    if deviation <= 0:
        call = max(forward - strike, 0.0)
    else:
        d1 = math.log(forward / strike) / deviation + deviation / 2
        call = forward * _normal(d1) - strike * _normal(d1 - deviation)
    return call if right is Right.CE else call - forward + strike


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
