"""What holds for every underlying on a day: its session, its moments, rules of orders, charges."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from itertools import groupby

from swingbreak.domain.money import rupees
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session, ist_clock
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.charges import ChargeRates, Component
from swingbreak.facts.dated import Dated, Facts, UnknownFact
from swingbreak.facts.moments import Moment, moments_of
from swingbreak.facts.order_rules import CutOff, OrderRules
from swingbreak.reporting.contracts_view import Fact, Found, fact_of
from swingbreak.reporting.wording import charge_name

__all__ = ["DayFacts", "Milestone", "charge_facts", "day_facts", "rule_facts"]

_OLD_PAGE = " (documented for a 15:30 close)"


@dataclass(frozen=True, slots=True)
class Milestone:
    """An instant of the day, and everything that happens at it.

    Attributes:
        at: ``None`` for minutes where the day is not today.
        minutes_left: Negative once it is past.
    """

    at: datetime
    what: str
    minutes_left: int | None


@dataclass(frozen=True, slots=True)
class DayFacts:
    """The day itself.

    Attributes:
        refusal: Why it is not traded; empty where it is.
        milestones: In order of time; none where hours are not known.
    """

    day: date
    refusal: str
    facts: tuple[Fact, ...]
    milestones: tuple[Milestone, ...]


def day_facts(facts: Facts, day: date, parameters: Parameters, now: datetime | None) -> DayFacts:
    """Return what is known of *day*; *now* where it is today, to count minutes from."""
    calendar, rules = Calendar(facts), OrderRules(facts)
    kind = fact_of(day, "day", "kind", partial(_kind, facts, calendar, day))
    hours = fact_of(day, "day", "session", partial(_hours, facts, calendar, day))
    rates = (_rate(rules, facts, by, day) for by in ("exchange", "kite", "openalgo"))
    refusal = "" if kind.value in {"ordinary", None} else str(kind.value)
    milestones: tuple[Milestone, ...] = ()
    if hours.value is not None and not refusal:
        session, stands = calendar.session(day), calendar.index_stands(day)
        milestones = _milestones(session, stands, rules.cut_offs(day), parameters, now)
    cut_offs = (_cut_off(facts, one, day) for one in rules.cut_offs(day))
    opens = calendar.has_session(day) if kind.value is not None else True
    return DayFacts(
        day, refusal, (kind, *((hours,) if opens else ()), *rates, *cut_offs), milestones
    )


def rule_facts(facts: Facts, exchange: str, day: date) -> Iterator[Fact]:
    """Yield what *exchange* checks of prices on *day*."""
    for name, table in (("price protection", "price_protection"), ("stop gap", "stop_limit_gap")):
        yield fact_of(day, exchange, name, partial(_band, facts, table, exchange, day))


def charge_facts(facts: Facts, exchange: str, day: date, brokerage: int) -> tuple[Fact, ...]:
    """Return what trading on *exchange* costs on *day*, a rate each, *brokerage* as it is set."""
    try:
        rates = ChargeRates.on(facts, exchange, day, brokerage).rates
    except UnknownFact as error:
        remedy = "give it in a file named in facts_files"
        return (Fact(exchange, "charges", "not known", None, str(error), "U", remedy=remedy),)
    shown = []
    for rate in rates:
        name = charge_name(rate.component)
        if rate.component is Component.BROKERAGE:
            shown.append(Fact(exchange, name, f"{rate.text} an order", rate.text, rate.source))
            continue
        row = _charge_row(facts, rate.component, exchange, day)
        text = f"{rate.text} an order" if rate.is_fee else rate.text
        found = Found(text, rate.text, row)
        shown.append(fact_of(day, exchange, name, partial(_given, found)))
    return tuple(shown)


def _given(found: Found) -> Found:
    return found


def _charge_row(facts: Facts, component: Component, exchange: str, day: date) -> Dated:
    table, name = facts.table("charge"), component.value
    return table.find(day, component=name, exchange=exchange) or table.on(day, component=name)


def _kind(facts: Facts, calendar: Calendar, day: date) -> Found:
    special = facts.table("special_session").find(day)
    refusal = calendar.refusal(day)
    if special is not None:
        kind = f"special session ({special.read('kind', str)})"
        return Found(f"{kind}, {'not traded' if refusal else 'traded'}", refusal or kind, special)
    row = facts.table("calendar").on(day)
    if refusal:
        return Found(f"not traded: {refusal}", refusal, row)
    return Found("an ordinary trading day", "ordinary", row)


def _hours(facts: Facts, calendar: Calendar, day: date) -> Found:
    session = calendar.session(day)
    row = facts.table("special_session").find(day) or facts.table("session").on(day)
    text = f"{_clock(session.opens)} to {_clock(session.closes)}"
    if (stands := calendar.index_stands(day)) is not None:
        text += f", index stands still {stands[0]:%H:%M} to {stands[1]:%H:%M}"
    return Found(text, text[:14], row)


def _milestones(
    session: Session,
    stands: tuple[time, time] | None,
    cut_offs: tuple[CutOff, ...],
    parameters: Parameters,
    now: datetime | None,
) -> tuple[Milestone, ...]:
    old = {one.broker for one in cut_offs if not one.is_documented}
    moments = [
        *moments_of(session, index_stands=stands, cut_offs=cut_offs),
        Moment(session.at(parameters.last_entry), "last entry"),
        Moment(session.at(parameters.force_exit), "force exit"),
    ]
    return tuple(
        Milestone(at, _together(names, old), None if now is None else names[0].minutes_from(now))
        for at, names in (
            (at, list(group)) for at, group in groupby(sorted(moments), lambda moment: moment.at)
        )
    )


def _together(moments: list[Moment], old: set[str]) -> str:
    names = [moment.name for moment in moments]
    brokers = [name.removeprefix("cut-off ") for name in names if name.startswith("cut-off ")]
    said = [name for name in names if not name.startswith("cut-off ")]
    sure = [broker for broker in brokers if broker not in old]
    unsure = [broker for broker in brokers if broker in old]
    said += [f"cut-off of {', '.join(sure)}"] if sure else []
    said += [f"cut-off of {', '.join(unsure)}{_OLD_PAGE}"] if unsure else []
    return "; ".join(said)


def _rate(rules: OrderRules, facts: Facts, by: str, day: date) -> Fact:
    def find() -> Found:
        row, rate = facts.table("order_rate").on(day, by=by), rules.rate(by, day)
        limits = (
            (rate.per_second, "a second"),
            (rate.per_minute, "a minute"),
            (rate.per_day, "a day"),
            (rate.changes_per_order, "changes an order"),
        )
        text = ", ".join(f"{limit} {unit}" for limit, unit in limits if limit is not None)
        return Found(text, text, row)

    if facts.table("order_rate").find(day, by=by) is None:
        return Fact("day", f"orders, {by}", "no limit known", None, "no rule of that day")
    return fact_of(day, "day", f"orders, {by}", find)


def _cut_off(facts: Facts, one: CutOff, day: date) -> Fact:
    def find() -> Found:
        fee = f", Rs {rupees(one.fee)} an order" if one.fee else ""
        note = "" if one.is_documented else _OLD_PAGE
        row = facts.table("cut_off").on(day, broker=one.broker)
        return Found(f"{one.at:%H:%M}{fee}{note}", f"{one.at:%H:%M}", row)

    return fact_of(day, "day", f"cut-off, {one.broker}", find)


def _band(facts: Facts, table: str, exchange: str, day: date) -> Found:
    row = facts.table(table).on(day, exchange=exchange)
    if row.values.get("applies") is False:
        return Found("none", "none", row)
    percent, least = row.read("percent", int), row.read("least", int)
    text = f"{percent} %, at least Rs {rupees(least)}"
    return Found(text, text, row)


def _clock(at: datetime) -> str:
    return ist_clock(at)[:5]
