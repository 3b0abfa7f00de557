"""The contracts of one option chain, and the dated facts they share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from swingbreak.domain.instrument import OptionContract, Right, option_symbol
from swingbreak.domain.money import Paise

__all__ = ["ContractTerms", "chain", "contract", "strikes_around"]


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


def contract(terms: ContractTerms, expiry: date, strike: Paise, right: Right) -> OptionContract:
    """Return one option of the chain."""
    return OptionContract(
        underlying=terms.underlying,
        expiry=expiry,
        strike=strike,
        right=right,
        lot=terms.lot,
        freeze=terms.freeze,
        tick=terms.tick,
        exchange=terms.exchange,
        symbol=option_symbol(terms.underlying, expiry, strike, right),
    )


def chain(
    terms: ContractTerms, expiry: date, strikes: Iterable[Paise]
) -> tuple[OptionContract, ...]:
    """Return a call and a put of each strike, by strike, the call first."""
    return tuple(contract(terms, expiry, strike, right) for strike in strikes for right in Right)


def strikes_around(spot: Paise, step: Paise, each_side: int) -> range:
    """Return the strike nearest to *spot* and *each_side* more below and above it, paise."""
    atm = (spot + step // 2) // step * step
    return range(atm - each_side * step, atm + each_side * step + 1, step)
