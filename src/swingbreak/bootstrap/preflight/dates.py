"""Checks of the facts, of the day, and of the clock."""

from typing import Final

from swingbreak.bootstrap.known import doubts, facts_of, session_at
from swingbreak.bootstrap.preflight import judging
from swingbreak.bootstrap.preflight.flight import Check, Flight, there
from swingbreak.bootstrap.preflight.verdicts import (
    Group,
    Judgement,
    Verdict,
    not_applicable,
    ok,
    permanent,
    remark,
)
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.session import ist_clock
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.charges import ChargeRates
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import UnknownFact
from swingbreak.facts.order_rules import OrderRules
from swingbreak.facts.staleness import staleness

__all__ = ["CHECKS"]

_REMARK, _NO = Verdict.REMARK, Verdict.PERMANENT
_FILES: Final = "reference/facts-files.md"
_GUIDE: Final = "reference/check.md#calendar-and-clock"


async def _facts(flight: Flight) -> Judgement:
    settings = there(flight.settings)
    flight.facts = facts_of(settings)
    own = len(settings.facts_files)
    return ok(f"{len(flight.facts.sources) - own} files of the package, {own} of your own")


async def _age(flight: Flight) -> Judgement:
    return judging.facts_age(staleness(there(flight.facts), flight.day), flight.day)


async def _underlying(flight: Flight) -> Judgement:
    name, day = there(flight.settings).underlying, flight.day
    known = Contracts(there(flight.facts))
    flight.listing = known.listing(name, day)
    try:
        freeze = known.freeze(name, day)
    except UnknownFact as error:
        return remark(name, f"the gateway's list alone says the freeze quantity: {error}")
    step = flight.listing.strike_step // 100
    return ok(f"{name} on {flight.listing.exchange}, strikes every {step}, freeze {freeze}")


async def _charges(flight: Flight) -> Judgement:
    exchange, brokerage = there(flight.listing).exchange, there(flight.settings).brokerage
    rates = ChargeRates.on(there(flight.facts), exchange, flight.day, brokerage)
    if rates.assumptions:
        return remark(f"{len(rates.rates)} rates", "; ".join(rates.assumptions))
    return ok(f"{len(rates.rates)} rates")


async def _session(flight: Flight) -> Judgement:
    facts = there(flight.facts)
    flight.session = session = session_at(facts, flight.now)
    text = f"{session.day}, {ist_clock(session.opens)[:5]} to {ist_clock(session.closes)[:5]}"
    try:
        Calendar(facts).refusal(session.day)
    except UnknownFact:
        return remark(text, doubts(facts, session.day)[0])
    return ok(text)


async def _special(flight: Flight) -> Judgement:
    special = Calendar(there(flight.facts)).special(flight.day)
    if special is None:
        return ok("none")
    text = f"{special.kind} on {special.day}"
    if special.may_trade:
        return remark(text, "it has hours and prices of its own, and is set to be traded")
    why = f"{special.day} is a special session ({special.kind}), which is not traded"
    return permanent(text, why, error=ConfigError(why))


async def _time_left(flight: Flight) -> Judgement:
    parameters, session = there(flight.settings).parameters, there(flight.session)
    cut_offs = OrderRules(there(flight.facts)).cut_offs(session.day)
    return judging.time_left(session, flight.now, parameters, cut_offs)


async def _clock(flight: Flight) -> Judgement:
    if flight.gateway_now is None:
        return not_applicable("needs: a gateway that tells its time")
    off = flight.gateway_now - flight.wall.now()
    return judging.clock(off, there(flight.settings).mode)


_NEEDS, _AFTER = ("facts-files",), ("feed",)

CHECKS: Final = (
    Check(
        "facts-files",
        Group.FACTS,
        "the files of facts can be used",
        (_NO,),
        "correct the file that is named, or take it out of facts_files",
        f"{_FILES}#facts-files",
        _facts,
        needs=("settings",),
    ),
    Check(
        "facts-age",
        Group.FACTS,
        "the facts are fresh",
        (_REMARK,),
        "compare `swingbreak contracts` with your broker, and correct what differs in a file of "
        "your own",
        f"{_FILES}#facts-files",
        _age,
        needs=_NEEDS,
        after=_AFTER,
    ),
    Check(
        "underlying",
        Group.FACTS,
        "the underlying's contracts are known",
        (_REMARK, _NO),
        "see `swingbreak contracts`; give what is missing in a file of your own",
        f"{_FILES}#facts-files",
        _underlying,
        needs=_NEEDS,
        after=_AFTER,
    ),
    Check(
        "charges",
        Group.FACTS,
        "every charge is known",
        (_REMARK, _NO),
        "see `swingbreak charges`; give the rate in a file of your own",
        f"{_FILES}#facts-files",
        _charges,
        needs=("underlying",),
    ),
    Check(
        "session",
        Group.CALENDAR,
        "today has a session, and it is not over",
        (_REMARK, _NO),
        "wait for the next trading day; a wrong calendar is corrected in a file of your own",
        _GUIDE,
        _session,
        needs=_NEEDS,
        after=_AFTER,
    ),
    Check(
        "special-session",
        Group.CALENDAR,
        "today is no special session",
        (_REMARK, _NO),
        "leave it out, or set trade = true for it in a file of your own",
        _GUIDE,
        _special,
        needs=_NEEDS,
        after=_AFTER,
    ),
    Check(
        "time-left",
        Group.CALENDAR,
        "there is time to trade, and to be out before brokers close positions",
        (_REMARK,),
        "start before the open; set force_exit_ist before your broker's own time",
        _GUIDE,
        _time_left,
        needs=("session",),
    ),
    Check(
        "clock",
        Group.CALENDAR,
        "this machine's clock agrees with the gateway's",
        (_REMARK, _NO),
        "set both clocks by NTP; nothing has to be done where a simulated day is served",
        _GUIDE,
        _clock,
        needs=("settings",),
        after=_AFTER,
    ),
)
