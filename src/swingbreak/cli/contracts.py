"""``swingbreak contracts``: what is tradable on a day, and why."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json
from swingbreak.cli.output import print_json, print_table, print_text
from swingbreak.domain.errors import ConfigError, DataError
from swingbreak.domain.money import Paise, paise
from swingbreak.domain.session import ist_clock

if TYPE_CHECKING:  # both are heavy
    from swingbreak.bootstrap.contracts import Overview
    from swingbreak.facts.comparison import Finding
    from swingbreak.reporting.contracts_view import Fact, Tradable
    from swingbreak.reporting.day_facts import DayFacts

__all__ = ["contracts"]

_SURENESS = "ULMH"
_EXPIRIES = ("expiry", "expiry 2")
_FIGURES = ("lot", "freeze", "largest order", "step", "tick", "at the money")
_NAMES = (*_EXPIRIES, *_FIGURES, "margin")


_Underlyings = Annotated[
    list[str] | None, typer.Argument(metavar="[UNDERLYING]...", help="NIFTY, ...; default: all.")
]
_Date = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Default: today in India.")
]
_Spot = Annotated[
    str | None, typer.Option(metavar="RUPEES", help="Level of the one index that is named.")
]
_Host = Annotated[str | None, typer.Option(help="OpenAlgo's address: compare with what it says.")]
_Sources = Annotated[bool, typer.Option("--sources", help="Every fact with its source.")]


def contracts(  # noqa: PLR0913, PLR0917 - one argument per option
    underlyings: _Underlyings = None,
    on: _Date = None,
    spot: _Spot = None,
    host: _Host = None,
    sources: _Sources = False,  # noqa: FBT002 - an option
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Print what is tradable on a day and why: expiries, lots, session, cut-offs, charges."""
    from swingbreak.bootstrap.contracts import overview  # noqa: PLC0415 - heavy
    from swingbreak.settings import load  # noqa: PLC0415 - as above

    day, level = _day(on), _level(spot)
    settings = load(config, overrides={"openalgo_host": host})
    found = overview(settings, underlyings or (), day, level, ask_gateway=host is not None)
    if as_json:
        print_json(_as_json(found))
    else:
        _show(found, with_sources=sources)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--date {text!r} is no day: write it like 2026-11-20") from error


def _level(text: str | None) -> Paise | None:
    try:
        spot = None if text is None else paise(text)
    except DataError as error:
        raise ConfigError(f"--spot: {error}") from error
    if spot is not None and spot <= 0:
        raise ConfigError(f"--spot {text} is no level of an index: write it like 24200")
    return spot


def _show(found: "Overview", *, with_sources: bool) -> None:
    for text in found.warnings:
        print_text(f"WARNING: {text}")
    _show_day(found.day)
    columns = ("underlying", "expiry", "then", ">lot", ">freeze", ">largest order")
    more = (">step", ">tick", ">at the money", ">margin of a lot", "sure", ">age")
    print_table((*columns, *more), map(_row, found.underlyings))
    for one in found.underlyings:
        for text in _notes(one):
            print_text(text)
    facts = [*found.rules, *found.charges]
    if with_sources:
        everything = [*found.day.facts, *_all(found.underlyings), *facts]
        print_table(("of", "fact", "", "sure", ">age", "file", "source"), map(_sourced, everything))
    else:
        print_table(("of", "fact", "", "sure", ">age"), (_sourced(fact)[:5] for fact in facts))
    if found.findings is not None:
        _show_findings(found.findings)
    print_text(
        "sure: H a circular or two sources, M one, L weak or inferred, U not found; age in days."
        + ("" if with_sources else " --sources tells where each fact is from.")
    )


