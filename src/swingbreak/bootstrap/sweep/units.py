"""Days of some sets, as they are handed to processes of this machine or of others.

Rules of this file:

1. A unit comes to the same wherever it runs. It is kept in the folder of the sweep, by the process
   that started the sweep or by one of its own.
2. Another machine reads its own data with its own program; the fingerprint says whether they are
   ours.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.layout import Place, Store
from swingbreak.bootstrap.backtest.keeping import fingerprint_of
from swingbreak.bootstrap.backtest.prepared import Followed, Prepared, Preparer
from swingbreak.bootstrap.sweep.keeping import Scored, UnitKeeper
from swingbreak.bootstrap.sweep.scoring import Fast, run_by_engine, run_by_kernel
from swingbreak.domain.errors import DataError
from swingbreak.domain.parameters import Parameters
from swingbreak.reporting.sweep_view import DayScore
from swingbreak.simulation.fills import FillModel

__all__ = ["Unit", "Workers", "fingerprint", "found", "run_unit", "score_unit"]


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


# Runs units wherever it likes; yields what they come to, in any order, and whether it was known.
Workers: TypeAlias = Callable[[Sequence[Unit]], Iterator[tuple[Scored, bool]]]


def run_unit(unit: Unit) -> tuple[Scored, bool]:
    """Return what *unit* comes to, and whether that was known before; keep it."""
    if there := found(unit):
        return there, True
    scored = score_unit(unit)
    if not scored.refused:
        UnitKeeper(unit.out).keep(unit.sets[0][0], scored)
    return scored, False


def found(unit: Unit) -> Scored | None:
    """Return what *unit* came to before, if that was kept and still holds."""
    try:
        return UnitKeeper(unit.out).load(unit.place.day, unit.sets[0][0], fingerprint(unit))
    except DataError:
        return None  # whoever runs it says why it cannot be


def score_unit(unit: Unit) -> Scored:
    """Return what *unit* comes to, with the data and the program that are here."""
    try:
        mark = fingerprint(unit)
        prepared = _prepared(unit.root, unit.facts_files, unit.followed, unit.place)
    except DataError as error:
        return Scored("", unit.place.day, {}, refused=str(error))
    fast = run_by_kernel(prepared, dict(unit.sets)) if unit.is_fast else Fast({}, {})
    scores: dict[int, DayScore] = {
        number: fast.scores.get(number) or run_by_engine(prepared, parameters, unit.model)
        for number, parameters in unit.sets
    }
    return Scored(mark, unit.place.day, scores, dict(sorted(Counter(fast.left.values()).items())))


def fingerprint(unit: Unit) -> str:
    """Return the hash of all that *unit* comes from.

    Raises:
        DataError: Its data cannot be read.
    """
    return fingerprint_of(_asked_of(unit), Store(unit.root), unit.place)


def _asked_of(unit: Unit) -> tuple[str, ...]:
    own = (path.read_text(encoding="utf-8") for path in unit.facts_files)
    return (unit.model.value, str(unit.followed), _text_of(unit.sets), str(unit.is_fast), *own)


@lru_cache(maxsize=1)  # the same for every day
def _text_of(sets: tuple[tuple[int, Parameters], ...]) -> str:
    return str(sets)


@lru_cache(maxsize=1)  # the units of a day follow each other
def _prepared(
    root: Path, facts_files: tuple[Path, ...], followed: Followed, place: Place
) -> Prepared:
    return Preparer(Store(root), load_facts(facts_files), followed).prepare(place)
