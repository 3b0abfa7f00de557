"""What trading options costs: the rates of a day, and what orders come to by component.

Rules of this file:

1. Everything is exact until it is rounded, and a sum is rounded once: half up, to the paisa.
2. Components are whole paise that add up to their sum: each is rounded down, and the paise that
   are then missing go to those that lost most, the first of equals.
3. A broker's contract note takes STT in whole rupees: the nearest, half to even.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from swingbreak.domain.errors import DataError
from swingbreak.domain.money import Paise, rupees
from swingbreak.facts.dated import Confidence, Dated, Facts

__all__ = ["ChargeLine", "ChargeRate", "ChargeRates", "Component", "ContractNote", "Dealings"]

_WHOLE = 10**9  # rates are whole parts of this
_PAISA = _WHOLE * _WHOLE  # amounts are whole parts of this: a rate of a rate of a paisa
_RUPEE = 100 * _PAISA


class Component(StrEnum):
    """What a contract note lists, by the names of the facts file."""

    BROKERAGE = "brokerage"
    SQUARE_OFF = "square_off"
    STT = "stt_sell"
    TRANSACTION = "transaction"
    IPFT = "ipft"
    SEBI = "sebi_fee"
    STAMP = "stamp"
    GST = "gst"


_FEES = (Component.BROKERAGE, Component.SQUARE_OFF)
_OF_EXCHANGE = (Component.TRANSACTION, Component.IPFT)


@dataclass(frozen=True, slots=True)
class Dealings:
    """What was traded: of one order, of a round trip, of a day.

    Attributes:
        sold: Premium sold, paise.
        bought: Premium bought, paise.
        orders: Orders that traded, in however many parts.
        squared_off: Those of them that the broker's own square-off made.
    """

    sold: Paise
    bought: Paise
    orders: int
    squared_off: int = 0

    def base(self, component: Component) -> int:
        """Return what *component*, any but GST, is reckoned on: paise of premium, or orders."""
        match component:
            case Component.BROKERAGE:
                return self.orders
            case Component.SQUARE_OFF:
                return self.squared_off
            case Component.STT:
                return self.sold
            case Component.STAMP:
                return self.bought
            case _:
                return self.sold + self.bought


@dataclass(frozen=True, slots=True)
class ChargeRate:
    """One component on one day.

    Attributes:
        component: What it is.
        parts: Of 10^9 of its base; a fee has so many of a paisa.
        source: Where it was read.
        confidence: How sure it is.
    """

    component: Component
    parts: int
    source: str
    confidence: Confidence

    @property
    def is_fee(self) -> bool:
        """Whether it is asked per order, and not as a share of an amount."""
        return self.component in _FEES

    @property
    def text(self) -> str:
        """The rate as people write it: ``0.15 %``, ``Rs 20.00``."""
        if self.is_fee:
            return f"Rs {rupees(self.parts // _WHOLE)}"
        return f"{(Decimal(self.parts) / 10**7).normalize():f} %"


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One component of a note.

    Attributes:
        rate: What was asked.
        base: What it was asked of: paise, or orders for a fee.
        exact: What it comes to before the broker rounds, paise.
        billed: What the contract note says, paise.
    """

    rate: ChargeRate
    base: int
    exact: Paise
    billed: Paise


@dataclass(frozen=True, slots=True)
class ContractNote:
    """What some orders cost, by component.

    Attributes:
        dealings: The orders together.
        lines: The components that have a base, in the order of Component.
    """

    dealings: Dealings
    lines: tuple[ChargeLine, ...]

    @property
    def exact(self) -> Paise:
        """The sum before the broker rounds, paise."""
        return sum(line.exact for line in self.lines)

    @property
    def billed(self) -> Paise:
        """The sum as billed, paise."""
        return sum(line.billed for line in self.lines)


