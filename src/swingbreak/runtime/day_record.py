"""What a day looked like from the engine's side: its curve and its decisions."""

import hashlib
from datetime import datetime

from swingbreak.domain.commands import (
    CancelOrder,
    Command,
    HaltDay,
    OrderCommand,
    PauseDay,
    ReplaceOrder,
    ResumeDay,
    SubmitOrder,
)
from swingbreak.domain.events import Event, MinuteClosed, OrderFilled, OrderPriced
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import OrderIntent
from swingbreak.engine.engine import Engine

__all__ = ["DayRecord"]


class DayRecord:
    """An onlooker that keeps what reports and comparisons need.

    Attributes:
        curve: Net P&L in paise at each minute's close, each fill, each price that is corrected and
            the end, oldest first.
        decisions: One line per decision: time, what, terms, reason.
        orders_sent: Places, modifies and cancels.
    """

    def __init__(self, engine: Engine) -> None:
        self.curve: list[tuple[datetime, Paise]] = []
        self.decisions: list[str] = []
        self.orders_sent = 0
        self._engine = engine

    def saw(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """Keep what is worth keeping of one step."""
        for command in commands:
            line = _line(command)
            if line:
                self.decisions.append(f"{at.isoformat()} {line}")
                self.orders_sent += isinstance(command, OrderCommand)
        if isinstance(event, MinuteClosed | OrderFilled | OrderPriced) or _ends(commands):
            self.curve.append((at, self._engine.account().net))

    def digest(self) -> str:
        """Return the hash of the decisions: equal for days that were decided alike."""
        return hashlib.sha256("\n".join(self.decisions).encode()).hexdigest()[:16]


def _ends(commands: list[Command]) -> bool:
    return any(isinstance(command, HaltDay) for command in commands)


def _line(command: Command) -> str:
    match command:
        case SubmitOrder(_, intent):
            return f"place {_terms(intent)}"
        case ReplaceOrder(_, intent, filled):
            return f"modify {_terms(intent)} after {filled}"
        case CancelOrder(order_id, reason):
            return f"cancel {order_id} {reason}"
        case HaltDay() | PauseDay() | ResumeDay():
            return f"{type(command).__name__.removesuffix('Day').lower()} {command.reason}".rstrip()
        case _:
            return ""


def _terms(intent: OrderIntent) -> str:
    trigger = "-" if intent.trigger is None else rupees(intent.trigger)
    return (
        f"{intent.slot} {intent.side} {intent.quantity} {intent.symbol} trigger {trigger} "
        f"limit {rupees(intent.limit)} {intent.reason} {intent.level}".rstrip()
    )
