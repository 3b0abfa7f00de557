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
from pathlib import Path
from typing import Final

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.layout import Place, Store
from swingbreak.bootstrap.backtest.choosing import Wanted, choose_days
from swingbreak.bootstrap.backtest.way import Followed, followed_of
from swingbreak.bootstrap.sharing import shared
from swingbreak.bootstrap.sweep.comparing import compare_ways
from swingbreak.bootstrap.sweep.keeping import Scored
from swingbreak.bootstrap.sweep.scoring import (
    can_run_fast,
)
from swingbreak.bootstrap.sweep.space import Point
from swingbreak.bootstrap.sweep.units import Unit, Workers, run_unit
from swingbreak.domain.errors import ConfigError, DataError
from swingbreak.domain.parameters import Parameters
from swingbreak.reporting.sweep_view import DayScore, SweepView, Tried
from swingbreak.settings import Settings, load
from swingbreak.simulation.fills import FillModel

__all__ = ["Running", "SweepAsked", "Told", "run_sweep"]

_SETS_PER_UNIT: Final = 25
_FAST_SETS_PER_UNIT: Final = 1000  # a day is made ready once for all of them
_NO_KERNEL: Final = (
    "every set was run by the engine: the kernel, equal and many times as quick, needs the "
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


# Told how many units are done, how many there are, and how many were done before.
Told = Callable[[int, int, int], None]


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
    running = Running(asked, told, workers)
    running.run(asked.points)
    return running.view()


class Running:
    """A sweep whose sets come bit by bit: what is next may hang on what was found.

    Args:
        asked: Days and folders; its points are not looked at.
        told: Hears how it goes on.
        workers: As of :func:`run_sweep`.
    """

    def __init__(
        self, asked: SweepAsked, told: Told = lambda *_: None, workers: Workers | None = None
    ) -> None:
        base = load(asked.settings, overrides=asked.overrides)
        self._asked = asked
        self._told = told
        self._work = workers or (lambda these: shared(run_unit, these, asked.jobs))
        self._facts, self._store = load_facts(base.facts_files), Store(asked.root)
        wanted = Wanted(base.underlying, asked.first, asked.last)
        choice = choose_days(self._store, self._facts, wanted)
        self._places, self._refused = choice.places, dict(choice.refused)
        self._points: list[Point] = []
        self._every: list[Settings] = []
        self._scores: list[dict[date, DayScore]] = []
        self._left = Counter[str]()
        self._units = self._done = self._resumed = 0

    def run(self, points: Sequence[Point]) -> Sequence[Tried]:
        """Run *points*, and return them with what they came to on the days that could be run."""
        every = [_settings(self._asked, point) for point in points]
        first = len(self._points)
        self._points += points
        self._every += every
        self._scores += [{} for _ in points]
        units = [*_units(self._asked, every, first, self._places)]
        self._units += len(units)
        for scored, was_there in self._work(units):
            self._take(scored)
            self._done, self._resumed = self._done + 1, self._resumed + was_there
            self._told(self._done, self._units, self._resumed)
        return self._tried()[first:]

    def is_possible(self, point: Point) -> bool:
        """Whether there can be a set like *point*: each of its values may be right by itself."""
        try:
            _settings(self._asked, point)
        except ConfigError:
            return False
        return True

    def view(self) -> SweepView:
        """Return the sweep as far as it has run, kernel and engine compared.

        Raises:
            RunsDiffer: They trade otherwise.
        """
        asked, days = self._asked, self._days()
        left_out = (f"{day} left out: {why}" for day, why in sorted(self._refused.items()))
        view = SweepView(
            label=(
                f"{self._every[0].underlying} sweep of {len(self._every)} sets, market data of "
                f"{asked.root}"
            ),
            fills=asked.model.value,
            objective=asked.objective,
            keys=tuple(self._points[0]),
            days=days,
            tried=tuple(self._tried()),
            notes=tuple(left_out),
        )
        notes = [*_ways(asked, view, self._left)]
        if asked.is_fast:
            places = [place for place in self._places if place.day in days]
            notes.append(compare_ways(self._store, self._facts, self._every, places, view))
        return replace(view, notes=(*view.notes, *notes))

    def _take(self, scored: Scored) -> None:
        self._left.update(scored.left)
        if scored.refused:
            self._refused[scored.day] = scored.refused
        for number, score in scored.scores.items():
            self._scores[number][scored.day] = score

    def _tried(self) -> list[Tried]:
        days = self._days()
        sets = zip(self._points, self._every, self._scores, strict=True)
        return [
            Tried(n, dict(point), settings.parameters.r_value, tuple(found[day] for day in days))
            for n, (point, settings, found) in enumerate(sets)
        ]

    def _days(self) -> tuple[date, ...]:
        days = tuple(place.day for place in self._places if place.day not in self._refused)
        if not days:
            why = "\n".join(f"{day}: {reason}" for day, reason in sorted(self._refused.items()))
            raise DataError(f"none of {len(self._refused)} days can be used\n{why}")
        return days


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


def _settings(asked: SweepAsked, point: Point) -> Settings:
    try:
        return load(asked.settings, overrides={**asked.overrides, **point})
    except ConfigError as error:
        named = ", ".join(f"{key}={value}" for key, value in point.items())
        raise ConfigError(f"the set {named or 'of the settings as they are'}: {error}") from error


def _units(
    asked: SweepAsked, every: Sequence[Settings], start: int, places: Sequence[Place]
) -> Iterator[Unit]:
    alike: dict[Followed, list[tuple[int, Parameters]]] = {}
    for number, settings in enumerate(every, start):
        alike.setdefault(followed_of(settings), []).append((number, settings.parameters))
    for place in places:
        for followed, sets in alike.items():
            size = _FAST_SETS_PER_UNIT if asked.is_fast else _SETS_PER_UNIT
            for first in range(0, len(sets), size):
                some = tuple(sets[first : first + size])
                of = asked.root, asked.out, every[0].facts_files, followed, asked.model
                yield Unit(*of, place, some, asked.is_fast)
