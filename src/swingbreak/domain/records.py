"""What is kept of a day: enough to rebuild every order and position, in the order it happened."""

from typing import TypeAlias

from swingbreak.domain.commands import DayCommand, OrderCommand
from swingbreak.domain.events import OrderEvent

__all__ = ["Record"]

Record: TypeAlias = OrderCommand | DayCommand | OrderEvent
