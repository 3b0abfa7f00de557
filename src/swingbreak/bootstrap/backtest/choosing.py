"""Which stored days a backtest runs, and why not the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from swingbreak.adapters.store.files import read_about, read_place
from swingbreak.adapters.store.keeping import Judge
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.domain.errors import DataError
from swingbreak.facts.dated import Facts
from swingbreak.market.quality import Grade, grade_of

__all__ = ["Choice", "Wanted", "choose_days"]

_FINEST = (Kind.TICKS, Kind.SNAPSHOTS, Kind.BARS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Days that would do.

    Attributes:
        underlying: ``NIFTY``.
        first: None is before; none is after *last*.
        kind: What is read of a day; ``None`` for the finest of it that has the grade.
        least: Grade.
    """

    underlying: str
    first: date = date.min
    last: date = date.max
    kind: Kind | None = None
    least: Grade = Grade.C


@dataclass(frozen=True, slots=True)
class Choice:
    """The days of a run.

    Attributes:
        places: What is read of each day, in order.
        refused: Why the other days between the first and the last are left out.
    """

    places: tuple[Place, ...]
    refused: Mapping[date, str]


def choose_days(store: Store, facts: Facts, wanted: Wanted) -> Choice:
    """Return the days that are *wanted*; *facts* judge those that nobody has judged.

    Raises:
        DataError: There is no store, or it has nothing of that.
    """
    judge = Judge(store, facts)
    places: list[Place] = []
    refused: dict[date, str] = {}
    for day, there in sorted(_by_day(store, wanted).items()):
        why = []
        for place in there:
            reason = _reason(store, judge, place, wanted.least)
            if not reason:
                places.append(place)
                break
            why.append(reason)
        else:
            refused[day] = "; ".join(why)
    if not places and not refused:
        is_whole = (wanted.first, wanted.last) == (date.min, date.max)
        raise DataError(
            f"{store.root}: no {wanted.kind or 'market data'} of {wanted.underlying}"
            f"{'' if is_whole else ' of these days'}: `swingbreak data list` says what there is, "
            "`data generate` makes days up"
        )
    return Choice(tuple(places), refused)


def _by_day(store: Store, wanted: Wanted) -> dict[date, list[Place]]:
    found: dict[date, list[Place]] = {}
    for kind in _FINEST if wanted.kind is None else (wanted.kind,):
        for place in store.places(kind, wanted.underlying):
            if wanted.first <= place.day <= wanted.last:
                found.setdefault(place.day, []).append(place)
    return found


def _reason(store: Store, judge: Judge, place: Place, least: Grade) -> str:
    try:
        grade = _grade(store, judge, place)
    except DataError as error:
        return str(error)
    return f"{place.kind} of grade {grade}: `swingbreak data check` says why" * (grade > least)


def _grade(store: Store, judge: Judge, place: Place) -> Grade:
    about = read_about(store.path(place))
    if about.grade:
        return Grade(about.grade)
    return grade_of(judge.findings(place, read_place(store, place), about))
