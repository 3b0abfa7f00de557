"""Runs a day as the settings say."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from swingbreak.bootstrap.checking import refuse_unfit
from swingbreak.bootstrap.day import DayOutcome, DayPlan, run_day
from swingbreak.bootstrap.leaving import Departure, until_signal
from swingbreak.engine.engine import Engine
from swingbreak.runtime.trader import Onlooker
from swingbreak.settings import load, require_live

__all__ = ["run_settings"]


def run_settings(
    config: Path | None,
    overrides: Mapping[str, object],
    *,
    live_flag: bool,
    progress: Callable[[Engine], Onlooker] | None,
) -> tuple[DayOutcome | None, signal.Signals | None]:
    """Run one day with the settings of *config* and *overrides*.

    Returns:
        How it ended, ``None`` if it had not begun, and the signal that ended it, if one did.

    Raises:
        SwingbreakError: It could not be run, or not to its end.
    """
    settings = load(config, overrides=overrides)
    require_live(settings, live_flag=live_flag)
    console = sys.stderr if progress is None else None
    departure = Departure()
    plan = DayPlan(settings, console=console, progress=progress, warn=_warn)

    async def day() -> DayOutcome:
        await refuse_unfit(config, overrides)
        return await run_day(plan, departure)

    try:
        return asyncio.run(until_signal(day(), departure)), departure.signal
    except asyncio.CancelledError:
        return None, departure.signal


def _warn(text: str) -> None:
    # standard output may carry JSON
    sys.stderr.write(f"warning: {text}\n")
