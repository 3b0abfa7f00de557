"""Days in a row against a gateway that goes away between them, all in one process."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Controls
from swingbreak.adapters.dayfiles import load_day
from swingbreak.adapters.facts_file import load_facts
from swingbreak.bootstrap.day import DayOutcome, DayPlan
from swingbreak.bootstrap.leaving import Departure
from swingbreak.bootstrap.running import DayByDay, days_of
from swingbreak.domain.control import Control
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.settings import GatewayAddress, load
from tests.e2e.processes import small_day

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
FACTS = load_facts()


@dataclass
class Told:
    """What a person is told."""

    noted: list[str] = field(default_factory=list)
    shown: list[DayOutcome] = field(default_factory=list)
    waited: set[str] = field(default_factory=set)

    def waits(self, why: str, left: timedelta) -> None:
        assert left > timedelta(0)
        self.waited.add(why)

    def notes(self, text: str) -> None:
        self.noted.append(text)

    def traded(self, outcome: DayOutcome) -> None:
        self.shown.append(outcome)

    def heard(self, words: str) -> bool:
        return any(words in each for each in self.noted)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not seen():  # noqa: ASYNC110 - several things are looked at
            await asyncio.sleep(0.01)


async def soon(seconds: float) -> None:
    del seconds
    await asyncio.sleep(0.005)


async def test_two_days_with_a_gateway_that_is_away_between_them(tmp_path: Path) -> None:
    tapes = [
        load_day(small_day(tmp_path, f"{day}.csv", day=f"{day}"), FACTS) for day in (FRIDAY, MONDAY)
    ]
    options = GatewayOptions(port=0, ws_port=0, speed=None)
    gateway = Gateway(tapes[0], options)
    where = await gateway.start()
    http, ws = urlsplit(where.host).port, urlsplit(where.ws_url).port
    options = replace(options, port=http or 0, ws_port=ws or 0)
    state, told = tmp_path / "state", Told()
    given = {"mode": "paper", "force_exit_ist": "09:20", "last_entry_ist": "09:18"}
    settings = load(environment={}, overrides={**given, "state_dir": str(state)})
    settings = replace(settings, gateway=GatewayAddress(where.host, where.ws_url, DEMO_KEY))

    async def night() -> None:
        nonlocal gateway
        await until(lambda: len(told.shown) == 1 and "has been traded" in str(told.waited))
        await gateway.stop()
        await until(lambda: told.heard("no OpenAlgo WebSocket answers there"))
        gateway = Gateway(tapes[1], replace(options, api_key="logged out"))
        await gateway.start()
        await until(lambda: told.heard("HTTP 403: Invalid openalgo apikey"))
        await gateway.stop()
        gateway = Gateway(tapes[1], options)
        await gateway.start()
        await until(lambda: len(told.shown) == 2)
        Controls(state).give(Control.STOP, "", by="test", at=WallClock().now())

    day = DayByDay(DayPlan(settings), Departure(), soon_fit)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(night())
        ended = await days_of(day, told, stays=True, sleep=soon)
    await gateway.stop()
    assert ended is None
    assert [outcome.view.session.day for outcome in told.shown] == [FRIDAY, MONDAY]
    assert [outcome.held for outcome in told.shown] == [{}, {}]
    assert told.noted[0] == "2026-11-20: the day begins"


async def soon_fit() -> None:
    """Nothing is wrong with this machine."""
