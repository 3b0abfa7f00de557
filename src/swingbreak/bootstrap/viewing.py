"""What can be seen of a state folder from outside: the board, who runs, the lock, the log's end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from swingbreak.adapters.board import Board, board_in, read_board
from swingbreak.adapters.controls import Controls, KillLock
from swingbreak.adapters.log_tail import LogLine, tail
from swingbreak.adapters.runlock import folder_lock
from swingbreak.domain.errors import DataError, LedgerError
from swingbreak.domain.session import ist_stamp
from swingbreak.reporting.wording import ended_because

__all__ = ["DASHBOARD", "Life", "View", "age_text", "is_run_in", "view_of"]

DASHBOARD: Final = "swingbreak-dashboard"  # what it calls itself on its port
_FRESH_S: Final = 5.0  # a board is written every second
_EVENTS: Final = 200
_LEFT: Final = "the process was told to leave"


class Life(StrEnum):
    """How a day's process is, as far as can be seen from outside."""

    NONE = "none"  # nobody runs, and nothing was published
    STARTING = "starting"  # somebody runs and has published nothing of a day yet
    RUNNING = "running"
    SILENT = "silent"  # somebody runs and does not publish any more
    GONE = "gone"  # nobody runs, and the day had not ended
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class View:
    """A state folder as it is seen at one moment.

    Attributes:
        board: ``None`` where there is none, or none that can be read.
        trouble: Why it cannot be read; empty where it can.
        age_s: Since the board was written; 0 without one.
        killed: The lock after a kill; a text where it cannot be read, which locks as well.
        events: The end of the day's log, oldest first.
    """

    folder: Path
    life: Life
    board: Board | None
    trouble: str
    age_s: float
    killed: KillLock | str | None
    events: tuple[LogLine, ...]

    @property
    def headline(self) -> str:
        """How things are, in a sentence."""
        if self.trouble:
            return self.trouble
        reason = self.board.standing.halted if self.board else ""
        age = age_text(self.age_s)
        return {
            Life.NONE: f"no engine runs in {self.folder}, and none has published a day there",
            Life.STARTING: "an engine has begun and has not published a day yet",
            Life.RUNNING: "running",
            Life.SILENT: f"an engine runs but has published nothing for {age}: is it hanging?",
            Life.GONE: f"NOBODY RUNS: the process ended {age} ago with the day not over; "
            "start `run` again",
            Life.ENDED: f"ended {age} ago: {ended_because(reason) if reason else _LEFT}",
        }[self.life]

    @property
    def lock_text(self) -> str:
        """What the kill lock says; empty where there is none."""
        if self.killed is None or isinstance(self.killed, str):
            return self.killed or ""
        at, reason = ist_stamp(self.killed.at), self.killed.reason
        return f"killed at {at} IST by {self.killed.by}: {reason!r}; no day begins"


def view_of(folder: Path, now: datetime, *, events: int = _EVENTS) -> View:
    """Return *folder* as it is seen *now*, by the wall's clock."""
    board, trouble = None, ""
    try:
        board = read_board(board_in(folder))
    except DataError as error:
        trouble = str(error)
    age = max(0.0, (now - board.written_at).total_seconds()) if board else 0.0
    lines = tail(folder / board.process.log, events) if board else ()
    return View(folder, _life(folder, board, age), board, trouble, age, _killed(folder), lines)


def is_run_in(folder: Path) -> bool:
    """Whether a process holds the lock of *folder*."""
    return bool(folder_lock(folder).holder())


def age_text(seconds: float) -> str:
    """Return a length of time in its two largest units: ``41 s``, ``3 min 5 s``, ``2 h 4 min``."""
    whole = int(seconds)
    for unit, name, part, below in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= unit:
            rest = whole % unit // part
            return f"{whole // unit} {name} {rest} {below}" if rest else f"{whole // unit} {name}"
    return f"{whole} s"


def _life(folder: Path, board: Board | None, age: float) -> Life:
    if board is not None and not board.standing.ended and age <= _FRESH_S:
        return Life.RUNNING
    try:
        # looking takes the lock for a moment: only where the board does not tell
        runs = is_run_in(folder)
    except LedgerError:
        runs = False
    if board is None:
        return Life.STARTING if runs else Life.NONE
    if board.standing.ended:
        return Life.STARTING if runs and age > _FRESH_S else Life.ENDED
    return Life.SILENT if runs else Life.GONE


def _killed(folder: Path) -> KillLock | str | None:
    try:
        return Controls(folder).locked()
    except DataError as error:
        return f"locked: {error}"
