"""What is tradable on a day, as the ``contracts`` command shows it: each fact with its source.

Rules of this file:

1. A fact that nobody knows is shown as not known, with the remedy; it never stops the rest.
2. Where a gateway was asked, its instrument list goes before the facts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.money import Paise, rupees
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.comparison import Terms, expiry_row
from swingbreak.facts.contracts import Contracts, largest_order, round_to_step
from swingbreak.facts.dated import Dated, Facts, UnknownFact
from swingbreak.facts.expiries import Expiries, Expiry
from swingbreak.risk.margin import Leg, MarginModel

__all__ = ["Asked", "Fact", "Found", "Tradable", "fact_of", "tradable"]

NOT_KNOWN = "not known"
_REMEDY = "give it in a file named in facts_files, or ask a gateway with --host"
_VOLATILITY = 0.15  # a year; near expiry the estimate depends little on it
_EXPIRIES = 3


class Found(NamedTuple):
    """A fact that was found.

    Attributes:
        text: For people, with its unit.
        value: For programs: paise, units, days, or text.
        row: Where it is from.
    """

    text: str
    value: int | str
    row: Dated


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as it is shown.

    Attributes:
        subject: What it is about: ``day``, ``NFO``, ``NIFTY``.
        name: ``lot``.
        text: For people, with its unit.
        value: For programs; ``None`` where not known.
        source: Where it was read, or why it is not known.
        confidence: ``H``, ``M``, ``L`` or ``U``; empty for what follows from others.
        file: The facts file; empty for what is in none.
        age: Days that the day is past what the file knows.
        is_stale: Whether people are to be warned.
        remedy: How to make it known; empty where it is.
    """

    subject: str
    name: str
    text: str
    value: int | str | None
    source: str
    confidence: str = ""
    file: str = ""
    age: int | None = None
    is_stale: bool = False
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of one underlying beyond the facts.

    Attributes:
        spot: Level of the index, paise.
        source: Who says so: ``--spot``, ``the gateway``.
        expiry: The one that a gateway would trade.
        terms: Those of its contracts, by the gateway's instrument list.
        strikes: Listed ones around the money, paise.
    """

    spot: Paise | None = None
    source: str = ""
    expiry: date | None = None
    terms: Terms | None = None
    strikes: tuple[Paise, ...] = ()


@dataclass(frozen=True, slots=True)
class Tradable:
    """What can be traded of one underlying.

    Attributes:
        expiries: The next ones, soonest first; fewer where the calendar ends.
        facts: By name: ``expiry``, ``traded``, ``lot``, ``freeze``, ``tick``, ``step``, ``listed``,
            ``largest order``, ``strikes``, ``at the money``, ``margin``.
    """

    underlying: str
    expiries: tuple[Expiry, ...]
    facts: tuple[Fact, ...]

    def text(self, name: str) -> str:
        """Return the fact *name* for people; a dash where there is none."""
        return next((fact.text for fact in self.facts if fact.name == name), "-")


def fact_of(day: date, subject: str, name: str, find: Callable[[], Found]) -> Fact:
    """Return the fact that *find* finds, or that nobody knows it on *day*."""
    try:
        text, value, row = find()
    except UnknownFact as error:
        return Fact(subject, name, NOT_KNOWN, None, str(error), "U", remedy=_REMEDY)
    origin = row.origin
    return Fact(
        subject=subject,
        name=name,
        text=text,
        value=value,
        source=row.source,
        confidence=row.confidence.value,
        file=origin.name,
        age=origin.age(day),
        is_stale=origin.is_stale(day),
    )


def tradable(facts: Facts, underlying: str, day: date, asked: Asked) -> Tradable:
    """Return what can be traded of *underlying* on *day*."""
    return _Reader(facts, underlying, day, asked).read()


class _Reader:
    """Reads one underlying's facts."""

    def __init__(self, facts: Facts, underlying: str, day: date, asked: Asked) -> None:
        self._facts = facts
        self._name = underlying
        self._day = day
        self._asked = asked
        self._calendar = Calendar(facts)
        self._contracts = Contracts(facts)

    def read(self) -> Tradable:
        expiries, ended = self._expiries()
        coming = [self._expiry(nth, expiry) for nth, expiry in enumerate(expiries)]
        if ended is not None:
            coming.append(ended)
        if self._asked.expiry is not None:
            coming.append(self._traded(self._asked.expiry))
        traded = self._asked.expiry or (expiries[0].day if expiries else None)
        terms = [*self._terms(traded), self._fact("step", self._step), self._index()]
        figures = {fact.name: fact.value for fact in terms}
        money = self._money(traded, figures) if self._asked.spot is not None else ()
        return Tradable(
            self._name, tuple(expiries), (*coming, *terms, self._largest(figures), *money)
        )

    def _expiries(self) -> tuple[list[Expiry], Fact | None]:
        """Return the next expiries, and the first that cannot be told, if there is one."""
        rules, found = Expiries(self._facts, self._calendar), list[Expiry]()
        for nth in range(1, _EXPIRIES + 1):
            try:
                found.append(rules.next(self._name, self._day, nth))
            except UnknownFact as error:
                fact = Fact(
                    self._name, _nth(nth - 1), NOT_KNOWN, None, str(error), "U", remedy=_REMEDY
                )
                return found, fact
        return found, None

    def _expiry(self, nth: int, expiry: Expiry) -> Fact:
        left = (expiry.day - self._day).days
        text = f"{expiry.day} {expiry.cycle}, {left} day{'' if left == 1 else 's'}"
        if expiry.day != expiry.due:
            text += f", moved from {expiry.due} ({self._why(expiry.due)})"
        row = expiry_row(self._facts, self._name, expiry)
        return self._fact(_nth(nth), lambda: Found(text, expiry.day.isoformat(), row))

    def _traded(self, expiry: date) -> Fact:
        text = f"{expiry}, {(expiry - self._day).days} days"
        source = "the gateway lists it, and the settings ask for it or it is the nearest"
        return Fact(self._name, "traded", text, expiry.isoformat(), source)

    def _why(self, due: date) -> str:
        return self._calendar.holiday(due) or "set by the exchange"

    def _terms(self, expiry: date | None) -> Iterator[Fact]:
        if (terms := self._asked.terms) is not None:
            yield self._listed("lot", _units(terms.lot), terms.lot)
            yield self._listed("freeze", _units(terms.freeze), terms.freeze)
            yield self._listed("tick", _rupees(terms.tick), terms.tick)
            return
        yield self._fact("lot", lambda: self._lot(expiry))
        yield self._fact("freeze", self._freeze)
        yield self._fact("tick", self._tick)

    def _lot(self, expiry: date | None) -> Found:
        if expiry is None:
            raise UnknownFact("a lot belongs to an expiry, and the next one is not known")
        row = self._contracts.lot_row(self._name, expiry)
        lot = row.read("units", int)
        return Found(_units(lot), lot, row)

    def _freeze(self) -> Found:
        row = self._contracts.freeze_row(self._name, self._day)
        freeze = row.read("units", int)
        return Found(_units(freeze), freeze, row)

    def _tick(self) -> Found:
        row = self._contracts.listing_row(self._name, self._day)
        tick = row.read("tick", int)
        return Found(_rupees(tick), tick, row)

    def _step(self) -> Found:
        row = self._contracts.listing_row(self._name, self._day)
        step = row.read("strike_step", int)
        return Found(_rupees(step), step, row)

    def _index(self) -> Fact:
        def find() -> Found:
            row = self._contracts.listing_row(self._name, self._day)
            where = f"{row.read('spot_symbol', str)} on {row.read('spot_exchange', str)}"
            return Found(f"options on {row.read('exchange', str)}, index {where}", where, row)

        return self._fact("listed", find)

    def _largest(self, figures: dict[str, int | str | None]) -> Fact:
        freeze, lot = figures["freeze"], figures["lot"]
        if not isinstance(freeze, int) or not isinstance(lot, int):
            return self._derived("largest order", NOT_KNOWN, None, "follows from lot and freeze")
        most = largest_order(freeze, lot)
        text = f"{most // lot} lots, {_units(most)}"
        return self._derived("largest order", text, most, "whole lots within the freeze quantity")

    def _money(self, expiry: date | None, figures: dict[str, int | str | None]) -> Iterator[Fact]:
        spot, step, lot = self._asked.spot or 0, figures["step"], figures["lot"]
        strikes, source = self._asked.strikes, f"spot {rupees(spot)} by {self._asked.source}"
        if strikes:
            atm = min(strikes, key=lambda strike: (abs(strike - spot), -strike))
            listed = f"{rupees(strikes[0])} to {rupees(strikes[-1])}, {len(strikes)} around it"
            yield self._derived("strikes", listed, len(strikes), "the gateway's option chain")
        elif isinstance(step, int):
            atm, source = round_to_step(spot, step), f"{source}; by the step, not a list"
        else:
            return
        yield self._derived("at the money", _rupees(atm), atm, source)
        if isinstance(lot, int) and expiry is not None:
            yield self._fact("margin", lambda: self._margin(expiry, atm, lot))

    def _margin(self, expiry: date, atm: Paise, lot: int) -> Found:
        model, name = MarginModel.of(self._facts, self._day), self._name
        option = OptionContract(name, expiry, atm, Right.CE, lot, lot, 1, "NFO", name)
        needed = model.required([Leg(option, -lot)], self._asked.spot or 0, _VOLATILITY).total
        row = self._facts.table("margin_price_scan").on(self._day)
        return Found(f"{_rupees(needed)} a short lot at the money, estimated", needed, row)

    def _fact(self, name: str, find: Callable[[], Found]) -> Fact:
        return fact_of(self._day, self._name, name, find)

    def _listed(self, name: str, text: str, value: int) -> Fact:
        return self._derived(name, text, value, "the gateway's instrument list")

    def _derived(self, name: str, text: str, value: int | None, source: str) -> Fact:
        return Fact(self._name, name, text, value, source)


def _nth(nth: int) -> str:
    return "expiry" if nth == 0 else f"expiry {nth + 1}"


def _units(units: int) -> str:
    return f"{units} units"


def _rupees(amount: Paise) -> str:
    return f"Rs {rupees(amount)}"
