"""Runs a sweep: every set of settings on every day, each day made ready once.

Rules of this file:

1. A unit is one day and some sets. What is done is kept at once; the same command goes on
   where it was broken off, and nothing of other settings, data or programs is ever mixed in.
2. A set that runs on a day alone comes to the same: no state goes from day to day or set to set.
3. A day that cannot be run is left out for every set, and said to be.
4. Where the kernel may run, it does, and the engine runs what it leaves: said and counted.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.layout import Place, Store
from swingbreak.bootstrap.backtest.choosing import Wanted, choose_days
from swingbreak.bootstrap.backtest.keeping import fingerprint_of
from swingbreak.bootstrap.backtest.prepared import Followed, Prepared, Preparer
from swingbreak.bootstrap.sharing import shared
from swingbreak.bootstrap.sweep.comparing import compare_ways, followed_of
from swingbreak.bootstrap.sweep.keeping import Scored, UnitKeeper
from swingbreak.bootstrap.sweep.scoring import (
    Fast,
    can_run_fast,
    counted,
    run_by_engine,
    run_by_kernel,
)
from swingbreak.bootstrap.sweep.space import Point
from swingbreak.domain.errors import ConfigError, DataError
from swingbreak.domain.parameters import Parameters
from swingbreak.reporting.sweep_view import DayScore, SweepView, Tried
from swingbreak.settings import Settings, load
from swingbreak.simulation.fills import FillModel

__all__ = ["SweepAsked", "Told", "Unit", "Workers", "run_sweep", "run_unit"]

_SETS_PER_UNIT: Final = 25
_FAST_SETS_PER_UNIT: Final = 1000  # a day is made ready once for all of them
_NO_KERNEL: Final = (
    "every set was run by the engine: the kernel, a hundred times as quick and equal, needs the "
    'research layer: run it through python3 start.py, or pip install "swingbreak[research]"'
)


@dataclass(frozen=True, slots=True)
class SweepAsked:
    """What a sweep is to do.

    Attributes:
        settings: File of the settings that are the same for all sets; ``None`` for the defaults.
        overrides: What the command line says of these.
        points: The sets.
        root: Folder of the store.
        out: Folder of the sweep.
        objective: Name of what the best set is best at.
        model: Fill model.
        first: No day is before; none after *last*.
        jobs: Processes.
        exact: Whether the engine runs everything, though there may be a kernel.
    """

    settings: Path | None
    overrides: Mapping[str, object]
    points: tuple[Point, ...]
    root: Path
    out: Path
    objective: str
    model: FillModel = FillModel.PESSIMISTIC
    first: date = date.min
    last: date = date.max
    jobs: int = 1
    exact: bool = False

    @property
    def is_fast(self) -> bool:
        """Whether the kernel runs what it can."""
        return not self.exact and can_run_fast(self.model)


class Unit(NamedTuple):
    """One day and some sets, as it is sent to a process."""

    root: Path
    out: Path
    facts_files: tuple[Path, ...]
    followed: Followed
    model: FillModel
    place: Place
    sets: tuple[tuple[int, Parameters], ...]
    is_fast: bool = False


# Told how many units are done, how many there are, and how many were done before.
Told = Callable[[int, int, int], None]
# Runs units wherever it likes and yields what they come to, in any order.
Workers = Callable[[Sequence[Unit]], Iterator[tuple[Scored, bool]]]


def run_sweep(
    asked: SweepAsked, told: Told = lambda *_: None, workers: Workers | None = None
) -> SweepView:
    """Run what is *asked*.

    Args:
        asked: Sets, days, folders.
        told: Hears how it goes on.
        workers: Who does the work; by default ``asked.jobs`` processes of this machine.

    Raises:
        ConfigError: A set cannot be; a line for each thing that is wrong.
        DataError: There is nothing to run, or nothing of it can be used.
        RunsDiffer: Kernel and engine trade otherwise.
        SwingbreakError: The engine gave up, or a process died.
    """
    every = [_settings(asked, point) for point in asked.points]
    facts, store = load_facts(every[0].facts_files), Store(asked.root)
    choice = choose_days(store, facts, Wanted(every[0].underlying, asked.first, asked.last))
    units = [*_units(asked, every, choice.places)]
    work = workers or (lambda these: shared(run_unit, these, asked.jobs))
    scores: list[dict[date, DayScore]] = [{} for _ in asked.points]
    refused, resumed, left = dict(choice.refused), 0, Counter[str]()
    for done, (scored, was_there) in enumerate(work(units), 1):
        resumed += was_there
        left.update(scored.left)
        if scored.refused:
            refused[scored.day] = scored.refused
        for number, score in scored.scores.items():
            scores[number][scored.day] = score
        told(done, len(units), resumed)
    view = _view(asked, every, scores, [place.day for place in choice.places], refused)
    notes = [*_ways(asked, view, left)]
    if asked.is_fast:
        places = [place for place in choice.places if place.day not in refused]
        notes.append(compare_ways(store, facts, every, places, view))
    return replace(view, notes=(*view.notes, *notes))


def _ways(asked: SweepAsked, view: SweepView, left: Mapping[str, int]) -> Iterator[str]:
    """Yield who ran the sets."""
    if not asked.is_fast:
        if not asked.exact and asked.model is FillModel.PESSIMISTIC:
            yield _NO_KERNEL
        return
    every, engine = len(view.tried) * len(view.days), sum(left.values())
    why = ", ".join(f"{reason} {count:,}" for reason, count in sorted(left.items()))
    yield (
        f"{every - engine:,} of {every:,} days of sets were run by the kernel"
        + (f", the others by the engine ({why})" if engine else "")
    )


def _view(
    asked: SweepAsked,
    every: Sequence[Settings],
    scores: Sequence[Mapping[date, DayScore]],
    chosen: Sequence[date],
    refused: Mapping[date, str],
) -> SweepView:
    days = tuple(day for day in chosen if day not in refused)
    if not days:
        why = "\n".join(f"{day}: {reason}" for day, reason in sorted(refused.items()))
        raise DataError(f"none of {len(refused)} days can be used\n{why}")
    sets = zip(asked.points, every, scores, strict=True)
    return SweepView(
        label=f"{every[0].underlying} sweep of {len(every)} sets, market data of {asked.root}",
        fills=asked.model.value,
        objective=asked.objective,
        keys=tuple(asked.points[0]),
        days=days,
        tried=tuple(
            Tried(n, dict(point), settings.parameters.r_value, tuple(found[day] for day in days))
            for n, (point, settings, found) in enumerate(sets)
        ),
        notes=tuple(f"{day} left out: {why}" for day, why in sorted(refused.items())),
    )


def run_unit(unit: Unit) -> tuple[Scored, bool]:
    """Return what *unit* comes to, and whether that was known before."""
    day, store, keeper = unit.place.day, Store(unit.root), UnitKeeper(unit.out)
    first = unit.sets[0][0]
    try:
        fingerprint = fingerprint_of(_asked_of(unit), store, unit.place)
        if there := keeper.load(day, first, fingerprint):
            return there, True
        prepared = _prepared(unit.root, unit.facts_files, unit.followed, unit.place)
    except DataError as error:
        return Scored("", day, {}, refused=str(error)), False
    scores, left = _scores(prepared, unit)
    scored = Scored(fingerprint, day, scores, left)
    keeper.keep(first, scored)
    return scored, False


def _scores(prepared: Prepared, unit: Unit) -> tuple[dict[int, DayScore], dict[str, int]]:
    fast = run_by_kernel(prepared, dict(unit.sets)) if unit.is_fast else Fast({}, {})
    scores = {
        number: fast.scores.get(number) or run_by_engine(prepared, parameters, unit.model)
        for number, parameters in unit.sets
    }
    return scores, counted(fast.left.values())


def _settings(asked: SweepAsked, point: Point) -> Settings:
    try:
        return load(asked.settings, overrides={**asked.overrides, **point})
    except ConfigError as error:
        named = ", ".join(f"{key}={value}" for key, value in point.items())
        raise ConfigError(f"the set {named or 'of the settings as they are'}: {error}") from error


def _units(asked: SweepAsked, every: Sequence[Settings], places: Sequence[Place]) -> Iterator[Unit]:
    alike: dict[Followed, list[tuple[int, Parameters]]] = {}
    for number, settings in enumerate(every):
        alike.setdefault(followed_of(settings), []).append((number, settings.parameters))
    for place in places:
        for followed, sets in alike.items():
            size = _FAST_SETS_PER_UNIT if asked.is_fast else _SETS_PER_UNIT
            for first in range(0, len(sets), size):
                some = tuple(sets[first : first + size])
                of = asked.root, asked.out, every[0].facts_files, followed, asked.model
                yield Unit(*of, place, some, asked.is_fast)


def _asked_of(unit: Unit) -> tuple[str, ...]:
    own = (path.read_text(encoding="utf-8") for path in unit.facts_files)
    return (unit.model.value, str(unit.followed), str(unit.sets), str(unit.is_fast), *own)


@lru_cache(maxsize=1)  # the units of a day follow each other
def _prepared(
    root: Path, facts_files: tuple[Path, ...], followed: Followed, place: Place
) -> Prepared:
    return Preparer(Store(root), load_facts(facts_files), followed).prepare(place)
