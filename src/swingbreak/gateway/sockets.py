"""The WebSocket side's connections: reading them, and closing them in OpenAlgo's ways."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from swingbreak.gateway.actions import Actions
from swingbreak.gateway.stream import Stream
from swingbreak.gateway.subscriber import Subscriber

__all__ = ["SocketServer"]

_GRACE_S = 15.0  # wall seconds to authenticate
_GOODBYE_S = 2.0  # wall seconds for the client's half of the closing handshake
_UNAUTHENTICATED, _GOING_AWAY = 4401, 1001


@dataclass(slots=True)
class SocketServer:
    """Serves WebSocket clients.

    Attributes:
        grace_s: Wall seconds a client has to authenticate.
    """

    stream: Stream
    actions: Actions
    grace_s: float = _GRACE_S
    _open: set[web.WebSocketResponse] = field(default_factory=set)

    def app(self) -> web.Application:
        """Return the application; any path will do."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        return app

    async def close(self) -> None:
        """Say goodbye to everybody."""
        await asyncio.gather(*(socket.close(code=_GOING_AWAY) for socket in tuple(self._open)))

    async def _handle(self, request: web.Request) -> web.WebSocketResponse:
        # frames are written past the response, so they must not be compressed
        socket = web.WebSocketResponse(autoping=False, compress=False, timeout=_GOODBYE_S)
        await socket.prepare(request)
        if request.transport is None:
            return socket
        subscriber = Subscriber(request.transport)
        expulsion = asyncio.create_task(self._expel(socket, subscriber))
        self._open.add(socket)
        self.stream.join(subscriber)
        try:
            await self._read(socket, subscriber)
        finally:
            expulsion.cancel()
            self._open.discard(socket)
            self.stream.leave(subscriber)
        return socket

    async def _read(self, socket: web.WebSocketResponse, subscriber: Subscriber) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.actions.answer(subscriber, message.data)
            elif message.type is WSMsgType.PONG:
                subscriber.pong(bytes(message.data))
            elif message.type is WSMsgType.PING:
                await socket.pong(message.data)

    async def _expel(self, socket: web.WebSocketResponse, subscriber: Subscriber) -> None:
        await asyncio.sleep(self.grace_s)
        if not subscriber.authenticated:
            await socket.close(code=_UNAUTHENTICATED, message=b"auth timeout")
