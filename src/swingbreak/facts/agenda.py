"""Which session comes next, and whether it is time for it: decided from an instant and the facts.

Rules of this file:

1. A day is begun once: from a while before its session opens until that closes, and never again
   once it has been traded, whatever a clock that is set back may say.
2. Days of a year whose holidays are not known trade from Monday to Friday: the gateway knows
   better, and whoever begins such a day is told of the doubt.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

from swingbreak.domain.errors import ConfigError
from swingbreak.domain.session import IST, Session, ist_stamp
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.dated import Facts, UnknownFact

__all__ = ["LEAD", "Awaited", "Due", "next_session", "refusal"]

# By then the index has its opening price from the exchange's pre-open, which settles at 09:08, and
# there is time to log in, to subscribe and to read what an earlier process has left.
LEAD: Final = timedelta(minutes=5)
_AHEAD: Final = 30  # days; the longest pause of Indian exchanges is a few


@dataclass(frozen=True, slots=True)
class Due:
    """A session whose day is to be begun now, or gone on with."""

    session: Session


@dataclass(frozen=True, slots=True)
class Awaited:
    """A session that is still to come.

    Attributes:
        begins: When its day is to be begun, before it opens.
        why: Why nothing is traded until then, in words.
    """

    session: Session
    begins: datetime
    why: str


Next: TypeAlias = Due | Awaited


def next_session(facts: Facts, now: datetime, traded: date | None = None) -> Next:
    """Return the session to trade now, or the next one.

    Args:
        facts: The calendar.
        now: Aware.
        traded: The last day that has been traded to its end; nothing up to it is traded again.

    Raises:
        ConfigError: There is none within a month of *now*: a clock or the facts are wrong.
        UnknownFact: The hours of a day are not known.
    """
    calendar, today = Calendar(facts), now.astimezone(IST).date()
    why = ""
    for day in (today + timedelta(days=ahead) for ahead in range(_AHEAD)):
        if reason := _passes(calendar, day, now, traded):
            why = why or reason
            continue
        session = calendar.session(day)
        if now >= session.opens - LEAD:
            return Due(session)
        return Awaited(session, session.opens - LEAD, why or f"{day} has not opened yet")
    raise ConfigError(
        f"there is no session to trade within {_AHEAD} days of {ist_stamp(now)} IST: {why}; is "
        "this machine's clock right, and are the facts?"
    )


def refusal(calendar: Calendar, day: date) -> str:
    """Return why *day* is not to be traded; empty where it is, or where nobody knows."""
    try:
        return calendar.refusal(day)
    except UnknownFact:
        return ""


def _passes(calendar: Calendar, day: date, now: datetime, traded: date | None) -> str:
    """Return why *day* is passed over; empty where its session is to be traded."""
    if traded is not None and day <= traded:
        return f"{day} has been traded"
    if why := refusal(calendar, day):
        return why
    closes = calendar.session(day).closes
    return f"the session of {day} closed at {ist_stamp(closes)[11:16]}" if now >= closes else ""
