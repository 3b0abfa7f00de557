"""Records a running day's ticks through a gateway, and makes recordings stored days."""

import asyncio
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import aiohttp

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.openalgo.books import OrderUpdate
from swingbreak.adapters.openalgo.capabilities import load_profile
from swingbreak.adapters.openalgo.feed import OpenAlgoFeed
from swingbreak.adapters.openalgo.frames import DataMode, Instrument
from swingbreak.adapters.openalgo.items import FeedItem, FeedLost, FeedRestored, Marked
from swingbreak.adapters.openalgo.market_time import gateway_time
from swingbreak.adapters.openalgo.reference import chosen_expiry, listed_expiries
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.adapters.store.files import Staged
from swingbreak.adapters.store.keeping import Judge, Kept, finish, keep
from swingbreak.adapters.store.layout import Store
from swingbreak.adapters.store.recording import (
    Recording,
    TickLog,
    recorded_portions,
    recordings,
)
from swingbreak.bootstrap import comparing
from swingbreak.bootstrap.giving_up import given_up, hush
from swingbreak.bootstrap.known import facts_of, session_at
from swingbreak.bootstrap.leaving import Departure, until_signal
from swingbreak.domain.events import TickReceived
from swingbreak.domain.session import IST, Session
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts
from swingbreak.market.day_bars import Origin
from swingbreak.settings import Settings, require_api_key

__all__ = ["Recorded", "record_day"]

_FLUSH_S = 1.0
_NEAR_S = 300  # a gateway whose clock is farther from ours lives in a time of its own


@dataclass(frozen=True, slots=True)
class Recorded:
    """How a recording ended.

    Attributes:
        day: Its day.
        ticks: How many were recorded by this process.
        is_whole: Whether the session was over.
        signal: What ended it before, if a signal did.
        kept: What recordings have become stored days.
    """

    day: date
    ticks: int
    is_whole: bool
    signal: signal.Signals | None
    kept: tuple[Kept, ...]


def record_day(root: Path, settings: Settings, told: Callable[[str], None]) -> Recorded:
    """Record the chain that *settings* name until the session closes or a signal comes.

    A recording whose day is over becomes a stored day, at the start and at the end.

    Args:
        root: Folder of the store; made if it is not there.
        settings: Gateway, underlying, expiry and strikes.
        told: Given a line when the feed comes or goes.

    Raises:
        ConfigError: There is no session to record, or a setting is wrong.
        BrokerError: The gateway cannot be reached or refuses us.
        DataError: The disk is full.
    """
    hush()
    departure = Departure()
    work = _record(Store(root), settings, departure, told)
    try:
        return asyncio.run(until_signal(work, departure))
    except ExceptionGroup as group:
        raise given_up(group) from None


def _stored(store: Store, settings: Settings, facts: Facts, last: date) -> tuple[Kept, ...]:
    """Make every recording of a day until *last*, included, a stored day."""
    kept: list[Kept] = []
    for recording in recordings(store):
        if recording.day > last:
            continue
        grace_ms = settings.parameters.bar_grace_ms
        portions = recorded_portions(store, facts, recording, grace_ms)
        with Staged(store) as staged:
            keep(staged, portions)
            kept += finish(staged, Judge(store, facts))
        recording.path(store).unlink()
    return tuple(kept)


