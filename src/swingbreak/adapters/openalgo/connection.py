"""One WebSocket connection to the gateway, from log-in to its end.

Rules of this file:

1. A ping is answered by the consumer, when it has acted upon everything before it. Only a ping
   without a market time is answered here after ``LATE_PONG_S``: a real gateway hangs up on silence.
2. Pings wait until the subscription is complete: a simulated market does not move before.
3. A wrong key raises ``GatewayRefused``, every other end ``GatewayUnreachable``.

Source: OpenAlgo 2.0.2.1, recorded frames and restarts, read 2026-11-22.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final, TypeAlias

import aiohttp

from swingbreak.adapters.openalgo import frames
from swingbreak.adapters.openalgo.frames import Frame
from swingbreak.adapters.openalgo.inlet import Inlet
from swingbreak.adapters.openalgo.items import FeedItem, Marked
from swingbreak.adapters.openalgo.subscriptions import Subscriptions
from swingbreak.domain.errors import GatewayRefused, GatewayUnreachable

__all__ = ["LATE_PONG_S", "Connection", "Sleep"]

Sleep: TypeAlias = Callable[[float], Awaitable[None]]

LATE_PONG_S: Final = 5.0
_ANSWER_S: Final = 20.0  # a gateway's first connection to its broker takes up to 15 s
_AUTH_TIMEOUT: Final = 4401
_KEY_REFUSED: Final = "AUTHENTICATION_ERROR"
_LOGGED_OUT: Final = frozenset({"BROKER_ERROR", "NOT_AUTHENTICATED"})
_NO_ORDER_STREAM: Final = "INVALID_ACTION"
_KEY_ADVICE: Final = "copy the API key from OpenAlgo again, and log in to the broker there"


class Connection:
    """An open socket.

    Attributes:
        order_updates: Whether the gateway streams order updates; ``None`` until it has said.
        is_proven: Whether anything but answers has come since the log-in.
    """

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        ledger: Subscriptions,
        inlet: Inlet,
        on_item: Callable[[FeedItem], None],
        sleep: Sleep,
    ) -> None:
        self.order_updates: bool | None = None
        self.is_proven = False
        self._socket = socket
        self._ledger = ledger
        self._inlet = inlet
        self._on_item = on_item
        self._sleep = sleep
        self._logged_in = False
        self._held: list[Marked] = []
        self._complete = False
        self._late: set[asyncio.Future[None]] = set()

    async def log_in(self, api_key: str) -> None:
        """Authenticate and subscribe to everything wanted and to order updates.

        Raises:
            GatewayRefused: The key is wrong.
            GatewayUnreachable: The connection ended, or answers did not come.
        """
        self._logged_in = self._complete = self.is_proven = False
        self.order_updates = None
        self._ledger.forget()
        await self.send([frames.authenticate(api_key)])
        await self._until(lambda: self._logged_in, "log-in")
        await self.send([frames.subscribe_orders(), *frames.subscribe(self._ledger.wanted)])
        await self._until(
            lambda: self.order_updates is not None and self._ledger.answered, "subscription"
        )

    def release(self) -> None:
        """Hand over the pings that came while subscribing."""
        self._complete = True
        held, self._held = self._held, []
        for mark in held:
            self._on_item(mark)

    async def read(self) -> None:
        """Hand over what comes; return when the gateway has forgotten our log-in.

        Raises:
            GatewayUnreachable: The connection ended.
        """
        while self._logged_in:
            await self._next()

    async def send(self, texts: Iterable[str]) -> None:
        """Send *texts*; on a dying connection nothing happens, reading will notice."""
        with suppress(aiohttp.ClientError, ConnectionError):
            for text in texts:
                await self._socket.send_str(text)

    async def close(self) -> None:
        """End it."""
        for task in self._late:
            task.cancel()
        await self._socket.close()

    async def _until(self, done: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                while not done():
                    await self._next()
        except TimeoutError as error:
            raise GatewayUnreachable(
                f"{what}: no answer in {_ANSWER_S:g} s {self._inlet.last_error}".rstrip()
            ) from error

    async def _next(self) -> None:
        message = await self._socket.receive()
        match message.type:
            case aiohttp.WSMsgType.TEXT:
                item = self._inlet.take(message.data)
                if isinstance(item, Frame):
                    self._answer(item)
                elif item is not None:
                    self.is_proven = True
                    self._on_item(item)
            case aiohttp.WSMsgType.PING:
                self._ping(message.data)
            case aiohttp.WSMsgType.PONG | aiohttp.WSMsgType.BINARY:
                pass
            case _:
                raise _end(self._socket, message)

    def _ping(self, payload: bytes) -> None:
        self.is_proven = True
        at = frames.instant_of_ping(payload)
        mark = Marked(at, payload, _Pong(self._socket, payload))
        if at is None:
            task = asyncio.ensure_future(_later(self._sleep, mark))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        else:
            self._inlet.advance(at)
        if self._complete:
            self._on_item(mark)
        else:
            self._held.append(mark)

    def _answer(self, frame: Frame) -> None:
        text = f"{frame.code}: {frame.message}"
        match frame.type or frame.status:
            case "auth":
                self._logged_in = frame.status == "success"
            case "subscribe":
                self._ledger.answer(frame.subscriptions)
            case "subscribe_orders":
                self.order_updates = frame.status == "success"
            case "error" if frame.code == _KEY_REFUSED:
                raise GatewayRefused(f"feed: {text}: {_KEY_ADVICE}")
            case "error" if frame.code == _NO_ORDER_STREAM:
                self.order_updates = False
            case "error" if self._complete and frame.code in _LOGGED_OUT:
                self._inlet.last_error = text
                self._logged_in = False
            case "error" if frame.code.startswith("BROKER") or frame.code in _LOGGED_OUT:
                raise GatewayUnreachable(f"feed: {text}: log in to the broker in OpenAlgo")
            case "error":
                self._inlet.last_error = text
            case _:
                pass  # answers to what we never ask


class _Pong:
    """The answer to one ping, given once."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, payload: bytes) -> None:
        self._socket = socket
        self._payload = payload
        self._given = False

    async def __call__(self) -> None:
        if self._given:
            return
        self._given = True
        with suppress(aiohttp.ClientError, ConnectionError):
            await self._socket.pong(self._payload)


async def _later(sleep: Sleep, mark: Marked) -> None:
    await sleep(LATE_PONG_S)
    await mark.pong()


def _end(
    socket: aiohttp.ClientWebSocketResponse, message: aiohttp.WSMessage
) -> GatewayRefused | GatewayUnreachable:
    broken = message.data if message.type is aiohttp.WSMsgType.ERROR else ""
    text = f"feed: closed with {socket.close_code} {message.extra or broken}".rstrip()
    if socket.close_code == _AUTH_TIMEOUT:
        return GatewayRefused(f"{text}: {_KEY_ADVICE}")
    return GatewayUnreachable(text)
