"""How a day ran, for charts: bars, levels and the curve, in a file that only grows.

Rules of this file:

1. A line is whole or it is not there: a reader leaves out a last line without its end.
2. A bar of a minute and a level of an id take the place of earlier ones, so that a process that
   begins again may say what was said before.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import msgspec

from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.strategy.levels import Level

__all__ = ["Course", "CourseLine", "CourseReader", "append_course", "course_in"]


class CourseLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is new since the line before.

    Attributes:
        bars: Closed bars by symbol, oldest first.
        levels: Levels that are new, or in a new state.
        curve: Net P&L of the day in paise at moments, oldest first.
    """

    bars: dict[str, tuple[Bar, ...]] = {}
    levels: tuple[Level, ...] = ()
    curve: tuple[tuple[datetime, Paise], ...] = ()


@dataclass(slots=True)
class Course:
    """All that was said of the day, folded.

    Attributes:
        bars: By symbol and minute.
        levels: By symbol and level id.
    """

    bars: dict[str, dict[int, Bar]] = field(default_factory=dict)
    levels: dict[str, dict[str, Level]] = field(default_factory=dict)
    curve: list[tuple[datetime, Paise]] = field(default_factory=list)

    def bars_of(self, symbol: str) -> tuple[Bar, ...]:
        """Return the bars of *symbol*, oldest first."""
        return tuple(bar for _, bar in sorted(self.bars.get(symbol, {}).items()))

    def add(self, line: CourseLine) -> None:
        """Fold in one line."""
        for symbol, bars in line.bars.items():
            self.bars.setdefault(symbol, {}).update((bar.minute, bar) for bar in bars)
        for level in line.levels:
            self.levels.setdefault(level.symbol, {})[level.level_id] = level
        self.curve += line.curve


class CourseReader:
    """Reads a course as it grows, each line once.

    Attributes:
        course: All that was read so far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.course = Course()
        self._read = 0

    def read(self) -> Course:
        """Take in what is new and return the whole.

        Raises:
            DataError: A line is not what :func:`append_course` writes.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(0, 2)
                if file.tell() < self._read:  # another day of a served tape
                    self.course, self._read = Course(), 0
                file.seek(self._read)
                whole, _, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return self.course
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read: {error.strerror}") from error
        try:
            lines = [msgspec.json.decode(line, type=CourseLine) for line in whole.splitlines()]
        except ValueError as error:  # no JSON, or no UTF-8
            raise DataError(f"{self.path}: {error}: move it away") from error
        for line in lines:
            self.course.add(line)
        self._read += len(whole) + 1 if whole else 0
        return self.course


def course_in(state_dir: Path, day: date) -> Path:
    """Return the path of the course of *day* in *state_dir*."""
    return state_dir / "course" / f"course_{day:%Y%m%d}.jsonl"


def append_course(path: Path, line: CourseLine) -> None:
    """Add *line*.

    Raises:
        OSError: It cannot be written, or not whole; a reader leaves out the piece.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
