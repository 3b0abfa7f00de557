"""What to do. Imperatives, carried out in order, each durable before it leaves the process."""

from dataclasses import dataclass
from typing import TypeAlias

from swingbreak.domain.orders import OrderIntent

__all__ = [
    "CancelOrder",
    "Command",
    "DayCommand",
    "HaltDay",
    "OrderCommand",
    "PauseDay",
    "ReplaceOrder",
    "ResumeDay",
    "SubmitOrder",
    "Tell",
]


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """Send a new order."""

    order_id: str
    intent: OrderIntent


@dataclass(frozen=True, slots=True)
class ReplaceOrder:
    """Change a working order in place; ``intent.quantity`` is what shall still rest.

    Attributes:
        filled: Units already traded, so that the order's new total is ``filled + quantity``.
    """

    order_id: str
    intent: OrderIntent
    filled: int


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Take a working order out of the market."""

    order_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class HaltDay:
    """No entry for the rest of the day; everything is closed. Only a person undoes it."""

    reason: str


@dataclass(frozen=True, slots=True)
class PauseDay:
    """No entry until a person resumes the day; what is open stays, with its stops."""

    reason: str


@dataclass(frozen=True, slots=True)
class ResumeDay:
    """The end of a pause."""

    reason: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Let people know. Nothing depends on it.

    Attributes:
        kind: Dotted name of what happened, ``entry.filled``.
        subject: Symbol, slot or order it is about.
        detail: The rest, for a person.
    """

    kind: str
    subject: str
    detail: str


OrderCommand: TypeAlias = SubmitOrder | ReplaceOrder | CancelOrder
DayCommand: TypeAlias = HaltDay | PauseDay | ResumeDay
Command: TypeAlias = OrderCommand | DayCommand | Tell
