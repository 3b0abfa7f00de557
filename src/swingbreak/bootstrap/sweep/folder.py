"""A sweep from beginning to end: its folder has the settings it stood on, so that others go on."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from swingbreak.adapters.whole_files import replace_text
from swingbreak.bootstrap.sweep.keeping import write_sweep
from swingbreak.bootstrap.sweep.running import Running, SweepAsked, Told, run_sweep
from swingbreak.bootstrap.sweep.searching import Search, search
from swingbreak.bootstrap.sweep.units import Workers
from swingbreak.domain.errors import ConfigError, DataError
from swingbreak.reporting.sweep_page import render_sweep
from swingbreak.reporting.sweep_view import Doubt, SweepView, doubt_of
from swingbreak.reporting.walk_forward import Walk, walk
from swingbreak.settings import Settings, load

__all__ = ["PAGE", "SETTINGS", "Swept", "base_of", "sweep_into", "write_page"]

PAGE: Final = "sweep.html"
SETTINGS: Final = "settings.toml"
_TRAIN, _TEST = 40, 10  # days, as `walkforward` has them by default
_NO_KEYS: Final = frozenset({"(hidden)", "(not set)"})


class Swept(NamedTuple):
    """A finished sweep, and how far its best set may be luck."""

    view: SweepView
    doubt: Doubt


def sweep_into(
    asked: SweepAsked, told: Told, workers: Workers | None = None, wanted: Search | None = None
) -> Swept:
    """Run what is *asked*, or search as *wanted*, and keep it in its folder: :func:`run_sweep`."""
    _keep_base(asked.out, load(asked.settings, overrides=asked.overrides))
    if wanted is None:
        view = run_sweep(asked, told, workers)
    else:
        view = search(Running(asked, told, workers), asked.objective, wanted)
    write_sweep(asked.out, view)
    forward = walk(view, _TRAIN, _TEST) if len(view.days) > _TRAIN else None
    return Swept(view, write_page(asked.out, view, forward))


def write_page(folder: Path, view: SweepView, forward: Walk | None) -> Doubt:
    """Write the page of *view* with what a walk over it found; return how far its best is luck.

    Raises:
        DataError: The folder cannot be written.
    """
    doubt = doubt_of(view)
    replace_text(folder / PAGE, render_sweep(view, doubt, forward))
    return doubt


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
