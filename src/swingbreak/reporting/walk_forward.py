"""Walk-forward: settings are chosen on days that are over, and judged on the days that follow.

The method is that of R. Pardo, "The Evaluation and Optimization of Trading Strategies", 2nd ed.,
Wiley 2008, chapter 11: its walk-forward efficiency is what the days to come made, a day, over
what the days of the choice had.

Rules of this file:

1. What is chosen for a day depends on earlier days alone.
2. Days to be judged follow each other without a gap, and each is judged once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import NamedTuple

from swingbreak.domain.errors import DataError
from swingbreak.reporting.sweep_view import OBJECTIVES, SweepView, Tried

__all__ = ["Step", "Walk", "Window", "walk", "windows"]


class Window(NamedTuple):
    """Numbers of days: chosen from ``first`` on, judged from ``judged`` to before ``end``."""

    first: int
    judged: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """One choice and what came of it.

    Attributes:
        chosen_on: The days it was chosen on.
        judged_on: The days that followed.
        chosen: The set.
        before: Its mean R a day on the first; ``after`` on the second.
        rank: Its place among all sets on the days that followed, 1 for the best.
    """

    chosen_on: tuple[date, ...]
    judged_on: tuple[date, ...]
    chosen: Tried
    before: float
    after: float
    rank: int


@dataclass(frozen=True, slots=True)
class Walk:
    """All steps.

    Attributes:
        steps: In order.
        efficiency: Mean R a judged day over mean R a day of choice; ``None`` where the choice
            gained nothing.
        steady: By setting, the share of steps that chose its most frequent value.
    """

    steps: tuple[Step, ...]
    efficiency: float | None
    steady: dict[str, float]


def windows(days: int, train: int, test: int, *, anchored: bool = False) -> tuple[Window, ...]:
    """Return the windows of *days* days; the last may judge fewer than *test*.

    Args:
        days: How many there are.
        train: Days a choice is made on; the least of them if *anchored*.
        test: Days that are judged before a new choice.
        anchored: Whether every choice begins at the first day.

    Raises:
        DataError: There are too few days for one window.
    """
    if days <= train:
        raise DataError(
            f"{days} days are too few: {train} to choose on and 1 to judge are {train + 1}; take "
            "fewer with --train"
        )
    return tuple(
        Window(0 if anchored else judged - train, judged, min(judged + test, days))
        for judged in range(train, days, test)
    )


def walk(view: SweepView, train: int, test: int, *, anchored: bool = False) -> Walk:
    """Return how choosing among the sets of *view* would have done.

    Raises:
        DataError: There are too few days.
    """
    cuts = windows(len(view.days), train, test, anchored=anchored)
    steps = tuple(_steps(view, cuts))
    return Walk(steps, _efficiency(steps), dict(_steady(view, steps)))


def _steps(view: SweepView, cuts: Sequence[Window]) -> Iterator[Step]:
    objective = OBJECTIVES[view.objective]
    results = {each.number: each.results for each in view.tried}
    for first, judged, end in cuts:
        chosen = max(
            view.tried,
            key=lambda each: (objective(results[each.number][first:judged]), -each.number),
        )
        after = {number: fmean(days[judged:end]) for number, days in results.items()}
        yield Step(
            chosen_on=view.days[first:judged],
            judged_on=view.days[judged:end],
            chosen=chosen,
            before=fmean(results[chosen.number][first:judged]),
            after=after[chosen.number],
            rank=1 + sum(other > after[chosen.number] for other in after.values()),
        )


def _efficiency(steps: Sequence[Step]) -> float | None:
    chosen = sum(step.before * len(step.judged_on) for step in steps)
    judged = sum(step.after * len(step.judged_on) for step in steps)
    return judged / chosen if chosen > 0 else None


def _steady(view: SweepView, steps: Sequence[Step]) -> Iterator[tuple[str, float]]:
    for key in view.keys:
        ((_, most),) = Counter(step.chosen.point[key] for step in steps).most_common(1)
        yield key, most / len(steps)
