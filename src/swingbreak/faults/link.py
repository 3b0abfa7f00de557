"""A link without sockets: what our client uses of ``aiohttp.ClientSession``, over a far side.

Faults are raised as aiohttp raises them, so that what the client makes of them is under test too.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from aiohttp.client_reqrep import ConnectionKey

from swingbreak.faults.far_side import FarSide
from swingbreak.faults.mishaps import Mishap, Mishaps
from swingbreak.faults.murmur import Murmur
from swingbreak.faults.process import Life
from swingbreak.faults.ws_frames import messages
from swingbreak.gateway.rest import Answered, Call
from swingbreak.gateway.subscriber import Subscriber

__all__ = ["HOST", "WS_URL", "Link", "LinkSocket"]

HOST: Final = "http://far.side"
WS_URL: Final = "ws://far.side"
_LATENCY_S: Final = (0.003, 0.03)
_GOING_AWAY, _ABNORMAL = 1001, 1006


class Link:
    """One process's way to the far side.

    Args:
        far: What is there.
        mishaps: What goes wrong with requests.
        murmur: What goes wrong with frames.
        life: The process.
        sent: Told of every request as it leaves; says which of our orders it is about.
        placed: Told how the far side answers every new order: our order id, the answer.
        turned_away: Told of every new order that is refused for its rate: our order id.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - both ends and those who look on
        self,
        far: FarSide,
        mishaps: Mishaps,
        murmur: Murmur,
        life: Life,
        sent: Callable[[str, bytes], str],
        placed: Callable[[str, Answered], None],
        turned_away: Callable[[str], None],
    ) -> None:
        self.far = far
        self.mishaps = mishaps
        self.murmur = murmur
        self.life = life
        self.sent = sent
        self.placed = placed
        self.turned_away = turned_away
        self.loop = asyncio.get_running_loop()
        self.sockets: set[LinkSocket] = set()

    def post(
        self,
        url: str,
        *,
        data: bytes,
        headers: Mapping[str, str],
        timeout: aiohttp.ClientTimeout,
        allow_redirects: bool,
    ) -> "_Exchange":
        """Send a request; see ``aiohttp.ClientSession.post``."""
        del allow_redirects
        call = Call("POST", url.removeprefix(HOST), headers["Content-Type"], data, caller="us")
        return _Exchange(self, call, timeout)

    async def ws_connect(
        self,
        url: str,
        *,
        autoping: bool = True,
        timeout: object = None,  # noqa: ASYNC109 - aiohttp's own name
    ) -> "LinkSocket":
        """Open a socket; see ``aiohttp.ClientSession.ws_connect``."""
        del url, autoping, timeout
        self.life.check()
        await asyncio.sleep(self.mishaps.latency(*_LATENCY_S))
        if self.loop.time() < self.far.refuses_until or self.murmur.refuses_connection():
            raise refused_connection()
        return LinkSocket(self)

    def ping(self) -> None:
        """Let the far side ask every socket whether it is alive."""
        for socket in (*self.sockets,):
            socket.ping()

    def cut(self, code: int = _GOING_AWAY) -> None:
        """Close every socket."""
        for socket in (*self.sockets,):
            socket.end(code)


class _Exchange:
    """One request and its answer."""

    def __init__(self, link: Link, call: Call, patience: aiohttp.ClientTimeout) -> None:
        self._link = link
        self._call = call
        self._patience = patience
        self.status = 0
        self._body = b""

    async def __aenter__(self) -> Self:
        link = self._link
        link.life.check()
        path = self._call.path.rpartition("/")[2]
        mishap = link.mishaps.request(path, self._call.body)
        if mishap.kills == "before":
            link.life.end()
        if link.loop.time() < link.far.refuses_until:
            await asyncio.sleep(link.mishaps.latency(*_LATENCY_S))
            raise refused_connection()
        if mishap.refuses:
            await asyncio.sleep(self._patience.sock_connect or 0 if mishap.waits else 0)
            raise refused_connection() if not mishap.waits else connect_timeout()
        order_id = link.sent(path, self._call.body)
        answer: asyncio.Future[Answered] = link.loop.create_future()
        self._dispatch(mishap, path, order_id, answer)
        if mishap.kills == "in flight":
            link.loop.call_later(link.mishaps.latency(0.001, 0.2), link.life.murder)
        try:
            async with asyncio.timeout(self._patience.total):
                answered = await answer
        finally:
            link.life.check()
        if mishap.kills == "at answer":
            link.life.end()
        self.status, self._body = answered.status, answered.body
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Let the connection go back to its pool."""

    async def read(self) -> bytes:
        """Return the answer's body."""
        return self._body

    def _dispatch(
        self, mishap: Mishap, path: str, order_id: str, answer: "asyncio.Future[Answered]"
    ) -> None:
        link = self._link
        way = link.mishaps.latency(*_LATENCY_S)
        arrives = max(way, link.far.hangs_until - link.loop.time()) + mishap.late_s

        def arrive() -> None:
            answered = self._answered(path, order_id) if mishap.arrives else None
            reply(answered)

        def reply(answered: Answered | None) -> None:
            if mishap.cuts:
                _fail(answer)
                return
            said = mishap.says or answered
            if said is not None and mishap.changes is not None:
                said = mishap.changes(said)
            if path == "placeorder" and said is not None and said.status == _TOO_MANY:
                link.turned_away(order_id)
            if not mishap.silent and said is not None:
                if mishap.slow_s:
                    link.loop.call_later(mishap.slow_s, _settle, answer, said)
                else:
                    _settle(answer, said)

        if mishap.at_once and mishap.says is not None:  # the yes comes before the deed
            link.loop.call_later(way, _settle, answer, mishap.says)
            link.loop.call_later(arrives, self._answered, path, order_id)
        else:
            link.loop.call_later(arrives, arrive)

    def _answered(self, path: str, order_id: str) -> Answered:
        link = self._link
        if link.loop.time() < link.far.forgets_until:
            return Answered(403, _FORGOTTEN, "application/json")
        answered = link.far.answer(self._call)
        if path == "placeorder":
            link.placed(order_id, answered)
        return answered


