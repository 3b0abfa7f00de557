"""Describes a day that is to be made up by the facts of its date."""

from datetime import date, timedelta

from swingbreak.domain.errors import DataError
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts
from swingbreak.facts.expiries import Expiries
from swingbreak.simulation.generator import DaySpec

__all__ = ["day_spec"]

# Nearer than this near-the-money premiums of NIFTY lie below the strategy's band.
_TO_EXPIRY = timedelta(days=4)


def day_spec(facts: Facts, day: date, underlying: str, *, expiry: date | None = None) -> DaySpec:
    """Return the description of *day*; change what else differs with ``replace``.

    Args:
        facts: Where contracts, hours and expiries come from.
        day: One that is traded.
        underlying: ``NIFTY``.
        expiry: By default the first one that is at least four days away.

    Raises:
        DataError: *day* is not traded, or the facts do not cover it.
    """
    calendar = Calendar(facts)
    if why := calendar.refusal(day):
        raise DataError(f"{why}: no session to make up")
    if expiry is None:
        expiry = Expiries(facts, calendar).next(underlying, day + _TO_EXPIRY).day
    if expiry < day:
        raise DataError(f"contracts of {expiry} have expired before {day}")
    return DaySpec(
        session=calendar.session(day),
        terms=Contracts(facts).terms(underlying, expiry, day),
        expiry=expiry,
        index_stands=calendar.index_stands(day),
    )
