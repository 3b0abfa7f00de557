"""What the facts say of the day that is about to be traded."""

from datetime import date, datetime

from swingbreak.adapters.facts_file import load_facts
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.session import IST, Session, ist_stamp
from swingbreak.facts.agenda import refusal
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.dated import Facts, UnknownFact
from swingbreak.facts.staleness import staleness
from swingbreak.settings import Settings

__all__ = ["doubts", "facts_of", "session_at"]


def facts_of(settings: Settings) -> Facts:
    """Return the package's facts, corrected by the files that *settings* name.

    Raises:
        DataError: One of them cannot be used.
    """
    return load_facts(settings.facts_files)


def session_at(facts: Facts, now: datetime) -> Session:
    """Return the session of the day that it is, when it is *now*.

    Raises:
        ConfigError: There is none, it is not to be traded, or it is over.
        UnknownFact: Its hours are not known.
    """
    calendar, day = Calendar(facts), now.astimezone(IST).date()
    if why := refusal(calendar, day):  # nothing where nobody knows: the gateway trades; see doubts
        raise ConfigError(f"{why}: there is no session to trade")
    session = calendar.session(day)
    if now >= session.closes:
        raise ConfigError(
            f"it is {ist_stamp(now)} at the gateway: the session closed at "
            f"{ist_stamp(session.closes)}; start again on the next trading day"
        )
    return session


def doubts(facts: Facts, day: date) -> tuple[str, ...]:
    """Return what people should be told before they trade *day* by these facts."""
    try:
        Calendar(facts).refusal(day)
    except UnknownFact as error:
        return (f"whether {day} is a holiday is not known: {error}", *staleness(facts, day))
    return staleness(facts, day)
