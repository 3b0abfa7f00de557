"""The price that drives a generated day, second by second, and how nervous the market is.

Rules of this file:

1. Every draw comes from the ``random.Random`` that is passed in; same seed, same path.
2. One-second returns are normal, times a U-shape over the day, times a slowly wandering
   log-normal factor; a regime adds drift in legs, a pull back to the open, and jumps.
3. A part of every move arrives late, over about a minute, which gives minute returns the small
   positive serial correlation that an index of fifty stocks shows.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from random import Random

__all__ = ["Jump", "Regime", "RegimeTraits", "SpotPath", "draw_regime", "intraday_shape", "walk"]

_TRADING_DAYS = 252
_WANDER_SD = 0.30  # log of the volatility factor
_WANDER_S = 900.0  # its memory, seconds
_LATE_SHARE = 0.18
_LATE_S = 60.0
_LEG_S = 900  # a trend walks in legs of a quarter of an hour: it pauses and runs
_LEG_PACES = (0.0, 0.0, 1.0, 2.0)
_JUMP_MARGIN_S = 900  # no jump right after the open or right before the close
_JUMP_AFTERMATH_S = 90.0


class Regime(StrEnum):
    """What kind of day it is."""

    CALM = "calm"
    RANGE = "range"
    TREND_UP = "trend-up"
    TREND_DOWN = "trend-down"
    VOLATILE = "volatile"
    CRASH = "crash"
    SPIKE = "spike"


@dataclass(frozen=True, slots=True)
class RegimeTraits:
    """What a regime means in numbers.

    Attributes:
        weight: Relative frequency among drawn days.
        volatility: Realised volatility aimed at, a year, without jumps.
        implied: Implied volatility over that of an ordinary day.
        drift: Log return of the whole day that the trend legs add.
        pull_s: Half-life of the pull towards the open, seconds; 0 for none.
        jumps: Mean number of small jumps of either sign.
        shock: Log return of the one large jump; 0 for none.
    """

    weight: float
    volatility: float
    implied: float = 1.0
    drift: float = 0.0
    pull_s: float = 0.0
    jumps: float = 0.3
    shock: float = 0.0


TRAITS = {
    Regime.CALM: RegimeTraits(20, 0.070, implied=0.92, jumps=0.2),
    Regime.RANGE: RegimeTraits(30, 0.090, pull_s=5400.0),
    Regime.TREND_UP: RegimeTraits(18, 0.090, drift=0.0080),
    Regime.TREND_DOWN: RegimeTraits(18, 0.095, drift=-0.0085),
    Regime.VOLATILE: RegimeTraits(10, 0.145, implied=1.20, jumps=2.5),
    Regime.CRASH: RegimeTraits(2, 0.150, implied=1.15, jumps=1.5, shock=-0.016),
    Regime.SPIKE: RegimeTraits(2, 0.135, implied=1.10, jumps=1.5, shock=0.013),
}


@dataclass(frozen=True, slots=True)
class Jump:
    """News: a move that takes seconds, not a random walk.

    Attributes:
        second: When it starts, seconds since the open.
        size: Log return in all.
        duration: Seconds it takes.
    """

    second: int
    size: float
    duration: int


@dataclass(frozen=True, slots=True)
class SpotPath:
    """A day's underlying price; each list has one entry per second since the open.

    Attributes:
        price: Paise, not rounded.
        activity: Trading activity over that of an average second.
        stress: How wide quotes are over ordinary; 1 when nothing happens.
        jumps: What news there was, oldest first.
    """

    price: list[float]
    activity: list[float]
    stress: list[float]
    jumps: tuple[Jump, ...]


def draw_regime(rng: Random) -> Regime:
    """Return a regime, drawn by weight."""
    return rng.choices(list(TRAITS), [traits.weight for traits in TRAITS.values()])[0]


def intraday_shape(seconds: int, rise: float, close_rise: float) -> list[float]:
    """Return a U over the day with mean square 1.

    Args:
        seconds: Length of the session.
        rise: How far the open stands above midday, as a multiple of midday.
        close_rise: The same of the close.
    """
    shape = [
        1 + rise * math.exp(-s / 1200) + close_rise * math.exp((s - seconds) / 1500)
        for s in range(seconds)
    ]
    scale = math.sqrt(sum(x * x for x in shape) / seconds)
    return [x / scale for x in shape]


def walk(rng: Random, seconds: int, start: float, regime: Regime) -> SpotPath:
    """Return a path of *seconds* seconds that starts near *start*."""
    traits = TRAITS[regime]
    jumps = _jumps(rng, seconds, traits)
    nerves = _wander(rng, seconds)
    push = _push(rng, seconds, traits, jumps)
    sigma = traits.volatility / math.sqrt(_TRADING_DAYS * seconds * _kept_variance())
    shape = intraday_shape(seconds, 2.3, 0.75)
    pull = math.log(2) / traits.pull_s if traits.pull_s else 0.0
    true = late = 0.0
    price = []
    for s in range(seconds):
        true += push[s] - pull * true + sigma * shape[s] * nerves[s] * rng.gauss(0, 1)
        late += (true - late) / _LATE_S
        price.append(start * math.exp(true + _LATE_SHARE * (late - true)))
    turnover = intraday_shape(seconds, 2.6, 0.6)
    activity = [a * b for a, b in zip(turnover, nerves, strict=True)]
    return SpotPath(price, activity, _stress(seconds, jumps), jumps)


def _kept_variance() -> float:
    """Return how much of a minute's variance is left when a part of each move arrives late."""
    at_once = (1 - _LATE_SHARE) ** 2
    return at_once + (1 - at_once) * math.exp(-60 / _LATE_S)


