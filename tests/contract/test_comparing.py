"""The start of a day on a gateway that is wrong: what differs from the facts is found out."""

import asyncio
from collections.abc import Mapping
from datetime import date, time
from typing import Any

import aiohttp
import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.adapters.openalgo.trading_days import holidays_of, hours_on
from swingbreak.adapters.openalgo.transport import Timeouts
from swingbreak.bootstrap.comparing import Ground, answered, ground_of
from swingbreak.domain.errors import ConfigError, DataError, GatewayRefused
from swingbreak.domain.session import Session
from swingbreak.facts.comparison import Silence
from swingbreak.settings import Settings, load
from tests.openalgo_fakes import KEY, RestServer, rest_server

FACTS = load_facts()
FRIDAY = date(2026, 11, 20)
SESSION = Session.on(FRIDAY, time(9, 15), time(15, 40))
NOW = SESSION.at(time(9))


def settings_of(**overrides: Any) -> Settings:
    return load(environment={}, overrides=overrides)


EXPIRIES = ["23-NOV-26", "01-DEC-26", "08-DEC-26", "29-DEC-26"]
CLOSED = ["NSE", "BSE", "NFO", "BFO"]
HOLIDAYS = [
    {"date": "2026-11-08", "description": "Muhurat", "holiday_type": "SPECIAL_SESSION",
     "closed_exchanges": []},
    {"date": "2026-11-24", "description": "Gurpurb", "holiday_type": "TRADING_HOLIDAY",
     "closed_exchanges": CLOSED},
    {"date": "2026-12-24", "description": "Settlement", "holiday_type": "SETTLEMENT_HOLIDAY",
     "closed_exchanges": ["CDS"]},
    {"date": "2026-12-25", "description": "Christmas", "holiday_type": "TRADING_HOLIDAY",
     "closed_exchanges": CLOSED},
]  # fmt: skip


def ms(clock: str) -> int:
    return round(SESSION.at(time.fromisoformat(clock)).timestamp() * 1000)


def opening(closes: str = "15:40", exchange: str = "NFO") -> dict[str, Any]:
    return {"exchange": exchange, "start_time": ms("09:15"), "end_time": ms(closes)}


def leg(symbol: str, lot: int, tick: float) -> dict[str, Any]:
    return {"symbol": symbol, "lotsize": lot, "tick_size": tick}


def chain(lot: int = 65, tick: float = 0.05) -> dict[str, Any]:
    rows = [
        {
            "strike": strike,
            "ce": leg(f"NIFTY23NOV26{strike}CE", lot, tick),
            "pe": leg(f"NIFTY23NOV26{strike}PE", lot, tick),
        }
        for strike in range(23500, 25000, 50)
    ]
    return {"underlying_ltp": 24200.0, "chain": rows}


def symbol(lot: int = 65, tick: float = 0.05, freeze: int = 1800) -> dict[str, Any]:
    return {"data": {"lotsize": lot, "tick_size": tick, "freeze_qty": freeze}}


RIGHT: Mapping[str, Any] = {
    "expiry": {"data": EXPIRIES},
    "optionchain": chain(),
    "symbol": symbol(),
    "market/holidays": {"data": HOLIDAYS},
    "market/timings": {"data": [opening("15:30", "NSE"), opening()]},
}
MISSING = (404, {"status": "error", "message": "Not found"})


async def asked(
    server: RestServer, answers: Mapping[str, Any], settings: Settings | None = None
) -> Ground:
    for path, answer in {**RIGHT, **answers}.items():
        server.on(
            path, answer if isinstance(answer, tuple) else (200, {"status": "success", **answer})
        )
    async with aiohttp.ClientSession() as http:
        rest = OpenAlgoRest(server.url, KEY, http, Timeouts())
        return await ground_of(
            rest, settings or settings_of(), FACTS, SESSION, now=NOW, lists_all=True
        )


async def test_a_right_gateway_is_asked_five_times() -> None:
    async with rest_server() as server:
        ground = await asked(server, {})
    assert ground.findings == ()
    assert ground.chain.expiry == date(2026, 11, 23)
    assert sorted(path for path, _ in server.requests) == sorted(RIGHT)


