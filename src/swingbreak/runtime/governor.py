"""How many order messages may leave, exits first.

Places, changes and cancels count alike. Sources: SEBI's retail algo framework, 10 orders a second
without registration, in force since 2026-04-01; OpenAlgo's own limit is 10 a second per endpoint;
brokers allow 200 to 400 a minute and 3,000 to 5,000 a day (Kite Connect's published limits, read
2026-11-22). Ours lie well below, for a person may trade in the same account.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

__all__ = ["WINDOWS", "Governor", "Window"]


class Window(NamedTuple):
    """A limit that holds in every stretch of this length, wherever it begins.

    Attributes:
        most: Messages.
        reserved: Of these, kept for orders that close a position.
    """

    length: timedelta
    most: int
    reserved: int


WINDOWS = (
    Window(timedelta(seconds=1), 8, 3),
    Window(timedelta(minutes=1), 100, 40),
    Window(timedelta(days=1), 1500, 500),
)


class Governor:
    """Sliding windows over the messages sent, the shortest first.

    A clock that goes back makes it stricter, by no more than a window's length; one that is set
    ahead makes it forget that much too early.
    """

    def __init__(self, windows: Sequence[Window] = WINDOWS) -> None:
        self._windows = [(window, deque[datetime]()) for window in windows]

    def admit(self, at: datetime, *, closes: bool) -> bool:
        """Count one message and return True, or return False when it has to wait."""
        for window, sent in self._windows:
            _put_back(sent, at)
            while sent and at - sent[0] >= window.length:
                sent.popleft()
        if not all(
            len(sent) < window.most - (0 if closes else window.reserved)
            for window, sent in self._windows
        ):
            return False
        for _, sent in self._windows:
            sent.append(at)
        return True

    def give_back(self) -> None:
        """Uncount one message that never left, in the longest window alone.

        Hours without a gateway must not use up the day's messages; the pace stays as it is.
        """
        _, sent = self._windows[-1]
        if sent:
            sent.popleft()  # whichever it was: what is left counts for no shorter than it should


def _put_back(sent: deque[datetime], at: datetime) -> None:
    # where the clock has gone back, what was sent counts as sent now: it would hold up everything,
    # exits too, until the clock has caught up
    later = 0
    while sent and sent[-1] > at:
        sent.pop()
        later += 1
    sent.extend([at] * later)