def _show_day(day: "DayFacts") -> None:
    shown = [fact for fact in day.facts if not fact.name.startswith("cut-off")]
    print_text(f"NOT TRADED: {day.refusal}" if day.refusal else str(day.day))
    print_table(("day", "", "sure", ">age"), (_sourced(fact)[1:5] for fact in shown))
    for fact in shown:
        if fact.remedy:
            print_text(f"{fact.name} is not known: {fact.source}; {fact.remedy}")
    is_today = any(one.minutes_left is not None for one in day.milestones)
    columns = ("time", "what", ">minutes left") if is_today else ("time", "what")
    if day.milestones:
        print_table(
            columns,
            (
                (ist_clock(one.at)[:5], one.what, str(one.minutes_left))[: len(columns)]
                for one in day.milestones
            ),
        )


def _row(one: "Tradable") -> tuple[str, ...]:
    known = [fact for fact in _shown(one) if fact.confidence]
    ages = [fact.age for fact in known if fact.age is not None]
    return (
        one.underlying,
        *(_expiry(one.text(name)) for name in _EXPIRIES),
        *(one.text(name) for name in _FIGURES),
        one.text("margin").partition(" a short")[0],
        min((fact.confidence for fact in known), key=_SURENESS.find, default="-"),
        str(max(ages, default="-")) + ("!" if any(fact.is_stale for fact in known) else ""),
    )


def _shown(one: "Tradable") -> "Iterable[Fact]":
    return (fact for fact in one.facts if fact.name in _NAMES)


def _expiry(text: str) -> str:
    return text.partition(", moved")[0]


def _notes(one: "Tradable") -> Iterable[str]:
    listed = next(fact for fact in one.facts if fact.name == "listed")
    if listed.remedy:
        yield f"{one.underlying} is not known to be listed: {listed.source}; {listed.remedy}"
        return
    for fact in one.facts:
        if fact.name == "traded":
            yield f"{one.underlying}: lot to margin are of contracts of {fact.text}, {fact.source}"
    for fact in _shown(one):
        if fact.remedy:
            yield f"{one.underlying} {fact.name} is not known: {fact.source}; {fact.remedy}"
        elif "moved" in fact.text:
            yield f"{one.underlying} {fact.name}: {fact.text}"


def _all(underlyings: "Iterable[Tradable]") -> "Iterable[Fact]":
    return (fact for one in underlyings for fact in one.facts)


def _sourced(fact: "Fact") -> tuple[str, ...]:
    age = "" if fact.age is None else f"{fact.age}{'!' if fact.is_stale else ''}"
    return fact.subject, fact.name, fact.text, fact.confidence or "-", age, fact.file, fact.source


def _show_findings(findings: "Iterable[Finding]") -> None:
    lines = [finding.line for finding in findings]
    print_text("The gateway agrees with the facts." if not lines else "Compared with the gateway:")
    for line in lines:
        print_text(f"  {line}")


def _as_json(found: "Overview") -> dict[str, object]:
    day = found.day
    return {
        "day": day.day.isoformat(),
        "is_traded": not day.refusal,
        "refusal": day.refusal,
        "facts": [_fact(fact) for fact in day.facts],
        "moments": [
            {"at": one.at.isoformat(), "what": one.what, "minutes_left": one.minutes_left}
            for one in day.milestones
        ],
        "underlyings": [
            {
                "underlying": one.underlying,
                "expiries": [
                    {
                        "day": expiry.day.isoformat(),
                        "due": expiry.due.isoformat(),
                        "cycle": expiry.cycle.value,
                        "days_left": (expiry.day - day.day).days,
                    }
                    for expiry in one.expiries
                ],
                "facts": [_fact(fact) for fact in one.facts],
            }
            for one in found.underlyings
        ],
        "rules": [_fact(fact) for fact in found.rules],
        "charges": [_fact(fact) for fact in found.charges],
        "differences": found.findings and [finding.line for finding in found.findings],
        "warnings": list(found.warnings),
    }


def _fact(fact: "Fact") -> dict[str, object]:
    return {
        "of": fact.subject,
        "name": fact.name,
        "text": fact.text,
        "value": fact.value,
        "source": fact.source,
        "confidence": fact.confidence,
        "file": fact.file,
        "age_days": fact.age,
        "is_stale": fact.is_stale,
        "remedy": fact.remedy,
    }
