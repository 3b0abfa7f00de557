"""What to do. Imperatives, carried out in order, each durable before it leaves the process."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from swingbreak.domain.money import Paise
from swingbreak.domain.orders import OrderIntent

__all__ = [
    "AdoptPosition",
    "BookByHand",
    "CancelOrder",
    "CancelStray",
    "Command",
    "DayCommand",
    "DayLatch",
    "HaltDay",
    "MoveWindow",
    "OrderCommand",
    "Outgoing",
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
class BookByHand:
    """Count units of ours as bought back by somebody else.

    Attributes:
        at: When we learned of it.
        quantity: Units.
        value: What they were bought for, paise.
    """

    at: datetime
    symbol: str
    quantity: int
    value: Paise


@dataclass(frozen=True, slots=True)
class AdoptPosition:
    """Take over units that somebody else has sold, as a position of ours or as more of it.

    Attributes:
        at: When we learned of it.
        trade_id: Names the round trip, where it is a new one.
        quantity: Units.
        value: What they were sold for, paise.
        points: Stop points, paise.
        stop: Trigger of the stop, paise.
        leaves: Whether the position is to be left at once.
    """

    at: datetime
    trade_id: str
    symbol: str
    quantity: int
    value: Paise
    points: Paise
    stop: Paise
    leaves: bool


@dataclass(frozen=True, slots=True)
class CancelStray:
    """Take an order out of the market that is none of ours, or none any more."""

    broker_order_id: str
    symbol: str
    reason: str


@dataclass(frozen=True, slots=True)
class MoveWindow:
    """Follow the strikes around another centre; what was entered in others is looked after still.

    Attributes:
        centre: Its strike, paise.
        before: The one until now; the same where it is only made sure of.
    """

    centre: Paise
    before: Paise


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
DayLatch: TypeAlias = HaltDay | PauseDay | ResumeDay
# what is about no order of ours
DayCommand: TypeAlias = DayLatch | BookByHand | AdoptPosition | CancelStray | MoveWindow
Outgoing: TypeAlias = OrderCommand | CancelStray  # what leaves the process
Command: TypeAlias = OrderCommand | DayCommand | Tell
