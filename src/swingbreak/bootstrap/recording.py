"""Records a running day's ticks through a gateway, and makes recordings stored days."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.openalgo.books import OrderUpdate
from swingbreak.adapters.openalgo.capabilities import load_profile
from swingbreak.adapters.openalgo.feed import OpenAlgoFeed
from swingbreak.adapters.openalgo.frames import Instrument
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
from swingbreak.bootstrap.wiring import instruments
from swingbreak.domain.events import TickReceived
from swingbreak.domain.instrument import strike_text
from swingbreak.domain.session import IST, Session
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts
from swingbreak.market.day_bars import Origin
from swingbreak.runtime.following import Widening
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
        aim = await _aim(rest, settings, facts, session)
        log = TickLog(store, Recording(settings.underlying, session.day, origin))
        log.follow(aim.first(log, now), now)
        listener = _Listener(log, aim, session, told)
        feed = OpenAlgoFeed(
            gateway.ws_url,
            key,
            http,
            listener.take,
            aim.instruments(log.symbols),
            optional=aim.options,
            clock=WallClock() if is_ours else None,
            gateway=rest.gateway,
        )
        listener.ask = feed.follow
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


@dataclass(frozen=True, slots=True)
class _Aim:
    """What is recorded.

    Attributes:
        index: Of the options.
        options: All that may be recorded.
        widening: Which of them are; ``None`` for all.
    """

    index: Instrument
    options: tuple[Instrument, ...]
    widening: Widening | None

    def first(self, log: TickLog, now: datetime) -> frozenset[str]:
        """Return what is to be recorded at *now*, the window where *log* has left it."""
        if self.widening is None:
            return frozenset(each.symbol for each in (self.index, *self.options))
        index = self.index.symbol
        return self.widening.begin(log.prices(index), now) | {index}

    def instruments(self, symbols: AbstractSet[str]) -> list[Instrument]:
        """Return *symbols* as the feed is asked for them, also those of another chain."""
        known = {each.symbol: each for each in (self.index, *self.options)}
        option = self.options[0]
        return [known.get(each, option._replace(symbol=each)) for each in sorted(symbols)]


async def _aim(rest: OpenAlgoRest, settings: Settings, facts: Facts, session: Session) -> _Aim:
    listing = Contracts(facts).listing(settings.underlying, session.day)
    wanted = comparing.Wanted.by(settings)
    listed = await listed_expiries(rest, listing.underlying, listing.exchange)
    expiry = chosen_expiry(listing.underlying, listed, session.day, wanted.expiry)
    chain, window = await comparing.followed(rest, listing, expiry, wanted)
    index, *options = instruments(chain.contracts, listing.spot_symbol, listing.spot_exchange)
    grace_ms = settings.parameters.bar_grace_ms
    widening = None
    if window is not None:
        widening = Widening(window, chain.contracts, session, grace_ms)
    return _Aim(index, tuple(options), widening)


class _Listener:
    """Takes what the feed brings.

    Attributes:
        ask: Asks the feed for all that is recorded.
        over: Set when there is nothing more to record.
        is_whole: Whether the session was seen to its close.
    """

    ask: Callable[[AbstractSet[str]], Coroutine[Any, Any, None]]

    def __init__(
        self, log: TickLog, aim: _Aim, session: Session, told: Callable[[str], None]
    ) -> None:
        self.over = asyncio.Event()
        self.is_whole = False
        self.log = log
        self._aim = aim
        self._session = session
        self._told = told
        self._asked: set[asyncio.Task[None]] = set()
        self._pongs: set[asyncio.Task[None]] = set()

    def take(self, item: FeedItem) -> None:
        match item:
            case TickReceived(at, tick):
                self._follow(at)
                self.log.add(tick)
                if self._aim.widening is not None and tick.symbol == self._aim.index.symbol:
                    self._aim.widening.tick(tick.at, tick.price)
            case Marked():
                if item.at is not None:
                    self.saw(item.at)
                # market time may wait for it: what has come is asked for before it goes on
                _begin(_answer(item, tuple(self._asked)), self._pongs)
            case FeedLost(reason=reason):
                self._told(f"feed lost: {reason}")
            case FeedRestored(missing=missing):
                refused = f", refused: {', '.join(missing)}" if missing else ""
                self._told(f"feed connected{refused}")
            case OrderUpdate():
                pass  # whoever trades here is no concern of a recording

    def saw(self, now: datetime) -> None:
        self._follow(now)
        if now >= self._session.closes:
            self.is_whole = True
            self.over.set()

    def _follow(self, now: datetime) -> None:
        came = self._aim.widening and self._aim.widening.advance(now)
        if self._aim.widening is None or not came:
            return
        self.log.follow(came, now)
        where = self._aim.widening.recentring
        centre = strike_text(where.coming or where.centre)
        self._told(f"{len(came)} more options are recorded: the window moves to {centre}")
        _begin(self.ask(self.log.symbols), self._asked)


def _begin(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
    task = asyncio.ensure_future(work)
    among.add(task)
    task.add_done_callback(among.discard)


async def _answer(marked: Marked, after: tuple[asyncio.Task[None], ...]) -> None:
    if after:
        await asyncio.wait(after)
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
