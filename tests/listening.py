"""A feed client that listens to a scripted server, and the scripts of one."""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

import aiohttp
from aiohttp import web

from swingbreak.adapters.openalgo.connection import LATE_PONG_S
from swingbreak.adapters.openalgo.feed import BACK_OFF_S, OpenAlgoFeed
from swingbreak.adapters.openalgo.frames import DataMode, Instrument
from swingbreak.adapters.openalgo.items import FeedItem
from tests.builders import CE, OPEN, PE
from tests.openalgo_fakes import KEY, Script, market_data, order_row

_Item = TypeVar("_Item")
MS = int(OPEN.timestamp() * 1000)
WANTED = [
    Instrument(CE.symbol, "NFO", DataMode.DEPTH),
    Instrument(PE.symbol, "NFO", DataMode.DEPTH),
]
PAUSE = {float(seconds) for seconds in BACK_OFF_S}


class Listener:
    """A feed, what it handed over, and its sleeps, which pass at once unless held."""

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession,
        key: str = KEY,
        optional: Sequence[Instrument] = (),
    ) -> None:
        self.items: asyncio.Queue[FeedItem] = asyncio.Queue()
        self.slept: list[float] = []
        self.pauses_left = 3
        self.late = asyncio.Event()
        self.tired = asyncio.Event()
        self.feed = OpenAlgoFeed(
            url,
            key,
            session,
            self.items.put_nowait,
            WANTED,
            optional=optional,
            sleep=self.sleep,
        )
        self.task = asyncio.ensure_future(self.feed.run())

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds == LATE_PONG_S and not self.late.is_set():
            await self.late.wait()
        elif seconds in PAUSE:
            self.pauses_left -= 1
            if self.pauses_left < 0:
                self.tired.set()
                await asyncio.Event().wait()

    async def next(self, kind: type[_Item]) -> _Item:
        item = await asyncio.wait_for(self.items.get(), 5)
        assert isinstance(item, kind), item
        return item


async def stay(socket: web.WebSocketResponse) -> None:
    """Read until the client goes."""
    async for _ in socket:
        pass


def script(*steps: Script) -> Script:
    async def play(socket: web.WebSocketResponse) -> None:
        for step in steps:
            await step(socket)

    return play


def says(*frames: dict[str, object]) -> Script:
    async def send(socket: web.WebSocketResponse) -> None:
        for frame in frames:
            await socket.send_json(frame)

    return send


def closes(code: int, reason: bytes = b"") -> Script:
    async def close(socket: web.WebSocketResponse) -> None:
        await socket.close(code=code, message=reason)

    return close


async def ping(socket: web.WebSocketResponse, payload: bytes) -> None:
    await socket.ping(payload)


async def ponged(socket: web.WebSocketResponse) -> bytes:
    message = await socket.receive(5)
    assert message.type is aiohttp.WSMsgType.PONG, message
    return bytes(message.data)


FILLED = {"type": "order_update"} | order_row(
    order_status="complete", filled_quantity=650, average_price=174.95
)
MOVED = market_data(CE.symbol, 120.05, MS + 2000, volume=130)
