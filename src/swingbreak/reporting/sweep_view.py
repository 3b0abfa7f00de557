"""A sweep as tables and pages show it: many settings over the same days; values only.

Rules of this file:

1. Results are compared in R of the account, each set's own, so that a larger R is no better.
2. The best set is that with the best objective; of equals the one that was tried first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import fsum
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.reporting.overfitting import (
    Overfitting,
    deflated_sharpe,
    moments_of,
    overfitting,
)

__all__ = [
    "OBJECTIVES",
    "DayScore",
    "Doubt",
    "Objective",
    "SweepView",
    "Tried",
    "best_first",
    "doubt_of",
]


@dataclass(frozen=True, slots=True)
class DayScore:
    """What one set of settings came to on one day; amounts in paise.

    Attributes:
        net: P&L after costs of its closed trades.
        charges: Their costs.
        trades: How many.
        wins: How many of them have a net profit.
        ambiguous: How many hang on the path within a bar.
        stake: What hangs on it.
        deals: Hash of its trades: symbols, units, values, seconds and reasons.
    """

    net: Paise
    charges: Paise
    trades: int
    wins: int
    ambiguous: int
    stake: Paise
    deals: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One set of settings over all days.

    Attributes:
        number: In the order they were asked for, from 0.
        point: What was set, by the key of the setting.
        r_value: One R of the account, paise.
        scores: Day by day.
    """

    number: int
    point: Mapping[str, str]
    r_value: Paise
    scores: tuple[DayScore, ...]

    @property
    def results(self) -> tuple[float, ...]:
        """The days in R of the account."""
        return tuple(score.net / self.r_value for score in self.scores)

    @property
    def net(self) -> Paise:
        """Net of all days, paise."""
        return sum(score.net for score in self.scores)

    @property
    def trades(self) -> int:
        """Trades of all days."""
        return sum(score.trades for score in self.scores)

    @property
    def net_r(self) -> float:
        """Net of all days in R."""
        return self.net / self.r_value

    @property
    def drawdown_r(self) -> float:
        """The deepest fall from the close of one day to that of another, R."""
        sums = [*accumulate(self.results, initial=0.0)]
        return max(peak - now for peak, now in zip(accumulate(sums, max), sums, strict=True))

    @property
    def sharpe(self) -> float:
        """Mean of a day over its standard deviation; 0 where results never vary."""
        moments = moments_of(self.results)
        return moments.sharpe if moments else 0.0


# Higher is better.
Objective = Callable[[Sequence[float]], float]


def _sharpe(results: Sequence[float]) -> float:
    moments = moments_of(results)
    return moments.sharpe if moments else 0.0


OBJECTIVES: Final[Mapping[str, Objective]] = {
    "sharpe": _sharpe,
    "net_r": fsum,
    "worst_day": lambda results: min(results, default=0.0),
}


@dataclass(frozen=True, slots=True)
class SweepView:
    """Everything that a report of a sweep needs.

    Attributes:
        label: What was tried on what.
        fills: Name of the fill model.
        objective: Name of what the best set is best at.
        keys: The settings that were swept, in order.
        days: The days that every set has run.
        tried: The sets, by number.
        notes: What a reader must know.
    """

    label: str
    fills: str
    objective: str
    keys: tuple[str, ...]
    days: tuple[date, ...]
    tried: tuple[Tried, ...]
    notes: tuple[str, ...] = ()


def best_first(view: SweepView) -> tuple[Tried, ...]:
    """Return the sets of *view*, the best one first."""
    objective = OBJECTIVES[view.objective]
    return tuple(sorted(view.tried, key=lambda each: -objective(each.results)))


@dataclass(frozen=True, slots=True)
class Doubt:
    """How far the best set may be luck.

    Attributes:
        trials: Sets that were tried.
        deflated: Probability that the best set is better than the luck of so many trials.
        overfitting: How the best of one half of the days does in the other.
    """

    trials: int
    deflated: float | None
    overfitting: Overfitting | None


def doubt_of(view: SweepView) -> Doubt:
    """Return how far the best set of *view* may be luck."""
    best = moments_of(best_first(view)[0].results)
    deflated = deflated_sharpe(best, [each.sharpe for each in view.tried]) if best else None
    return Doubt(len(view.tried), deflated, overfitting([each.results for each in view.tried]))
