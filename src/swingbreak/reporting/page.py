"""Placeholder while the page is being drawn."""

from swingbreak.reporting.day_view import DayView

__all__ = ["render"]


def render(view: DayView) -> str:
    """Return the page."""
    return view.label
