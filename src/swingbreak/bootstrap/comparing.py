"""Asks a gateway what it knows of a day, and compares that with the facts.

Rules of this file:

1. What cannot be asked is told as not compared; only a day without a chain ends here.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

import structlog

from swingbreak.adapters.openalgo.reference import (
    AUTO,
    OptionChain,
    chosen_expiry,
    listed_expiries,
    resolve_chain,
)
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.adapters.openalgo.trading_days import holidays_of, hours_on
from swingbreak.domain.errors import BrokerError, ConfigError, DataError
from swingbreak.domain.instrument import expiry_text
from swingbreak.domain.money import rupees
from swingbreak.domain.session import IST, Session
from swingbreak.facts.comparison import (
    Claims,
    Difference,
    Finding,
    Hours,
    Silence,
    Terms,
    agreed_session,
    compare,
)
from swingbreak.facts.contracts import Contracts, Listing
from swingbreak.facts.dated import Facts
from swingbreak.market.window import Window, strikes_around, window_of
from swingbreak.settings import Settings

__all__ = [
    "Ground",
    "Listed",
    "TradingDays",
    "Wanted",
    "answered",
    "chain_of",
    "claims_of",
    "followed",
    "ground_of",
    "keep",
]

_PATIENCE_S: Final = 3.0
# An exit that chases a price needs some minutes of trading.
_TO_CLOSE: Final = timedelta(minutes=10)
_REACH: Final = 20  # strikes by which a window can move within a day, either way

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which contracts to ask for.

    Attributes:
        expiry: ``auto``, or a date like ``26DEC24``.
        atm: ``auto``, or a strike in rupees.
        each_side: Strikes above and below the money.
        recentre_after: As of a :class:`Window`; 0 for one that never moves.
    """

    expiry: str = AUTO
    atm: str = AUTO
    each_side: int = 10
    recentre_after: int = 0

    @classmethod
    def by(cls, settings: Settings) -> "Wanted":
        """Return what *settings* ask for."""
        return cls(
            AUTO if settings.expiry is None else expiry_text(settings.expiry),
            AUTO if settings.atm is None else rupees(settings.atm),
            settings.strikes_each_side,
            settings.recentre_after if settings.atm is None else 0,
        )

    def window(self, chain: OptionChain) -> Window | None:
        """Return the window of the strikes of *chain*; ``None`` where it cannot move."""
        strikes = (contract.strike for contract in chain.contracts)
        return window_of(strikes, chain.atm, self.each_side, self.recentre_after)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a day stands on.

    Attributes:
        settings: As given, but flat before a close that is earlier than expected.
        session: Hours, the earlier close of two.
        listing: What the underlying's options have in common.
        chain: The contracts, as the gateway's instrument list has them.
        window: Which strikes of these are followed at first; ``None`` for all, all day.
        findings: In what the gateway and the facts differ.
    """

    settings: Settings
    session: Session
    listing: Listing
    chain: OptionChain
    window: Window | None
    findings: tuple[Finding, ...]


async def ground_of(  # noqa: PLR0913 - whom to ask, by what, about which day
    rest: OpenAlgoRest,
    settings: Settings,
    facts: Facts,
    session: Session,
    *,
    now: datetime,
    lists_all: bool,
) -> Ground:
    """Return what *session*'s day stands on, the gateway and the facts compared.

    Args:
        rest: The gateway.
        settings: Which contracts to trade.
        facts: What is known.
        session: Hours of the day by the facts.
        now: The gateway's time.
        lists_all: Whether it lists all that is traded; see :class:`Claims`.

    Raises:
        ConfigError: The contracts that are asked for are not listed.
        BrokerError: The gateway could not say what is listed.
        DataError: It said something that cannot be right, or the facts cannot be used.
    """
    day, name = session.day, settings.underlying
    listing, wanted = Contracts(facts).listing(name, day), Wanted.by(settings)
    listed = await listed_expiries(rest, name, listing.exchange)
    expiry = chosen_expiry(name, listed, day, wanted.expiry)
    chain, window = await followed(rest, listing, expiry, wanted)
    days = await TradingDays.asked(rest, listing.exchange, day)
    claims = claims_of(name, day, Listed(listed, chain, lists_all), days)
    agreed = agreed_session(session, days.hours, now)
    return Ground(
        settings=_flat_before(settings, agreed, session),
        session=agreed,
        listing=listing,
        chain=chain,
        window=window,
        findings=compare(facts, claims, now),
    )


@dataclass(frozen=True, slots=True)
class TradingDays:
    """What a gateway says of an exchange's days; see :class:`Claims`."""

    holidays: Mapping[date, str] | Silence
    hours: Hours | Silence | None

    @classmethod
    async def asked(cls, rest: OpenAlgoRest, exchange: str, day: date) -> "TradingDays":
        """Ask for the holidays of *day*'s year and the hours of *day*."""
        holidays, hours = await asyncio.gather(
            answered(holidays_of(rest, day.year, exchange)),
            answered(hours_on(rest, day, exchange)),
        )
        return cls(holidays, hours)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a gateway lists of one underlying.

    Attributes:
        is_all: Whether it lists all that is traded; see :class:`Claims`.
    """

    expiries: Sequence[date] | Silence
    chain: OptionChain | Silence
    is_all: bool

    @property
    def terms(self) -> Terms | Silence:
        """What the contracts have in common."""
        if isinstance(self.chain, Silence):
            return self.chain
        contracts = self.chain.contracts
        middle = contracts[len(contracts) // 2]  # its freeze quantity was asked for
        return Terms(middle.lot, middle.freeze, middle.tick)


def claims_of(underlying: str, day: date, listed: Listed, days: TradingDays) -> Claims:
    """Return what the gateway says of *underlying* on *day*, put together."""
    return Claims(
        underlying=underlying,
        day=day,
        lists_all=listed.is_all,
        expiries=listed.expiries,
        expiry=None if isinstance(listed.chain, Silence) else listed.chain.expiry,
        terms=listed.terms,
        holidays=days.holidays,
        hours=days.hours,
    )


async def answered(query: Awaitable[_T], seconds: float = _PATIENCE_S) -> _T | Silence:
    """Return the answer to *query*, or why there is none within *seconds*."""
    try:
        async with asyncio.timeout(seconds):
            return await query
    except TimeoutError:
        return Silence(f"no answer in {seconds:g} s")
    except (BrokerError, ConfigError, DataError) as error:
        return Silence(str(error))


def keep(findings: Sequence[Finding]) -> None:
    """Write *findings* into the log of the day."""
    log = structlog.get_logger()
    for finding in findings:
        if isinstance(finding, Difference):
            log.warning("facts.differ", line=finding.line)
        else:
            log.info("facts.not_compared", line=finding.line)


async def chain_of(
    rest: OpenAlgoRest, listing: Listing, expiry: date, wanted: Wanted
) -> OptionChain:
    """Return the contracts of *expiry* around the money; raises as :func:`resolve_chain` does."""
    return await resolve_chain(
        rest,
        underlying=listing.underlying,
        spot_exchange=listing.spot_exchange,
        exchange=listing.exchange,
        expiry=expiry,
        atm=wanted.atm,
        each_side=wanted.each_side,
    )


async def followed(
    rest: OpenAlgoRest, listing: Listing, expiry: date, wanted: Wanted
) -> tuple[OptionChain, Window | None]:
    """Return the contracts that may be followed today, and which of them are at first.

    That is ``None`` for all, all day. Raises as :func:`resolve_chain` does.
    """
    if not wanted.recentre_after:
        return await chain_of(rest, listing, expiry, wanted), None
    wide = replace(wanted, each_side=wanted.each_side + _REACH)
    chain = await chain_of(rest, listing, expiry, wide)
    window = wanted.window(chain)
    if window is None:  # the gateway lists no more than a window
        strikes = sorted({contract.strike for contract in chain.contracts})
        kept = strikes_around(strikes, chain.atm, wanted.each_side)
        chain = replace(chain, contracts=tuple(c for c in chain.contracts if c.strike in kept))
    return chain, window


def _flat_before(settings: Settings, agreed: Session, ours: Session) -> Settings:
    """Return *settings* that are flat before the close of *agreed*.

    With minutes to spare where *ours* is another; else as late before it as was asked for.
    """
    latest = (agreed.closes - _TO_CLOSE).astimezone(IST).time()
    given = settings.parameters
    is_in_time = agreed == ours and agreed.at(given.force_exit) < agreed.closes
    if is_in_time or given.force_exit <= latest:
        return settings
    earlier = replace(given, force_exit=latest, last_entry=min(given.last_entry, latest))
    return replace(settings, parameters=earlier)
