"""A day that goes on: what it has traded stays with it, wherever the index is by now.

The contracts that are followed are chosen around the money when a process begins. One that begins
again hours later may choose others; but a position needs its contract, and so does every order that
the ledger tells of.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from swingbreak.adapters.openalgo.reference import OptionChain, contract_of
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.adapters.sqlite.database import open_any
from swingbreak.adapters.sqlite.ledger import kept_on
from swingbreak.domain.commands import AdoptPosition, SubmitOrder
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.instrument import parse_option_symbol
from swingbreak.facts.contracts import Listing

__all__ = ["traded_on", "with_traded"]


def traded_on(database: Path, day: date) -> frozenset[str]:
    """Return the symbols that the ledger in *database* tells of on *day*; none where it is not.

    Raises:
        LedgerError: The file cannot be read.
    """
    if not database.exists():
        return frozenset()
    with open_any(database) as opened:
        records = [record for _, record in kept_on(opened, day)]
    sent = {record.intent.symbol for record in records if isinstance(record, SubmitOrder)}
    adopted = {record.symbol for record in records if isinstance(record, AdoptPosition)}
    return frozenset(sent | adopted)


async def with_traded(
    rest: OpenAlgoRest, chain: OptionChain, listing: Listing, traded: Iterable[str]
) -> OptionChain:
    """Return *chain* with the contracts of *traded* that it lacks.

    Raises:
        ConfigError: One is of another underlying: the day was begun with that.
        BrokerError: The gateway could not say what it is.
        DataError: It said something that cannot be right.
    """
    known = {contract.symbol for contract in chain.contracts}
    lacking = sorted(set(traded) - known)
    for symbol in lacking:
        underlying, *_ = parse_option_symbol(symbol)
        if underlying != chain.underlying:
            raise ConfigError(
                f"the day has traded {symbol}, and underlying is {chain.underlying} now: go on "
                f"with underlying {underlying}, or choose another --state-dir"
            )
    more = [await contract_of(rest, listing.exchange, symbol) for symbol in lacking]
    every = sorted((*chain.contracts, *more), key=lambda one: (one.expiry, one.strike, one.right))
    return replace(chain, contracts=tuple(every)) if more else chain
