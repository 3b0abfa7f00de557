"""Sets of settings that optuna chooses, each batch by what the sets before it came to.

Rules of this file:

1. The same axes, number and seed, on the same days, ask for the same sets, whoever runs them: so a
   search that was broken off is asked again from its start, and finds its units done.
2. Every set runs on every day: none is cut short. One that is asked for again counts, and is not
   run again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from swingbreak.adapters.data_layer import LazyModule
from swingbreak.bootstrap.sweep.running import Running
from swingbreak.bootstrap.sweep.space import Axis, Point, grid
from swingbreak.domain.errors import ConfigError
from swingbreak.reporting.sweep_view import OBJECTIVES, SweepView

__all__ = ["BATCH", "Search", "search"]

BATCH: Final = 20  # sets that are chosen at once, whatever the number of processes

_optuna: Any = LazyModule("optuna", "research", "--optuna")


class Search(NamedTuple):
    """What is searched.

    Attributes:
        axes: Settings and their values, in an order that means something where there is one.
        sets: How many sets are asked for.
        seed: Of the search.
    """

    axes: tuple[Axis, ...]
    sets: int
    seed: int


def search(running: Running, objective: str, wanted: Search) -> SweepView:
    """Run the sets that are asked for, and return them all.

    Args:
        running: Runs them.
        objective: Name of what the best set is best at.
        wanted: What is searched.

    Raises:
        NeedsExtra: optuna is not installed.
        ConfigError: None of the sets can be.
        SwingbreakError: As of :func:`run_sweep`.
    """
    grid([axis._replace(values=axis.values[:1]) for axis in wanted.axes])  # a key that comes twice
    _optuna.logging.set_verbosity(_optuna.logging.WARNING)
    sampler = _optuna.samplers.TPESampler(seed=wanted.seed)
    study = _optuna.create_study(direction="maximize", sampler=sampler)
    worth: dict[tuple[str, ...], float] = {}
    impossible = 0
    for first in range(0, wanted.sets, BATCH):
        trials = [study.ask() for _ in range(min(BATCH, wanted.sets - first))]
        points = [_point(trial, wanted.axes) for trial in trials]
        possible = {_key(point): point for point in points if running.is_possible(point)}
        fresh = [point for key, point in possible.items() if key not in worth]
        for tried in running.run(fresh) if fresh else ():
            worth[_key(tried.point)] = OBJECTIVES[objective](tried.results)
        for trial, point in zip(trials, points, strict=True):
            worthless = _optuna.trial.TrialState.FAIL if _key(point) not in possible else None
            study.tell(trial, worth.get(_key(point)), state=worthless)
        impossible += sum(_key(point) not in possible for point in points)
    if not worth:
        raise ConfigError(f"none of {wanted.sets} sets can be: see the bounds of their settings")
    view = running.view()
    return replace(view, notes=(*view.notes, _told(wanted, len(worth), impossible)))


def _point(trial: Any, axes: Sequence[Axis]) -> Point:
    places = {axis.key: trial.suggest_int(axis.key, 0, len(axis.values) - 1) for axis in axes}
    return {axis.key: axis.values[places[axis.key]] for axis in axes}


def _key(point: Point) -> tuple[str, ...]:
    return tuple(point.values())


def _told(wanted: Search, different: int, impossible: int) -> str:
    again = wanted.sets - different - impossible
    return (
        f"optuna asked for {wanted.sets} sets, {BATCH} at a time from seed {wanted.seed}"
        + (f", {again} of them again" if again else "")
        + (f", {impossible} that cannot be" if impossible else "")
        + "; every set ran on every day"
    )
