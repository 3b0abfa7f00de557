"""What to tell the person whose word was carried out, or could not be."""

from typing import NamedTuple

from swingbreak.domain.control import Control

__all__ = ["Standing", "outcome"]

_DONE = {
    Control.PAUSE: "paused: no entries; resting ones are being cancelled, stops stay",
    Control.RESUME: "resumed: entries may be placed again",
    Control.FLATTEN: "everything is being exited; the day is over",
    Control.KILL: "everything is being exited; no day begins until the lock is taken away",
}
_ALREADY = {
    Control.PAUSE: "it was paused already",
    Control.RESUME: "it was not paused",
    Control.FLATTEN: "the day was over already",
    Control.KILL: "it was killed already",
}


class Standing(NamedTuple):
    """How a day stands: why it is over, if it is, and whether it is paused."""

    halted: str
    paused: bool


def outcome(control: Control, before: Standing, after: Standing) -> tuple[bool, str]:
    """Return whether *control* is now true, and what to tell the person."""
    if before != after:
        return True, _DONE[control]
    if before.halted and control in {Control.PAUSE, Control.RESUME}:
        return False, f"the day is over ({before.halted}): there is nothing to {control}"
    why = f" ({before.halted})" if before.halted else ""
    return True, _ALREADY[control] + why
