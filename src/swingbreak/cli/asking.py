"""What commands over stored days understand: days, fill models."""

from datetime import date
from typing import TYPE_CHECKING

from swingbreak.domain.errors import ConfigError

if TYPE_CHECKING:  # its imports take their time
    from swingbreak.simulation.fills import FillModel

__all__ = ["ALL_FILLS", "day_of", "fill_models"]

ALL_FILLS = "all"


def day_of(text: str | None, option: str) -> date | None:
    """Return the day that *text* is; ``None`` for none.

    Raises:
        ConfigError: It is none.
    """
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise ConfigError(f"{option} {text!r} is no day: write it like 2026-11-20") from error


def fill_models(name: str) -> "tuple[FillModel, ...]":
    """Return the fill models that *name* stands for, ``all`` for all of them.

    Raises:
        ConfigError: There is none of that name.
    """
    from swingbreak.simulation.fills import FillModel  # noqa: PLC0415 - only where it is needed

    if name == ALL_FILLS:
        return tuple(FillModel)
    try:
        return (FillModel(name),)
    except ValueError as error:
        known = ", ".join(FillModel)
        raise ConfigError(f"--fills {name!r}: there are {known} and {ALL_FILLS}") from error
