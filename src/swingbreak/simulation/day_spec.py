"""Describes a day that is to be made up by the facts of its date."""

from datetime import date, timedelta
from math import ceil

from swingbreak.domain.errors import DataError
from swingbreak.domain.money import Paise
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts
from swingbreak.facts.expiries import Expiries
from swingbreak.simulation.generator import DaySpec

__all__ = ["day_spec"]

# Index levels that a day of 2026 might have, paise: made up, but on the side of 17,250, 27,500
# and 55,000 that the freeze quantities of data/contracts.toml imply.
_LEVELS = {
    "NIFTY": 24_200_00,
    "BANKNIFTY": 56_000_00,
    "FINNIFTY": 26_500_00,
    "MIDCPNIFTY": 13_800_00,
    "SENSEX": 79_000_00,
    "BANKEX": 63_000_00,
}
# Premiums at the money below this lie too low in the strategy's band.
_LEAST_PREMIUM = 115_00
_YEAR_DAYS = 365


def day_spec(facts: Facts, day: date, underlying: str, *, expiry: date | None = None) -> DaySpec:
    """Return the description of *day*; change what else differs with ``replace``.

    Args:
        facts: Where contracts, hours and expiries come from.
        day: One that is traded.
        underlying: ``NIFTY``.
        expiry: By default the first one whose premiums are worth selling; of NIFTY the first
            that is at least four days away.

    Raises:
        DataError: *day* is not traded, or the facts do not cover it.
    """
    calendar = Calendar(facts)
    if why := calendar.refusal(day):
        raise DataError(f"{why}: no session to make up")
    contracts = Contracts(facts)
    contracts.listing(underlying, day)  # an index without facts is named by that
    spot = _LEVELS.get(underlying, DaySpec().spot)
    if expiry is None:
        expiry = Expiries(facts, calendar).next(underlying, day + _to_expiry(spot)).day
    if expiry < day:
        raise DataError(f"contracts of {expiry} have expired before {day}")
    return DaySpec(
        session=calendar.session(day),
        terms=contracts.terms(underlying, expiry, day),
        spot=spot,
        expiry=expiry,
        index_stands=calendar.index_stands(day),
    )


def _to_expiry(spot: Paise) -> timedelta:
    """Return how long an option at the money must have left to be worth the least premium."""
    # of a year's premium that grows with the square root of time: 0.4 of a deviation
    share = _LEAST_PREMIUM / (0.4 * DaySpec().volatility * spot)
    return timedelta(days=ceil(_YEAR_DAYS * share * share))
