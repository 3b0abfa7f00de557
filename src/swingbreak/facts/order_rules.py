"""What exchanges and brokers make of orders on a day.

Source of every figure: ``data/orders.toml``.
"""

from dataclasses import dataclass
from datetime import date, time

from swingbreak.domain.money import Paise
from swingbreak.facts.dated import Dated, Facts, Table, UnknownFact

__all__ = [
    "NSE_PRICES",
    "NSE_PROTECTION",
    "CutOff",
    "OrderRate",
    "OrderRules",
    "PriceBand",
    "PriceRules",
]


@dataclass(frozen=True, slots=True)
class PriceBand:
    """How far one price may be from another.

    Attributes:
        percent: Of the other price.
        least: Paise that are allowed in any case: what counts where prices are low.
    """

    percent: int
    least: Paise

    def allows(self, price: Paise, other: Paise) -> bool:
        """Whether *price* is within the band around *other*; exact."""
        return abs(price - other) * 100 <= max(other * self.percent, self.least * 100)


@dataclass(frozen=True, slots=True)
class PriceRules:
    """What an exchange checks of prices on one day; ``None`` where it does not.

    Attributes:
        protection: Of a limit around the reference price.
        stop_gap: Of a stop's limit around its trigger.
    """

    protection: PriceBand | None
    stop_gap: PriceBand | None


# What orders.toml gives for NFO since 2022-10-31; a test keeps them equal.
NSE_PROTECTION = PriceBand(40, 20_00)
NSE_PRICES = PriceRules(NSE_PROTECTION, PriceBand(20, 10_00))


@dataclass(frozen=True, slots=True)
class OrderRate:
    """How many messages are taken; ``None`` where there is no limit.

    Attributes:
        changes_per_order: Changes of one order.
    """

    per_second: int | None
    per_minute: int | None
    per_day: int | None
    changes_per_order: int | None


@dataclass(frozen=True, slots=True)
class CutOff:
    """When a broker closes intraday positions.

    Attributes:
        broker: ``zerodha``.
        at: Time in India.
        fee: What it takes per order, paise; 0 where not known.
        is_documented: False where what documents it is older than the hours of the day.
    """

    broker: str
    at: time
    fee: Paise
    is_documented: bool


class OrderRules:
    """The rules of every day. A method raises ``UnknownFact`` where facts end."""

    def __init__(self, facts: Facts) -> None:
        self._protection = facts.table("price_protection")
        self._stop_gap = facts.table("stop_limit_gap")
        self._types = facts.table("order_type")
        self._rates = facts.table("order_rate")
        self._exempt = facts.table("order_to_trade_exempt")
        self._cut_offs = facts.table("cut_off")

    def prices(self, exchange: str, day: date) -> PriceRules:
        """Return what *exchange* (``NFO``, ``BFO``) checks of prices on *day*."""
        return PriceRules(
            protection=_band(self._protection, exchange, day),
            stop_gap=_band(self._stop_gap, exchange, day),
        )

    def allows(self, pricetype: str, exchange: str, day: date) -> bool:
        """Whether *exchange* takes orders of this type (``SL-M``) through an API on *day*."""
        return self._types.on(day, pricetype=pricetype, exchange=exchange).read("allowed", bool)

    def rate(self, by: str, day: date) -> OrderRate:
        """Return how many order messages ``exchange``, ``kite`` or ``openalgo`` takes on *day*."""
        row = self._rates.find(day, by=by)
        if row is None and not self._rates.matching(by=by):
            raise UnknownFact(f"no order rate of {by!r} is known")
        return OrderRate(
            *(
                _optional(row, key)
                for key in ("per_second", "per_minute", "per_day", "changes_per_order")
            )
        )

    def uncounted(self, day: date) -> PriceBand | None:
        """Return the band around the last price in which orders are free of the trade ratio."""
        row = self._exempt.find(day)
        return None if row is None else _band_of(row)

    def cut_offs(self, day: date) -> tuple[CutOff, ...]:
        """Return when each broker closes intraday positions on *day*, by broker."""
        brokers = sorted({row.read("broker", str) for row in self._cut_offs.rows})
        return tuple(self.cut_off(broker, day) for broker in brokers)

    def cut_off(self, broker: str, day: date) -> CutOff:
        """Return when *broker* closes intraday positions on *day*."""
        row = self._cut_offs.on(day, broker=broker)
        until = row.read("documented_until", date) if "documented_until" in row.values else date.max
        return CutOff(broker, row.read("at", time), _optional(row, "fee") or 0, day <= until)


def _band(table: Table, exchange: str, day: date) -> PriceBand | None:
    row = table.on(day, exchange=exchange)
    return None if row.values.get("applies") is False else _band_of(row)


def _band_of(row: Dated) -> PriceBand:
    return PriceBand(row.read("percent", int), row.read("least", int))


def _optional(row: Dated | None, key: str) -> int | None:
    return row.read(key, int) if row is not None and key in row.values else None
