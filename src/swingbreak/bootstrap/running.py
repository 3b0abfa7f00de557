"""Runs a day, or day after day, as the settings say."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import aiohttp

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.openalgo.market_time import gateway_time
from swingbreak.bootstrap.attendance import Attendance, Attendant
from swingbreak.bootstrap.checking import refuse_unfit
from swingbreak.bootstrap.day import DayOutcome, DayPlan, run_day
from swingbreak.bootstrap.giving_up import hush
from swingbreak.bootstrap.known import facts_of
from swingbreak.bootstrap.leaving import Departure, until_signal
from swingbreak.bootstrap.presence import Presence
from swingbreak.engine.engine import Engine
from swingbreak.runtime.trader import Onlooker
from swingbreak.settings import Mode, load, require_live

__all__ = ["DayByDay", "days_of", "run_settings"]


def run_settings(  # noqa: PLR0913 - what to run, and who is told
    config: Path | None,
    overrides: Mapping[str, object],
    *,
    live_flag: bool,
    attendant: Attendant,
    progress: Callable[[Engine], Onlooker] | None,
    stays: bool = False,
) -> tuple[DayOutcome | None, signal.Signals | None]:
    """Run today with the settings of *config* and *overrides*, or day after day where it *stays*.

    Returns:
        How the last day ended, ``None`` if none had begun, and the signal that ended it, if one
        did.

    Raises:
        SwingbreakError: It could not be run, or not to its end.
    """
    settings = load(config, overrides=overrides)
    require_live(settings, live_flag=live_flag)
    hush()
    departure = Departure()
    console = sys.stderr if progress is None else None
    plan = DayPlan(settings, console=console, progress=progress, warn=_warn)

    async def fit() -> None:
        await refuse_unfit(config, overrides)

    days = days_of(DayByDay(plan, departure, fit), attendant, stays=stays)
    try:
        return asyncio.run(until_signal(days, departure)), departure.signal
    except asyncio.CancelledError:
        return None, departure.signal


@dataclass(frozen=True, slots=True)
class DayByDay:
    """How each day of a process is run.

    Attributes:
        plan: What to run.
        departure: The wish to end, the day's own while one runs.
        fit: Raises what makes a day impossible on this machine; asked after every wait.
    """

    plan: DayPlan
    departure: Departure
    fit: Callable[[], Awaitable[None]]

    async def trade(self, presence: Presence | None) -> DayOutcome:
        """Run a day; see :func:`run_day`."""
        if presence is not None:  # it has waited: much can have changed
            await self.fit()
        try:
            return await run_day(replace(self.plan, presence=presence), self.departure)
        finally:
            self.departure.tell = None  # who waits is ended at once


async def days_of(
    day: DayByDay,
    attendant: Attendant,
    *,
    stays: bool,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> DayOutcome | None:
    """Run *day* after day, or only one; see :class:`Attendance`."""
    settings = day.plan.settings

    async def gateways_time() -> datetime:
        async with aiohttp.ClientSession() as http:
            return await gateway_time(http, settings.gateway.ws_url)

    await day.fit()
    return await Attendance(
        state_dir=settings.state_dir,
        facts=lambda: facts_of(settings),
        clock=WallClock(),
        ask=gateways_time,
        follows=settings.mode is Mode.PAPER,
        trade=day.trade,
        attendant=attendant,
        stays=stays,
        sleep=sleep,
    ).run()


def _warn(text: str) -> None:
    # standard output may carry JSON
    sys.stderr.write(f"warning: {text}\n")
