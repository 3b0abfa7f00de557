"""What a person sees between days: a countdown, what went wrong, and how each day ended."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from swingbreak.bootstrap.day import DayOutcome
from swingbreak.bootstrap.pages import write_page
from swingbreak.cli.counting import no_count, redraw, redraws, say
from swingbreak.cli.day_output import print_day

__all__ = ["Attending"]

_MINUTE_S: Final = 60


class Attending:
    """Writes to standard error, and every day's summary to standard output.

    On a terminal the countdown is one line drawn over itself; elsewhere it is a line a minute.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._why = ""
        self._logged = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the countdown away."""
        no_count()

    def waits(self, why: str, left: timedelta) -> None:
        """Show what is waited for, and how long still."""
        line = f"{why}, in {_span(left)}"
        if redraws():
            redraw(line)
            return
        now = time.monotonic()
        if why != self._why or now - self._logged >= _MINUTE_S:
            self._why, self._logged = why, now
            say(line)

    def notes(self, text: str) -> None:
        """Say something that is to stay."""
        say(text)

    def traded(self, outcome: DayOutcome) -> None:
        """Print the day's summary, and write its page."""
        no_count()
        page: Path | None = write_page(outcome.view, outcome.folder.root)
        print_day(outcome, page, as_json=self._as_json)


def _span(left: timedelta) -> str:
    seconds = max(0, round(left.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return (
        f"{hours} h {minutes:02} min {seconds:02} s" if hours else f"{minutes} min {seconds:02} s"
    )
