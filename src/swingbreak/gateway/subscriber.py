"""One connected WebSocket client."""

import asyncio
from dataclasses import dataclass, field

from swingbreak.gateway.frames import ping_frame, text_frame
from swingbreak.gateway.instruments import Instrument

__all__ = ["Subscriber"]

# What a client may leave unread: about a minute of a full chain, and little memory.
_MOST_UNREAD = 8 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Subscriber:
    """A client's connection: what it asked for and what is on its way to it.

    Attributes:
        transport: Its socket. Frames are complete when written, so they go straight there.
        authenticated: Whether it has shown the key.
        wants_orders: Whether it asked for order updates.
        modes: Modes it subscribed, by instrument, in order of subscription.
    """

    transport: asyncio.Transport
    authenticated: bool = False
    wants_orders: bool = False
    modes: dict[Instrument, set[int]] = field(default_factory=dict)
    _queue: list[bytes] = field(default_factory=list)
    _awaited: bytes = b""
    _answer: "asyncio.Future[None] | None" = None

    @property
    def is_subscribed(self) -> bool:
        """Whether it listens to anything."""
        return self.wants_orders or bool(self.modes)

    @property
    def is_slow(self) -> bool:
        """Whether it leaves too much unread."""
        return self.transport.get_write_buffer_size() > _MOST_UNREAD

    def queue(self, frame: bytes) -> None:
        """Let *frame* go out with the next flush."""
        self._queue.append(frame)

    def flush(self) -> None:
        """Send what is queued, in one write."""
        if self._queue and not self.transport.is_closing():
            self.transport.write(b"".join(self._queue))
        self._queue.clear()

    def send(self, message: dict[str, object]) -> None:
        """Send *message* at once."""
        self.queue(text_frame(message))
        self.flush()

    def ping(self, payload: bytes) -> "asyncio.Future[None]":
        """Send a ping behind everything queued; the future is done when it is answered."""
        self.queue(ping_frame(payload))
        self.flush()
        self._awaited = payload
        self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    def pong(self, payload: bytes) -> None:
        """Take the client's answer to a ping; an answer to an older one says nothing."""
        if payload == self._awaited:
            self.leave()

    def leave(self) -> None:
        """Keep nobody waiting for an answer any more."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)
        self._answer = None
