"""A TCP relay between a client and a gateway that fails on demand, in the ways networks do."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias
from urllib.parse import urlsplit

_CHUNK = 65_536
_PATIENCE_S = 10.0
_TICK = b'"market_data"'

Match: TypeAlias = Callable[[bytes], bool]


class Relay:
    """Passes bytes both ways.

    Attributes:
        url: Where clients go instead.
        is_open: Whether connections are let through; those refused are closed at once.
        is_mute: Whether ticks are left out of what a WebSocket client is sent; pings are not.
        lose_request: Says of a request whether it, and all behind it, shall not arrive.
        lose_answer: Says of a request whether it shall arrive, and no answer come.
        alter: Makes another request of a request.
        lost: Set when one of these has happened.
        connections: How many were let through so far.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{parts.scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self.is_open = True
        self.is_mute = False
        self.lose_request: Match = lambda _: False
        self.lose_answer: Match = lambda _: False
        self.alter: Callable[[bytes], bytes] = lambda request: request
        self.lost = threading.Event()
        self.connections = 0
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def cut(self) -> None:
        """Break every connection."""
        for one in tuple(self._sockets):
            _close(one)

    def start(self) -> None:
        """Let clients connect."""
        self._begin(self._accept)

    def stop(self) -> None:
        """Break everything and let nobody connect any more."""
        _close(self._listener)
        self.cut()
        for thread in self._threads:
            thread.join(_PATIENCE_S)

    def _begin(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self.is_open:
                    _close(client)
                    continue
                self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target, _PATIENCE_S)
        except OSError:
            _close(client)
            return
        server.settimeout(None)
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections += 1
        self._sockets |= {client, server}
        silenced = threading.Event()
        self._begin(self._forward, client, server, silenced)
        self._begin(self._return, server, client, silenced)

    def _forward(
        self, client: socket.socket, server: socket.socket, silenced: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := client.recv(_CHUNK):
                if self.lost.is_set() and silenced.is_set():
                    continue
                if self.lose_request(data):
                    silenced.set()
                    self.lost.set()
                    continue
                if self.lose_answer(data):
                    silenced.set()
                    server.sendall(data)
                    self.lost.set()
                    continue
                server.sendall(self.alter(data))
        _close(server)

    def _return(
        self, server: socket.socket, client: socket.socket, silenced: threading.Event
    ) -> None:
        frames = _Frames()
        with suppress(OSError):
            while data := server.recv(_CHUNK):
                kept = b"".join(one for one in frames.of(data) if not self._is_lost_tick(one))
                if not silenced.is_set():
                    client.sendall(kept)
        _close(client)

    def _is_lost_tick(self, frame: bytes) -> bool:
        return self.is_mute and _TICK in frame


class _Frames:
    """Cuts what a WebSocket server sends into whole frames; anything else passes as it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._upgraded = False
        self._is_http = False

    def of(self, data: bytes) -> Iterator[bytes]:
        if not self._upgraded:
            head, gap, data = data.partition(b"\r\n\r\n")
            self._upgraded = head.startswith(b"HTTP/1.1 101")
            yield head + gap
        if not self._upgraded:
            yield data
            return
        data, start = self._rest + data, 0
        while (size := _frame_size(data, start)) and start + size <= len(data):
            yield data[start : start + size]
            start += size
        self._rest = data[start:]


def _frame_size(data: bytes, start: int) -> int:
    """Return how long the frame at *start* is; 0 while that cannot be told."""
    if len(data) < start + 2:
        return 0
    short = data[start + 1] & 0x7F
    more = {126: 2, 127: 8}.get(short, 0)
    length = data[start + 2 : start + 2 + more]
    if len(length) < more:
        return 0
    return 2 + more + (int.from_bytes(length, "big") if more else short)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def relayed(url: str) -> Iterator[Relay]:
    """A relay to *url*; it is stopped in the end."""
    relay = Relay(url)
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()
