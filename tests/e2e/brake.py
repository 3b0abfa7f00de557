"""A client that keeps a gateway's market time from passing, where that goes in lock-step."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeAlias

import aiohttp
import msgspec

from swingbreak.adapters.openalgo import frames
from tests.e2e.processes import Server

__all__ = ["Brake", "braked", "has_traded"]

_PATIENCE_S = 60.0

Update: TypeAlias = Mapping[str, Any]


def has_traded(update: Update) -> bool:
    """Whether an order update tells of a sale."""
    return bool(update["action"] == "SELL" and update["filled_quantity"])


class Brake:
    """Listens to order updates; time stands still while it leaves a ping without an answer.

    It may do so for 30 seconds of the wall's clock, then the gateway goes on without it.
    """

    def __init__(self) -> None:
        self._stands = threading.Event()
        self._until: Callable[[Update], bool] = lambda _: False
        self._holds = True
        self._ping = b""
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._listening: Future[None] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def go(self, until: Callable[[Update], bool] = lambda _: False) -> None:
        """Let time pass, and hold it when an order update is such."""
        self._until, self._holds = until, False
        self._answer()

    def hold(self) -> None:
        """Let time pass no further than to the next ping."""
        self._holds = True
        self.stand()

    def step(self) -> None:
        """Let time pass to the next ping: a second at most."""
        self._answer()
        self.stand()

    def stand(self) -> None:
        """Wait until time stands still."""
        assert self._stands.wait(_PATIENCE_S), "time passes"

    def begin(self, server: Server) -> None:
        """Connect; from then on time stands still."""
        begun = asyncio.Event()
        self._listening = self._later(self._listen(server, begun))
        self._wait(begun.wait())
        self.stand()

    def end(self) -> None:
        """Go away; whoever else is subscribed goes on."""
        if self._socket is not None and self._listening is not None:
            self._wait(self._socket.close())
            self._listening.result(_PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()

    async def _listen(self, server: Server, begun: asyncio.Event) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(server.ws_url, autoping=False) as socket,
        ):
            self._socket = socket
            await socket.send_str(frames.authenticate(server.key))
            await socket.send_str(frames.subscribe_orders())
            begun.set()
            async for message in socket:
                if message.type is aiohttp.WSMsgType.PING:
                    await self._pinged(bytes(message.data))
                elif message.type is aiohttp.WSMsgType.TEXT:
                    self._told(msgspec.json.decode(message.data))

    async def _pinged(self, payload: bytes) -> None:
        if self._socket is not None and not self._holds:
            await self._socket.pong(payload)
        else:
            self._ping = payload
            self._stands.set()

    def _told(self, frame: Update) -> None:
        if frame.get("type") == "order_update" and self._until(frame):
            self._holds = True

    def _answer(self) -> None:
        if self._stands.is_set() and self._socket is not None:
            self._stands.clear()
            self._wait(self._socket.pong(self._ping))

    def _later(self, work: Coroutine[Any, Any, Any]) -> "Future[Any]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _wait(self, work: Coroutine[Any, Any, Any]) -> None:
        self._later(work).result(_PATIENCE_S)


@contextmanager
def braked(server: Server) -> Iterator[Brake]:
    """Hold the market time of *server* from the beginning."""
    brake = Brake()
    try:
        brake.begin(server)
        yield brake
    finally:
        brake.end()
