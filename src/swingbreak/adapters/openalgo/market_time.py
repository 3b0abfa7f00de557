"""What time it is at the gateway, asked before anything else.

Source: OpenAlgo 2.0.2.1, the WebSocket's ``ping`` action, which needs no log-in; read 2026-11-22.
"""

from datetime import UTC, datetime
from typing import Final

import aiohttp
import msgspec

from swingbreak.domain.errors import GatewayUnreachable

__all__ = ["gateway_time"]

_PATIENCE_S: Final = 10.0


class _Pong(msgspec.Struct):
    server_timestamp: int


async def gateway_time(session: aiohttp.ClientSession, ws_url: str) -> datetime:
    """Return the gateway's time, aware, UTC.

    Raises:
        GatewayUnreachable: Nothing answers, or it is no OpenAlgo WebSocket.
    """
    try:
        async with session.ws_connect(ws_url, timeout=aiohttp.ClientWSTimeout(ws_close=1)) as ws:
            await ws.send_str('{"action":"ping","timestamp":0}')
            text = await ws.receive_str(timeout=_PATIENCE_S)
        pong = msgspec.json.decode(text, type=_Pong)
    except (aiohttp.ClientError, OSError, TypeError, ValueError) as error:
        raise GatewayUnreachable(
            f"{ws_url}: no OpenAlgo WebSocket answers there ({error or type(error).__name__}): is "
            "it running, and is the URL right?"
        ) from error
    return datetime.fromtimestamp(pong.server_timestamp / 1000, UTC)
