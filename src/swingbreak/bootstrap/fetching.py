"""Fetches past days from a gateway's history into the data store."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import aiohttp

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.data_layer import pl
from swingbreak.adapters.openalgo.capabilities import load_profile
from swingbreak.adapters.openalgo.past import past_candles
from swingbreak.adapters.openalgo.reference import chosen_expiry, listed_expiries
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.adapters.store.files import Staged
from swingbreak.adapters.store.incoming import Incoming
from swingbreak.adapters.store.intake import Intake, Wanted
from swingbreak.adapters.store.keeping import Judge, Kept, finish, keep
from swingbreak.adapters.store.layout import Store
from swingbreak.bootstrap import comparing
from swingbreak.bootstrap.giving_up import given_up, hush
from swingbreak.bootstrap.known import facts_of
from swingbreak.domain.errors import ConfigError, DataError, GatewayRefused
from swingbreak.domain.session import IST
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts
from swingbreak.settings import Settings, require_api_key

__all__ = ["Fetched", "fetch_days"]

_AT_ONCE = 2  # the gateway spaces history calls 0.35 s apart, all clients together


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch has brought.

    Attributes:
        symbols: How many contracts were asked for, the index with them.
        failed: Why the gateway had nothing of some.
    """

    kept: tuple[Kept, ...]
    symbols: int
    failed: Mapping[str, str]


def fetch_days(
    root: Path,
    settings: Settings,
    first: date,
    last: date,
    told: Callable[[int, int], None] = lambda *_: None,
) -> Fetched:
    """Fetch the minute bars of the chain that *settings* name, and of its index.

    What has come is kept until all of it is there: after a break the same command goes on.

    Args:
        root: Folder of the store; made if it is not there.
        settings: Gateway, underlying, expiry and strikes.
        first: First day.
        last: Last day, included; one that is over.
        told: Given how many symbols have come and how many there are.

    Raises:
        ConfigError: The days make no range, or are not over; or a setting is wrong.
        BrokerError: The gateway cannot be reached or refuses us.
        DataError: An answer cannot be used; nothing is stored then.
    """
    hush()
    facts = facts_of(settings)
    _check_range(Calendar(facts), first, last, WallClock().now())
    asked = asyncio.run(_ask(Store(root), settings, facts, (first, last), told))
    return _store(Store(root), settings, facts, asked)


@dataclass(frozen=True, slots=True)
class _Answers:
    incoming: Incoming
    index: str
    options: tuple[str, ...]
    failed: Mapping[str, str]


def _check_range(calendar: Calendar, first: date, last: date, now: datetime) -> None:
    if first > last:
        raise ConfigError(f"--from {first} is after --to {last}")
    today = now.astimezone(IST).date()
    if last > today or (last == today and now < calendar.session(today).closes):
        raise ConfigError(
            f"--to {last}: that day is not over, its bars would be half a day; "
            "fetch it after the close"
        )


async def _ask(
    store: Store,
    settings: Settings,
    facts: Facts,
    days: tuple[date, date],
    told: Callable[[int, int], None],
) -> _Answers:
    listing = Contracts(facts).listing(settings.underlying, days[1])
    incoming = Incoming(store, settings.underlying, *days)
    gateway, key = settings.gateway, require_api_key(settings)
    wanted = comparing.Wanted.by(settings)
    async with aiohttp.ClientSession() as http:
        rest = OpenAlgoRest(gateway.host, key, http, gateway=load_profile(gateway.profile))
        listed = await listed_expiries(rest, listing.underlying, listing.exchange)
        expiry = chosen_expiry(listing.underlying, listed, days[1], wanted.expiry)
        chain = await comparing.chain_of(rest, listing, expiry, wanted)
        exchanges = {c.symbol: c.exchange for c in chain.contracts}
        exchanges[listing.spot_symbol] = listing.spot_exchange
        failed = await _load(rest, incoming, exchanges, days, told)
    options = tuple(contract.symbol for contract in chain.contracts)
    return _Answers(incoming, listing.spot_symbol, options, failed)


async def _load(
    rest: OpenAlgoRest,
    incoming: Incoming,
    exchanges: Mapping[str, str],
    days: tuple[date, date],
    told: Callable[[int, int], None],
) -> dict[str, str]:
    failed: dict[str, str] = {}
    turns, done = asyncio.Semaphore(_AT_ONCE), 0

    async def one(symbol: str) -> None:
        nonlocal done
        async with turns:
            if not incoming.has(symbol):
                try:
                    rows = await past_candles(rest, symbol, exchanges[symbol], *days)
                except GatewayRefused as error:
                    failed[symbol] = str(error)
                else:
                    incoming.keep(symbol, rows)
        done += 1
        told(done, len(exchanges))

    try:
        async with asyncio.TaskGroup() as tasks:
            for symbol in exchanges:
                tasks.create_task(one(symbol))
    except ExceptionGroup as group:
        raise given_up(group) from None
    return failed


def _store(store: Store, settings: Settings, facts: Facts, asked: _Answers) -> Fetched:
    host = settings.gateway.host
    intake = Intake(facts, Wanted(source=f"history of {host}"))
    bars = asked.incoming.rows(asked.options)
    if bars.is_empty():
        why = next(iter(asked.failed.values()), "it has no trade of these contracts in those days")
        raise DataError(f"{host}: no bar came: {why}")
    index = asked.incoming.rows([asked.index]).rename({"symbol": "underlying"}, strict=False)
    with Staged(store) as staged:
        keep(staged, intake.frame(bars, f"history of {host}"), replaces=True)
        if not index.is_empty():
            named = index.with_columns(pl.lit(settings.underlying).alias("underlying"))
            keep(staged, intake.frame(named, f"history of {asked.index}"), replaces=True)
        kept = finish(staged, Judge(store, facts))
    asked.incoming.clear()
    return Fetched(kept, len(asked.options) + 1, asked.failed)
