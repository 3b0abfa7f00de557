"""A running day's sign of life: 64 bytes in the state folder that change while its loop turns.

Rules of this file:

1. The bytes are on the disk before the day begins, and memory from then on: a disk that is full or
   hangs stops no heart, and a beat costs the day a microsecond.
2. The last word stays when the process is gone: ``left`` and ``over`` say that it meant to go,
   anything else that it did not.
"""

import mmap
import os
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self

from swingbreak.domain.errors import LedgerError

__all__ = ["Pulse", "PulseWriter", "Stage", "pulse_in", "read_pulse"]

_SIZE = 64


class Stage(StrEnum):
    """Where a day is."""

    BEGINS = "begins"
    RUNS = "runs"
    LEFT = "left"  # somebody ended the process; the day can go on
    OVER = "over"


class Pulse(NamedTuple):
    """A sign of life.

    Attributes:
        pid: Whose.
        beats: How many there were.
    """

    pid: int
    beats: int
    stage: Stage


def pulse_in(state_dir: Path) -> Path:
    """Return where the day of *state_dir* shows that it lives."""
    return state_dir / "pulse"


def read_pulse(path: Path) -> Pulse | None:
    """Return the last sign of life in *path*; ``None`` where there is none to be read."""
    try:
        pid, beats, stage = path.read_text("ascii").split()
        return Pulse(int(pid), int(beats), Stage(stage))
    except (OSError, ValueError):  # none yet, or caught between two beats
        return None


class PulseWriter:
    """Shows that this process lives, from ``with`` to the end of the block."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beats = 0
        self._map: mmap.mmap | None = None

    def __enter__(self) -> Self:
        """Begin.

        Raises:
            LedgerError: The file cannot be written.
        """
        try:
            with self._path.open("wb+") as file:
                file.write(b" " * _SIZE)
                file.flush()
                os.fsync(file.fileno())
                self._map = mmap.mmap(file.fileno(), _SIZE)
        except OSError as error:
            raise LedgerError(f"{self._path}: cannot be written: {error.strerror}") from error
        self._show(Stage.BEGINS)
        return self

    def __exit__(self, *_: object) -> None:
        """End; the last word stays."""
        if self._map is not None:
            self._map.close()
            self._map = None

    def beat(self) -> None:
        """Show that the day's loop has just turned."""
        self._beats += 1
        self._show(Stage.RUNS)

    def end(self, stage: Stage) -> None:
        """Say why it ends."""
        self._show(stage)

    def _show(self, stage: Stage) -> None:
        if self._map is not None:
            line = f"{os.getpid()} {self._beats} {stage}"
            self._map[:] = line.encode("ascii").ljust(_SIZE)
