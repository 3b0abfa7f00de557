"""Puts days into the store: joined with what is there, graded, all at once or not at all.

Rules of this file:

1. The same row twice is one row. Two rows that differ about the same contract and minute are a
   conflict: refused, unless the caller lets the newer replace the older.
2. Market data and made-up data never share a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from swingbreak.adapters.data_layer import Frame, pl
from swingbreak.adapters.store.files import About, Staged
from swingbreak.adapters.store.intake import Portion
from swingbreak.adapters.store.layout import KEYS, Kind, Place, Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.adapters.store.snapshot_quality import check_frame
from swingbreak.domain.errors import DataError
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts, UnknownFact
from swingbreak.market.quality import Finding, Grade, check_bars, grade_of

__all__ = ["Judge", "Kept", "finish", "keep"]

_INDEX_TICK = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """One file as it now is in the store."""

    place: Place
    rows: int
    grade: Grade
    findings: tuple[Finding, ...]


class Judge:
    """Finds what is wrong with files of the store."""

    def __init__(self, store: Store, facts: Facts) -> None:
        self._reader = DayReader(store, facts)
        self._calendar = Calendar(facts)
        self._contracts = Contracts(facts)

    def findings(self, place: Place, frame: Frame, about: About) -> tuple[Finding, ...]:
        """Return what is wrong with *frame*, the worst first.

        Raises:
            DataError: The facts do not cover the day.
        """
        if place.kind is Kind.BARS:
            return check_bars(self._reader.bars_of(place, frame, about, every=True))
        session = self._calendar.session(place.day)
        try:
            tick = self._contracts.listing(place.underlying, place.day).tick
        except UnknownFact:
            tick = _INDEX_TICK
        return check_frame(frame, place.kind, about, session, tick)


def keep(staged: Staged, portions: Iterable[Portion], *, replaces: bool = False) -> None:
    """Add *portions* to what is *staged*, ungraded; :func:`finish` grades.

    Raises:
        DataError: A row contradicts one that is there, or the disk is full.
    """
    for place, frame, about in portions:
        there = staged.current(place)
        whole, said = (
            (frame, about)
            if there is None
            else _joined(place, there, (frame, about), replaces=replaces)
        )
        staged.write(place, whole, said)


def finish(staged: Staged, judge: Judge) -> tuple[Kept, ...]:
    """Grade what is *staged*, put it into the store, and return what it is."""
    kept = []
    for place in staged.places:
        current = staged.current(place)
        if current is None:
            continue
        frame, about = current
        findings = judge.findings(place, frame, about)
        grade = grade_of(findings)
        staged.write(place, frame, replace(about, grade=grade.value))
        kept.append(Kept(place, len(frame), grade, findings))
    staged.commit()
    return tuple(kept)


def _joined(
    place: Place, there: tuple[Frame, About], new: tuple[Frame, About], *, replaces: bool
) -> tuple[Frame, About]:
    (old, was), (fresh, says) = there, new
    name = f"{place.kind} of {place.underlying} on {place.day}"
    if was.origin is not says.origin:
        raise DataError(
            f"{name}: the store has {was.origin} data of that day, this is {says.origin}: "
            "give another folder with --data"
        )
    keys = KEYS[place.kind]
    if not keys:
        return fresh, says  # a day of ticks is one recording
    both = pl.concat([old, fresh.cast(old.schema)])
    if not replaces:
        _refuse_conflicts(name, both, keys)
    return both.unique(keys, keep="last").sort(*keys), was.joined(says)


def _refuse_conflicts(name: str, both: Frame, keys: tuple[str, ...]) -> None:
    distinct = both.unique(maintain_order=True)
    twice = distinct.filter(pl.struct(keys).is_duplicated())
    if len(twice):
        row = twice.row(0, named=True)
        where = " ".join(str(row[key]) for key in keys)
        raise DataError(
            f"{name}: the store has other values for {where} (strike in paise); "
            f"{len(twice) // 2} such rows; --replace lets the new ones win"
        )
