"""How long faults may keep the program from what it must do.

A fault that strikes an order, a book, the link or the process costs the program time: the client's
own deadline, the looks at the books that settle what was lost, the pause before it tries again.
Each one adds to what is allowed around it; what the weather does to prices alone adds nothing.
"""

from collections import deque
from typing import Final, NamedTuple

from swingbreak.faults.weather import Weather

__all__ = ["Begun", "Patience"]

_PROTECTED_S: Final = 3.0  # a healthy broker: a round trip or two, and the exchange's latency
_ANSWERED_S: Final = 12.0  # a healthy gateway: the deadline of a request, and one more look
_PER_FAULT_S: Final = 25.0
_MOST_S: Final = 120.0  # however many strike
_BEFORE_S: Final = 30.0  # so long before a trouble begins its fault may have struck
_HARMLESS: Final = (
    *("tick.", "history.", "funds.", "margin.", "start.", "hand.", "positions."),
    "word.",
    *("exchange.parts", "orders.text", "orders.average_zero", "trades.text", "update.twice"),
    *("update.rounded", "update.again"),
)
_BLINDING: Final = ("tick.", "feed.", "clock.", "hand.")


class Begun(NamedTuple):
    """What had been excused a while before a trouble began, seconds."""

    faults: float
    outages: float


class Patience:
    """Adds up what faults excuse.

    Attributes:
        is_blind: Whether the program may not see what the exchange sees, of prices or of time:
            what it cannot know it cannot act upon.
    """

    def __init__(self, weather: Weather) -> None:
        self.is_blind = any(name.startswith(_BLINDING) for name in weather.names)
        self._weather = weather
        self._harmful = [n for n in weather.names if not n.startswith(_HARMLESS)]
        self._steps: deque[tuple[float, Begun]] = deque([(-_BEFORE_S, Begun(0.0, 0.0))])

    def begin(self) -> Begun:
        """Return what counts as excused already for a trouble that begins now."""
        now, spent, steps = self._weather.seconds(), self._spent(), self._steps
        if steps[-1][1] != spent:
            steps.append((now, spent))
        while len(steps) > 1 and steps[1][0] <= now - _BEFORE_S:
            steps.popleft()
        return steps[0][1]

    def protection(self, begun: Begun) -> float:
        """Return how long a position may be unprotected since a trouble with *begun*."""
        return _PROTECTED_S + self._since(begun)

    def answer(self, begun: Begun) -> float:
        """Return how long an order may be in flight since a trouble with *begun*."""
        return _ANSWERED_S + self._since(begun)

    def _spent(self) -> Begun:
        fired = self._weather.fired
        return Begun(_PER_FAULT_S * sum(fired[n] for n in self._harmful), self._weather.excused)

    def _since(self, begun: Begun) -> float:
        spent = self._spent()
        return min(spent.faults - begun.faults, _MOST_S) + spent.outages - begun.outages
