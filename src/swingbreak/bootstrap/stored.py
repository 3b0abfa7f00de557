"""Looks at the data store: what there is, and how good it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from swingbreak.adapters.store.files import About, read_about, read_place
from swingbreak.adapters.store.keeping import Judge
from swingbreak.adapters.store.layout import CONTRACT, Kind, Place, Store
from swingbreak.bootstrap.known import facts_of
from swingbreak.domain.errors import DataError
from swingbreak.market.day_bars import Origin
from swingbreak.market.quality import Finding, Grade, grade_of
from swingbreak.settings import load

__all__ = ["Checked", "Shelf", "check_store", "list_store"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the store has of one kind and underlying.

    Attributes:
        symbols: Different contracts; 0 where the kind has none.
        origins: Where its days come from.
        grades: How many days have each grade; without one those that were not judged.
        bytes: Size of the files.
    """

    underlying: str
    kind: Kind
    days: int
    first: date
    last: date
    symbols: int
    rows: int
    origins: tuple[Origin, ...]
    grades: dict[str, int]
    bytes: int


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and what is wrong with it."""

    place: Place
    label: str
    rows: int
    grade: Grade
    findings: tuple[Finding, ...]


def list_store(root: Path) -> tuple[Shelf, ...]:
    """Return what the store at *root* has, by underlying and kind.

    Raises:
        DataError: There is no store, or a file in it cannot be read.
    """
    store = Store(root)
    shelves: dict[tuple[str, Kind], list[Place]] = {}
    for place in store.places():
        shelves.setdefault((place.underlying, place.kind), []).append(place)
    return tuple(_shelf(store, shelves[key]) for key in sorted(shelves))


def _shelf(store: Store, places: list[Place]) -> Shelf:
    first = places[0]
    abouts = [read_about(store.path(place)) for place in places]
    symbols, rows = set[tuple[object, ...]](), 0
    names = {Kind.TICKS: ("symbol",), Kind.SPOT: ("ts",)}.get(first.kind, CONTRACT)
    for place in places:
        frame = read_place(store, place, names)
        rows += len(frame)
        if first.kind is not Kind.SPOT:
            symbols.update(frame.unique().iter_rows())
    grades = [about.grade for about in abouts]
    return Shelf(
        underlying=first.underlying,
        kind=first.kind,
        days=len(places),
        first=first.day,
        last=places[-1].day,
        symbols=len(symbols),
        rows=rows,
        origins=tuple(sorted({about.origin for about in abouts})),
        grades={grade: grades.count(grade) for grade in sorted(set(grades))},
        bytes=sum(store.path(place).stat().st_size for place in places),
    )


def check_store(
    root: Path,
    *,
    config: Path | None = None,
    underlying: str | None = None,
    days: Iterable[date] = (),
    told: Callable[[int, int], None] = lambda *_: None,
) -> tuple[Checked, ...]:
    """Return what is wrong with each file of the store at *root*; one that cannot be read is a D.

    Args:
        root: Folder of the store.
        config: Configuration file, for facts files.
        underlying: Only of this one.
        days: Only these; all by default.
        told: Given how many files are done and how many there are.

    Raises:
        DataError: There is no store, or nothing in it that was asked for.
    """
    store, wanted = Store(root), set(days)
    places = [
        place for place in store.places(underlying=underlying) if not wanted or place.day in wanted
    ]
    if not places:
        raise DataError(f"{root}: nothing of that is stored: `swingbreak data list` says what is")
    judge = Judge(store, facts_of(load(config)))
    checked = []
    for done, place in enumerate(places, 1):
        checked.append(_checked(store, judge, place))
        told(done, len(places))
    return tuple(checked)


def _checked(store: Store, judge: Judge, place: Place) -> Checked:
    about, rows = About("", Origin.RECORDED), 0
    try:
        about, frame = read_about(store.path(place)), read_place(store, place)
        rows = len(frame)
        findings = judge.findings(place, frame, about)
    except DataError as error:
        findings = (Finding("unreadable", Grade.D, 1, str(error)),)
    return Checked(place, about.label, rows, grade_of(findings), findings)
