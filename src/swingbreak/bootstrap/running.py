"""Runs a day as the settings say."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from swingbreak.bootstrap.day import DayOutcome, DayPlan, run_day
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
) -> DayOutcome:
    """Run one day with the settings of *config* and *overrides*; return how it ended.

    Raises:
        SwingbreakError: It could not be run, or not to its end.
    """
    settings = load(config, overrides=overrides)
    require_live(settings, live_flag=live_flag)
    console = sys.stderr if progress is None else None
    return asyncio.run(run_day(DayPlan(settings, console=console, progress=progress)))
