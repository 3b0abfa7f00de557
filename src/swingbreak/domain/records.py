"""What is kept of a day: enough to rebuild every order and position, in the order it happened."""

from typing import TypeAlias

from swingbreak.domain.commands import CancelOrder, HaltDay, ReplaceOrder, SubmitOrder
from swingbreak.domain.events import OrderEvent

__all__ = ["Record"]

Record: TypeAlias = SubmitOrder | ReplaceOrder | CancelOrder | HaltDay | OrderEvent
