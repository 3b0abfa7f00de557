"""The exchanges' calendar: which days trade, from when until when, and which are out of the common.

Rules of this file:

1. A trading day has an ordinary session: a weekday that is no holiday. Special sessions are none:
   no expiry moves to one, and they are not traded unless their row says so.
2. NSE and BSE have one calendar.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from swingbreak.domain.errors import DataError
from swingbreak.domain.session import Session
from swingbreak.facts.dated import Dated, Facts

__all__ = ["Calendar", "Outage", "SpecialSession", "outages_on"]

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SpecialSession:
    """A session on a day that otherwise has none, or at another hour.

    Attributes:
        kind: ``muhurat``, ``budget``, ``disaster recovery``.
        session: ``None`` where its hours are not known.
        may_trade: Whether it is to be traded all the same.
    """

    day: date
    kind: str
    session: Session | None
    may_trade: bool


@dataclass(frozen=True, slots=True)
class Outage:
    """When an exchange stood still.

    Attributes:
        exchange: ``NFO`` or ``BFO``.
        halted: First instant without trade.
        resumed: When it went on.
        ended: When it closed that day.
    """

    exchange: str
    halted: datetime
    resumed: datetime
    ended: datetime


class Calendar:
    """What is known of days. A method raises ``UnknownFact`` where the facts do not say."""

    def __init__(self, facts: Facts) -> None:
        """Look days up in *facts*.

        Raises:
            DataError: A holiday in them is no day of its row.
        """
        self._years = facts.table("calendar")
        self._hours = facts.table("session")
        self._specials = facts.table("special_session")
        for row in self._years.rows:
            _check_days(row)

    def holiday(self, day: date) -> str:
        """Return the name of *day*'s holiday; empty where it is none."""
        holidays = self._years.on(day).read("holidays", dict)
        return str(holidays.get(day.isoformat(), ""))

    def is_trading_day(self, day: date) -> bool:
        """Whether *day* has an ordinary session."""
        return day.weekday() < _SATURDAY and not self.holiday(day)

    def special(self, day: date) -> SpecialSession | None:
        """Return the special session of *day*, if there is one."""
        row = self._specials.find(day)
        if row is None:
            return None
        session = _session(day, row) if "opens" in row.values else None
        return SpecialSession(day, row.read("kind", str), session, row.read("trade", bool))

    def has_session(self, day: date) -> bool:
        """Whether the exchange opens on *day*, if only for an hour."""
        return self._specials.find(day) is not None or self.is_trading_day(day)

    def session(self, day: date) -> Session:
        """Return the hours of *day*, special ones too; whether it is a holiday is not asked."""
        row = self._specials.find(day) or self._hours.on(day)
        return _session(day, row)

    def index_stands(self, day: date) -> tuple[time, time] | None:
        """Return from when until when the index is not published, India; ``None`` for never."""
        row = self._hours.on(day)
        if self._specials.find(day) is not None or "index_stops" not in row.values:
            return None
        return row.read("index_stops", time), row.read("index_resumes", time)

    def refusal(self, day: date) -> str:
        """Return why *day* is not to be traded; empty where it is."""
        special = self.special(day)
        if special is not None:
            # a row that people have set to be traded is believed, hours and all
            return "" if special.may_trade else f"{day} is a special session ({special.kind})"
        if day.weekday() >= _SATURDAY:
            return f"{day} is a weekend"
        name = self.holiday(day)
        return f"{day} is a holiday ({name})" if name else ""

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield the trading days from *first* to *last*, both included."""
        day = first
        while day <= last:
            if self.is_trading_day(day):
                yield day
            day += _DAY

    def following(self, day: date) -> date:
        """Return the trading day after *day*."""
        day += _DAY
        while not self.is_trading_day(day):
            day += _DAY
        return day

    def preceding(self, day: date) -> date:
        """Return the trading day before *day*."""
        day -= _DAY
        while not self.is_trading_day(day):
            day -= _DAY
        return day


def outages_on(facts: Facts, day: date) -> tuple[Outage, ...]:
    """Return what is known to have stood still on *day*."""
    rows = [row for row in facts.table("outage").rows if row.since <= day <= row.until]
    return tuple(_outage(Calendar(facts).session(day), row) for row in rows)


def _check_days(row: Dated) -> None:
    """Refuse a holiday that could never be found: a misspelt day, or one of another year."""
    for text in row.values.get("holidays", ()):
        try:
            is_inside = row.since <= date.fromisoformat(text) <= row.until
        except ValueError:
            is_inside = False
        if not is_inside:
            raise DataError(
                f"{row.origin.name}: holiday {text!r} is no day from {row.since} to {row.until}"
            )


def _session(day: date, row: Dated) -> Session:
    return Session.on(day, row.read("opens", time), row.read("closes", time))


def _outage(session: Session, row: Dated) -> Outage:
    halted, resumed, ended = (session.at(row.read(k, time)) for k in ("halted", "resumed", "ended"))
    return Outage(row.read("exchange", str), halted, resumed, ended)