class ChargeRates:
    """The rates of one exchange on one day.

    Attributes:
        day: When they hold.
        exchange: ``NFO``.
        rates: One of each component.
        taxed: The components that GST is taken of.
    """

    def __init__(
        self, exchange: str, day: date, rates: Iterable[ChargeRate], taxed: Iterable[str]
    ) -> None:
        self.exchange = exchange
        self.day = day
        self.rates = tuple(rates)
        self.taxed = frozenset(taxed)
        self._per_sold = self._sum(Dealings(1, 0, 0))
        self._per_bought = self._sum(Dealings(0, 1, 0))
        self._per_order = self._sum(Dealings(0, 0, 1))

    @classmethod
    def on(
        cls, facts: Facts, exchange: str, day: date, brokerage: Paise | None = None
    ) -> "ChargeRates":
        """Return the rates of *exchange* on *day*.

        Args:
            facts: Where they are looked up.
            exchange: ``NFO`` or ``BFO``.
            day: The trading day.
            brokerage: What the broker asks per executed order, paise; the facts' by default.

        Raises:
            UnknownFact: Nobody knows a rate of that day.
            DataError: A rate is not written as it should be.
        """
        table = facts.table("charge")
        rows: dict[Component, Dated] = {}
        for component in Component:
            keys = {"exchange": exchange} if component in _OF_EXCHANGE else {}
            rows[component] = table.on(day, component=component.value, **keys)
        rates = {component: _rate(component, row) for component, row in rows.items()}
        if brokerage is not None and brokerage * _WHOLE != rates[Component.BROKERAGE].parts:
            rates[Component.BROKERAGE] = ChargeRate(
                Component.BROKERAGE, brokerage * _WHOLE, "your own setting", Confidence.HIGH
            )
        return cls(exchange, day, rates.values(), _taxed(rows[Component.GST]))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What had to be assumed, a sentence each, for every output."""
        unknown = (rate for rate in self.rates if rate.confidence is Confidence.UNKNOWN)
        return tuple(
            f"{rate.component} of {self.day} is not known, {rate.text} is assumed: {rate.source}"
            for rate in unknown
        )

    @property
    def exact(self) -> tuple[int, int, int, int]:
        """What a paisa sold, a paisa bought and an order cost, and how many of these a paisa is."""
        return self._per_sold, self._per_bought, self._per_order, _PAISA

    def charge(self, sold: Paise, bought: Paise, orders: int) -> Paise:
        """Return what these dealings cost before the broker rounds, paise; quick."""
        exact = sold * self._per_sold + bought * self._per_bought + orders * self._per_order
        return _half_up(exact)

    def note(self, dealings: Dealings) -> ContractNote:
        """Return what *dealings* cost, by component."""
        asked = [(rate, base) for rate in self.rates if (base := self._base(rate, dealings))]
        exact = [rate.parts * base for rate, base in asked]
        billed = [
            _whole_rupees(amount) if rate.component is Component.STT else amount
            for (rate, _), amount in zip(asked, exact, strict=True)
        ]
        amounts = zip(asked, _shares(exact), _shares(billed), strict=True)
        return ContractNote(
            dealings,
            tuple(
                ChargeLine(rate, _half_up(base, _WHOLE), before, after)
                for (rate, base), before, after in amounts
            ),
        )

    def _base(self, rate: ChargeRate, dealings: Dealings) -> int:
        """Return what *rate* is asked of, in parts of 10^9 of a paisa or of an order."""
        if rate.component is not Component.GST:
            return _WHOLE * dealings.base(rate.component)
        return sum(
            taxed.parts * dealings.base(taxed.component)
            for taxed in self.rates
            if taxed.component in self.taxed
        )

    def _sum(self, dealings: Dealings) -> int:
        return sum(rate.parts * self._base(rate, dealings) for rate in self.rates)


def _rate(component: Component, row: Dated) -> ChargeRate:
    if component in _FEES:
        parts = _parts(row, "rupees", 100 * _WHOLE)
    else:
        parts = _parts(row, "percent", _WHOLE // 100)
    return ChargeRate(component, parts, row.source, row.confidence)


def _parts(row: Dated, key: str, scale: int) -> int:
    given = row.read(key, str)  # text, for a binary float is not what was written
    try:
        parts = Decimal(given) * scale
    except InvalidOperation:
        parts = Decimal("NaN")
    if not parts.is_finite() or parts < 0 or parts != int(parts):
        raise DataError(
            f"{row.origin.name}: {key} = {given!r} in the row from {row.since} should be a rate "
            'like "0.15"'
        )
    return int(parts)


def _taxed(row: Dated) -> list[str]:
    names = row.read("of", list)
    known = [component.value for component in Component if component is not Component.GST]
    if not set(names) <= set(known):
        raise DataError(f"{row.origin.name}: gst of {names}: these may be {', '.join(known)}")
    return names


def _half_up(amount: int, unit: int = _PAISA) -> Paise:
    return (2 * amount + unit) // (2 * unit)


def _whole_rupees(amount: int) -> int:
    whole, rest = divmod(amount, _RUPEE)
    up = 2 * rest > _RUPEE or (2 * rest == _RUPEE and whole % 2 == 1)
    return (whole + up) * _RUPEE


def _shares(exact: Sequence[int]) -> list[Paise]:
    """Return whole paise that add up to the sum of *exact*, rounded: rule 2 of this file."""
    shares = [amount // _PAISA for amount in exact]
    missing = _half_up(sum(exact)) - sum(shares)
    by_loss = sorted(range(len(exact)), key=lambda n: -(exact[n] % _PAISA))
    for n in by_loss[:missing]:
        shares[n] += 1
    return shares
