"""Where a gateway's own answers about a day differ from the facts, and which of the two is used.

Rules of this file:

1. A broker's instrument list goes before the facts: its lot, freeze quantity and price step are
   used, and what it lists can be traded.
2. Of two closes the earlier one is used; whether a day is a holiday, the facts decide.
3. What was not answered, or cannot be told from the facts, is not compared, and that is said too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeAlias

from swingbreak.domain.instrument import expiry_text
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.session import Session, ist_clock
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Dated, Facts, UnknownFact
from swingbreak.facts.expiries import Cycle, Expiries, Expiry

__all__ = [
    "Claims",
    "Difference",
    "Finding",
    "Hours",
    "NotCompared",
    "Silence",
    "Terms",
    "agreed_session",
    "compare",
    "expiry_row",
]

Hours: TypeAlias = tuple[datetime, datetime]

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Silence:
    """There is no answer."""

    reason: str


class Terms(NamedTuple):
    """What all contracts of one expiry have in common.

    Attributes:
        lot: Units.
        freeze: Most units in one order.
        tick: Price step, paise.
    """

    lot: int
    freeze: int
    tick: Paise


@dataclass(frozen=True, slots=True)
class Claims:
    """What a gateway says.

    Attributes:
        underlying: ``NIFTY``.
        day: The day it was asked about.
        lists_all: False for one that serves a day again and lists what was recorded of it.
        expiries: Those it lists for options of the underlying.
        expiry: The one that is traded.
        terms: Those of its contracts.
        holidays: Days of the year without an ordinary session of these options, by name.
        hours: When they trade on the day, aware; ``None`` for not at all.
    """

    underlying: str
    day: date
    lists_all: bool
    expiries: Sequence[date] | Silence
    expiry: date | None
    terms: Terms | Silence
    holidays: Mapping[date, str] | Silence
    hours: Hours | Silence | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement.

    Attributes:
        thing: What it is about.
        ours: What the facts say.
        source: Where they have it from.
        theirs: What the gateway says.
        used: What is used, and where that is not plain, why.
    """

    thing: str
    ours: str
    source: str
    theirs: str
    used: str

    @property
    def line(self) -> str:
        """It in one line."""
        ours = f"{self.ours} ({self.source})"
        return f"{self.thing}: ours {ours} / gateway {self.theirs}: used {self.used}"


@dataclass(frozen=True, slots=True)
class NotCompared:
    """What could not be compared, and why."""

    thing: str
    reason: str

    @property
    def line(self) -> str:
        """It in one line."""
        return f"{self.thing}: not compared: {self.reason}"


Finding: TypeAlias = Difference | NotCompared


def compare(facts: Facts, claims: Claims, now: datetime) -> tuple[Finding, ...]:
    """Return everything in which *claims* and *facts* differ; *now* is the market's time."""
    calendar = Calendar(facts)
    return (
        *_expiries(facts, Expiries(facts, calendar), claims),
        *_terms(Contracts(facts), claims),
        *_holidays(facts, calendar, claims),
        *_hours(facts, calendar, claims, now),
    )


def agreed_session(ours: Session, hours: Hours | Silence | None, now: datetime) -> Session:
    """Return *ours* with the close of *hours*, if that is earlier and can be right."""
    if hours is None or isinstance(hours, Silence):
        return ours
    return _settled(ours, hours, now)[0]


def expiry_row(facts: Facts, underlying: str, expiry: Expiry) -> Dated:
    """Return the row that makes *expiry* one of *underlying*."""
    by_hand = facts.table("expiry_exception").find(expiry.due, underlying=underlying)
    if by_hand is not None:
        return by_hand
    return facts.table(f"{expiry.cycle}_expiry").on(expiry.due, underlying=underlying)


def _settled(ours: Session, hours: Hours, now: datetime) -> tuple[Session, str]:
    """Return the session to go by and why."""
    opens, closes = hours
    if opens - ours.opens == closes - ours.closes:
        return ours, "ours: shifted as a whole, the gateway's are those of another time zone"
    if closes >= ours.closes:
        return ours, "ours, which closes no later"
    if closes <= max(now, ours.opens):
        return ours, "ours: by the gateway's the market would be shut already"
    return replace(ours, closes=closes), "the gateway's close, the earlier one"


def _terms(contracts: Contracts, claims: Claims) -> Iterator[Finding]:
    terms, name, expiry = claims.terms, claims.underlying, claims.expiry
    if isinstance(terms, Silence):
        yield NotCompared(f"lot, freeze and tick of {name}", terms.reason)
    if isinstance(terms, Silence) or expiry is None:
        return
    lot_row = partial(contracts.lot_row, name, expiry)
    freeze_row = partial(contracts.freeze_row, name, claims.day)
    listing_row = partial(contracts.listing_row, name, claims.day)
    yield from _figure(f"lot of {name} {expiry_text(expiry)}", lot_row, "units", terms.lot)
    yield from _figure(f"freeze of {name}", freeze_row, "units", terms.freeze)
    yield from _figure(f"tick of {name}", listing_row, "tick", terms.tick)


