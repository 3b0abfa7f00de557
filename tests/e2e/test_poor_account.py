"""A day that the account cannot carry whole: refused alike over the wire and in process."""

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.views import rows_of
from swingbreak.bootstrap.day import DayPlan, run_day
from swingbreak.domain.parameters import Parameters
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.settings import GatewayAddress, load
from swingbreak.simulation.generator import DaySpec
from tests.made_up_days import generated
from tests.naive_day import NaiveDay, quick, way_through

CAPITAL = 20_00_000_00  # one position of ten lots, and not two
FORCE_EXIT = "10:15"
EACH_SIDE = 5


@pytest.fixture
def parameters() -> Parameters:
    return replace(Parameters(), force_exit=time.fromisoformat(FORCE_EXIT))


async def test_what_cannot_be_carried_is_refused_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parameters: Parameters
) -> None:
    monkeypatch.chdir(tmp_path)
    tape = generated(DaySpec(seed=22, strikes=7))
    gateway = Gateway(tape, GatewayOptions(port=0, ws_port=0, speed=None, capital=CAPITAL))
    addresses = await gateway.start()
    try:
        given = {"state_dir": str(tmp_path / "s"), "mode": "paper", "force_exit_ist": FORCE_EXIT}
        settings = load(environment={}, overrides={**given, "strikes_each_side": EACH_SIDE})
        address = GatewayAddress(addresses.host, addresses.ws_url, DEMO_KEY)
        outcome = await run_day(DayPlan(replace(settings, gateway=address)))
    finally:
        await gateway.stop()
    decided = outcome.folder.decisions.read_text(encoding="utf-8").splitlines()
    log = outcome.folder.log.read_text(encoding="utf-8")
    way = way_through(tape, EACH_SIDE)
    _, poor = quick(tape, way.contracts, parameters, CAPITAL, way)
    naive = NaiveDay(tape, tape.contracts, parameters, CAPITAL, window=way.window)
    naive.run()
    _, rich = quick(tape, way.contracts, parameters, way=way)
    assert decided == poor.decisions == naive.record.decisions != rich.decisions
    assert "is short by Rs" in log
    assert "free Rs" in log
    assert "Insufficient funds" not in log  # the broker's door is never reached
    assert 0 < outcome.view.peak_margin == naive.margins.peak <= CAPITAL
    with open_reader(outcome.folder.database) as database:
        (row,) = rows_of(database, "daily_summary", tape.session.day)
    assert row["peak_margin_paise"] == outcome.view.peak_margin
    assert outcome.held == {}
    assert outcome.view.trades
