"""How much of a run is luck: its days drawn again and again.

Rules of this file:

1. Days are drawn whole, for the trades of one day hang together; in blocks where neighbours do.
2. The same days and seed give the same numbers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import sub
from random import Random
from typing import Final, TypeAlias, TypeVar

from swingbreak.domain.money import Paise
from swingbreak.reporting.run_view import RunDay

__all__ = ["DEPTHS", "SEED", "Bands", "Interval", "bands_of", "expectancy_interval", "sum_interval"]

SEED: Final = 1
_LOW, _HIGH = 0.025, 0.975  # of an interval that holds with 95 %
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
DEPTHS: Final = (0.5, 0.75, 0.9, 0.95, 0.99)

_MOST_PATHS, _LEAST_PATHS = 2_000, 200
_MOST_DRAWS = 1_000_000  # so that ten years do not take ten times as long as one
_MOST_PLACES = 60  # at which bands are kept

Interval: TypeAlias = tuple[float, float]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Bands:
    """What runs of the same length would come to, drawn from the days of one.

    Attributes:
        paths: How many were drawn; ``block`` days in a row at a time, from ``seed``.
        places: Numbers of days after which ``equity`` is known.
        equity: At each place its quantiles, as in QUANTILES; paise.
        depths: Quantiles of the deepest drawdown, as in DEPTHS; paise.
        losing: Share of paths that end below zero.
        deeper: Share of paths whose drawdown is deeper than that of the run itself.
    """

    paths: int
    block: int
    seed: int
    places: tuple[int, ...]
    equity: tuple[tuple[Paise, ...], ...]
    depths: tuple[Paise, ...]
    losing: float
    deeper: float


def bands_of(days: Sequence[RunDay], *, seed: int = SEED, block: int = 1) -> Bands | None:
    """Return the bands of *days*; ``None`` where there are fewer than two."""
    if len(days) < 2:  # noqa: PLR2004 - one day can be drawn in one way
        return None
    nets = [day.net for day in days]
    places = _places(len(nets))
    kept: list[list[Paise]] = [[] for _ in places]
    depths: list[Paise] = []
    paths = _paths(len(nets))
    for path in _drawn(nets, paths, seed, block):
        equity = list(accumulate(path, initial=0))
        depths.append(_depth(equity))
        for values, place in zip(kept, places, strict=True):
            values.append(equity[place])
    own = _depth(list(accumulate(nets, initial=0)))
    return Bands(
        paths=paths,
        block=block,
        seed=seed,
        places=places,
        equity=tuple(_quantiles(values, QUANTILES) for values in kept),
        depths=_quantiles(depths, DEPTHS),
        losing=sum(value < 0 for value in kept[-1]) / paths,
        deeper=sum(depth > own for depth in depths) / paths,
    )


def expectancy_interval(days: Sequence[RunDay], *, seed: int = SEED) -> Interval | None:
    """Return between what the mean R of a trade lies with 95 %; ``None`` for less than two days."""
    drawn = [(sum(each.trade.r for each in day.trades), len(day.trades)) for day in days]

    def mean(path: Sequence[tuple[float, int]]) -> float | None:
        count = sum(trades for _, trades in path)
        return sum(r for r, _ in path) / count if count else None

    return _interval(drawn, mean, seed)


def sum_interval(values: Sequence[Paise], *, seed: int = SEED) -> Interval | None:
    """Return between what the sum of *values*, one a day, lies with 95 %, paise."""
    return _interval(values, sum, seed)


def _interval(
    values: Sequence[_T], measure: Callable[[Sequence[_T]], float | None], seed: int
) -> Interval | None:
    if len(values) < 2:  # noqa: PLR2004 - as above
        return None
    drawn = (measure(path) for path in _drawn(values, _paths(len(values)), seed, 1))
    known = sorted(value for value in drawn if value is not None)
    return (_at(known, _LOW), _at(known, _HIGH)) if known else None


def _paths(days: int) -> int:
    return min(max(_MOST_DRAWS // days, _LEAST_PATHS), _MOST_PATHS)


def _drawn(values: Sequence[_T], paths: int, seed: int, block: int) -> Iterator[Sequence[_T]]:
    dice, count = Random(seed), len(values)  # noqa: S311 - a statistic, no secret
    if block == 1:
        for _ in range(paths):
            yield dice.choices(values, k=count)
        return
    twice = (*values, *values)  # blocks that reach the end go on at the beginning
    for _ in range(paths):
        starts = dice.choices(range(count), k=-(-count // block))
        yield [value for start in starts for value in twice[start : start + block]][:count]


def _depth(equity: Sequence[Paise]) -> Paise:
    falls: Iterator[Paise] = map(sub, accumulate(equity, max), equity)
    return max(falls)


def _places(days: int) -> tuple[int, ...]:
    cuts = min(days, _MOST_PLACES)
    return tuple(days * cut // cuts for cut in range(cuts + 1))


def _quantiles(values: Sequence[Paise], shares: Sequence[float]) -> tuple[Paise, ...]:
    ranked = sorted(values)
    return tuple(_at(ranked, share) for share in shares)


def _at(ranked: Sequence[_T], share: float) -> _T:
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]
