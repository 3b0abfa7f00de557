"""When options expire.

Rules of this file:

1. An expiry that is due on a day without an ordinary session moves to the trading day before.
2. A monthly stands in for the weekly of its week, where the facts say so.
3. What an exchange set by hand goes before both.
4. Where a broker lists expiries, those are the expiries: see :func:`nearest_listed`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice, takewhile

from swingbreak.domain.errors import DataError
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.dated import Facts, UnknownFact

__all__ = ["Cycle", "Expiries", "Expiry", "nearest_listed"]

_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_NONE = "none"
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


class Cycle(StrEnum):
    """How often such an expiry comes."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Expiry:
    """One expiry.

    Attributes:
        day: Last day of trading.
        due: The day it moved from; the same where it did not.
        cycle: Weekly or monthly.
    """

    day: date
    due: date
    cycle: Cycle


class Expiries:
    """The expiries of every underlying. A method raises ``UnknownFact`` where none can be told."""

    def __init__(self, facts: Facts, calendar: Calendar) -> None:
        self._calendar = calendar
        self._weekly = facts.table("weekly_expiry")
        self._monthly = facts.table("monthly_expiry")
        self._rule = facts.table("expiry_rule")
        self._exceptions = facts.table("expiry_exception")

    def next(self, underlying: str, day: date, nth: int = 1) -> Expiry:
        """Return the *nth* expiry on or after *day*; 1 is the first, which may be *day* itself."""
        return next(islice(self._from(underlying, day), nth - 1, None))

    def next_monthly(self, underlying: str, day: date, nth: int = 1) -> Expiry:
        """Return the *nth* monthly expiry on or after *day*."""
        monthlies = (e for e in self._from(underlying, day) if e.cycle is Cycle.MONTHLY)
        return next(islice(monthlies, nth - 1, None))

    def between(self, underlying: str, first: date, last: date) -> tuple[Expiry, ...]:
        """Return the expiries from *first* to *last*, both included.

        Where the calendar after *last* is not known, nothing is taken to move back over its end.
        """
        try:
            end = self._calendar.following(last) - _DAY
        except UnknownFact:
            end = last
        return tuple(takewhile(lambda e: e.day <= last, self._from(underlying, first, end)))

    def is_expiry(self, underlying: str, day: date) -> bool:
        """Whether options of *underlying* expire on *day*."""
        return bool(self.between(underlying, day, day))

    def _from(self, underlying: str, first: date, end: date = date.max) -> Iterator[Expiry]:
        """Yield the expiries on or after *first* that are due by *end*, soonest first."""
        due = first
        while due <= end:
            cycle = self._cycle(underlying, due)
            if cycle is not None:
                day = self._moved(underlying, due)
                if day >= first:
                    yield Expiry(day, due, cycle)
            due += _DAY

    def _cycle(self, underlying: str, due: date) -> Cycle | None:
        if self._is_monthly(underlying, due):
            return Cycle.MONTHLY
        row = self._weekly.on(due, underlying=underlying)
        if not _is_on(due, row.read("weekday", str)):
            return None
        replaced = self._rule.on(due).read("monthly_replaces_weekly", bool)
        monday = due - timedelta(days=due.weekday())
        week = (monday + timedelta(days=n) for n in range(5))
        if replaced and any(self._is_monthly(underlying, day) for day in week):
            return None
        return Cycle.WEEKLY

    def _is_monthly(self, underlying: str, due: date) -> bool:
        row = self._monthly.find(due, underlying=underlying)
        if row is None or (due + _WEEK).month == due.month:
            return False
        return _is_on(due, row.read("weekday", str))

    def _moved(self, underlying: str, due: date) -> date:
        exception = self._exceptions.find(due, underlying=underlying)
        if exception is not None:
            return _not_later(due, exception.read("expiry", date))
        return due if self._calendar.is_trading_day(due) else self._calendar.preceding(due)


def nearest_listed(listed: Iterable[date], day: date) -> date:
    """Return the expiry that ``auto`` means: the first of *listed* on or after *day*.

    Raises:
        DataError: All of them are past.
    """
    coming = min((expiry for expiry in listed if expiry >= day), default=None)
    if coming is None:
        raise DataError(f"no expiry is listed on or after {day}: refresh the master contracts")
    return coming


def _not_later(due: date, day: date) -> date:
    if day > due:
        raise DataError(f"the expiry due on {due} cannot be later, on {day}: give another row")
    return day


def _is_on(day: date, weekday: str) -> bool:
    if weekday not in {*_WEEKDAYS, _NONE}:
        raise DataError(f"{weekday!r} is no weekday of expiries: write MON to FRI, or none")
    return _WEEKDAYS[day.weekday()] == weekday
