"""Fills the data store: with files, with made-up days."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.files import Staged
from swingbreak.adapters.store.historify import SUFFIXES as DATABASES
from swingbreak.adapters.store.historify import read_historify
from swingbreak.adapters.store.intake import Intake, Portion, Wanted
from swingbreak.adapters.store.keeping import Judge, Kept, finish, keep
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.adapters.store.made import about_tape, portions_of_tape
from swingbreak.adapters.tables import SUFFIXES
from swingbreak.bootstrap.known import facts_of
from swingbreak.domain.errors import DataError
from swingbreak.facts.calendar import Calendar
from swingbreak.market.day_bars import Origin
from swingbreak.settings import Settings, load
from swingbreak.simulation.day_spec import day_spec
from swingbreak.simulation.generator import generate_day

__all__ = ["Making", "generate_days", "import_files"]


def import_files(
    root: Path,
    paths: Sequence[Path],
    wanted: Wanted,
    *,
    config: Path | None = None,
    told: Callable[[int, int, Path], None] = lambda *_: None,
) -> tuple[Kept, ...]:
    """Store what is in *paths*, all of it or nothing, and return what the store has of it.

    Args:
        root: Folder of the store; made if it is not there.
        paths: Files, or folders that are searched for files.
        wanted: What the files do not say, and what to do about rows that cannot be right.
        config: Configuration file, for facts files.
        told: Given how many files are done, how many there are, and which one is next.

    Raises:
        DataError: A file cannot be used; nothing is stored then.
    """
    facts, store = facts_of(load(config)), Store(root)
    intake, files = Intake(facts, wanted), list(_files(paths))
    with Staged(store) as staged:
        for done, path in enumerate(files):
            told(done, len(files), path)
            keep(staged, _read(intake, path), replaces=wanted.replaces)
        return finish(staged, Judge(store, facts))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    known = {*SUFFIXES, *DATABASES}
    for path in paths:
        if path.is_dir():
            found = [each for each in sorted(path.rglob("*")) if each.suffix.lower() in known]
            if not found:
                raise DataError(f"{path}: no file in it ends in {', '.join(sorted(known))}")
            yield from found
        elif not path.is_file():
            raise DataError(f"no data file {path}")
        elif path.suffix.lower() not in known:
            raise DataError(f"{path}: its name should end in {', '.join(sorted(known))}")
        else:
            yield path


def _read(intake: Intake, path: Path) -> list[Portion]:
    if path.suffix.lower() in DATABASES:
        return intake.frame(read_historify(path), str(path))
    return intake.file(path)


@dataclass(frozen=True, slots=True)
class Making:
    """Which days to make up.

    Attributes:
        days: How many.
        first: None of them is before.
        seed: Of the first day; each further one has the next number.
        strikes: Each side of the money.
        with_ticks: Whether every tick is kept too.
    """

    underlying: str
    days: int
    first: date
    seed: int
    strikes: int = 10
    with_ticks: bool = False


@dataclass(frozen=True, slots=True)
class _Task:
    root: Path
    facts_files: tuple[Path, ...]
    making: Making
    day: date
    seed: int
    grace_ms: int


def generate_days(
    root: Path,
    making: Making,
    *,
    config: Path | None = None,
    jobs: int = 1,
    told: Callable[[int, int], None] = lambda *_: None,
) -> tuple[tuple[Kept, ...], int]:
    """Make up days and store them, one by one: what is there already is not made again.

    Args:
        root: Folder of the store; made if it is not there.
        making: Which days.
        config: Configuration file, for facts files and the grace of a minute.
        jobs: Processes to share the work between.
        told: Given how many days are done and how many there are.

    Returns:
        What was stored, and how many days were there already.

    Raises:
        DataError: The facts do not cover the days, or the store has other data of one.
    """
    tasks = list(_tasks(root, making, load(config)))
    open_tasks = [task for task in tasks if not _is_done(Store(root), making, task.day)]
    kept: list[Kept] = []
    for done, result in enumerate(_made(open_tasks, jobs), 1):
        kept += result
        told(done, len(open_tasks))
    return tuple(sorted(kept, key=lambda one: one.place)), len(tasks) - len(open_tasks)


def _tasks(root: Path, making: Making, settings: Settings) -> Iterator[_Task]:
    days = _trading_days(Calendar(facts_of(settings)), making)
    grace_ms = settings.parameters.bar_grace_ms
    for seed, day in enumerate(days, making.seed):
        yield _Task(root, settings.facts_files, making, day, seed, grace_ms)


def _trading_days(calendar: Calendar, making: Making) -> Iterator[date]:
    day = calendar.preceding(making.first)
    for _ in range(making.days):
        day = calendar.following(day)
        yield day


def _is_done(store: Store, making: Making, day: date) -> bool:
    # the bars are put in their place last
    wanted = [Kind.BARS, Kind.SPOT, *([Kind.TICKS] if making.with_ticks else [])]
    return all(store.has(Place(making.underlying, day, kind)) for kind in wanted)


def _made(tasks: Sequence[_Task], jobs: int) -> Iterator[tuple[Kept, ...]]:
    if jobs == 1 or len(tasks) < 2:  # noqa: PLR2004 - one task needs one process
        yield from map(_make, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        for done in as_completed([pool.submit(_make, task) for task in tasks]):
            yield done.result()


def _make(task: _Task) -> tuple[Kept, ...]:
    facts, store, making = load_facts(task.facts_files), Store(task.root), task.making
    spec = day_spec(facts, task.day, making.underlying)
    tape = generate_day(replace(spec, seed=task.seed, strikes=making.strikes))
    portions = portions_of_tape(
        tape, task.grace_ms, about_tape(tape, Origin.SYNTHETIC), with_ticks=making.with_ticks
    )
    with Staged(store) as staged:
        keep(staged, portions)
        return finish(staged, Judge(store, facts))