_TOO_MANY: Final = HTTPStatus.TOO_MANY_REQUESTS
_FORGOTTEN: Final = b'{"message":"Invalid openalgo apikey","status":"error"}'


def _settle(answer: "asyncio.Future[Answered]", answered: Answered) -> None:
    if not answer.done():
        answer.set_result(answered)


def _fail(answer: "asyncio.Future[Answered]") -> None:
    if not answer.done():
        answer.set_exception(aiohttp.ServerDisconnectedError())


class LinkSocket:
    """The client's end of a WebSocket; the far end's transport at the same time."""

    def __init__(self, link: Link) -> None:
        self.close_code: int | None = None
        self._link = link
        self._inbox: deque[aiohttp.WSMessage] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._subscriber = Subscriber(self)  # type: ignore[arg-type] # what it uses of a transport
        link.sockets.add(self)
        link.far.stream.join(self._subscriber)

    async def receive(self) -> aiohttp.WSMessage:
        """Return the next message."""
        while not self._inbox:
            if self.close_code is not None:
                return aiohttp.WSMessage(aiohttp.WSMsgType.CLOSED, None, None)
            self._waiter = self._link.loop.create_future()
            await self._waiter
        return self._inbox.popleft()

    async def send_str(self, text: str) -> None:
        """Send a message; on a closed socket as aiohttp fails."""
        self._link.life.check()
        if self.close_code is not None:
            raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
        said = self._link.murmur.answer(text)
        if said is not None:
            self._take(aiohttp.WSMsgType.TEXT, said)
        else:
            self._link.far.actions.answer(self._subscriber, text)
            self._link.murmur.asked(text)

    async def pong(self, payload: bytes) -> None:
        """Answer a ping."""
        self._subscriber.pong(payload)

    async def close(self) -> None:
        """Close it."""
        self.end(1000)

    def end(self, code: int) -> None:
        """Close it from the other side, with *code*."""
        if self.close_code is None:
            self.close_code = code
            self._link.sockets.discard(self)
            self._link.far.stream.leave(self._subscriber)
            self._rouse()

    def ping(self) -> None:
        """Let the other side ask whether it is alive, as a real gateway does: without a time."""
        self._subscriber.ping(b"")

    # What the gateway uses of a transport.

    def write(self, data: bytes) -> None:
        """Take frames from the gateway."""
        for kind, payload in messages(data):
            if kind is aiohttp.WSMsgType.PING:
                self._take(kind, payload)
                continue
            for delay, told in self._link.murmur.told(payload):
                if delay:
                    self._link.loop.call_later(delay, self._take, kind, told)
                else:
                    self._take(kind, told)

    def is_closing(self) -> bool:
        """Whether it is closed."""
        return self.close_code is not None

    def abort(self) -> None:
        """Drop the connection."""
        self.end(_ABNORMAL)

    def get_write_buffer_size(self) -> int:
        """Return how much is unread: nothing ever is."""
        return 0

    def _take(self, kind: aiohttp.WSMsgType, payload: bytes) -> None:
        if self.close_code is None:
            data: Any = payload.decode() if kind is aiohttp.WSMsgType.TEXT else payload
            self._inbox.append(aiohttp.WSMessage(kind, data, None))
            self._rouse()

    def _rouse(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def refused_connection() -> aiohttp.ClientConnectorError:
    """Return what aiohttp raises where nobody listens."""
    key = ConnectionKey("far.side", 80, False, True, None, None, None)
    return aiohttp.ClientConnectorError(key, ConnectionRefusedError(111, "Connect call failed"))


def connect_timeout() -> aiohttp.ConnectionTimeoutError:
    """Return what aiohttp raises where nobody accepts in time."""
    return aiohttp.ConnectionTimeoutError("Connection timeout to host far.side")