def _figure(thing: str, find: Callable[[], Dated], key: str, theirs: int) -> Iterator[Finding]:
    text = f"Rs {rupees(theirs)}" if key == "tick" else f"{theirs} units"
    try:
        row = find()
        ours = row.read(key, int)
    except UnknownFact as error:
        yield Difference(thing, "not known", str(error), text, f"{text}, by the instrument list")
        return
    if ours != theirs:
        shown = f"Rs {rupees(ours)}" if key == "tick" else f"{ours} units"
        yield Difference(thing, shown, row.source, text, f"{text}, by the instrument list")


def _expiries(facts: Facts, expiries: Expiries, claims: Claims) -> Iterator[Finding]:
    name = claims.underlying
    if isinstance(claims.expiries, Silence):
        yield NotCompared(f"expiries of {name}", claims.expiries.reason)
        return
    listed = sorted(day for day in claims.expiries if day >= claims.day)
    ours, last, reason = _known_until(expiries, name, claims.day, listed)
    due = {expiry.day for expiry in ours}
    for day in listed:
        if day <= last and day not in due:
            rule = facts.table("weekly_expiry").on(day, underlying=name)
            used = "it, the one to be traded" if day == claims.expiry else "it only if asked for"
            yield Difference(f"expiry {day} of {name}", "none due", rule.source, "listed", used)
    for expiry in _missing(ours, listed, claims):
        said = f"{expiry.cycle} due {expiry.due}"
        row, used = expiry_row(facts, name, expiry), _chosen(claims)
        yield Difference(f"expiry {expiry.day} of {name}", said, row.source, "not listed", used)
    if reason:
        yield NotCompared(f"expiries of {name} after {last}", reason)


def _known_until(
    expiries: Expiries, underlying: str, day: date, listed: Sequence[date]
) -> tuple[tuple[Expiry, ...], date, str]:
    """Return our expiries, to the last of *listed* that can be told, that one, and why no more."""
    reason = "" if listed else "all that are listed are past"
    for last in reversed(listed):
        try:
            return expiries.between(underlying, day, last), last, reason
        except UnknownFact as error:
            reason = str(error)
    return (), day, reason


def _missing(ours: Sequence[Expiry], listed: Sequence[date], claims: Claims) -> Iterator[Expiry]:
    # an exchange lists the next weeklies without a gap, of the later months only some
    if not listed:
        return
    weeklies = {expiry.day for expiry in ours if expiry.cycle is Cycle.WEEKLY}
    end = max(weeklies.intersection(listed), default=listed[0])
    begin = claims.day if claims.lists_all else listed[0]
    for expiry in ours:
        if begin <= expiry.day <= end and expiry.day not in listed:
            yield expiry


def _chosen(claims: Claims) -> str:
    return "none" if claims.expiry is None else f"{claims.expiry}, which is listed"


def _holidays(facts: Facts, calendar: Calendar, claims: Claims) -> Iterator[Finding]:
    theirs, year = claims.holidays, claims.day.year
    if isinstance(theirs, Silence) or not theirs:
        reason = theirs.reason if isinstance(theirs, Silence) else f"it lists none of {year}"
        yield NotCompared("holidays", f"the gateway: {reason}")
        return
    day = claims.day
    try:
        while day.year == year:
            ours = calendar.holiday(day)
            if day.weekday() < _SATURDAY and bool(ours) != (day in theirs):
                yield Difference(
                    f"holiday {day}",
                    ours or "a trading day",
                    facts.table("calendar").on(day).source,
                    theirs.get(day, "a trading day"),
                    _of_two(day == claims.day),
                )
            day += _DAY
    except UnknownFact as error:
        yield NotCompared(f"holidays from {day} on", str(error))


def _of_two(is_today: bool) -> str:  # noqa: FBT001 - a yes or no about a word
    if is_today:
        return "ours; where the gateway is right no order of today can trade"
    return "ours; where the gateway is right expiries move too"


def _hours(facts: Facts, calendar: Calendar, claims: Claims, now: datetime) -> Iterator[Finding]:
    theirs, thing = claims.hours, f"session of {claims.day}"
    if isinstance(theirs, Silence):
        yield NotCompared(thing, f"the gateway: {theirs.reason}")
        return
    try:
        why, ours, source = _session(facts, calendar, claims.day)
    except UnknownFact as error:
        yield NotCompared(thing, str(error))
        return
    text = "no session" if theirs is None else _span(*theirs)
    if why:
        if theirs is not None:
            yield Difference(thing, f"none, {why}", source, text, "ours: the day is not traded")
    elif theirs is None:
        yield Difference(thing, _span(ours.opens, ours.closes), source, text, _of_two(True))
    elif theirs != (ours.opens, ours.closes):
        used, reason = _settled(ours, theirs, now)
        shown = f"{_span(used.opens, used.closes)} ({reason})"
        yield Difference(thing, _span(ours.opens, ours.closes), source, text, shown)


def _session(facts: Facts, calendar: Calendar, day: date) -> tuple[str, Session, str]:
    """Return why *day* is not to be traded, its hours, and where they are from."""
    row = facts.table("special_session").find(day) or facts.table("session").on(day)
    try:
        why = calendar.refusal(day)
    except UnknownFact:
        why = ""  # the gateway's list of holidays is not compared either
    return why, calendar.session(day), row.source


def _span(opens: datetime, closes: datetime) -> str:
    return f"{ist_clock(opens)[:5]} to {ist_clock(closes)[:5]}"
