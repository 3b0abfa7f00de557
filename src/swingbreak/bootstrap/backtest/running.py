"""Runs a backtest: chooses the days, shares them among processes, keeps each that is done.

Rules of this file:

1. A day is run by itself, so processes and their number change nothing.
2. What is done is kept at once; the same command goes on where it was broken off.
3. A day that cannot be run is named and counted, and is in no sum.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.bootstrap.backtest.choosing import Wanted, choose_days
from swingbreak.bootstrap.backtest.keeping import Finished, Keeper, fingerprint_of
from swingbreak.bootstrap.backtest.prepared import Followed, Preparer, RanDay, run_prepared
from swingbreak.bootstrap.backtest.rules import without_each
from swingbreak.bootstrap.backtest.way import followed_of
from swingbreak.bootstrap.sharing import shared
from swingbreak.domain.errors import ConfigError, DataError
from swingbreak.domain.parameters import Parameters
from swingbreak.facts.dated import Facts
from swingbreak.market.quality import Grade
from swingbreak.reporting.run_view import RunDay, RunView
from swingbreak.settings import Settings
from swingbreak.simulation.fills import FillModel

__all__ = ["Asked", "Backtest", "run_backtest", "run_name"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a backtest is to do.

    Attributes:
        root: Folder of the store.
        out: Folder of the run.
        models: Fill models; the first is the headline's.
        first: No day is before.
        last: No day is after.
        kind: What is read of a day; ``None`` for the finest that is good enough.
        jobs: Processes.
        rules: Whether to run it without each rule too, under the headline's model.
    """

    root: Path
    out: Path
    models: tuple[FillModel, ...] = tuple(FillModel)
    first: date = date.min
    last: date = date.max
    kind: Kind | None = None
    jobs: int = 1
    rules: bool = False


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a backtest came to.

    Attributes:
        view: What reports need.
        ran: The same with every trade under each fill model, by model, then by day.
        refused: Days that are in no sum, and why.
        resumed: How many days were done before.
        without: The same under the first model without one rule each, by the rule's name.
    """

    view: RunView
    ran: Mapping[str, tuple[RanDay, ...]]
    refused: Mapping[date, str]
    resumed: int
    without: Mapping[str, RunView]


@dataclass(frozen=True, slots=True)
class _Task:
    """One day to run, as it is sent to a process."""

    root: Path
    out: Path
    facts_files: tuple[Path, ...]
    followed: Followed
    parameters: Parameters
    models: tuple[FillModel, ...]
    place: Place
    lacking: Mapping[str, Parameters]
    asked: tuple[str, ...] = field(repr=False)


def run_backtest(
    settings: Settings, asked: Asked, told: Callable[[int, int, int], None] = lambda *_: None
) -> Backtest:
    """Run what is *asked* with *settings*.

    Args:
        settings: Strategy, risk, costs and what is followed.
        asked: Days, fill models, folders.
        told: Given how many days are done, how many there are, and how many were done before.

    Raises:
        ConfigError: The run would go into a state folder.
        DataError: There is nothing to run, or nothing of it can be used.
        SwingbreakError: The engine gave up, or a process died.
    """
    if database_in(asked.out).exists():
        raise ConfigError(
            f"{asked.out}: is a state folder, with days of its own: give another --out"
        )
    facts, store = load_facts(settings.facts_files), Store(asked.root)
    wanted = Wanted(settings.underlying, asked.first, asked.last, asked.kind)
    choice = choose_days(store, facts, wanted)
    tasks = [_task(settings, asked, place) for place in choice.places]
    finished: dict[date, Finished] = {}
    resumed = 0
    for done, (result, was_there) in enumerate(shared(_run, tasks, asked.jobs), 1):
        finished[result.day] = result
        resumed += was_there
        told(done, len(tasks), resumed)
    refused = dict(choice.refused)
    refused |= {day: one.refused for day, one in finished.items() if one.refused}
    days = [finished[day] for day in sorted(finished) if not finished[day].refused]
    if not days:
        raise DataError(_none_usable(refused))
    ran = {model.value: tuple(day.models[model.value] for day in days) for model in asked.models}
    view = _view(settings, asked, ran, refused)
    return Backtest(view, ran, refused, resumed, _without(view, days))


def run_name(settings: Settings, models: Sequence[FillModel]) -> str:
    """Return the name of the folder of a run that has been given none: equal for equal runs."""
    told = sha256("\n".join(_asked(settings, models)).encode()).hexdigest()[:8]
    return f"{settings.underlying}-{told}"


def _task(settings: Settings, asked: Asked, place: Place) -> _Task:
    return _Task(
        asked.root,
        asked.out,
        settings.facts_files,
        followed_of(settings),
        settings.parameters,
        asked.models,
        place,
        lacking := without_each(settings.parameters) if asked.rules else {},
        (*_asked(settings, asked.models), *map(str, lacking.items())),
    )


def _asked(settings: Settings, models: Sequence[FillModel]) -> tuple[str, ...]:
    """Return all that decides what comes of a day, besides its data."""
    own = (sha256(path.read_bytes()).hexdigest() for path in settings.facts_files)
    return (
        str(settings.parameters),
        str((settings.underlying, settings.strikes_each_side, settings.expiry, settings.atm)),
        str((settings.brokerage, settings.margin_headroom_bp)),
        f"recentre after {settings.recentre_after}",
        ",".join(models),
        *own,
    )


def _run(task: _Task) -> tuple[Finished, bool]:
    store, keeper, day = Store(task.root), Keeper(task.out), task.place.day
    try:
        fingerprint = fingerprint_of(task.asked, store, task.place)
        if there := keeper.load(day, fingerprint):
            return there, True
        prepared = _preparer(task).prepare(task.place)
    except DataError as error:
        return Finished("", day, {}, str(error)), False
    models: dict[str, RanDay] = {}
    for model in task.models:
        alike = prepared.has_path and models  # the data says what happened: nothing to read into it
        ran = (
            next(iter(models.values())) if alike else run_prepared(prepared, task.parameters, model)
        )
        # only the headline's decisions are kept: they are half of what a day takes on the disk
        models[model.value] = replace(ran, decisions=()) if models else ran
    without = {
        rule: run_prepared(prepared, each, task.models[0]).run
        for rule, each in task.lacking.items()
    }
    finished = Finished(fingerprint, day, models, without=without)
    keeper.keep(finished)
    return finished, False


def _preparer(task: _Task) -> Preparer:
    facts = _facts(task.facts_files)
    return _preparer_of(task.root, facts, task.followed)


@cache
def _facts(own: tuple[Path, ...]) -> Facts:
    return load_facts(own)


@cache
def _preparer_of(root: Path, facts: Facts, followed: Followed) -> Preparer:
    return Preparer(Store(root), facts, followed)


def _none_usable(refused: Mapping[date, str]) -> str:
    lines = [f"{day}: {why}" for day, why in sorted(refused.items())]
    return "\n".join([f"none of {len(refused)} days can be used", *lines])


def _view(
    settings: Settings,
    asked: Asked,
    ran: Mapping[str, Sequence[RanDay]],
    refused: Mapping[date, str],
) -> RunView:
    headline, *others = asked.models
    days = {model: tuple(each.run for each in found) for model, found in ran.items()}
    return RunView(
        label=f"{settings.underlying} backtest, market data of {asked.root}",
        kind="backtest",
        r_value=settings.parameters.r_value,
        days=days[headline.value],
        others={model.value: days[model.value] for model in others},
        fills=headline.value,
        settings={
            entry.key: f"{entry.value} {entry.unit}".rstrip()
            for entry in settings.entries
            if entry.value not in {"(hidden)", "(not set)"}
        },
        notes=tuple(_notes(days[headline.value], refused)),
    )


def _without(view: RunView, days: Sequence[Finished]) -> dict[str, RunView]:
    return {
        rule: replace(view, label=f"{view.label}, without {rule}", days=lacking, others={})
        for rule in days[0].without
        if (lacking := tuple(day.without[rule] for day in days))
    }


def _notes(days: Sequence[RunDay], refused: Mapping[date, str]) -> Iterator[str]:
    synthetic = sum(day.synthetic for day in days)
    if synthetic:
        yield f"{synthetic} of {len(days)} days are made up"
    if doubtful := [day for day in days if day.grade == Grade.C]:
        yield f"{len(doubtful)} days have market data of grade C: doubtful"
    for day, why in sorted(refused.items()):
        yield f"{day} left out: {why}"
