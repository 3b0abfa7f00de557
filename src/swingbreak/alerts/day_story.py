"""The ledger of a day, told as alerts.

Rules of this file:

1. The same records in the same order give the same alerts: what has been told before a restart is
   told again to nobody, for whoever listens counts the records.
2. A state is told when it is reached and not while it lasts.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final, TypeAlias, assert_never

from swingbreak.alerts.alert import Alert, Severity
from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelStray,
    DayCommand,
    HaltDay,
    OrderCommand,
    PauseDay,
    ResumeDay,
)
from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderEvent,
    OrderFilled,
    OrderPriced,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import Order, OrderStatus, Purpose
from swingbreak.domain.position import Trade
from swingbreak.domain.records import Record
from swingbreak.engine.state import State
from swingbreak.risk.account import Charge, no_charge

__all__ = ["DayStory"]

_INFO, _WARNING, _CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL

_Trouble: TypeAlias = (
    OrderRejected | OrderCanceled | OrderUnconfirmed | OrderCancelRefused | OrderReplaceRefused
)

# What a day may end for; whatever else ends one is as grave as the daily stop.
_ENDS: Final = {
    "daily_target": (_INFO, "the daily target is reached"),
    "daily_stop": (_CRITICAL, "the daily stop is reached"),
    "force_exit": (_INFO, "it is time to be out"),
    "flatten": (_WARNING, "a person said flatten"),
    "kill": (_WARNING, "a person said kill"),
}


class DayStory:
    """What the records of one day tell.

    Args:
        day: Trading day in India.
        r_value: One R of the account, paise.
        charge: What trading costs; ``None`` where it is not known, and results are before costs.
        mode: Whose money it is: ``paper``, ``live``; empty where it is not known.

    Attributes:
        state: Orders and positions, as far as the records go.
    """

    def __init__(self, day: date, r_value: Paise, charge: Charge | None, mode: str = "") -> None:
        self.day = day
        self.state = State.empty(charge or no_charge)
        self._r_value = r_value
        self._money = "net" if charge else "before charges"
        self._mode = f"{mode}: " if mode else ""
        self._is_over = False

    @property
    def at_risk(self) -> bool:
        """Whether something is open, or may come to be."""
        return bool(self.state.holdings.positions or self.state.book.live)

    @property
    def is_over(self) -> bool:
        """Whether the day has ended and nothing is left of it."""
        return bool(self.state.halted) and not self.at_risk

    def hear(self, at: datetime, record: Record) -> tuple[Alert, ...]:
        """Return what *record*, kept at *at*, tells."""
        try:
            told = tuple(self._told(at, record))
        except InvalidTransition as error:
            return (Alert(at, _CRITICAL, "ledger.contradiction", "ledger", str(error)),)
        return (*told, *self._ending(at))

    def _told(self, at: datetime, record: Record) -> Iterator[Alert]:
        trades = set(self.state.holdings.trades)
        if isinstance(record, OrderEvent):
            before = self.state.book.orders.get(record.order_id)
            is_news = self.state.learn(record, lambda _: 0)
            if is_news and before is not None:
                yield from self._of_order(at, record, before)
        else:
            self.state.record(record)
            yield from self._of_command(at, record)
        for trade_id in self.state.holdings.trades.keys() - trades:
            yield self._closed(at, self.state.holdings.trades[trade_id])

    def _of_order(self, at: datetime, event: OrderEvent, before: Order) -> Iterator[Alert]:
        match event:
            case OrderFilled():
                yield from self._filled(at, before)
            case OrderAccepted():
                if before.intent.trigger is not None and _closes(before):
                    yield _of(at, _INFO, "stop.rests", before, f"{_terms(before)} rests")
            case OrderReplaced():
                yield from self._replaced(at, before)
            case OrderPriced():
                return
            case _:
                yield from _trouble(at, event, before)

    def _filled(self, at: datetime, before: Order) -> Iterator[Alert]:
        position = self.state.holdings.positions.get(before.intent.symbol)
        if position is None:
            return  # that it is closed is told as such
        if _closes(before):
            text = f"bought back {position.bought} of {position.sold} ({before.latest_reason})"
            yield _of(at, _INFO, "exit.filled", before, text)
            return
        average = rupees(position.sold_value // position.sold)
        risk = rupees(position.points * position.sold)
        text = f"sold {position.sold} at {average}; planned risk Rs {risk}"
        yield _of(at, _INFO, "entry.filled", before, text)

    def _replaced(self, at: datetime, before: Order) -> Iterator[Alert]:
        old, new = before.intent, before.replacement
        if new is None or not _closes(before):
            return
        if new.trigger is None and old.trigger is not None:
            text = f"the stop at {rupees(old.trigger)} has become an exit ({new.reason})"
            yield _of(at, _INFO, "exit.begun", before, text)
        elif new.trigger is not None and old.trigger is not None and new.trigger != old.trigger:
            text = f"from {rupees(old.trigger)} to {rupees(new.trigger)}"
            yield _of(at, _INFO, "stop.moved", before, text)

    def _closed(self, at: datetime, trade: Trade) -> Alert:
        sold, bought = trade.sold_value // trade.quantity, trade.bought_value // trade.quantity
        risk = trade.points * trade.quantity
        in_r = f", {trade.r:+.2f} R" if risk else ""
        text = (
            f"{trade.quantity} sold at {rupees(sold)}, bought at {rupees(bought)} "
            f"({trade.exit_reason}): {self._money} Rs {rupees(trade.net)}{in_r}; "
            f"the day Rs {rupees(self.state.holdings.realised)}"
        )
        return Alert(at, _INFO, "trade.closed", trade.symbol, text)

    def _of_command(self, at: datetime, record: OrderCommand | DayCommand) -> Iterator[Alert]:
        match record:
            case HaltDay(reason):
                severity, why = _ENDS.get(reason, (_CRITICAL, reason))
                text = f"{why}; nothing more is entered, everything is exited"
                yield Alert(at, severity, "day.halted", reason, text)
            case PauseDay(reason):
                yield Alert(at, _WARNING, "day.paused", "entries", reason or "no reason given")
            case ResumeDay(reason):
                yield Alert(at, _INFO, "day.resumed", "entries", reason or "no reason given")
            case BookByHand(symbol=symbol, quantity=units, value=value):
                text = f"others bought back {units} at {rupees(value // units)}"
                yield Alert(at, _WARNING, "account.by_hand", symbol, text)
            case AdoptPosition(symbol=symbol, quantity=units, value=value):
                text = f"others sold {units} at {rupees(value // units)}; it is ours now"
                yield Alert(at, _WARNING, "account.adopted", symbol, text)
            case CancelStray(symbol=symbol, reason=reason):
                yield Alert(at, _WARNING, "account.stray_cancelled", symbol, reason)
            case _:
                return  # an order on its way is news when something has become of it

    def _ending(self, at: datetime) -> Iterator[Alert]:
        if self._is_over or not self.is_over:
            return
        self._is_over = True
        yield Alert(at, _INFO, "day.summary", self.day.isoformat(), self.summary())

    def summary(self) -> str:
        """Return what the closed trades have come to so far, in a line."""
        holdings = self.state.holdings
        trades = holdings.trades.values()
        if not trades:
            return f"{self._mode}no trade ({self.state.halted or 'it goes on'})"
        gross, charges = sum(t.gross for t in trades), sum(t.charges for t in trades)
        return (
            f"{self._mode}{len(trades)} trades, {sum(t.net > 0 for t in trades)} with a profit: "
            f"gross Rs {rupees(gross)}, charges Rs {rupees(charges)}, {self._money} "
            f"Rs {rupees(holdings.realised)}, {holdings.realised / self._r_value:+.2f} R "
            f"({self.state.halted or 'it goes on'})"
        )


def _closes(order: Order) -> bool:
    return order.intent.slot.purpose is Purpose.CLOSE


def _terms(order: Order) -> str:
    intent = order.intent
    if intent.trigger is None:
        return f"{intent.side} {intent.quantity} at {rupees(intent.limit)} ({intent.reason})"
    return f"{intent.side} {intent.quantity} at trigger {rupees(intent.trigger)} ({intent.reason})"


def _trouble(at: datetime, event: _Trouble, before: Order) -> Iterator[Alert]:
    match event:
        case OrderRejected():
            yield _refused(at, event, before)
        case OrderCanceled():
            if before.status is not OrderStatus.PENDING_CANCEL:
                yield _lost(at, event, before)
        case OrderUnconfirmed():
            text = f"{_terms(before)}: no answer; the books will show it, nothing is sent again"
            yield _of(at, _WARNING, "order.unconfirmed", before, text)
        case OrderCancelRefused() | OrderReplaceRefused():
            if before.status.is_live and _closes(before):
                text = f"{_terms(before)} stays as it was: {event.reason}"
                yield _of(at, _WARNING, "order.change_refused", before, text)
        case _:
            assert_never(event)


def _refused(at: datetime, event: OrderRejected, before: Order) -> Alert:
    text = f"{_terms(before)}: {event.reason}"
    if not event.sent:
        return _of(at, _WARNING, "order.not_sent", before, text)
    if _closes(before):
        what = "stop.refused" if before.intent.trigger is not None else "exit.refused"
        return _of(at, _CRITICAL, what, before, text)
    return _of(at, _WARNING, "entry.refused", before, text)


def _lost(at: datetime, event: OrderCanceled, before: Order) -> Alert:
    text = f"{_terms(before)} was cancelled by others: {event.reason or 'no reason given'}"
    if _closes(before):
        what = "stop.lost" if before.intent.trigger is not None else "exit.lost"
        return _of(at, _CRITICAL, what, before, text)
    return _of(at, _WARNING, "entry.lost", before, text)


def _of(at: datetime, severity: Severity, kind: str, order: Order, text: str) -> Alert:
    return Alert(at, severity, kind, order.intent.symbol, text)