@pytest.mark.parametrize(
    ("answers", "begins", "ends"),
    [
        pytest.param(
            {"optionchain": chain(75), "symbol": symbol(75)},
            "lot of NIFTY 23NOV26: ours 65 units (",
            " / gateway 75 units: used 75 units, by the instrument list",
            id="lot",
        ),
        pytest.param(
            {"symbol": symbol(freeze=1200)},
            "freeze of NIFTY: ours 1800 units (",
            " / gateway 1200 units: used 1200 units, by the instrument list",
            id="freeze",
        ),
        pytest.param(
            {"optionchain": chain(tick=0.1), "symbol": symbol(tick=0.1)},
            "tick of NIFTY: ours Rs 0.05 (",
            " / gateway Rs 0.10: used Rs 0.10, by the instrument list",
            id="tick",
        ),
        pytest.param(
            {"expiry": {"data": EXPIRIES[1:]}},
            "expiry 2026-11-23 of NIFTY: ours monthly due 2026-11-24 (",
            " / gateway not listed: used 2026-12-01, which is listed",
            id="the nearest expiry missing",
        ),
        pytest.param(
            {"expiry": {"data": [*EXPIRIES, "10-DEC-26"]}},
            "expiry 2026-12-10 of NIFTY: ours none due (",
            " / gateway listed: used it only if asked for",
            id="an expiry more",
        ),
        pytest.param(
            {"market/holidays": {"data": [*HOLIDAYS, {"date": "2026-11-20",
                                                      "closed_exchanges": CLOSED}]}},
            "holiday 2026-11-20: ours a trading day (",
            " used ours; where the gateway is right no order of today can trade",
            id="today a holiday",
        ),
        pytest.param(
            {"market/holidays": {"data": HOLIDAYS[2:]}},
            "holiday 2026-11-24: ours Guru Nanak Jayanti (",
            " / gateway a trading day: used ours; where the gateway is right expiries move too",
            id="a holiday missing",
        ),
        pytest.param(
            {"market/timings": {"data": [opening("15:00")]}},
            "session of 2026-11-20: ours 09:15 to 15:40 (",
            " / gateway 09:15 to 15:00: used 09:15 to 15:00 (the gateway's close, the earlier one)",
            id="other timings",
        ),
        pytest.param(
            {"market/timings": {"data": [opening(exchange="CRYPTO")]}},
            "session of 2026-11-20: ours 09:15 to 15:40 (",
            " / gateway no session: used ours; where the gateway is right no order of today can "
            "trade",
            id="no session",
        ),
        pytest.param(
            {"market/holidays": MISSING},
            "holidays: not compared: the gateway: market/holidays: HTTP 404",
            ": Not found",
            id="no holidays endpoint",
        ),
        pytest.param(
            {"market/timings": MISSING},
            "session of 2026-11-20: not compared: the gateway: market/timings: HTTP 404",
            ": Not found",
            id="no timings endpoint",
        ),
        pytest.param(
            {"market/timings": {"data": [{"exchange": "NFO", "start_time": 10**20,
                                          "end_time": 10**20}]}},
            "session of 2026-11-20: not compared: the gateway: ",
            "ms",
            id="timings of no time",
        ),
        pytest.param(
            {"market/holidays": {"data": "none"}},
            "holidays: not compared: the gateway: market/holidays: the answer cannot be read",
            "",
            id="holidays that cannot be read",
        ),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_in_one_line(
    answers: Mapping[str, Any], begins: str, ends: str
) -> None:
    async with rest_server() as server:
        ground = await asked(server, answers)
    (finding,) = ground.findings
    assert finding.line.startswith(begins)
    assert finding.line.endswith(ends)


async def test_an_earlier_close_leaves_time_to_get_flat() -> None:
    settings = settings_of(last_entry_ist="14:55")
    async with rest_server() as server:
        early = {"market/timings": {"data": [opening("15:00")]}}
        ground = await asked(server, early, settings)
        assert ground.session.closes == SESSION.at(time(15))
        given = ground.settings.parameters
        assert (given.force_exit, given.last_entry) == (time(14, 50), time(14, 50))
        late = {"market/timings": {"data": [opening("15:30")]}}
        ground = await asked(server, late, settings)
        assert ground.session.closes == SESSION.at(time(15, 30))
        assert ground.settings == settings


@pytest.mark.parametrize(("wanted", "given"), [("15:38", time(15, 38)), ("15:40", time(15, 30))])
async def test_nobody_is_to_be_flat_after_the_close(wanted: str, given: time) -> None:
    """As on a short special session that is set to be traded, with the usual settings."""
    async with rest_server() as server:
        ground = await asked(server, {}, settings_of(force_exit_ist=wanted))
    assert ground.session == SESSION
    assert ground.settings.parameters.force_exit == given


async def test_a_given_expiry_that_only_the_gateway_knows_is_used() -> None:
    async with rest_server() as server:
        answers = {"expiry": {"data": [*EXPIRIES, "10-DEC-26"]}}
        ground = await asked(server, answers, settings_of(expiry="10DEC26"))
        assert ground.chain.expiry == date(2026, 12, 10)
        (finding,) = ground.findings
        assert finding.line.endswith("used it, the one to be traded")
        with pytest.raises(ConfigError, match="11DEC26 of NIFTY is not listed"):
            await asked(server, answers, settings_of(expiry="11DEC26"))


async def test_a_gateway_that_does_not_answer_holds_nothing_up() -> None:
    never = asyncio.Event()
    assert await answered(never.wait(), 0.05) == Silence("no answer in 0.05 s")


async def test_days_are_read_as_the_endpoint_writes_them() -> None:
    async with rest_server() as server, aiohttp.ClientSession() as http:
        rest = OpenAlgoRest(server.url, KEY, http, Timeouts())
        server.on("market/holidays", (200, {"status": "success", "data": HOLIDAYS}))
        found = await holidays_of(rest, 2026, "NFO")
        assert [str(day) for day in found] == ["2026-11-08", "2026-11-24", "2026-12-25"]
        rows = [opening("11:00"), opening("15:40"), opening("23:00", "MCX")]
        server.on("market/timings", (200, {"status": "success", "data": rows}))
        assert await hours_on(rest, FRIDAY, "NFO") == (SESSION.opens, SESSION.closes)
        assert await hours_on(rest, FRIDAY, "CDS") is None
        server.on("market/timings", MISSING)
        with pytest.raises(GatewayRefused):
            await hours_on(rest, FRIDAY, "NFO")
        server.on("market/holidays", (200, {"status": "success", "data": [{"date": "soon"}]}))
        with pytest.raises(DataError):
            await holidays_of(rest, 2026, "NFO")
