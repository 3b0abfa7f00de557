"""Listens to a gateway's WebSocket for a moment: log-in, subscriptions, ticks, order updates."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import aiohttp

from swingbreak.adapters.openalgo import frames
from swingbreak.adapters.openalgo.capabilities import Capabilities
from swingbreak.adapters.openalgo.feed import OpenAlgoFeed
from swingbreak.adapters.openalgo.frames import Instrument, waits_for_pong
from swingbreak.adapters.openalgo.items import FeedItem, FeedLost, FeedRestored, Marked
from swingbreak.domain.errors import DataError, GatewayRefused
from swingbreak.domain.events import TickReceived
from swingbreak.ports import Clock

__all__ = ["LOG_IN_S", "TICKS_S", "Heard", "WhereToListen", "code_of_log_in", "listen"]

LOG_IN_S: Final = 25.0  # a gateway's first connection to its broker takes up to 15 s
TICKS_S: Final = 2.5
# A market in step goes as fast as it is answered: no more of its time is used than this, in which
# a day that was recorded as minutes has spoken once.
_MARKET_TIME: Final = timedelta(seconds=65)


@dataclass(slots=True)
class Heard:
    """What came.

    Attributes:
        refused: Why the log-in was refused; empty where it was not.
        lost: Why the connection ended while we listened; empty as well.
        missing: Why symbols were refused.
        order_updates: Whether the gateway offers them.
        ticked: Seconds from the subscription to the first tick, by symbol.
        volumes: Last day volume of each symbol that told one, units.
        seconds: How long ticks were waited for.
    """

    refused: str = ""
    lost: str = ""
    missing: Mapping[str, str] = field(default_factory=dict)
    order_updates: bool = False
    ticked: dict[str, float] = field(default_factory=dict)
    volumes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_in(self) -> bool:
        """Whether it let us in, and kept us."""
        return not (self.refused or self.lost)


@dataclass(frozen=True, slots=True)
class WhereToListen:
    """A feed.

    Attributes:
        clock: Stamps ticks; ``None`` for the gateway's market time.
    """

    ws_url: str
    api_key: str
    http: aiohttp.ClientSession
    instruments: Sequence[Instrument]
    gateway: Capabilities
    clock: Clock | None


async def listen(where: WhereToListen, *, wait_s: float) -> Heard:
    """Log in, subscribe, and wait for the first tick of each symbol.

    Args:
        where: The feed.
        wait_s: Seconds to wait for ticks; 0 while the market is closed.
    """
    ears = _Ears({one.symbol for one in where.instruments})
    if not wait_s:
        ears.enough.set()  # nor is a simulated market's ping answered: its time stands still
    feed = OpenAlgoFeed(
        where.ws_url,
        where.api_key,
        where.http,
        ears.hear,
        where.instruments,
        clock=where.clock,
        gateway=where.gateway,
    )
    feeding = asyncio.create_task(_fed(feed, ears))
    try:
        await ears.answered.wait()
        if ears.heard.is_in and wait_s:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await ears.enough.wait()
            ears.heard.seconds = monotonic() - ears.since
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, *ears.pongs, return_exceptions=True)
    return ears.heard


async def code_of_log_in(http: aiohttp.ClientSession, ws_url: str, api_key: str) -> str:
    """Return what a WebSocket answers to the key: ``success``, a code, or nothing."""
    try:
        async with http.ws_connect(ws_url, timeout=aiohttp.ClientWSTimeout(ws_close=1.0)) as ws:
            await ws.send_str(frames.authenticate(api_key))
            frame = frames.decode(await ws.receive_str())
    except (aiohttp.ClientError, OSError, TypeError, DataError):
        return ""
    return frame.code or frame.status


async def _fed(feed: OpenAlgoFeed, ears: "_Ears") -> None:
    try:
        await feed.run()
    except GatewayRefused as error:
        ears.heard.refused = str(error)
        ears.answered.set()


class _Ears:
    """Takes what the feed says.

    Attributes:
        answered: Set when log-in and subscriptions are answered, or will not be.
        enough: Set when every symbol has ticked, or the market has had its time.
        pongs: Answers on their way.
        since: When the subscriptions were answered.
    """

    def __init__(self, symbols: set[str]) -> None:
        self.heard = Heard()
        self.answered = asyncio.Event()
        self.enough = asyncio.Event()
        self.pongs: set[asyncio.Task[None]] = set()
        self.since = monotonic()
        self._silent = symbols
        self._first_mark: datetime | None = None

    def hear(self, item: FeedItem) -> None:
        """Take *item*."""
        match item:
            case TickReceived(_, tick):
                self._tick(tick.symbol)
                if tick.volume:
                    self.heard.volumes[tick.symbol] = tick.volume
            case FeedRestored(missing, order_updates):
                self.since = monotonic()
                self.heard.missing, self.heard.order_updates = missing, order_updates
                self._silent -= missing.keys()
                self.answered.set()
            case FeedLost(reason):
                self.heard.lost = reason
                self.answered.set()
                self.enough.set()
            case Marked():
                self._mark(item)
            case _:
                pass

    def _tick(self, symbol: str) -> None:
        self.heard.ticked.setdefault(symbol, max(0.0, monotonic() - self.since))
        self._silent.discard(symbol)
        if not self._silent:
            self.enough.set()

    def _mark(self, mark: Marked) -> None:
        if mark.at is not None and waits_for_pong(mark.payload):
            self._first_mark = self._first_mark or mark.at
            if mark.at - self._first_mark >= _MARKET_TIME:
                self.enough.set()
        if not self.enough.is_set():
            pong = asyncio.create_task(_answered(mark))
            self.pongs.add(pong)
            pong.add_done_callback(self.pongs.discard)


async def _answered(mark: Marked) -> None:
    await mark.pong()