def _wander(rng: Random, seconds: int) -> list[float]:
    """Return a mean-reverting log-normal factor with mean square 1."""
    keep = math.exp(-1 / _WANDER_S)
    kick = _WANDER_SD * math.sqrt(1 - keep * keep)
    level = rng.gauss(0, _WANDER_SD)
    factors = []
    for _ in range(seconds):
        level = keep * level + rng.gauss(0, kick)
        factors.append(math.exp(level - _WANDER_SD * _WANDER_SD))
    return factors


def _jumps(rng: Random, seconds: int, traits: RegimeTraits) -> tuple[Jump, ...]:
    last = max(seconds - _JUMP_MARGIN_S, 1)
    first = min(_JUMP_MARGIN_S, last - 1)
    count = int(rng.expovariate(1 / traits.jumps) + 0.5)
    jumps = [
        Jump(
            rng.randrange(first, last),
            rng.choice((-1, 1)) * rng.uniform(0.0010, 0.0025),
            rng.randrange(5, 25),
        )
        for _ in range(min(count, 6))
    ]
    if traits.shock:
        size = traits.shock * rng.uniform(0.75, 1.25)
        jumps.append(Jump(rng.randrange(first, last), size, rng.randrange(60, 240)))
    return tuple(sorted(jumps, key=lambda jump: jump.second))


def _push(rng: Random, seconds: int, traits: RegimeTraits, jumps: tuple[Jump, ...]) -> list[float]:
    """Return the log return that trend legs and jumps add in each second."""
    paces = [rng.choice(_LEG_PACES) for _ in range(seconds // _LEG_S + 1)]
    total = sum(paces[s // _LEG_S] for s in range(seconds)) or 1.0
    push = [traits.drift * paces[s // _LEG_S] / total for s in range(seconds)]
    for jump in jumps:
        for s in range(jump.second, min(jump.second + jump.duration, seconds)):
            push[s] += jump.size / jump.duration
    return push


def _stress(seconds: int, jumps: tuple[Jump, ...]) -> list[float]:
    """Return quote widening: after the open, and after each jump until it is digested."""
    shocks = [0.0] * seconds
    for jump in jumps:
        shocks[jump.second] += min(abs(jump.size) * 1500, 6.0)
    keep = math.exp(-1 / _JUMP_AFTERMATH_S)
    lasting = 0.0
    stress = []
    for s in range(seconds):
        lasting = lasting * keep + shocks[s]
        stress.append(1 + 2 * math.exp(-s / 120) + lasting)
    return stress
