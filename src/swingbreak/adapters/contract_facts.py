"""Dated facts of contracts, sessions and calendars, read from the package's ``facts.toml``.

Rules of this file:

1. A fact is looked up by day; where rows overlap the one that covers the fewest days decides.
2. What no row covers is an error that says so, never a guess: lots of 2027 were not published
   when the file was written.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from importlib.resources import files
from itertools import islice
from typing import Any

from swingbreak.domain.errors import DataError
from swingbreak.domain.session import Session
from swingbreak.simulation.chain import ContractTerms
from swingbreak.simulation.generator import DaySpec

__all__ = ["ContractFacts", "Dated", "load_facts", "read_facts"]

_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI")
_FRIDAY = 4
_WEEK = timedelta(days=7)
# Nearer than this near-the-money premiums of NIFTY lie below the strategy's band.
_DAYS_TO_EXPIRY = 4


@dataclass(frozen=True, slots=True)
class Dated:
    """One row of the file.

    Attributes:
        since: First day it holds; ``until`` is the last.
        values: The row's own keys.
        source: Circular, page or file it was read from.
        confidence: ``H``, ``M``, ``L`` or ``U``, as the file explains.
    """

    since: date
    until: date
    values: Mapping[str, Any]
    source: str
    confidence: str


class ContractFacts:
    """What was true on which day.

    Attributes:
        known_until: Newest day of anything that was read for the file.
        stale_after_days: How much older the file may get before people should be warned.
        underlyings: Every underlying that has facts.
        holidays: Names of the weekdays without a session, by year and day.
    """

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.known_until: date = tables["known_until"]
        self.stale_after_days: int = tables["stale_after_days"]
        self._underlyings = {row["name"]: row for row in tables["underlying"]}
        self._rows = {
            name: [_dated(row) for row in tables[name]]
            for name in ("lot", "freeze", "weekly_expiry", "session")
        }
        self.underlyings: tuple[str, ...] = tuple(self._underlyings)
        self.holidays: dict[int, dict[date, str]] = {
            row["year"]: {date.fromisoformat(day): name for day, name in row["holidays"].items()}
            for row in tables["calendar"]
        }

    def terms(self, underlying: str, expiry: date, day: date) -> ContractTerms:
        """Return the terms that contracts of *expiry* have on *day*.

        Raises:
            DataError: The facts do not cover it.
        """
        if underlying not in self._underlyings:
            known = ", ".join(self.underlyings)
            raise DataError(f"no contract facts of underlying {underlying!r}; known: {known}")
        row = self._underlyings[underlying]
        return ContractTerms(
            underlying=underlying,
            exchange=row["exchange"],
            spot_symbol=row["spot_symbol"],
            spot_exchange=row["spot_exchange"],
            lot=self.fact("lot", expiry, underlying).values["units"],
            freeze=self.fact("freeze", day, underlying).values["units"],
            tick=row["tick"],
            strike_step=row["strike_step"],
        )

    def session(self, day: date) -> Session:
        """Return the ordinary options session of *day*; whether it is a holiday is not checked.

        Raises:
            DataError: The facts do not cover *day*.
        """
        hours = self.fact("session", day).values
        return Session.on(day, hours["opens"], hours["closes"])

    def index_stands(self, day: date) -> tuple[time, time] | None:
        """Return from when until when the index is not republished, India, if it ever stands."""
        stands = self.fact("session", day).values.get("index_stands")
        return (stands[0], stands[1]) if stands else None

    def is_trading_day(self, day: date) -> bool:
        """Whether *day* has an ordinary session.

        Raises:
            DataError: The calendar of its year is not known.
        """
        if day.year not in self.holidays:
            years = ", ".join(map(str, self.holidays))
            raise DataError(f"no holiday calendar of {day.year}; known: {years}")
        return day.weekday() <= _FRIDAY and day not in self.holidays[day.year]

    def expiries(self, underlying: str, day: date, count: int = 4) -> tuple[date, ...]:
        """Return the next *count* weekly expiries on or after *day*, as far as they are known."""
        coming = (expiry for expiry in self._weekly(underlying, day) if expiry >= day)
        return tuple(islice(coming, count))

    def day_spec(self, day: date, underlying: str, *, expiry: date | None = None) -> DaySpec:
        """Return the description of a generated *day*; change what else differs with ``replace``.

        Args:
            day: A trading day.
            underlying: ``NIFTY``.
            expiry: By default the first one that is at least four days away.

        Raises:
            DataError: *day* has no session, or the facts do not cover it.
        """
        if not self.is_trading_day(day):
            raise DataError(f"{day} is a holiday or a weekend: no session")
        chosen = expiry or next(
            (e for e in self._weekly(underlying, day) if (e - day).days >= _DAYS_TO_EXPIRY), None
        )
        if chosen is None or chosen < day:
            raise DataError(f"no {underlying} expiry is known after {day}; give one that is")
        return DaySpec(
            session=self.session(day),
            terms=self.terms(underlying, chosen, day),
            expiry=chosen,
            index_stands=self.index_stands(day),
        )

    def fact(self, table: str, day: date, underlying: str | None = None) -> Dated:
        """Return the row of *table* that holds on *day*.

        Raises:
            DataError: None does.
        """
        covering = [
            row
            for row in self._rows[table]
            if row.since <= day <= row.until and row.values.get("underlying") == underlying
        ]
        if not covering:
            of = f" of {underlying}" if underlying else ""
            raise DataError(f"no {table}{of} is known for {day}; facts end {self.known_until}")
        return min(covering, key=lambda row: row.until - row.since)

    def _weekly(self, underlying: str, day: date) -> Iterator[date]:
        """Yield weekly expiries from the week of *day* on, until the calendar ends."""
        monday = day - timedelta(days=day.weekday())
        while True:
            weekday = self.fact("weekly_expiry", monday, underlying).values["weekday"]
            expiry = monday + timedelta(days=_WEEKDAYS.index(weekday))
            if expiry.year not in self.holidays:
                return
            while not self.is_trading_day(expiry):
                expiry -= timedelta(days=1)
            yield expiry
            monday += _WEEK


def load_facts() -> ContractFacts:
    """Return the facts that come with the package."""
    return read_facts((files("swingbreak") / "data" / "facts.toml").read_text("utf-8"))


def read_facts(text: str) -> ContractFacts:
    """Return the facts written in *text*, TOML of the shape of ``facts.toml``.

    Raises:
        DataError: It is not TOML, or a table or key is missing or of the wrong kind.
    """
    try:
        return ContractFacts(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"contract facts are not TOML: {error}") from error
    except KeyError as error:
        raise DataError(f"contract facts lack the table or key {error}") from error
    except (TypeError, ValueError) as error:
        raise DataError(f"contract facts hold a value of the wrong kind: {error}") from error


_OWN = ("from", "until", "source", "confidence")


def _dated(row: Mapping[str, Any]) -> Dated:
    return Dated(
        since=row["from"],
        until=row.get("until", date.max),
        values={key: value for key, value in row.items() if key not in _OWN},
        source=row["source"],
        confidence=row["confidence"],
    )
