"""What a contract is: lot, freeze quantity, price step, strikes.

Rules of this file:

1. A lot belongs to the contract, by its expiry; a freeze quantity to the day of trading.
2. Where it is not known how many units one order may have, it is as many as in the stretch
   before or after, whichever is fewer.
3. A broker's instrument list goes before all of it; a strike is taken from such a list.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from swingbreak.domain.errors import DataError
from swingbreak.domain.money import Paise
from swingbreak.facts.dated import Confidence, Dated, Facts, UnknownFact

__all__ = [
    "ContractTerms",
    "Contracts",
    "Listing",
    "largest_order",
    "nearest_place",
    "nearest_strike",
    "round_to_step",
]

_UNITS = "units"


@dataclass(frozen=True, slots=True)
class Listing:
    """What every option of one underlying has in common on one day.

    Attributes:
        underlying: ``NIFTY``.
        exchange: Where its options trade, ``NFO``.
        spot_symbol: OpenAlgo's symbol of the index.
        spot_exchange: ``NSE_INDEX``.
        tick: Price step, paise.
        strike_step: Distance of strikes near the money, paise.
    """

    underlying: str
    exchange: str
    spot_symbol: str
    spot_exchange: str
    tick: Paise
    strike_step: Paise


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What every option of one underlying and expiry has in common on one day.

    Attributes:
        underlying: ``NIFTY``.
        exchange: Where its options trade, ``NFO``.
        spot_symbol: OpenAlgo's symbol of the index.
        spot_exchange: ``NSE_INDEX``.
        lot: Units per lot.
        freeze: Most units in one order.
        tick: Price step, paise.
        strike_step: Distance of strikes near the money, paise.
    """

    underlying: str
    exchange: str
    spot_symbol: str
    spot_exchange: str
    lot: int
    freeze: int
    tick: Paise
    strike_step: Paise


class Contracts:
    """The contracts of every underlying. A method raises ``UnknownFact`` where facts end.

    Attributes:
        underlyings: Those that have facts, in the order of the files.
    """

    def __init__(self, facts: Facts) -> None:
        self._listed = facts.table("contract")
        self._lots = facts.table("lot")
        self._freezes = facts.table("freeze")
        names = (row.read("underlying", str) for row in self._listed.rows)
        self.underlyings: tuple[str, ...] = tuple(dict.fromkeys(names))

    def listing_row(self, underlying: str, day: date) -> Dated:
        """Return the row of what *underlying*'s options have in common on *day*.

        Raises:
            UnknownFact: There are no facts of it, or it was not listed yet.
        """
        if underlying not in self.underlyings:
            known = ", ".join(self.underlyings)
            raise UnknownFact(f"no contract facts of underlying {underlying!r}; known: {known}")
        return self._listed.on(day, underlying=underlying)

    def listing(self, underlying: str, day: date) -> Listing:
        """Return what *underlying*'s options have in common on *day*."""
        row = self.listing_row(underlying, day)
        return Listing(
            underlying=underlying,
            exchange=row.read("exchange", str),
            spot_symbol=row.read("spot_symbol", str),
            spot_exchange=row.read("spot_exchange", str),
            tick=row.read("tick", int),
            strike_step=row.read("strike_step", int),
        )

    def exchange(self, underlying: str, day: date) -> str:
        """Return where its options trade, ``NFO`` or ``BFO``."""
        return self.listing(underlying, day).exchange

    def lot_row(self, underlying: str, expiry: date) -> Dated:
        """Return the row with the units per lot of contracts that expire on *expiry*."""
        return self._lots.on(expiry, underlying=underlying)

    def lot(self, underlying: str, expiry: date) -> int:
        """Return the units per lot of contracts that expire on *expiry*."""
        return self.lot_row(underlying, expiry).read(_UNITS, int)

    def freeze_row(self, underlying: str, day: date) -> Dated:
        """Return the row with the most units of one order on *day*, rule 2 applied."""
        row = self._freezes.on(day, underlying=underlying)
        return row if _UNITS in row.values else self._cautious(row)

    def freeze(self, underlying: str, day: date) -> int:
        """Return the most units of one order on *day*."""
        return self.freeze_row(underlying, day).read(_UNITS, int)

    def terms(self, underlying: str, expiry: date, day: date) -> ContractTerms:
        """Return the terms that contracts of *expiry* have on *day*."""
        listing = self.listing(underlying, day)
        return ContractTerms(
            underlying=underlying,
            exchange=listing.exchange,
            spot_symbol=listing.spot_symbol,
            spot_exchange=listing.spot_exchange,
            lot=self.lot(underlying, expiry),
            freeze=self.freeze(underlying, day),
            tick=listing.tick,
            strike_step=listing.strike_step,
        )

    def _cautious(self, unknown: Dated) -> Dated:
        rows = self._freezes.matching(underlying=unknown.values["underlying"])
        known = sorted((r for r in rows if _UNITS in r.values), key=lambda row: row.since)
        before = [row for row in known if row.until < unknown.since][-1:]
        after = [row for row in known if row.since > unknown.until][:1]
        if not before and not after:
            return unknown
        fewest = min((*before, *after), key=lambda row: row.read(_UNITS, int))
        return replace(
            unknown,
            values={**unknown.values, _UNITS: fewest.read(_UNITS, int)},
            source=f"{unknown.source}; as from {fewest.since}, the fewer of before and after",
            confidence=Confidence.LOW,
        )


def round_to_step(spot: Paise, step: Paise) -> Paise:
    """Return the multiple of *step* nearest to *spot*; half-way, the one farther from zero.

    It need not be listed: see :func:`nearest_strike`.
    """
    rounded = (2 * abs(spot) + step) // (2 * step) * step
    return rounded if spot >= 0 else -rounded


def nearest_strike(listed: Iterable[Paise], spot: Paise) -> Paise:
    """Return the strike of *listed* nearest to *spot*; half-way, the higher one.

    Raises:
        DataError: Nothing is listed.
    """
    strikes = sorted(listed)
    if not strikes:
        raise DataError("no strike is listed: refresh the master contracts")
    return strikes[nearest_place(strikes, spot)]


def nearest_place(strikes: Sequence[Paise], spot: Paise) -> int:
    """Return where the strike nearest to *spot* is in *strikes*; half-way, the higher one.

    Args:
        strikes: Ascending, paise; at least one.
        spot: Paise.
    """
    place = bisect_left(strikes, spot)
    if place == len(strikes):
        return place - 1
    is_nearer = place and spot - strikes[place - 1] < strikes[place] - spot
    return place - 1 if is_nearer else place


def largest_order(freeze: int, lot: int) -> int:
    """Return the most units of one order that are whole lots; 0 where not one is allowed."""
    return freeze - freeze % lot
