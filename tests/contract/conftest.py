"""What several files here begin with: a scripted server and a client, a dashboard's folder."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import stamina
import time_machine

from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from tests.boards import lay_out
from tests.openalgo_fakes import KEY, TIGHT, RestServer, rest_server
from tests.visiting import NOON


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as open_session:
        yield open_session


@pytest.fixture
async def server() -> AsyncIterator[RestServer]:
    async with rest_server() as fake:
        yield fake


@pytest.fixture
def rest(server: RestServer, session: aiohttp.ClientSession) -> OpenAlgoRest:
    return OpenAlgoRest(server.url + "/", KEY, session, TIGHT)


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """Queries are asked three times at once."""
    with stamina.set_testing(testing=True, attempts=3):
        yield


@pytest.fixture
def at_noon() -> Iterator[None]:
    """It is noon by the wall's clock, and stays so."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder in which a day was running at noon."""
    lay_out(tmp_path, NOON)
    return tmp_path
