"""Writes reports as files."""

from pathlib import Path

from swingbreak.domain.errors import DataError
from swingbreak.reporting.day_view import DayView
from swingbreak.reporting.page import render

__all__ = ["write_page"]


def write_page(view: DayView, folder: Path) -> Path:
    """Write the day's page into *folder* and return its path.

    Raises:
        DataError: It cannot be written.
    """
    path = folder / f"day_{view.session.day:%Y%m%d}.html"
    try:
        path.write_text(render(view), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from error
    return path
