"""The start of a day on our own gateway: it agrees with the facts, and what it lists is taken."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import time_machine

from swingbreak.adapters.dayfiles import load_day
from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.bootstrap import comparing
from swingbreak.bootstrap.comparing import Ground, ground_of
from swingbreak.bootstrap.day import DayPlan, run_day
from swingbreak.domain.errors import DataError
from swingbreak.domain.session import Session
from swingbreak.facts.calendar import Calendar
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.ports import DayTape
from swingbreak.settings import GatewayAddress, Settings, load
from swingbreak.simulation.day_spec import day_spec
from swingbreak.simulation.generator import DaySpec, generate_day
from tests.made_up_days import generated

FACTS = load_facts()
FRIDAY = date(2026, 11, 20)
SESSION = Session.on(FRIDAY, time(9, 15), time(15, 40))
BARS = """ts,underlying,expiry,strike,right,open,high,low,close,volume
2021-06-11 09:15:00,NIFTY,2021-06-17,15700,CE,115.6,130.25,115.6,130.2,35400
2021-06-11 09:15:00,NIFTY,2021-06-17,15700,PE,142.6,142.9,142.6,142.65,189075
2021-06-11 09:16:00,NIFTY,2021-06-17,15700,CE,115.6,130.25,115.6,130.2,35400
2021-06-11 09:16:00,NIFTY,2021-06-17,15700,PE,142.6,142.9,142.6,142.65,189075
"""


def settings_of(**overrides: Any) -> Settings:
    return load(environment={}, overrides=overrides)


async def ground_on(tape: DayTape, **overrides: Any) -> Ground:
    """What a day stands on that *tape* is served for."""
    gateway = Gateway(tape, GatewayOptions(port=0, ws_port=0, speed=None))
    addresses = await gateway.start()
    session = Calendar(FACTS).session(tape.session.day)
    try:
        async with aiohttp.ClientSession() as http:
            rest = OpenAlgoRest(addresses.host, DEMO_KEY, http)
            settings = settings_of(underlying=tape.underlying, **overrides)
            now = session.at(time(9))
            return await ground_of(rest, settings, FACTS, session, now=now, lists_all=False)
    finally:
        await gateway.stop()


@pytest.mark.parametrize(
    ("day", "underlying"),
    [
        ("2021-06-11", "NIFTY"),
        ("2024-06-12", "BANKNIFTY"),
        ("2026-07-31", "NIFTY"),
        ("2026-11-20", "NIFTY"),
        ("2026-11-20", "BANKNIFTY"),
        ("2026-11-20", "FINNIFTY"),
        ("2026-11-20", "MIDCPNIFTY"),
        ("2026-11-20", "SENSEX"),
        ("2026-11-20", "BANKEX"),
    ],
)
async def test_a_day_made_up_by_the_facts_differs_in_nothing(day: str, underlying: str) -> None:
    on = date.fromisoformat(day)
    spec = day_spec(FACTS, on, underlying)
    ground = await ground_on(generate_day(replace(spec, strikes=11, ticks_per_minute=0.5)))
    # like OpenAlgo it has the holidays of few years
    none = (
        []
        if on.year == 2026
        else [f"holidays: not compared: the gateway: it lists none of {on.year}"]
    )
    assert [finding.line for finding in ground.findings] == none
    assert ground.session == spec.session
    assert {contract.lot for contract in ground.chain.contracts} == {spec.terms.lot}


async def test_a_recorded_day_differs_in_nothing(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_text(BARS, encoding="utf-8")
    ground = await ground_on(load_day(path, FACTS))
    (only,) = ground.findings
    assert only.line.startswith("holidays: not compared")


async def test_people_see_each_line_before_the_day_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tape = generate_day(DaySpec(strikes=10))
    gateway = Gateway(tape, GatewayOptions(port=0, ws_port=0, speed=None))
    addresses = await gateway.start()
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        if text.startswith("expiry"):
            raise DataError(text)  # far enough

    try:
        address = GatewayAddress(addresses.host, addresses.ws_url, DEMO_KEY)
        settings = replace(settings_of(state_dir=str(tmp_path / "state")), gateway=address)
        with (
            time_machine.travel(gateway.desk.now(), tick=False),
            pytest.raises(DataError, match="expiry 2026-11-23 of NIFTY: ours monthly"),
        ):
            await run_day(DayPlan(settings, warn=tell))
    finally:
        await gateway.stop()
    assert len(told) == 2


async def test_a_day_ends_by_the_earlier_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def early(*_: object) -> tuple[datetime, datetime]:
        return SESSION.opens, SESSION.at(time(9, 55))

    monkeypatch.setattr(comparing, "hours_on", early)
    spec = DaySpec(seed=12, strikes=10, ticks_per_minute=6)  # trades in its first half hour
    gateway = Gateway(generate_day(spec), GatewayOptions(port=0, ws_port=0, speed=None))
    addresses = await gateway.start()
    told: list[str] = []
    try:
        address = GatewayAddress(addresses.host, addresses.ws_url, DEMO_KEY)
        settings = replace(settings_of(state_dir=str(tmp_path / "state")), gateway=address)
        outcome = await run_day(DayPlan(settings, warn=told.append))
    finally:
        await gateway.stop()
    (line,) = told
    assert line.endswith("used 09:15 to 09:55 (the gateway's close, the earlier one)")
    assert json.dumps(line)[1:-1] in outcome.folder.log.read_text("utf-8")
    assert outcome.held == {}
    assert outcome.view.session.closes == SESSION.at(time(9, 55))
    assert all(trade.closed_at < outcome.view.session.closes for trade in outcome.view.trades)


@pytest.mark.parametrize(
    ("given", "strikes", "moves"),
    [
        ({}, 25, True),  # all that the made-up gateway lists
        ({"strikes_each_side": 2}, 25, True),
        ({"strikes_each_side": 12}, 23, False),  # two of them too far away
        ({"strikes_each_side": 2, "recentre_after_strikes": 0}, 5, False),
        ({"strikes_each_side": 2, "atm": "24200"}, 5, False),
    ],
)
async def test_a_window_that_may_move_knows_more_contracts(
    given: Mapping[str, Any], strikes: int, *, moves: bool
) -> None:
    ground = await ground_on(generated(DaySpec()), **given)
    assert len({each.strike for each in ground.chain.contracts}) == strikes
    assert (ground.window is not None) is moves
    if ground.window is not None:
        assert ground.window.centre == ground.chain.atm
        assert ground.window.each_side == given.get("strikes_each_side", 10)
        assert (ground.window.recentre_after, len(ground.window.strikes)) == (4, strikes)


async def test_where_no_more_is_listed_than_a_window_it_is_cut_as_ever() -> None:
    tape = generated(DaySpec(seed=23, strikes=2))
    ground = await ground_on(tape, strikes_each_side=4)
    assert ground.window is None
    kept = {each.strike for each in ground.chain.contracts}
    assert kept == {each.strike for each in tape.contracts}
