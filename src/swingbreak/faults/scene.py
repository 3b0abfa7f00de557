"""Everything that a simulated day begins with, drawn from its seed."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.openalgo.books import Mode
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.orders import OrderIntent, Purpose, Side, Slot
from swingbreak.facts.charges import ChargeRates
from swingbreak.faults.answers import Books
from swingbreak.faults.disk import Disk
from swingbreak.faults.far_side import KEY, FarSide
from swingbreak.faults.mishaps import Mishaps
from swingbreak.faults.program import Assignment
from swingbreak.faults.short_days import DAY, ShortDay, short_day
from swingbreak.faults.virtual_time import VirtualClock
from swingbreak.faults.weather import Weather, drawn

__all__ = ["QUIET_S", "Scene", "set_scene"]

QUIET_S: Final = 2.0  # the day begins so long before the program does
_CALM_S: Final = 80.0  # after the force-exit
_BROKERAGE: Final = 20_00


@dataclass(frozen=True, slots=True)
class Scene:
    """A day before anything has happened.

    Attributes:
        dice: All chance that is neither a fault's nor a price's.
        mishaps: What will go wrong with requests.
        assignment: What the program is given to trade.
    """

    dice: Random
    far: FarSide
    mishaps: Mishaps
    assignment: Assignment


def set_scene(name: str, faults: Iterable[str], database: Path) -> Scene:
    """Return the scene of the day called *name*; the loop that runs is its clock.

    Args:
        name: Seed of the run and number of the day.
        faults: Faults it has; by default some are drawn of all that are on.
        database: Where its state database shall be.
    """
    dice = Random(name)  # noqa: S311 - a simulation's seeded dice, no secret
    random.seed(name)  # the pauses between a client's retries are drawn from these
    short = short_day(dice)
    session, loop = short.tape.session, asyncio.get_running_loop()
    begins = session.opens + timedelta(seconds=short.starts_s - QUIET_S)
    clock = VirtualClock(loop, begins)
    calm = session.at(short.parameters.force_exit) - begins
    weather = Weather(name, drawn(dice, faults), loop.time, calm.total_seconds() + _CALM_S)
    shutil.copyfile(_blank(yesterday=weather.happens("start.yesterday")), database)
    mode = dice.choice([*Mode])
    return Scene(
        dice,
        FarSide(short.tape, dice.randrange(1 << 30), weather, clock, mode),
        Mishaps(weather, Books(weather, clock.true), dice),
        _assignment(short, mode, database, clock, weather),
    )


def _assignment(
    short: ShortDay, mode: Mode, database: Path, clock: VirtualClock, weather: Weather
) -> Assignment:
    return Assignment(
        session=short.tape.session,
        contracts=short.tape.contracts,
        spot_symbol=short.tape.spot_symbol,
        parameters=short.parameters,
        rates=_rates(),
        key=KEY,
        database=database,
        mode=mode,
        clock=clock,
        disk=Disk(weather),
        weather=weather,
    )


@cache
def _rates() -> ChargeRates:
    return ChargeRates.on(load_facts(), "NFO", DAY, _BROKERAGE)


@cache
def _blank(*, yesterday: bool) -> Path:
    """Return a state database to start from; made once in a process, and copied for each day."""
    path = Path(tempfile.mkdtemp(prefix="swingbreak-blank-")) / "live_state.db"
    with open_writer(path) as database:
        if yesterday:
            at = datetime.fromisoformat("2026-11-19T09:30:00+05:30")
            slot = Slot(Purpose.CLOSE, "NIFTY24NOV2624500CE")
            intent = OrderIntent(slot, slot.key, Side.BUY, 65, 200_00, 190_00, "stop")
            SqliteLedger(database).append(at, [SubmitOrder("o7", intent)])
    return path
