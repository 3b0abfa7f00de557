"""A guard against an engine that keeps changing its mind."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from swingbreak.domain.errors import Livelock
from swingbreak.domain.orders import Slot

__all__ = ["Pace"]

_WINDOW = timedelta(seconds=60)
# An exit that is re-priced twice a second for a minute stays under it; a loop does not.
_MOST = 150


@dataclass(slots=True)
class Pace:
    """Counts commands per slot and minute."""

    _began: dict[Slot, tuple[datetime, int]] = field(default_factory=dict)

    def count(self, at: datetime, slot: Slot) -> None:
        """Count one command for *slot*.

        Raises:
            Livelock: Too many within a minute: want and have never meet.
        """
        began, sent = self._began.get(slot, (at, 0))
        if at - began > _WINDOW:
            began, sent = at, 0
        if sent >= _MOST:
            raise Livelock(f"{slot}: {sent} commands since {began.isoformat()}")
        self._began[slot] = (began, sent + 1)
