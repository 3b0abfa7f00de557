"""What a person's word means for the day as it stands.

Rules of this file:

1. A word that is already true changes nothing, so it may be said twice.
2. A day that is over stays over: no word begins it again, and a kill says no less than a flatten.
"""

from typing import assert_never

from swingbreak.domain.commands import DayLatch, HaltDay, PauseDay, ResumeDay
from swingbreak.domain.control import Control

__all__ = ["obeyed"]


def obeyed(control: Control, reason: str, *, halted: str, paused: bool) -> DayLatch | None:
    """Return what changes, ``None`` where nothing does."""
    if halted:
        return HaltDay(control) if control is Control.KILL and halted != Control.KILL else None
    match control:
        case Control.PAUSE:
            return None if paused else PauseDay(reason)
        case Control.RESUME:
            return ResumeDay(reason) if paused else None
        case Control.FLATTEN | Control.KILL:
            return HaltDay(control)
        case Control.STOP:
            return None  # ends the process, not the day
        case _:
            assert_never(control)
