"""How many order messages may leave in one second, exits first.

Source: SEBI's retail algo framework, 10 orders a second without registration, in force since
2026-04-01; OpenAlgo's own limit is 10 a second per endpoint.
"""

from collections import deque
from datetime import datetime, timedelta

__all__ = ["Governor"]

_WINDOW = timedelta(seconds=1)


class Governor:
    """A sliding window over the messages sent.

    Args:
        most: Messages in any second.
        reserved: Of these, kept for orders that close a position.
    """

    def __init__(self, most: int = 8, reserved: int = 3) -> None:
        self._most = most
        self._reserved = reserved
        self._sent: deque[datetime] = deque()

    def admit(self, at: datetime, *, closes: bool) -> bool:
        """Count one message and return True, or return False when it has to wait."""
        while self._sent and at - self._sent[0] >= _WINDOW:
            self._sent.popleft()
        room = self._most - len(self._sent) - (0 if closes else self._reserved)
        if room <= 0:
            return False
        self._sent.append(at)
        return True
