"""What a clearing house would block for a portfolio of options on one index: an estimate.

Rules of this file:

1. Sixteen scenarios in the manner of SPAN: the price stays, or moves by a third, two thirds or the
   whole of its scan range, up and down, each with volatility up and down; and two extreme moves of
   which only a part of the loss counts. The worst one decides, all legs together: a call and a put
   cannot both be deep in the money, so a pair needs little more than one leg.
2. Span is what it would take to buy the portfolio back in that scenario. Exposure, and the addition
   on the day of expiry, are a share of the notional of each short leg, offset by nothing.
3. Bought options were paid for. They lower the span of the shorts beside them, never below zero.
4. Where the benefit of a calendar spread is gone, legs that expire today stand alone.

Options are revalued by Black-76 on the index itself, without carry, over whole calendar days. The
real figure comes from the clearing house's own volatilities, set several times a day.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import NamedTuple

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.money import Paise
from swingbreak.facts.dated import Facts
from swingbreak.market.black76 import premiums

__all__ = ["NO_MARGIN", "Leg", "Margin", "MarginModel", "MarginRates", "PerUnit"]

_YEAR_DAYS = 365
_TRADING_DAYS = 252
_THIRDS = tuple(n / 3 for n in range(-3, 4))


class Leg(NamedTuple):
    """Units of one option, negative while short."""

    contract: OptionContract
    quantity: int


class PerUnit(NamedTuple):
    """What margin is made of, for one unit sold; paise, not rounded.

    Shorts of one expiry need, to the rounding, the highest of the sums of their *costs*, scenario
    by scenario, and the sum of their *dues*.

    Attributes:
        costs: To buy it back in each scenario; of an extreme one, what counts.
        dues: Exposure, and the addition on the day of expiry.
    """

    costs: tuple[float, ...]
    dues: float


@dataclass(frozen=True, slots=True)
class Margin:
    """What is blocked, paise.

    Attributes:
        span: For the worst scenario.
        exposure: On the notional of short legs.
        expiry_day: On that of short legs which expire today.
    """

    span: Paise = 0
    exposure: Paise = 0
    expiry_day: Paise = 0

    @property
    def total(self) -> Paise:
        """Everything together."""
        return self.span + self.exposure + self.expiry_day

    def __add__(self, other: "Margin") -> "Margin":
        return Margin(
            self.span + other.span,
            self.exposure + other.exposure,
            self.expiry_day + other.expiry_day,
        )


NO_MARGIN = Margin()


@dataclass(frozen=True, slots=True)
class MarginRates:
    """The rates of one day; by default those the file has for 2026, which a test keeps equal.

    Attributes:
        scan_floor: Least scan range of the price, a fraction of it.
        scan_sigmas: The same in daily standard deviations.
        extreme: How many scan ranges an extreme move has.
        extreme_share: What counts of its loss.
        volatility_share: How far volatility moves, a fraction of it.
        volatility_floor: The least of that, a year's volatility.
        exposure: Share of the notional of a short leg.
        far: How far out of the money, a fraction of the price, ``far_exposure`` begins.
        expiry_day: Added to ``exposure`` on the day of expiry.
        spreads_on_expiry_day: Whether legs that expire today are offset by later ones.
        buffer: What to keep free above the estimate.
    """

    scan_floor: float = 0.093
    scan_sigmas: float = 8.485
    extreme: float = 2.0
    extreme_share: float = 0.35
    volatility_share: float = 0.25
    volatility_floor: float = 0.04
    exposure: float = 0.02
    far: float = 0.10
    far_exposure: float = 0.03
    expiry_day: float = 0.02
    spreads_on_expiry_day: bool = False
    buffer: float = 0.10

    @classmethod
    def of(cls, facts: Facts, day: date) -> "MarginRates":
        """Return the rates in force on *day*.

        Raises:
            UnknownFact: No file says them.
        """
        scan = facts.table("margin_price_scan").on(day)
        volatility = facts.table("margin_volatility_scan").on(day)
        exposure = facts.table("margin_exposure").on(day)
        return cls(
            scan_floor=scan.value("floor"),
            scan_sigmas=scan.value("sigmas"),
            extreme=scan.value("extreme"),
            extreme_share=scan.value("extreme_share"),
            volatility_share=volatility.value("share"),
            volatility_floor=volatility.value("floor"),
            exposure=exposure.value("rate"),
            far=exposure.value("far"),
            far_exposure=exposure.value("far_rate"),
            expiry_day=facts.table("margin_expiry_day").on(day).value("rate"),
            spreads_on_expiry_day=(
                facts.table("margin_calendar_benefit").on(day).value("on_expiry_day")
            ),
            buffer=facts.table("margin_buffer").on(day).value("rate"),
        )


class MarginModel:
    """The estimate on one day.

    Values of an option, and answers, are kept while price and volatility stay the same, so a second
    question about the same market costs little. The answers do not depend on that.

    Attributes:
        day: The day.
        rates: Its rates.
    """

    def __init__(self, day: date, rates: MarginRates | None = None) -> None:
        self.day = day
        self.rates = rates or MarginRates()
        self._market = (0, 0.0)
        self._scenarios: tuple[tuple[float, float], ...] = ()
        self._known: dict[tuple[date, Paise, Right], Sequence[float]] = {}
        self._answers: dict[tuple[Leg, ...], Margin] = {}

    @classmethod
    def of(cls, facts: Facts, day: date) -> "MarginModel":
        """Return the model with the rates in force on *day*.

        Raises:
            UnknownFact: No file says them.
        """
        return cls(day, MarginRates.of(facts, day))

    def required(self, legs: Iterable[Leg], spot: Paise, volatility: float) -> Margin:
        """Return what is blocked for *legs*, all of one index.

        Args:
            legs: The options held; one may appear more than once.
            spot: The index, paise.
            volatility: Its volatility, a fraction a year.
        """
        held = tuple(legs)
        self._look_at(spot, volatility)
        answer = self._answers.get(held)
        if answer is None:
            answer = self._answers[held] = self._reckoned(held, spot)
        return answer

    def _reckoned(self, held: Sequence[Leg], spot: Paise) -> Margin:
        if self.rates.spreads_on_expiry_day:
            return self._margin(held, spot)
        today = [leg for leg in held if leg.contract.expiry == self.day]
        later = [leg for leg in held if leg.contract.expiry != self.day]
        return self._margin(today, spot) + self._margin(later, spot)

    def per_unit(self, contract: OptionContract, spot: Paise, volatility: float) -> PerUnit:
        """Return what one unit of *contract* sold contributes; arguments as of :meth:`required`."""
        self._look_at(spot, volatility)
        now, low, high, *others = self._values(contract)
        share = self.rates.extreme_share
        extremes = (share * each + (1 - share) * now for each in (low, high))
        expires = spot * self.rates.expiry_day if contract.expiry == self.day else 0.0
        return PerUnit((*extremes, *others), self._exposure(contract, spot) + expires)

    def _margin(self, legs: Sequence[Leg], spot: Paise) -> Margin:
        shorts = [leg for leg in legs if leg.quantity < 0]
        if not shorts:
            return NO_MARGIN
        exposure = sum(self._exposure(leg.contract, spot) * -leg.quantity for leg in shorts)
        expiring = -sum(leg.quantity for leg in shorts if leg.contract.expiry == self.day)
        return Margin(
            span=round(max(0.0, self._span(legs))),
            exposure=round(exposure),
            expiry_day=round(expiring * spot * self.rates.expiry_day),
        )

    def _exposure(self, contract: OptionContract, spot: Paise) -> float:
        beyond = contract.strike - spot if contract.right is Right.CE else spot - contract.strike
        is_far = beyond > spot * self.rates.far
        return spot * (self.rates.far_exposure if is_far else self.rates.exposure)

    def _span(self, legs: Sequence[Leg]) -> float:
        """Return the cost of buying *legs* back in the worst scenario, negative if it pays."""
        arrays = [self._values(leg.contract) for leg in legs]
        quantities = [leg.quantity for leg in legs]
        worths: list[float] = [
            sum(map(mul, values, quantities)) for values in zip(*arrays, strict=True)
        ]
        now, low, high = worths[:3]
        share = self.rates.extreme_share
        extreme = share * min(low, high) + (1 - share) * now
        return -min(extreme, *worths[3:])

    def _values(self, contract: OptionContract) -> Sequence[float]:
        """Return what a unit is worth now, in the two extremes, and in the fourteen others."""
        key = (contract.expiry, contract.strike, contract.right)
        values = self._known.get(key)
        if values is None:
            years = (contract.expiry - self.day).days / _YEAR_DAYS
            values = premiums(contract.right, contract.strike, years, self._scenarios)
            self._known[key] = values
        return values

    def _look_at(self, spot: Paise, volatility: float) -> None:
        if self._market != (spot, volatility):
            self._market = (spot, volatility)
            self._scenarios = tuple(self._scenarios_of(spot, volatility))
            self._known.clear()
            self._answers.clear()

    def _scenarios_of(self, spot: Paise, volatility: float) -> Iterator[tuple[float, float]]:
        """Yield price and volatility now, in the two extremes, and in the fourteen others."""
        rates = self.rates
        scan = max(rates.scan_floor, rates.scan_sigmas * volatility / _TRADING_DAYS**0.5)
        shift = max(rates.volatility_floor, rates.volatility_share * volatility)
        for part in (0.0, -rates.extreme, rates.extreme):
            yield max(spot * (1 + part * scan), 1.0), volatility
        for part in _THIRDS:
            price = max(spot * (1 + part * scan), 1.0)
            yield price, volatility + shift
            yield price, max(volatility - shift, 0.0)
