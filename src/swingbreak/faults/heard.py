"""What the engines of a day were told, process after process: its event tape, in memory.

What a killed process had heard survives it, as what it had handed to the operating system does.
"""

from swingbreak.domain.events import Event
from swingbreak.engine.told import LookAwaited, ProcessBegan, ProcessEnded, Told
from swingbreak.faults.process import Life

__all__ = ["Heard", "ProcessTape"]


class Heard:
    """The tape of the day.

    Attributes:
        told: All of it, in order.
    """

    def __init__(self) -> None:
        self.told: list[Told] = []

    def of(self, life: Life) -> "ProcessTape":
        """Return the tape as a process with *life* writes it."""
        return ProcessTape(self.told, life)


class ProcessTape:
    """A ``ports.EventTape`` that the dead do not write."""

    def __init__(self, told: list[Told], life: Life) -> None:
        self._told = told
        self._life = life

    def hear(self, told: Event | LookAwaited | ProcessBegan | ProcessEnded) -> None:
        """Keep *told*."""
        if not self._life.is_over:
            self._told.append(told)

    def settle(self) -> None:
        """Do nothing: what is heard is kept."""
