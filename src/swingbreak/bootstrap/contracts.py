"""What is tradable on a day and why: by the facts, and by a gateway where one is named."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

import aiohttp

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.openalgo.capabilities import load_profile
from swingbreak.adapters.openalgo.reference import (
    OptionChain,
    chosen_expiry,
    listed_expiries,
)
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.bootstrap.comparing import (
    Listed,
    TradingDays,
    Wanted,
    answered,
    chain_of,
    claims_of,
)
from swingbreak.bootstrap.giving_up import hush
from swingbreak.bootstrap.known import facts_of
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.money import Paise
from swingbreak.domain.session import IST
from swingbreak.facts.comparison import Claims, Finding, Silence, compare
from swingbreak.facts.contracts import Contracts, Listing
from swingbreak.facts.dated import Facts, UnknownFact
from swingbreak.facts.staleness import staleness
from swingbreak.reporting.contracts_view import Asked, Fact, Tradable, tradable
from swingbreak.reporting.day_facts import DayFacts, charge_facts, day_facts, rule_facts
from swingbreak.settings import Settings, require_api_key

__all__ = ["Overview", "overview"]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the command shows.

    Attributes:
        rules: What each exchange checks of prices.
        charges: What trading costs on each exchange.
        findings: In what the gateway and the facts differ; ``None`` where none was asked.
        warnings: What a reader must know, a sentence each.
    """

    day: DayFacts
    underlyings: tuple[Tradable, ...]
    rules: tuple[Fact, ...]
    charges: tuple[Fact, ...]
    findings: tuple[Finding, ...] | None
    warnings: tuple[str, ...]


def overview(
    settings: Settings,
    names: Sequence[str],
    day: date | None,
    spot: Paise | None,
    *,
    ask_gateway: bool,
) -> Overview:
    """Return what is tradable on *day*, by default today in India.

    *spot* is the level of the one index in *names*, paise; without names all are shown.

    Raises:
        ConfigError: There are no facts of an underlying, or *spot* is for several.
        DataError: A facts file cannot be used.
        BrokerError: The gateway cannot be reached, or refuses us.
    """
    hush()
    facts, now = facts_of(settings), WallClock().now()
    today = now.astimezone(IST).date()
    asked, day = _questions(facts, names, spot), day or today
    claims: Mapping[str, Claims] = {}
    if ask_gateway:
        claims, asked = asyncio.run(_ask(settings, facts, asked, day, is_today=day == today))
    exchanges = _exchanges(facts, tuple(asked), day)
    rules = (rule_facts(facts, one, day) for one in exchanges)
    charges = (charge_facts(facts, one, day, settings.brokerage) for one in exchanges)
    found = [finding for one in claims.values() for finding in compare(facts, one, now)]
    return Overview(
        day=day_facts(facts, day, settings.parameters, now if day == today else None),
        underlyings=tuple(tradable(facts, name, day, one) for name, one in asked.items()),
        rules=tuple(chain.from_iterable(rules)),
        charges=tuple(chain.from_iterable(charges)),
        findings=tuple(dict.fromkeys(found)) if ask_gateway else None,
        warnings=staleness(facts, day),
    )


def _questions(facts: Facts, names: Sequence[str], spot: Paise | None) -> dict[str, Asked]:
    """Return what is to be shown, by underlying."""
    wanted = _known(facts, names)
    if spot is not None and len(wanted) != 1:
        raise ConfigError("--spot is the level of one index: name one underlying")
    return {name: Asked() if spot is None else Asked(spot, "--spot") for name in wanted}


def _known(facts: Facts, names: Sequence[str]) -> tuple[str, ...]:
    known = Contracts(facts).underlyings
    wanted = tuple(dict.fromkeys(name.upper() for name in names))
    for name in wanted:
        if name not in known:
            raise ConfigError(
                f"no contract facts of underlying {name!r}; known: {', '.join(known)}"
            )
    return wanted or known


def _exchanges(facts: Facts, names: Sequence[str], day: date) -> tuple[str, ...]:
    listings = (_listing(facts, name, day) for name in names)
    return tuple(dict.fromkeys(listing.exchange for listing in listings if listing))


def _listing(facts: Facts, name: str, day: date) -> Listing | None:
    try:
        return Contracts(facts).listing(name, day)
    except UnknownFact:
        return None  # it was not listed yet, which its own rows say


async def _ask(
    settings: Settings, facts: Facts, asked: Mapping[str, Asked], day: date, *, is_today: bool
) -> tuple[dict[str, Claims], dict[str, Asked]]:
    claims, answers, days = dict[str, Claims](), dict(asked), dict[str, TradingDays]()
    gateway, key = settings.gateway, require_api_key(settings)
    async with aiohttp.ClientSession() as http:
        rest = OpenAlgoRest(gateway.host, key, http, gateway=load_profile(gateway.profile))
        await rest.analyzer()  # whether it is there at all
        for name in asked:
            if (listing := _listing(facts, name, day)) is None:
                continue
            exchange = listing.exchange
            if exchange not in days:
                days[exchange] = await TradingDays.asked(rest, exchange, day)
            listed = await _listed(rest, listing, day, Wanted.by(settings), is_all=is_today)
            claims[name] = claims_of(name, day, listed, days[exchange])
            answers[name] = _answer(asked[name], listed)
    return claims, answers


async def _listed(
    rest: OpenAlgoRest, listing: Listing, day: date, wanted: Wanted, *, is_all: bool
) -> Listed:
    name = listing.underlying
    expiries = await answered(listed_expiries(rest, name, listing.exchange))
    if isinstance(expiries, Silence):
        return Listed(expiries, expiries, is_all)

    async def contracts() -> OptionChain:
        expiry = chosen_expiry(name, expiries, day, wanted.expiry)
        return await chain_of(rest, listing, expiry, wanted)

    return Listed(expiries, await answered(contracts(), rest.timeouts.chain_s), is_all)


def _answer(given: Asked, listed: Listed) -> Asked:
    options, terms = listed.chain, listed.terms
    if isinstance(options, Silence) or isinstance(terms, Silence):
        return given
    strikes = tuple(sorted({contract.strike for contract in options.contracts}))
    spot, source = (given.spot, given.source) if given.spot else (options.spot, "the gateway")
    return Asked(spot, source, options.expiry, terms, strikes)
