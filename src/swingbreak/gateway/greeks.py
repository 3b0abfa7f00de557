"""Implied volatility and greeks of an option, the way OpenAlgo shows them.

Black-76 on the synthetic forward, without a rate. Units: rupees, volatility in per cent, theta per
day, vega per percentage point. Source: OpenAlgo 2.0.2.1, recorded 2026-11-22.
"""

from dataclasses import dataclass

from swingbreak.domain.instrument import Right
from swingbreak.market.black76 import delta, premium, vega

__all__ = ["Greeks", "greeks"]

_DAYS = 365
_STEPS = 60  # of bisection: far below what is shown
_MOST = 5.0  # 500 % a year


@dataclass(frozen=True, slots=True)
class Greeks:
    """What is shown of one option; all 0 where its price is not above its intrinsic value."""

    implied_volatility: float = 0.0
    delta: float = 0.0
    gamma: float = 0.0
    theta: float = 0.0
    vega: float = 0.0
    rho: float = 0.0


def greeks(right: Right, forward: float, strike: float, price: float, years: float) -> Greeks:
    """Return the greeks of an option that costs *price*."""
    low = premium(right, forward, strike, years, 0.0)
    if years <= 0 or price <= low:
        return Greeks()
    sigma = _implied(right, forward, strike, price, years)
    per_one = vega(forward, strike, years, sigma)
    return Greeks(
        implied_volatility=round(100 * sigma, 2),
        delta=round(delta(right, forward, strike, years, sigma), 4),
        gamma=round(per_one / (forward * forward * sigma * years), 6),
        theta=round(-per_one * sigma / (2 * years) / _DAYS, 4),
        vega=round(per_one / 100, 4),
        rho=round(-price * years / 100, 6),
    )


def _implied(right: Right, forward: float, strike: float, price: float, years: float) -> float:
    low, high = 1e-4, _MOST
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if premium(right, forward, strike, years, middle) < price:
            low = middle
        else:
            high = middle
    return (low + high) / 2
