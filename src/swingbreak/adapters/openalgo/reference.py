"""Which options to trade: expiry, money and contract facts, from the gateway's own master data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.domain.errors import ConfigError, DataError, GatewayRefused
from swingbreak.domain.instrument import (
    OptionContract,
    Right,
    expiry_text,
    parse_expiry,
    parse_option_symbol,
)
from swingbreak.domain.money import Paise, paise, paise_of_wire, rupees
from swingbreak.facts.contracts import nearest_strike
from swingbreak.facts.expiries import nearest_listed

__all__ = [
    "AUTO",
    "OptionChain",
    "chosen_expiry",
    "contract_of",
    "listed_expiries",
    "resolve_chain",
]

AUTO: Final = "auto"
_MOST_STRIKES: Final = 100  # either side of the money, the endpoint's own limit
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class OptionChain:
    """The contracts around the money.

    Attributes:
        atm: Strike they are centred on, paise.
        spot: Last price of the underlying when it was asked, paise.
        contracts: By strike, call before put.
    """

    underlying: str
    expiry: date
    atm: Paise
    spot: Paise
    contracts: tuple[OptionContract, ...]


class _Dates(msgspec.Struct, gc=False):
    data: list[str]


class _Leg(msgspec.Struct, gc=False):
    symbol: str
    lotsize: int
    tick_size: float


class _Row(msgspec.Struct, gc=False):
    strike: float
    ce: _Leg | None = None
    pe: _Leg | None = None


class _Chain(msgspec.Struct, gc=False):
    chain: list[_Row]
    underlying_ltp: float = 0.0


class _Facts(msgspec.Struct, gc=False):
    lotsize: int
    tick_size: float
    freeze_qty: int


class _Symbol(msgspec.Struct, gc=False):
    data: _Facts


async def listed_expiries(rest: OpenAlgoRest, underlying: str, exchange: str) -> tuple[date, ...]:
    """Return when options of *underlying* expire, soonest first.

    Raises:
        ConfigError: None are listed.
        BrokerError: The gateway could not say.
    """
    reply = await rest.query(
        "expiry", _Dates, symbol=underlying, exchange=exchange, instrumenttype="options"
    )
    listed = sorted(parse_expiry(text) for text in reply.data)
    if not listed:
        raise ConfigError(
            f"{exchange} lists no options of {underlying}: check the underlying, and that "
            "OpenAlgo has downloaded today's master contracts"
        )
    return tuple(listed)


def chosen_expiry(underlying: str, listed: Sequence[date], day: date, wanted: str = AUTO) -> date:
    """Return what *wanted* means on *day*: ``auto`` the nearest of *listed*, else a ``26DEC24``.

    Raises:
        ConfigError: It is not listed; the message names those that are.
        DataError: All that are listed are past.
    """
    if wanted.lower() == AUTO:
        return nearest_listed(listed, day)
    try:
        expiry = parse_expiry(wanted)
    except DataError as error:
        raise ConfigError(f"expiry: {error}; {_nearest_expiries(listed)}") from error
    if expiry not in listed:
        closest = sorted(listed, key=lambda day: abs((day - expiry).days))[:_NAMED]
        raise ConfigError(
            f"expiry {expiry_text(expiry)} of {underlying} is not listed; "
            f"{_nearest_expiries(sorted(closest))}"
        )
    return expiry


async def resolve_chain(  # noqa: PLR0913 - the six things a chain is named by
    rest: OpenAlgoRest,
    *,
    underlying: str,
    spot_exchange: str,
    exchange: str,
    expiry: date,
    atm: str = AUTO,
    each_side: int = 10,
) -> OptionChain:
    """Return the contracts *each_side* strikes either side of the money, both rights.

    Args:
        rest: The gateway.
        underlying: ``NIFTY``.
        spot_exchange: Where its index is quoted, ``NSE_INDEX``.
        exchange: Where its options trade, ``NFO``.
        expiry: A listed one.
        atm: ``auto`` for the listed strike nearest to spot, half-way up; else a strike in rupees.
        each_side: Strikes above and below.

    Raises:
        ConfigError: *atm* is no listed strike; the message names the nearest.
        BrokerError: The gateway could not say.
        DataError: It said something that cannot be right.
    """
    money = None if atm.lower() == AUTO else _strike(atm)
    # one more than needed: the gateway may break a tie for the money the other way
    chain = await _chain(rest, underlying, spot_exchange, expiry, each_side + 1)
    if money is not None and not _covers(chain.chain, money, each_side):
        chain = await _chain(rest, underlying, spot_exchange, expiry, _MOST_STRIKES)
    strikes = [paise_of_wire(row.strike) for row in chain.chain]
    spot = round(chain.underlying_ltp * 100)
    if not strikes or spot <= 0:
        raise DataError(
            f"{underlying} {expiry_text(expiry)}: {len(strikes)} strikes around spot "
            f"{chain.underlying_ltp}: is the broker session of the gateway alive?"
        )
    centre = nearest_strike(strikes, spot if money is None else money)
    if money is not None and centre != money:
        near = sorted(sorted(strikes, key=lambda strike: abs(strike - money))[:_NAMED])
        raise ConfigError(
            f"atm {rupees(money)} is no listed strike of {underlying} {expiry_text(expiry)}; "
            f"nearest: {', '.join(rupees(strike) for strike in near)}"
        )
    middle = strikes.index(centre)
    rows = chain.chain[max(0, middle - each_side) : middle + each_side + 1]
    contracts = await _contracts(rest, underlying, exchange, expiry, rows)
    return OptionChain(underlying, expiry, centre, spot, contracts)


async def contract_of(rest: OpenAlgoRest, exchange: str, symbol: str) -> OptionContract:
    """Return one contract by its name.

    Raises:
        BrokerError: The gateway could not say.
        DataError: It does not list it, or said something that cannot be right.
    """
    underlying, expiry, strike, right = parse_option_symbol(symbol)
    facts = await _master(rest, exchange, symbol)
    return OptionContract(
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        right=right,
        lot=_positive(facts.lotsize, symbol, "lot size"),
        freeze=_known_freeze(facts, symbol),
        tick=_positive(paise_of_wire(facts.tick_size), symbol, "price step"),
        exchange=exchange,
        symbol=symbol,
    )


async def _chain(
    rest: OpenAlgoRest, underlying: str, spot_exchange: str, expiry: date, count: int
) -> _Chain:
    chain = await rest.query(
        "optionchain",
        _Chain,
        seconds=rest.timeouts.chain_s,
        underlying=underlying,
        exchange=spot_exchange,
        expiry_date=expiry_text(expiry),
        strike_count=min(count, _MOST_STRIKES),
    )
    chain.chain.sort(key=lambda row: row.strike)
    return chain


async def _contracts(
    rest: OpenAlgoRest, underlying: str, exchange: str, expiry: date, rows: Sequence[_Row]
) -> tuple[OptionContract, ...]:
    legs = [
        (row.strike, right, leg)
        for row in rows
        for right, leg in ((Right.CE, row.ce), (Right.PE, row.pe))
        if leg is not None
    ]
    if not legs:
        raise DataError(f"{underlying} {expiry_text(expiry)}: a chain without a contract")
    freeze = await _freeze(rest, exchange, legs[len(legs) // 2][2])
    return tuple(
        OptionContract(
            underlying=underlying,
            expiry=expiry,
            strike=paise_of_wire(strike),
            right=right,
            lot=_positive(leg.lotsize, leg.symbol, "lot size"),
            freeze=freeze,
            tick=_positive(paise_of_wire(leg.tick_size), leg.symbol, "price step"),
            exchange=exchange,
            symbol=leg.symbol,
        )
        for strike, right, leg in legs
    )


async def _freeze(rest: OpenAlgoRest, exchange: str, leg: _Leg) -> int:
    # a fact of the underlying, and only this endpoint has it: one call serves the whole chain
    facts = await _master(rest, exchange, leg.symbol)
    if facts.lotsize != leg.lotsize:
        raise DataError(f"{leg.symbol}: lot {leg.lotsize} in the chain, {facts.lotsize} in master")
    return _known_freeze(facts, leg.symbol)


async def _master(rest: OpenAlgoRest, exchange: str, symbol: str) -> _Facts:
    try:
        reply = await rest.query("symbol", _Symbol, symbol=symbol, exchange=exchange)
    except GatewayRefused as error:
        raise DataError(f"{symbol} is not in the gateway's master contracts: {error}") from error
    return reply.data


def _known_freeze(facts: _Facts, symbol: str) -> int:
    if facts.freeze_qty < facts.lotsize:
        # the gateway fills in 1 where it does not know
        raise ConfigError(
            f"{symbol}: the gateway does not know the freeze quantity ({facts.freeze_qty}); "
            "add the underlying to OpenAlgo's data/qtyfreeze.csv and refresh master contracts"
        )
    return facts.freeze_qty


def _strike(text: str) -> Paise:
    try:
        return paise(text)
    except DataError as error:
        raise ConfigError(f"atm: {error}; write a strike like 24200, or auto") from error


def _covers(rows: Sequence[_Row], money: Paise, each_side: int) -> bool:
    strikes = [paise_of_wire(row.strike) for row in rows]
    if money not in strikes:
        return False
    middle = strikes.index(money)
    return each_side <= middle < len(strikes) - each_side


def _positive(number: int, symbol: str, what: str) -> int:
    if number <= 0:
        raise DataError(f"{symbol}: {what} {number} in the gateway's master contracts")
    return number


def _nearest_expiries(listed: Sequence[date]) -> str:
    return "listed: " + ", ".join(expiry_text(day) for day in listed[:_NAMED])
