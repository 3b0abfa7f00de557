"""Implied volatility of a generated day: one at-the-money path and a smile around it.

Rules of this file:

1. At the money it falls when spot rises, jumps with news and forgets it within the hour, wanders
   around its base, and sags a little from open to close, as decay is priced before it happens.
2. The smile is a parabola in ``z``, the log distance of strike and forward in standard
   deviations to expiry, so that it widens with time as traded smiles do. Calls and puts share it.
"""

import math
from random import Random

from swingbreak.simulation.spot_path import SpotPath

__all__ = ["atm_path", "smile"]

_LEVERAGE = 6.0  # relative rise per unit of log fall: 1 % down, 6 % higher
_NEWS = 10.0  # relative rise per unit of an absolute jump
_NEWS_S = 3600.0
_NOISE_SD = 0.030  # relative, stationary
_NOISE_S = 1800.0
_SAG = 0.06  # relative, open to close

# NIFTY weeklies of 2025-08-29 (4 days) and 2026-08-19 (6 days) measured: tilt -0.02, curve 0.05.
_TILT = -0.02
_CURVE = 0.045
_FAR = 4.0


def atm_path(rng: Random, spot: SpotPath, base: float) -> list[float]:
    """Return at-the-money volatility for each second of *spot*, a fraction a year."""
    seconds = len(spot.price)
    news = [0.0] * seconds
    for jump in spot.jumps:
        news[jump.second] += _NEWS * abs(jump.size)
    keep, forget = math.exp(-1 / _NOISE_S), math.exp(-1 / _NEWS_S)
    kick = _NOISE_SD * math.sqrt(1 - keep * keep)
    noise, digested, start = rng.gauss(0, _NOISE_SD), 0.0, spot.price[0]
    path = []
    for s in range(seconds):
        noise = keep * noise + rng.gauss(0, kick)
        digested = digested * forget + news[s]
        lean = -_LEVERAGE * math.log(spot.price[s] / start)
        path.append(base * math.exp(noise + digested + lean + _SAG * (0.5 - s / seconds)))
    return path


def smile(z: float) -> float:
    """Return a strike's volatility over that at the money.

    Args:
        z: ln(strike / forward) in at-the-money standard deviations to expiry.
    """
    near = max(-_FAR, min(_FAR, z))
    return 1 + _TILT * near + _CURVE * near * near
