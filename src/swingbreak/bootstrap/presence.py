"""What shows that this process has a state folder and lives, from day to day."""

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from swingbreak.adapters.pulse import PulseWriter, Stage, pulse_in
from swingbreak.adapters.runlock import folder_lock
from swingbreak.adapters.systemd import Systemd
from swingbreak.settings import notify_socket

__all__ = ["Presence"]


class Presence:
    """The lock of a folder and the signs of life in it, from ``with`` to the end of the block.

    Where the process *stays* after a day systemd is not told that it is about to end.
    """

    def __init__(self, state_dir: Path, *, stays: bool = False) -> None:
        self._lock = folder_lock(state_dir)
        self._pulse = PulseWriter(pulse_in(state_dir))
        self._systemd = Systemd(notify_socket())
        self._stays = stays
        self._shows = False
        self._stage = Stage.WAITS
        self._stack = ExitStack()

    @property
    def turned(self) -> bool:
        """Whether the day's loop has turned since the day began."""
        return self._stage is Stage.RUNS

    def __enter__(self) -> Self:
        """Take the folder; nothing is shown yet.

        Raises:
            SessionLocked: Another process has it.
            LedgerError: It cannot be locked.
        """
        self._stack.enter_context(self._lock)
        return self

    def __exit__(self, *_: object) -> None:
        """Let go; the last word stays."""
        self._systemd.ending("the process ends")
        self._stack.close()

    def begins(self) -> None:
        """Show that a day begins: it takes its time before its loop turns.

        Raises:
            LedgerError: The sign of life cannot be written.
        """
        self._show(Stage.BEGINS)

    def turns(self) -> None:
        """Show that the day's loop has just turned."""
        self._show(Stage.RUNS)
        self._systemd.well()

    def waits(self) -> None:
        """Show that it waits for a session, and lives; raises as :meth:`begins` does."""
        self._show(Stage.WAITS)
        self._systemd.well()

    def well(self) -> None:
        """Tell systemd alone that all is well, while a day begins."""
        self._systemd.well()

    def ends(self, stage: Stage) -> None:
        """Say why the day ends."""
        self._pulse.end(stage)
        if not self._stays:
            self._systemd.ending(f"the day is {stage}")

    def _show(self, stage: Stage) -> None:
        if not self._shows:
            self._stack.enter_context(self._pulse)
            self._shows = True
        self._stage = stage
        self._pulse.beat(stage)
