"""Options that several commands have, and what follows from them."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Config", "Json", "StateDir", "state_folder"]

StateDir = Annotated[Path | None, typer.Option(help="State folder; default: the setting.")]
Config = Annotated[Path | None, typer.Option("--config", help="Configuration file.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def state_folder(state_dir: Path | None, config: Path | None) -> Path:
    """Return the state folder that was asked for, else that of the settings."""
    from swingbreak.settings import load  # noqa: PLC0415 - pydantic takes 0.2 s to import

    return state_dir or load(config).state_dir
