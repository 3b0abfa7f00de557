"""A day that is today is preceded by a warning where the facts are old."""

from dataclasses import replace
from pathlib import Path

import pytest
import time_machine

from swingbreak.bootstrap.day import DayPlan, run_day
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.settings import GatewayAddress, load
from swingbreak.simulation.generator import DaySpec, generate_day


class Told(Exception):
    pass


def told(text: str) -> None:
    raise Told(text)


async def test_people_are_told_before_anything_is_traded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tape = generate_day(DaySpec(strikes=10))
    gateway = Gateway(tape, GatewayOptions(port=0, ws_port=0, speed=None))
    addresses = await gateway.start()
    try:
        settings = load(environment={}, overrides={"state_dir": str(tmp_path / "state")})
        address = GatewayAddress(addresses.host, addresses.ws_url, DEMO_KEY)
        plan = DayPlan(replace(settings, gateway=address), warn=told)
        with (
            time_machine.travel(gateway.desk.now(), tick=False),
            pytest.raises(Told, match="are known until 2026-08-22 only, 90 days before 2026-11-20"),
        ):
            await run_day(plan)
    finally:
        await gateway.stop()
    assert not (tmp_path / "state").exists()
