"""Server-to-client WebSocket frames, taken apart again; the gateway writes them whole."""

from collections.abc import Iterator

import aiohttp

__all__ = ["messages"]

_TEXT, _PING = 0x81, 0x89
_TYPES = {_TEXT: aiohttp.WSMsgType.TEXT, _PING: aiohttp.WSMsgType.PING}
_MEDIUM, _LONG = 126, 127


def messages(data: bytes) -> Iterator[tuple[aiohttp.WSMsgType, bytes]]:
    """Yield kind and payload of each unmasked frame in *data* (RFC 6455, section 5.2)."""
    at = 0
    while at < len(data):
        kind, size = data[at], data[at + 1]
        at += 2
        if size == _MEDIUM:
            size = int.from_bytes(data[at : at + 2], "big")
            at += 2
        elif size == _LONG:
            size = int.from_bytes(data[at : at + 8], "big")
            at += 8
        yield _TYPES[kind], data[at : at + size]
        at += size
