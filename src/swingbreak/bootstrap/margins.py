"""Whom a day asks whether it can carry an entry."""

from swingbreak.adapters.openalgo.account import OpenAlgoAccount
from swingbreak.adapters.openalgo.books import Mode
from swingbreak.adapters.openalgo.reference import OptionChain
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.risk.margin import Leg, MarginModel

__all__ = ["account_behind"]

_VOLATILITY = 0.15  # a year; near expiry the estimate depends little on it


def account_behind(
    rest: OpenAlgoRest, chain: OptionChain, model: MarginModel, expected: Mode
) -> OpenAlgoAccount:
    """Return the account at the gateway; *model* stands in for a calculator that is missing.

    It is asked at the index level of the start, and buffered, which covers an ordinary day's moves.
    """

    def estimate(contract: OptionContract, units: int) -> Paise:
        margin = model.required([Leg(contract, -units)], chain.spot, _VOLATILITY)
        return round(margin.total * (1 + model.rates.buffer))

    return OpenAlgoAccount(rest, chain.contracts, estimate, expected)
