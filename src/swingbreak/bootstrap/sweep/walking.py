"""Walks forward over a finished sweep, and runs the judged days again as one run of their own."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.layout import Place, Store
from swingbreak.bootstrap.backtest.choosing import Wanted, choose_days
from swingbreak.bootstrap.backtest.prepared import Preparer, run_prepared
from swingbreak.bootstrap.backtest.way import followed_of
from swingbreak.bootstrap.sweep.folder import base_of
from swingbreak.bootstrap.sweep.keeping import read_sweep
from swingbreak.bootstrap.sweep.scoring import score_of
from swingbreak.domain.errors import DataError
from swingbreak.reporting.run_view import RunDay, RunView
from swingbreak.reporting.sweep_view import SweepView
from swingbreak.reporting.walk_forward import Step, Walk, walk
from swingbreak.simulation.fills import FillModel

__all__ = ["walk_forward"]


def walk_forward(
    folder: Path, root: Path, train: int, test: int, *, anchored: bool = False
) -> tuple[SweepView, Walk, RunView]:
    """Return the sweep in *folder*, the walk over it, and its judged days as a run.

    Args:
        folder: Of the sweep.
        root: Of the data store that the sweep was run on.
        train: Days a choice is made on.
        test: Days that are judged before a new choice.
        anchored: Whether every choice begins at the first day.

    Raises:
        DataError: There is no such sweep, it has too few days, or its data have changed since.
    """
    view = read_sweep(folder)
    found = walk(view, train, test, anchored=anchored)
    base = base_of(folder, {})
    run = RunView(
        label=f"{base.underlying} walk-forward of {folder}, market data of {root}",
        kind="backtest",
        r_value=base.parameters.r_value,
        days=tuple(day for step in found.steps for day in _judged(view, step, folder, root)),
        others={},
        fills=view.fills,
        settings={
            "chosen on": f"{train} days" + (" or more, from the first" if anchored else ""),
            "judged": f"{test} days at a time",
            "objective": view.objective,
            **dict.fromkeys(view.keys, "swept"),
        },
        notes=(
            "every day runs under settings that were chosen on earlier days alone",
            *view.notes,
        ),
    )
    return view, found, run


def _judged(view: SweepView, step: Step, folder: Path, root: Path) -> Iterator[RunDay]:
    settings = base_of(folder, step.chosen.point)
    facts, store = load_facts(settings.facts_files), Store(root)
    preparer = Preparer(store, facts, followed_of(settings))
    first, last = step.judged_on[0], step.judged_on[-1]
    choice = choose_days(store, facts, Wanted(settings.underlying, first, last))
    places: dict[date, Place] = {place.day: place for place in choice.places}
    for day in step.judged_on:
        if day not in places:
            raise DataError(f"{root}: {day} was in the sweep and is there no more: sweep again")
        prepared = preparer.prepare(places[day])
        run = run_prepared(prepared, settings.parameters, FillModel(view.fills)).run
        if score_of(prepared, run) != step.chosen.scores[view.days.index(day)]:
            raise DataError(
                f"{day}: traded otherwise than in the sweep: its data or the program have "
                "changed since: sweep again"
            )
        yield run
