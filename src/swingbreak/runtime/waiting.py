"""Order commands that wait for room to leave: those that close a position first."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime

from swingbreak.domain.commands import Outgoing
from swingbreak.runtime.governor import Governor

__all__ = ["Waiting"]


class Waiting:
    """Two queues behind one governor; a command that waits is not in flight."""

    def __init__(self) -> None:
        self._governor = Governor()
        self._queues: dict[bool, deque[Outgoing]] = {True: deque(), False: deque()}

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def put(self, command: Outgoing, *, closes: bool) -> None:
        """Queue *command*; *closes* says that it works on a position's closing order."""
        self._queues[closes].append(command)

    def give_back(self) -> None:
        """Learn that one of those which were let go never left."""
        self._governor.give_back()

    def admitted(self, at: datetime) -> Iterator[Outgoing]:
        """Yield what may leave at *at*, taking it out."""
        for closes, queue in self._queues.items():
            while queue and self._governor.admit(at, closes=closes):
                yield queue.popleft()
