"""Options that several commands have, and what follows from them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from swingbreak.domain.errors import ConfigError

__all__ = ["Config", "Day", "Json", "StateDir", "day_option", "state_folder"]


def day_option(text: str) -> Any:
    """Return the option ``--date``, of which its help says *text*."""
    return typer.Option("--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help=text)


StateDir = Annotated[Path | None, typer.Option(help="State folder; default: the setting.")]
Config = Annotated[Path | None, typer.Option("--config", help="Configuration file.")]
Day = Annotated[datetime | None, day_option("Day in India; default: the last recorded.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def state_folder(state_dir: Path | None, config: Path | None) -> Path:
    """Return the state folder that was asked for, else that of the settings.

    Raises:
        ConfigError: It is a file, or the settings cannot be used.
    """
    from swingbreak.settings import load  # noqa: PLC0415 - pydantic takes 0.2 s to import

    folder = state_dir or load(config).state_dir
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: is a file, and no state folder: name another --state-dir")
    return folder
