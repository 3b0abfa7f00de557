"""How likely the best of many trials is luck; floats throughout: statistics, never booked.

Sources: D. H. Bailey and M. Lopez de Prado, "The Deflated Sharpe Ratio: Correcting for Selection
Bias, Backtest Overfitting, and Non-Normality", Journal of Portfolio Management 40(5), 2014; D. H.
Bailey, J. M. Borwein, M. Lopez de Prado and Q. J. Zhu, "The Probability of Backtest Overfitting",
Journal of Computational Finance 20(4), 2017 (SSRN 2326253).

Rules of this file:

1. Sharpe ratios are of one day, not of a year: mean over sample standard deviation.
2. The number of trials is the number of sets, though sets that are alike are not independent: that
   errs on the side of doubt.
3. What cannot be had, of too few days or of results that never vary, is ``None``, not 0.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import e, fsum, sqrt
from statistics import NormalDist, fmean, pvariance
from typing import Final, NamedTuple

__all__ = [
    "BLOCKS",
    "Moments",
    "Overfitting",
    "deflated_sharpe",
    "moments_of",
    "overfitting",
    "sharpe_of_luck",
]

BLOCKS: Final = 10  # 252 ways to take half of them
_LEAST_PER_BLOCK: Final = 2
_EULER: Final = 0.5772156649015329
_NORMAL: Final = NormalDist()


class Moments(NamedTuple):
    """Results of days, described.

    Attributes:
        days: How many.
        sharpe: Mean over sample standard deviation.
        skewness: Third standardised moment.
        kurtosis: Fourth, 3 for a normal distribution.
    """

    days: int
    sharpe: float
    skewness: float
    kurtosis: float


def moments_of(results: Sequence[float]) -> Moments | None:
    """Return the moments of daily *results*; ``None`` for fewer than two, or all alike."""
    if len(results) < 2:  # noqa: PLR2004 - a deviation takes two
        return None
    mean = fmean(results)
    # exact fractions, as of `pvariance`, would be most of what a page costs
    variance = fsum((each - mean) ** 2 for each in results) / len(results)
    if not variance or min(results) == max(results):
        return None
    deviation, days = sqrt(variance), len(results)
    sharpe = mean / (deviation * sqrt(days / (days - 1)))
    scores = [(each - mean) / deviation for each in results]
    return Moments(days, sharpe, fmean(z**3 for z in scores), fmean(z**4 for z in scores))


def sharpe_of_luck(sharpes: Sequence[float]) -> float:
    """Return the Sharpe ratio expected of the best of as many trials as *sharpes*, all worthless.

    Equation 1 of the first paper: the expected maximum of N independent normal draws with the
    variance that the trials' ratios have.
    """
    trials = len(sharpes)
    if trials < 2:  # noqa: PLR2004 - one trial was not chosen
        return 0.0
    best = (1 - _EULER) * _NORMAL.inv_cdf(1 - 1 / trials) + _EULER * _NORMAL.inv_cdf(
        1 - 1 / (trials * e)
    )
    return sqrt(pvariance(sharpes) * trials / (trials - 1)) * best


def deflated_sharpe(chosen: Moments, sharpes: Sequence[float]) -> float | None:
    """Return the probability that the *chosen* trial's true Sharpe ratio is above that of luck.

    Equation 2 of the first paper: the probabilistic Sharpe ratio against :func:`sharpe_of_luck` of
    all trials, corrected for skewness and fat tails. ``None`` where the moments leave no variance.

    Args:
        chosen: The best trial, or any.
        sharpes: Of every trial, the chosen one included.
    """
    spread = (
        1
        - chosen.skewness * chosen.sharpe
        + (chosen.kurtosis - 1) / 4 * chosen.sharpe * chosen.sharpe
    )
    if spread <= 0:
        return None
    above = chosen.sharpe - sharpe_of_luck(sharpes)
    return _NORMAL.cdf(above * sqrt(chosen.days - 1) / sqrt(spread))


class Overfitting(NamedTuple):
    """How the best of the one half of the days does in the other half.

    Attributes:
        probability: Share of halves whose best is no better than the median of the other half.
        halves: In how many ways the days were halved.
        losing: Share of halves whose best loses in the other half.
    """

    probability: float
    halves: int
    losing: float


def overfitting(results: Sequence[Sequence[float]], blocks: int = BLOCKS) -> Overfitting | None:
    """Return the probability of backtest overfitting, by combinatorially symmetric validation.

    The days are cut into *blocks* of neighbours; each half of the blocks chooses the trial with the
    best Sharpe ratio, and the other half ranks it. The last days that fill no block are left out.

    Args:
        results: Of each trial, day by day; all of the same days.
        blocks: An even number.

    Returns:
        ``None`` for fewer than two trials, or fewer than two days in a block.
    """
    size = min(map(len, results), default=0) // blocks
    if len(results) < 2 or size < _LEAST_PER_BLOCK:  # noqa: PLR2004 - nothing to choose from
        return None
    sums = [[*_blocks(trial, blocks, size)] for trial in results]
    no_better = losing = halves = 0
    # each half is once the one that chooses, once the one that judges
    ratios = {
        half: [_sharpe(trial, half, size) for trial in sums]
        for half in combinations(range(blocks), blocks // 2)
    }
    for inside, here in ratios.items():
        there = ratios[tuple(block for block in range(blocks) if block not in inside)]
        best = here.index(max(here))
        # the rank of the best among all, ties counted half, as a share of N + 1
        below = sum(other < there[best] for other in there)
        equal = sum(other == there[best] for other in there)
        rank = (below + (equal + 1) / 2) / (len(there) + 1)
        halves += 1
        no_better += rank <= 0.5  # noqa: PLR2004 - the median: a logit of 0 or less
        losing += there[best] < 0
    return Overfitting(no_better / halves, halves, losing / halves)


def _blocks(trial: Sequence[float], blocks: int, size: int) -> Iterator[tuple[float, float]]:
    for block in range(blocks):
        days = trial[block * size : (block + 1) * size]
        yield fsum(days), fsum(day * day for day in days)


def _sharpe(sums: Sequence[tuple[float, float]], blocks: Sequence[int], size: int) -> float:
    days = len(blocks) * size
    total = squares = 0.0
    for block in blocks:
        results, their_squares = sums[block]
        total += results
        squares += their_squares
    variance = (squares - total * total / days) / (days - 1)
    # a result that never varies has no ratio: as good as nothing
    return total / days / sqrt(variance) if variance > 1e-12 * (1 + squares) else 0.0