async def _record(
    store: Store, settings: Settings, departure: Departure, told: Callable[[str], None]
) -> Recorded:
    gateway, key = settings.gateway, require_api_key(settings)
    async with aiohttp.ClientSession() as http:
        now, facts = await gateway_time(http, gateway.ws_url), facts_of(settings)
        earlier = _store_over(store, settings, facts, now)
        day = now.astimezone(IST).date()
        if any(kept.place.day == day for kept in earlier):
            return Recorded(day, 0, True, None, earlier)
        session = session_at(facts, now)
        rest = OpenAlgoRest(gateway.host, key, http, gateway=load_profile(gateway.profile))
        is_ours = abs((WallClock().now() - now).total_seconds()) < _NEAR_S
        origin = Origin.RECORDED if is_ours else Origin.SYNTHETIC
        instruments = await _instruments(rest, settings, facts, session)
        log = TickLog(store, Recording(settings.underlying, session.day, origin))
        listener = _Listener(log, session, told)
        feed = OpenAlgoFeed(
            gateway.ws_url,
            key,
            http,
            listener.take,
            _and_before(instruments, log.symbols),
            clock=WallClock() if is_ours else None,
            gateway=rest.gateway,
        )
        departure.tell = lambda _: listener.over.set()
        try:
            await _listen(feed, listener, is_ours=is_ours)
        finally:
            log.close()
    kept = _stored(store, settings, facts, session.day) if listener.is_whole else ()
    return Recorded(session.day, log.count, listener.is_whole, departure.signal, (*earlier, *kept))


def _store_over(store: Store, settings: Settings, facts: Facts, now: datetime) -> tuple[Kept, ...]:
    day = now.astimezone(IST).date()
    is_over = now >= Calendar(facts).session(day).closes
    return _stored(store, settings, facts, day if is_over else day - timedelta(days=1))


async def _instruments(
    rest: OpenAlgoRest, settings: Settings, facts: Facts, session: Session
) -> list[Instrument]:
    listing = Contracts(facts).listing(settings.underlying, session.day)
    wanted = comparing.Wanted.by(settings)
    listed = await listed_expiries(rest, listing.underlying, listing.exchange)
    expiry = chosen_expiry(listing.underlying, listed, session.day, wanted.expiry)
    chain = await comparing.chain_of(rest, listing, expiry, wanted)
    return [
        Instrument(listing.spot_symbol, listing.spot_exchange, DataMode.LTP),
        *(Instrument(c.symbol, c.exchange, DataMode.DEPTH) for c in chain.contracts),
    ]


def _and_before(instruments: list[Instrument], symbols: Iterable[str]) -> list[Instrument]:
    """Return *instruments* and those that an earlier start recorded: the money may have moved."""
    known, option = {one.symbol for one in instruments}, instruments[-1]
    return [*instruments, *(option._replace(symbol=s) for s in sorted(symbols) if s not in known)]


class _Listener:
    """Takes what the feed brings.

    Attributes:
        over: Set when there is nothing more to record.
        is_whole: Whether the session was seen to its close.
    """

    def __init__(self, log: TickLog, session: Session, told: Callable[[str], None]) -> None:
        self.over = asyncio.Event()
        self.is_whole = False
        self.log = log
        self._session = session
        self._told = told
        self._pongs: set[asyncio.Task[None]] = set()

    def take(self, item: FeedItem) -> None:
        match item:
            case TickReceived(tick=tick):
                self.log.add(tick)
            case Marked():
                if item.at is not None:
                    self.saw(item.at)
                pong = asyncio.ensure_future(_answer(item))
                self._pongs.add(pong)
                pong.add_done_callback(self._pongs.discard)
            case FeedLost(reason=reason):
                self._told(f"feed lost: {reason}")
            case FeedRestored(missing=missing):
                refused = f", refused: {', '.join(missing)}" if missing else ""
                self._told(f"feed connected{refused}")
            case OrderUpdate():
                pass  # whoever trades here is no concern of a recording

    def saw(self, now: datetime) -> None:
        if now >= self._session.closes:
            self.is_whole = True
            self.over.set()


async def _answer(marked: Marked) -> None:
    with suppress(aiohttp.ClientError, OSError):
        await marked.pong()


async def _listen(feed: OpenAlgoFeed, listener: _Listener, *, is_ours: bool) -> None:
    async with asyncio.TaskGroup() as tasks:
        others = [tasks.create_task(feed.run()), tasks.create_task(_keep(listener, is_ours))]
        await listener.over.wait()
        for task in others:
            task.cancel()


async def _keep(listener: _Listener, is_ours: bool) -> None:  # noqa: FBT001 - as _listen has it
    clock = WallClock()
    while True:
        await asyncio.sleep(_FLUSH_S)
        listener.log.flush()
        if is_ours:
            listener.saw(clock.now())
