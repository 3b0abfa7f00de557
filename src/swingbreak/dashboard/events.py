"""What happened, as the day's log has it: the newest first."""

from collections.abc import Sequence

from swingbreak.adapters.log_tail import LogLine
from swingbreak.bootstrap.viewing import View
from swingbreak.dashboard.frame import Page, empty
from swingbreak.reporting.markup import Markup, joined, tag

__all__ = ["events", "events_list"]

_TROUBLE = "trouble"


def events(view: View, only: str) -> Page:
    """Return the events; *only* the ``trouble`` if it says so."""
    shown = [line for line in view.events if line.is_trouble or only != _TROUBLE]
    choices = tag(
        "p",
        _choice("All", "/events", chosen=only != _TROUBLE),
        " \u00b7 ",
        _choice("Warnings and errors", f"/events?only={_TROUBLE}", chosen=only == _TROUBLE),
    )
    return Page("Events", "/events", joined(choices, events_list(shown)))


def events_list(lines: Sequence[LogLine]) -> Markup:
    """Return *lines*, the newest first."""
    if not lines:
        return empty("Nothing has been logged.")
    return tag("ol", *map(_event, reversed(lines)), class_="events")


def _event(line: LogLine) -> Markup:
    words = [tag("b", line.event), tag("span", line.text)]
    if line.is_trouble:
        words.insert(0, tag("strong", f"{line.level} "))
    kind = _TROUBLE if line.is_trouble else None
    return tag("li", tag("time", line.clock), tag("div", *words), class_=kind)


def _choice(text: str, href: str, *, chosen: bool) -> Markup:
    return tag("strong", text) if chosen else tag("a", text, href=href)
