"""OpenAlgo's WebSocket feed: connect, log in, subscribe, read; again and again.

A wrong key ends it, but not one that has been right before: a proxy that is busy, or cannot look it
up, says the same. Everything else is tried again, with growing pauses. Whether symbols tick is
not judged here: a connected feed may be mute, and whoever finds that out calls ``resubscribe`` or
``reconnect``.
"""

import asyncio
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Final

import aiohttp

from swingbreak.adapters.openalgo import frames
from swingbreak.adapters.openalgo.capabilities import DOCUMENTED, Capabilities
from swingbreak.adapters.openalgo.connection import Connection, Sleep
from swingbreak.adapters.openalgo.frames import Instrument
from swingbreak.adapters.openalgo.inlet import Inlet
from swingbreak.adapters.openalgo.items import FeedItem, FeedLost, FeedRestored
from swingbreak.adapters.openalgo.subscriptions import Subscriptions
from swingbreak.domain.errors import ConfigError, GatewayRefused, GatewayUnreachable
from swingbreak.ports import Clock

__all__ = ["BACK_OFF_S", "OpenAlgoFeed"]

BACK_OFF_S: Final = (1, 2, 5, 10, 30)
_CONNECT_S: Final = 10.0
_CLOSE: Final = aiohttp.ClientWSTimeout(ws_close=1.0)


class OpenAlgoFeed:
    """One feed. Items reach ``on_item`` in the order they came, by a plain call.

    Attributes:
        inlet: Counts of what was not handed over.

    Args:
        url: ``ws://127.0.0.1:8765``.
        api_key: The gateway's.
        session: HTTP session to connect with; the caller owns it.
        on_item: Takes each item at once and must not block.
        instruments: What is wanted, each symbol in one mode.
        optional: What may come and go, as :meth:`follow` says; wanted now where it is also above.
        clock: Stamps what is received; ``None`` stamps it with the gateway's market time.
        sleep: Waits seconds between attempts.
        gateway: What the gateway is known to do.
    """

    def __init__(  # noqa: PLR0913 - collaborators and the three things that name a feed
        self,
        url: str,
        api_key: str,
        session: aiohttp.ClientSession,
        on_item: Callable[[FeedItem], None],
        instruments: Iterable[Instrument],
        *,
        optional: Iterable[Instrument] = (),
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
        gateway: Capabilities = DOCUMENTED,
    ) -> None:
        if not url.startswith(("ws://", "wss://")):
            raise ConfigError(f"WebSocket URL {url!r} is no address like ws://127.0.0.1:8765")
        self.inlet = Inlet(clock, gateway, api_key)
        self._tells_orders = gateway.order_stream
        self._url = url
        self._api_key = api_key
        self._session = session
        self._on_item = on_item
        self._ledger = Subscriptions(instruments, optional)
        self._sleep = sleep
        self._connection: Connection | None = None
        self._told_lost = False
        self._was_in = False
        self._asked = ""

    async def run(self) -> None:
        """Feed until cancelled.

        Raises:
            GatewayRefused: The key is wrong, from the first.
        """
        attempt = 0
        while True:
            try:
                await self._live()
            except (GatewayRefused, GatewayUnreachable, aiohttp.ClientError, OSError) as error:
                if isinstance(error, GatewayRefused) and not self._was_in:
                    raise
                self._lost(self._asked or str(error) or type(error).__name__)
            self._asked = ""
            connection, self._connection = self._connection, None
            if connection is not None and connection.is_proven:
                attempt = 0
            await self._sleep(BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)])
            attempt += 1

    async def follow(self, symbols: AbstractSet[str]) -> None:
        """Want *symbols* and no other of the optional ones, now and after every reconnect."""
        came, left = self._ledger.follow(symbols)
        if self._connection is not None:
            await self._connection.send([*frames.subscribe(came), *frames.unsubscribe(left)])

    async def resubscribe(self, symbols: Iterable[str]) -> None:
        """Ask for *symbols* again; it has worked when they tick."""
        if self._connection is not None:
            await self._connection.send(frames.subscribe(self._ledger.of(symbols)))

    async def reconnect(self, reason: str) -> None:
        """Drop the connection and make a new one."""
        if self._connection is not None:
            self._asked = reason
            await self._connection.close()

    async def _live(self) -> None:
        async with asyncio.timeout(_CONNECT_S):
            socket = await self._session.ws_connect(self._url, autoping=False, timeout=_CLOSE)
        connection = Connection(socket, self._ledger, self.inlet, self._on_item, self._sleep)
        self._connection = connection
        try:
            while True:
                await connection.log_in(self._api_key)
                self._told_lost, self._was_in = False, True
                tells = self._tells_orders and bool(connection.order_updates)
                self._on_item(FeedRestored(self._ledger.missing, tells))
                connection.release()
                await connection.read()
                self._lost(f"the gateway has forgotten our log-in: {self.inlet.last_error}")
        finally:
            await connection.close()

    def _lost(self, reason: str) -> None:
        if not self._told_lost:
            self._told_lost = True
            self._on_item(FeedLost(reason))
