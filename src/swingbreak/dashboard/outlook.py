"""What the dashboard knows of the state folder; read at most twice a second, however many look."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Final

from swingbreak.adapters.course import Course, CourseReader, course_in
from swingbreak.bootstrap.viewing import View, view_of

__all__ = ["Outlook"]

_KEPT_S: Final = 0.5


class Outlook:
    """Keeps what was read last.

    Args:
        folder: The state folder.
        now: The wall's clock.
        clock: Seconds that only grow.
    """

    def __init__(
        self, folder: Path, now: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        self.folder = folder
        self._now = now
        self._clock = clock
        self._view: tuple[float, View] | None = None
        self._reader: CourseReader | None = None

    def view(self) -> View:
        """Return the folder as it is seen now, or was half a second ago."""
        if self._view is None or self._clock() - self._view[0] >= _KEPT_S:
            self._view = self._clock(), view_of(self.folder, self._now())
        return self._view[1]

    def course(self, day: date) -> Course:
        """Return how *day* has run so far.

        Raises:
            DataError: Its file is damaged.
        """
        path = course_in(self.folder, day)
        if self._reader is None or self._reader.path != path:
            self._reader = CourseReader(path)
        return self._reader.read()
