"""What a day looked like from the engine's side: its curve and its decisions."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias, assert_never

from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    CancelStray,
    Command,
    DayCommand,
    DayLatch,
    HaltDay,
    MoveWindow,
    Outgoing,
    PauseDay,
    ReplaceOrder,
    ResumeDay,
    SubmitOrder,
    Tell,
)
from swingbreak.domain.events import Event, MinuteClosed, OrderEvent, OrderFilled, OrderPriced
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import OrderIntent
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine

__all__ = ["DayRecord", "decision_line", "digest_of", "lines_of"]

# after these the curve has a point
_Point: TypeAlias = MinuteClosed | OrderFilled | OrderPriced


class DayRecord:
    """An onlooker that keeps what reports and comparisons need.

    Attributes:
        curve: Net P&L in paise at each minute's close, each fill, each price that is corrected and
            the end, oldest first.
        decisions: One line per decision: time, what, terms, reason.
        orders_sent: Places, modifies and cancels, those of earlier processes included.
    """

    def __init__(self, engine: Engine) -> None:
        self.curve: list[tuple[datetime, Paise]] = []
        self.decisions: list[str] = []
        self.orders_sent = 0
        self._engine = engine

    def saw(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """Keep what is worth keeping of one step."""
        for command in commands:
            line = decision_line(command)
            if line:
                self.decisions.append(f"{at.isoformat()} {line}")
                self.orders_sent += isinstance(command, Outgoing)
        if isinstance(event, _Point) or (commands and _turns(commands)):
            self.curve.append((at, self._engine.account().net))

    def recall(self, kept: Iterable[tuple[datetime, Record]]) -> None:
        """Take over what earlier processes of the day decided."""
        rows = list(kept)
        self.decisions[:0] = lines_of(rows)
        self.orders_sent += sum(isinstance(record, Outgoing) for _, record in rows)

    def digest(self) -> str:
        """Return the hash of the decisions: equal for days that were decided alike."""
        return digest_of(self.decisions)


def digest_of(lines: Iterable[str]) -> str:
    """Return the hash of decision *lines*."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def lines_of(kept: Iterable[tuple[datetime, Record]]) -> list[str]:
    """Return the decision lines of a day's records."""
    return [
        f"{at.isoformat()} {line}"
        for at, record in kept
        if not isinstance(record, OrderEvent) and (line := decision_line(record))
    ]


def _turns(commands: list[Command]) -> bool:
    return any(isinstance(each, HaltDay | BookByHand | AdoptPosition) for each in commands)


def decision_line(command: Command) -> str:
    """Return what *command* decides, in one line; empty where it changes nothing."""
    match command:
        case SubmitOrder(_, intent):
            return f"place {_terms(intent)}"
        case ReplaceOrder(_, intent, filled):
            return f"modify {_terms(intent)} after {filled}"
        case CancelOrder(order_id, reason):
            return f"cancel {order_id} {reason}"
        case Tell():
            return ""
        case _:
            return _line_of_day(command)


def _line_of_day(command: DayCommand) -> str:
    match command:
        case BookByHand(symbol=symbol, quantity=quantity, value=value):
            return f"by hand {symbol} bought {quantity} for {rupees(value)}"
        case AdoptPosition(symbol=symbol, quantity=quantity, value=value, stop=stop):
            return f"adopt {symbol} sold {quantity} for {rupees(value)} stop {rupees(stop)}"
        case CancelStray(broker_order_id, symbol, reason):
            return f"cancel stray {broker_order_id} {symbol} {reason}"
        case MoveWindow(centre, before):
            return f"window at {rupees(centre)} from {rupees(before)}" if centre != before else ""
        case HaltDay() | PauseDay() | ResumeDay():
            return f"{_LATCHES[type(command)]} {command.reason}".rstrip()
        case _:
            assert_never(command)


_LATCHES: dict[type[DayLatch], str] = {HaltDay: "halt", PauseDay: "pause", ResumeDay: "resume"}


def _terms(intent: OrderIntent) -> str:
    trigger = "-" if intent.trigger is None else rupees(intent.trigger)
    return (
        f"{intent.slot} {intent.side} {intent.quantity} {intent.symbol} trigger {trigger} "
        f"limit {rupees(intent.limit)} {intent.reason} {intent.level}".rstrip()
    )
