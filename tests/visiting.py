"""Somebody who visits a dashboard over HTTP, and an engine that does what is asked there."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import aiohttp
from yarl import URL

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Controls
from swingbreak.adapters.runlock import folder_lock
from swingbreak.bootstrap.obeying import obey
from swingbreak.dashboard.server import Dashboard
from swingbreak.runtime.inbox import Item, Word
from tests.builders import PE

NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
VIEWS = (
    "/",
    "/pipeline",
    f"/option/{PE.symbol}",
    "/events",
    "/days",
    "/days/2026-11-19",
    "/control",
)


class Visitor:
    """A browser as far as HTTP goes: it keeps cookies and says where its forms come from."""

    def __init__(self, address: str) -> None:
        self.address = URL(address)
        self.base = self.address.origin()
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def enter(self) -> Self:
        assert (await self.get(self.address))[0] == 200
        return self

    async def get(
        self, path: str | URL, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        url = self.base.join(URL(str(path)))
        async with self.session.get(url, headers=headers, allow_redirects=False) as answer:
            self.headers = answer.headers
            return answer.status, await answer.text()

    async def send(
        self, control: str, headers: Mapping[str, str] | None = None, /, **form: str
    ) -> tuple[int, str]:
        ours = {"Origin": str(self.base)} if headers is None else headers
        url = self.base / "control" / control
        async with self.session.post(url, data=form, headers=ours, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def token(self, word: str) -> str:
        _, text = await self.get("/control")
        form = text.partition(f'action="/control/{word}"')[2]
        found = re.search(r'name="token" value="([^"]+)"', form)
        assert found, text
        return found[1]


@asynccontextmanager
async def dashboard(
    folder: Path, *, armed: bool = False, runs: Path | None = None, scraper: str = ""
) -> AsyncIterator[Visitor]:
    served = Dashboard(folder, armed=armed, runs=runs, scraper=scraper)
    async with Visitor(await served.start(0)) as visitor:
        try:
            yield visitor
        finally:
            await served.stop()


@asynccontextmanager
async def engine_in(folder: Path) -> AsyncIterator[list[Word]]:
    """Somebody who holds the folder's lock and carries words out."""
    given: list[Word] = []

    def put(item: Item) -> None:
        assert isinstance(item, Word)
        given.append(item)
        item.answer(WallClock().now(), True, f"{item.control} was done")

    with folder_lock(folder):
        task = asyncio.create_task(obey(Controls(folder), put, lambda _: None))
        try:
            yield given
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
