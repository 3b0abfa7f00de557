"""Days of a finished sweep run again by the engine: the kernel must have traded as it does."""

from collections.abc import Sequence
from functools import cache, partial
from random import Random
from typing import Final

from swingbreak.adapters.store.layout import Place, Store
from swingbreak.bootstrap.backtest.prepared import Followed, Prepared, Preparer
from swingbreak.bootstrap.backtest.way import followed_of
from swingbreak.bootstrap.sweep.scoring import run_by_engine
from swingbreak.domain.errors import RunsDiffer
from swingbreak.facts.dated import Facts
from swingbreak.reporting.sweep_view import DayScore, SweepView, best_first
from swingbreak.settings import Settings

__all__ = ["compare_ways"]

_DAYS: Final = 5
_SETS: Final = 3  # besides the best
_SEED: Final = 1


def compare_ways(
    store: Store, facts: Facts, every: Sequence[Settings], places: Sequence[Place], view: SweepView
) -> str:
    """Run the best set and some others on some days again, by the engine; return what was done.

    Args:
        store: Of the days.
        facts: Of them.
        every: The settings of each set of *view*.
        places: The days of *view*.
        view: A sweep by the kernel.

    Raises:
        RunsDiffer: The engine trades otherwise.
    """
    dice = Random(_SEED)  # noqa: S311 - a seeded sample, no secret
    days = sorted(dice.sample(range(len(places)), min(_DAYS, len(places))))
    others = dice.sample(range(len(every)), min(_SETS, len(every)))
    numbers = dict.fromkeys((best_first(view)[0].number, *others))
    trades = 0
    for day in days:
        prepare = cache(partial(_prepared, store, facts, places[day]))
        for number in numbers:
            settings, ours = every[number], view.tried[number].scores[day]
            engine = run_by_engine(prepare(followed_of(settings)), settings.parameters)
            trades += engine.trades
            if engine != ours:
                raise RunsDiffer(_difference(view, number, day, ours, engine))
    return (
        f"{len(numbers)} sets, the best among them, were run again on {len(days)} days by the "
        f"engine: the same {trades} trades"
    )


def _prepared(store: Store, facts: Facts, place: Place, followed: Followed) -> Prepared:
    return Preparer(store, facts, followed).prepare(place)


def _difference(view: SweepView, number: int, day: int, ours: DayScore, engine: DayScore) -> str:
    return (
        f"set {number} on {view.days[day]}: the kernel and the engine trade otherwise "
        f"({ours} against {engine}): use --exact, and report it"
    )
