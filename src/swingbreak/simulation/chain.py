"""The contracts of one option chain that is made up or read from a recording."""

from collections.abc import Iterable
from datetime import date

from swingbreak.domain.instrument import OptionContract, Right, option_symbol
from swingbreak.domain.money import Paise
from swingbreak.facts.contracts import ContractTerms, round_to_step

__all__ = ["chain", "contract", "strikes_around"]


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
    atm = round_to_step(spot, step)
    return range(atm - each_side * step, atm + each_side * step + 1, step)
