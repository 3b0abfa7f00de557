"""Judges from its signs of life whether a day's process is well; pure.

Rules of this file:

1. Only the watcher's own clock counts, and only time in which it watched: whoever was suspended
   with the machine, or starved, has seen nothing.
2. A process that begins takes its time: it reads books and history before its loop turns.
3. Dead is who holds no lock and did not say that it was going.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

__all__ = ["Condition", "Sight", "Vigil"]

_BEGINS_WITHIN_S: Final = 90.0
_WATCHED_S: Final = 1.0  # a look later than that after the one before has missed something


class Condition(StrEnum):
    """How a day's process is."""

    ABSENT = "absent"  # nobody ran here yet
    WELL = "well"
    SILENT = "silent"  # too long without a sign of life; it may be starved
    HUNG = "hung"  # so long that it is not waited for
    DEAD = "dead"
    LEFT = "left"
    OVER = "over"


class Sight(NamedTuple):
    """What can be seen of it.

    Attributes:
        sign: Changes while it lives; ``None`` where there has never been one.
        begins: Whether its loop has yet to turn for the first time.
        parted: What it said when it meant to go; ``None`` while it has not.
        holds_lock: Whether it holds the folder.
    """

    sign: object
    begins: bool
    parted: Condition | None
    holds_lock: bool


@dataclass(slots=True)
class Vigil:
    """Watches one folder.

    Attributes:
        alarm_after_s: Silence that is too long.
        act_after_s: Silence that is not waited for any more.
    """

    alarm_after_s: float
    act_after_s: float
    _sign: object = None
    _silent_s: float = 0.0
    _looked: float | None = None

    @property
    def silent_s(self) -> float:
        """How long there has been no sign of life, as far as was watched."""
        return self._silent_s

    def see(self, at_s: float, sight: Sight) -> Condition:
        """Judge what is seen at *at_s*, seconds of a clock that never goes back."""
        gap = at_s - self._looked if self._looked is not None else 0.0
        self._looked = at_s
        if sight.sign != self._sign:
            self._sign, self._silent_s = sight.sign, 0.0
        elif gap <= _WATCHED_S:
            self._silent_s += gap
        if sight.sign is None:
            return Condition.ABSENT
        if not sight.holds_lock:
            return sight.parted or Condition.DEAD
        patience = _BEGINS_WITHIN_S if sight.begins else 0.0
        if self._silent_s < max(self.alarm_after_s, patience):
            return Condition.WELL
        return Condition.HUNG if self._silent_s >= self.act_after_s else Condition.SILENT
