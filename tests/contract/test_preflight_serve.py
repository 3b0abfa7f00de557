"""The checks against our own server: all is well, and everything it can be broken in is found."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stamina

from swingbreak.adapters.facts_file import load_facts
from swingbreak.bootstrap.preflight.checks import CHECKS
from swingbreak.bootstrap.preflight.flight import Flight, fly
from swingbreak.bootstrap.preflight.verdicts import Report, Verdict
from swingbreak.cli.serve import quirks_of
from swingbreak.domain.session import Session
from swingbreak.gateway.broker_quirks import QUIRKS
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.ports import DayTape
from swingbreak.simulation.day_spec import day_spec
from swingbreak.simulation.generator import generate_day
from tests.gateway_fakes import pass_time
from tests.openalgo_fakes import ManualClock
from tests.preflight_rig import by_id, machine

DAY = date(2026, 11, 20)
SESSION = Session.on(DAY, time(9, 15), time(15, 40))
OK, REMARK = Verdict.OK, Verdict.REMARK
WAIT, NO = Verdict.TRANSIENT, Verdict.PERMANENT
NOWHERE = "127.0.0.1:1"
# Without a profile; the facts end in the summer; our server lists one expiry, and closes early.
USUAL = {"profile", "facts-age", "agreement"}


@cache
def tape() -> DayTape:
    """Ten minutes of a made-up day."""
    spec = day_spec(load_facts(), DAY, "NIFTY")
    session = replace(SESSION, closes=SESSION.opens + timedelta(minutes=10))
    return generate_day(replace(spec, strikes=8, session=session))


@asynccontextmanager
async def serving(clock: str, **options: Any) -> AsyncIterator[tuple[Gateway, str, str]]:
    """Our server, in step with its clients, once it is *clock* in its market."""
    gateway = Gateway(tape(), GatewayOptions(port=0, ws_port=0, speed=None, **options))
    addresses = await gateway.start()
    try:
        pass_time(gateway, SESSION.at(time.fromisoformat(clock)))
        yield gateway, addresses.host, addresses.ws_url
    finally:
        await gateway.stop()


async def checked(
    folder: Path, host: str, ws_url: str, key: str = DEMO_KEY, *, wall: str = "09:20", **config: Any
) -> Report:
    given = {
        "openalgo_host": host,
        "openalgo_ws_url": ws_url,
        "state_dir": str(folder / "state"),
        "strikes_each_side": 2,
        **config,
    }
    async with aiohttp.ClientSession() as http:
        flight = Flight(
            None,
            given,
            http,
            ManualClock(SESSION.at(time.fromisoformat(wall))),
            folder / "locks",
            machine=machine(),
            environment={"OPENALGO_API_KEY": key},
            ticks_s=2.0,
        )
        with stamina.set_testing(testing=True, attempts=1):
            return await fly(CHECKS, flight)


def nothing(_: Gateway) -> None:
    """Leave it as it is."""


def muted(gateway: Gateway) -> None:
    gateway.stream._queue_quote = lambda _: None  # type: ignore[method-assign]


def flipped(gateway: Gateway) -> None:
    gateway.desk.analyzing = False


@dataclass(frozen=True)
class Broken:
    """A server that is broken, and what is made of it.

    Attributes:
        found: What is no plain yes, besides what is usual.
        says: What the last of these has to say.
        options: Of the server.
        change: What happens to it once it runs.
        host: Where it is looked for instead.
        ws_url: The same.
        key: What it is shown.
        config: Keys of the settings.
    """

    found: dict[str, Verdict]
    says: tuple[str, ...] = ()
    clock: str = "09:20"
    options: dict[str, Any] | None = None
    change: Callable[[Gateway], None] = nothing
    host: str = ""
    ws_url: str = ""
    key: str = DEMO_KEY
    config: dict[str, object] | None = None


CASES = {
    "nothing": Broken({}),
    "a wrong key": Broken({"key": NO}, ("copy the API key",), key="0" * 64),
    "a port that is down": Broken({"gateway": WAIT}, ("start OpenAlgo",), host=f"http://{NOWHERE}"),
    "a WebSocket that is down": Broken(
        {"feed": WAIT}, ("openalgo_ws_url",), ws_url=f"ws://{NOWHERE}"
    ),
    "the WebSocket's port as host": Broken({"answers": NO}, ("no OpenAlgo",), host="http{ws}"),
    "a mode that was flipped": Broken({"mode": NO}, ("switch", "analyzer"), change=flipped),
    "paper where live is wanted": Broken({"mode": NO}, ("'live'",), config={"mode": "live"}),
    "no money": Broken({"margin": WAIT}, ("add money",), options={"capital": 1000_00}),
    "money for some": Broken(
        {"margin": REMARK}, ("can be carried",), options={"capital": 30_00_000_00}
    ),
    "another index": Broken(
        {"broker": WAIT, "expiry": NO},
        ("lists no options of BANKNIFTY",),
        config={"underlying": "BANKNIFTY"},
    ),
    "more strikes than there are": Broken(
        {"symbols": REMARK}, ("were wanted",), config={"strikes_each_side": 30}
    ),
    "a market that is not open": Broken(
        {"history": REMARK, "option-ticks": REMARK, "index-ticks": REMARK},
        ("not now",),
        clock="09:14:30",
    ),
    "a feed that is mute": Broken(
        {"option-ticks": WAIT, "index-ticks": WAIT}, ("log out of the broker",), change=muted
    ),
}
# What each of the brokers that differ looks like before a day; of most nothing is seen.
BY_QUIRK = {"no-order-stream": {"order-stream": REMARK}}


@pytest.mark.parametrize("name", CASES)
async def test_a_server_is_judged_by_what_it_does(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    async with serving(case.clock, **(case.options or {})) as (gateway, host, ws_url):
        case.change(gateway)
        report = await checked(
            tmp_path,
            case.host.replace("{ws}", ws_url.removeprefix("ws")) or host,
            case.ws_url or ws_url,
            case.key,
            wall=case.clock,
            **(case.config or {}),
        )
        assert gateway.desk.floor.venue.orders() == ()
    found = by_id(report)
    assert not_plain(report) == case.found
    for name_ in list(case.found)[-1:]:
        said = f"{found[name_].judgement.cause}; {found[name_].remedy}"
        assert [text for text in case.says if text not in said] == [], said
    assert report.seconds < 5


# Those that change what is asked before a day are always tried.
SEEN = {"no-order-stream", "no-margin", "text-numbers", "netted-positions", "semi-auto"}


@pytest.mark.parametrize(
    "quirk",
    [
        pytest.param(quirk.name, marks=() if quirk.name in SEEN else pytest.mark.slow)
        for quirk in QUIRKS
    ],
)
async def test_a_broker_that_differs_is_no_reason_not_to_trade(tmp_path: Path, quirk: str) -> None:
    async with serving("09:20", quirks=quirks_of(quirk)) as (_, host, ws_url):
        report = await checked(tmp_path, host, ws_url)
    assert report.is_safe
    assert not_plain(report) == BY_QUIRK.get(quirk, {})


def not_plain(report: Report) -> dict[str, Verdict]:
    return {
        one.check_id: one.verdict
        for one in report.outcomes
        if one.verdict not in {OK, Verdict.NOT_APPLICABLE} and one.check_id not in USUAL
    }


async def test_a_market_in_step_loses_a_minute_at_most(tmp_path: Path) -> None:
    async with serving("09:14:30") as (gateway, host, ws_url):
        before = gateway.desk.floor.now
        await checked(tmp_path, host, ws_url)
        assert gateway.desk.floor.now == before
    async with serving("09:20") as (gateway, host, ws_url):
        before = gateway.desk.floor.now
        await checked(tmp_path, host, ws_url)
        assert gateway.desk.floor.now - before <= timedelta(seconds=66)


async def test_what_others_have_in_the_account_is_named(tmp_path: Path) -> None:
    symbol = tape().contracts[0].symbol
    async with serving("09:20") as (gateway, host, ws_url), aiohttp.ClientSession() as http:
        last = gateway.desk.floor.quotes[symbol].price // 100
        for action, kind, price in (("BUY", "LIMIT", last * 1.1), ("SELL", "SL", last * 0.9)):
            at = round(price)
            order = {"symbol": symbol, "exchange": "NFO", "action": action, "quantity": 65}
            order |= {"pricetype": kind, "price": at, "trigger_price": at, "product": "MIS"}
            body = {"apikey": DEMO_KEY, "strategy": "by hand", **order}
            async with http.post(f"{host}/api/v1/placeorder", json=body) as answer:
                assert answer.status == 200, await answer.text()
        pass_time(gateway, SESSION.at(time(9, 21)))
        report = await checked(tmp_path, host, ws_url, wall="09:21")
        assert not_plain(report) == {"orders": WAIT, "positions": WAIT}
        adopting = await checked(tmp_path, host, ws_url, wall="09:21", foreign="adopt")
    assert symbol in by_id(report)["positions"].judgement.cause
    assert (report.answer, adopting.answer) == ("not yet", "safe")
