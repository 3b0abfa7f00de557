"""Reads stored days for programs: bars in columns, or the day as a tape.

Rules of this file:

1. A day is not used below the grade the caller accepts; which were left out, and why, is told.
2. Bars are read as columns; no object is made per bar.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from swingbreak.adapters.data_layer import Frame, pl
from swingbreak.adapters.store.files import About, read_about, read_place
from swingbreak.adapters.store.layout import CONTRACT, Kind, Place, Store
from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.session import Session
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts, ContractTerms
from swingbreak.facts.dated import Facts
from swingbreak.market.day_bars import Column, DayBars, IndexColumns
from swingbreak.market.quality import Grade, check_bars, grade_of
from swingbreak.simulation.chain import contract

__all__ = ["DayReader", "Selection", "index_columns"]

_COLUMNS = ("open", "high", "low", "close", "volume", "ticks")
_READ = ("ts", *CONTRACT, *_COLUMNS)
_INDEX_COLUMNS = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which stored days may be used.

    Attributes:
        days: In order.
        refused: Why the others may not.
    """

    days: tuple[date, ...]
    refused: dict[date, str]


class DayReader:
    """Reads days of a store by the facts of the day. Safe to make anew in every process."""

    def __init__(self, store: Store, facts: Facts) -> None:
        self._store = store
        self._facts = facts
        self._terms: dict[tuple[str, date, date], ContractTerms] = {}
        self._made: dict[tuple[ContractTerms, date, int, str], OptionContract] = {}

    @cached_property
    def _calendar(self) -> Calendar:
        return Calendar(self._facts)

    @cached_property
    def _contracts(self) -> Contracts:
        return Contracts(self._facts)

    def select(
        self,
        underlying: str,
        *,
        first: date = date.min,
        last: date = date.max,
        least: Grade = Grade.C,
    ) -> Selection:
        """Return the days of bars from *first* to *last* that are at least of grade *least*.

        Raises:
            DataError: There is no store.
        """
        days: list[date] = []
        refused: dict[date, str] = {}
        for place in self._store.places(Kind.BARS, underlying):
            if not first <= place.day <= last:
                continue
            try:
                grade = self._grade(place)
            except DataError as error:
                refused[place.day] = str(error)
                continue
            if grade > least:
                refused[place.day] = f"grade {grade}: `swingbreak data check` says why"
            else:
                days.append(place.day)
        return Selection(tuple(days), refused)

    def days(
        self, underlying: str, days: Sequence[date], *, expiry: date | None = None
    ) -> Iterator[DayBars]:
        """Yield the bars of each of *days*; see :meth:`day`."""
        for day in days:
            yield self.day(underlying, day, expiry=expiry)

    def day(
        self, underlying: str, day: date, *, expiry: date | None = None, every: bool = False
    ) -> DayBars:
        """Return the bars of *day*.

        Args:
            underlying: ``NIFTY``.
            day: One that is stored.
            expiry: Of the contracts wanted; the nearest that is stored by default.
            every: All expiries instead.

        Raises:
            DataError: It is not there, damaged, or holds no contract of *expiry*.
        """
        place = Place(underlying, day, Kind.BARS)
        about = read_about(self._store.path(place))
        return self.bars_of(
            place, read_place(self._store, place, _READ), about, expiry=expiry, every=every
        )

    def bars_of(
        self,
        place: Place,
        frame: Frame,
        about: About,
        *,
        expiry: date | None = None,
        every: bool = False,
    ) -> DayBars:
        """Return the bars in *frame*, as :meth:`day` does of a stored one."""
        if not every:
            frame = self._of_expiry(place, frame, expiry)
        session = self._calendar.session(place.day)
        contracts, starts = self._cut(place, frame)
        columns = {name: _column(frame, name) for name in _COLUMNS}
        return DayBars(
            label=about.label,
            origin=about.origin,
            session=session,
            underlying=place.underlying,
            spot_symbol=self._contracts.listing(place.underlying, place.day).spot_symbol,
            contracts=contracts,
            starts=starts,
            minute=_minutes(frame, session),
            index=self._index(place, session),
            notes=about.notes,
            **columns,
        )

    def _grade(self, place: Place) -> Grade:
        about = read_about(self._store.path(place))
        if about.grade:
            return Grade(about.grade)
        return grade_of(check_bars(self.day(place.underlying, place.day, every=True)))

    def _of_expiry(self, place: Place, frame: Frame, expiry: date | None) -> Frame:
        expiries = frame["expiry"]
        if expiry is None and len(frame) and expiries.min() == expiries.max():
            return frame  # there is one
        stored: list[date] = frame["expiry"].unique().sort().to_list()
        coming = [each for each in stored if each >= place.day]
        chosen = expiry or next(iter(coming or stored), None)
        if chosen not in stored:
            listed = ", ".join(map(str, stored))
            path = self._store.path(place)
            raise DataError(f"{path}: no contract expires on {chosen}; found: {listed}")
        return frame if len(stored) == 1 else frame.filter(pl.col("expiry") == chosen)

    def _cut(self, place: Place, frame: Frame) -> tuple[tuple[OptionContract, ...], Sequence[int]]:
        # a contract's rows stand together, so a run of equal ones is all there are
        runs = frame.select(rows=pl.struct(CONTRACT).rle())["rows"].struct.unnest()
        starts, contracts = array("i", [0]), []
        for size, (expiry, strike, right) in zip(
            runs["len"], (each.values() for each in runs["value"]), strict=True
        ):
            contracts.append(self._contract(self._terms_of(place, expiry), expiry, strike, right))
            starts.append(starts[-1] + size)
        return tuple(contracts), starts

    def _contract(
        self, terms: ContractTerms, expiry: date, strike: int, right: str
    ) -> OptionContract:
        # the days of a week have the same contracts
        key = terms, expiry, strike, right
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = contract(terms, expiry, strike, Right(right))
        return made

    def _terms_of(self, place: Place, expiry: date) -> ContractTerms:
        key = place.underlying, expiry, place.day
        if key not in self._terms:
            self._terms[key] = self._contracts.terms(*key)
        return self._terms[key]

    def _index(self, place: Place, session: Session) -> IndexColumns:
        spot = Place(place.underlying, place.day, Kind.SPOT)
        if not self._store.has(spot):
            return IndexColumns()
        return index_columns(read_place(self._store, spot), session)


def index_columns(frame: Frame, session: Session) -> IndexColumns:
    """Return the index's minutes in *frame*."""
    columns = {name: _column(frame, name) for name in _INDEX_COLUMNS}
    return IndexColumns(minute=_minutes(frame, session), **columns)


def _minutes(frame: Frame, session: Session) -> Column:
    opens = int(session.opens.timestamp()) * 1000
    stamps = frame["ts"].to_physical()
    try:
        view: memoryview = ((stamps.to_numpy() - opens) // 60_000).astype("int32").data
    except ImportError:
        return array("i", [(stamp - opens) // 60_000 for stamp in stamps.to_list()])
    return view


def _column(frame: Frame, name: str) -> Column:
    series = frame[name]
    try:
        view: memoryview = series.to_numpy().data
    except ImportError:
        # without numpy the numbers have to be copied, at a quarter of the speed
        return array("q" if series.dtype == pl.Int64 else "i", series.to_list())
    return view
