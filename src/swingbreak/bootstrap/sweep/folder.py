"""A sweep from beginning to end: its folder has the settings it stood on, so that others go on."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from swingbreak.adapters.whole_files import replace_text
from swingbreak.bootstrap.sweep.keeping import write_sweep
from swingbreak.bootstrap.sweep.running import Running, SweepAsked, Told, run_sweep
from swingbreak.bootstrap.sweep.searching import Search, search
from swingbreak.bootstrap.sweep.units import Workers
from swingbreak.domain.errors import ConfigError, DataError
from swingbreak.reporting.sweep_view import SweepView
from swingbreak.settings import Settings, load

__all__ = ["SETTINGS", "base_of", "sweep_into"]

SETTINGS: Final = "settings.toml"
_NO_KEYS: Final = frozenset({"(hidden)", "(not set)"})


def sweep_into(
    asked: SweepAsked, told: Told, workers: Workers | None = None, wanted: Search | None = None
) -> SweepView:
    """Run what is *asked*, or search as *wanted*, and keep it in its folder: :func:`run_sweep`."""
    _keep_base(asked.out, load(asked.settings, overrides=asked.overrides))
    if wanted is None:
        view = run_sweep(asked, told, workers)
    else:
        view = search(Running(asked, told, workers), asked.objective, wanted)
    write_sweep(asked.out, view)
    return view


def _keep_base(folder: Path, settings: Settings) -> None:
    lines = [
        f"{entry.key} = {entry.value}" for entry in settings.entries if entry.value not in _NO_KEYS
    ]
    replace_text(folder / SETTINGS, "\n".join(lines) + "\n")


def base_of(folder: Path, overrides: Mapping[str, object]) -> Settings:
    """Return the settings of the sweep in *folder* with *overrides*, whatever is set elsewhere.

    Raises:
        DataError: There are none.
        ConfigError: They cannot be.
    """
    path = folder / SETTINGS
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}: run the sweep again") from error
    try:
        return load(None, environment={}, overrides={**given, **overrides})
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
