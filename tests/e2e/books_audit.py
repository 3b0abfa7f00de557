"""What must hold of a day, judged by its ledger and the gateway's books, not by the engine."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from swingbreak.adapters.dayfolder import database_in, events_in
from swingbreak.adapters.event_tape import read_tape
from swingbreak.adapters.sqlite import views
from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    CancelStray,
    HaltDay,
    MoveWindow,
    PauseDay,
    ReplaceOrder,
    ResumeDay,
    SubmitOrder,
)
from swingbreak.domain.errors import LedgerError
from swingbreak.domain.events import (
    AccountSeen,
    OrderCanceled,
    OrderCancelRefused,
    OrderEvent,
    OrderFilled,
    OrderRejected,
    OrderReplaceRefused,
)
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Purpose, Slot
from swingbreak.domain.records import Record
from swingbreak.engine.told import LookAwaited
from tests.e2e.processes import Server

DAY = date(2026, 11, 20)
# A closing order that was turned away, or a change of it, is followed a second later, at the next
# beat of the clock.
MOST_UNCOVERED = timedelta(seconds=2)
# What a process that begins leaves open while the account cannot be looked at.
MOST_AWAITED = timedelta(seconds=15)

_CHANGING = {OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE}

Kept: TypeAlias = tuple[datetime, Record]
Row: TypeAlias = Mapping[str, Any]


def ledger_of(state_dir: Path, day: date = DAY) -> list[Kept]:
    """What the ledger holds so far; nothing while the database is not there or not ready."""
    path = database_in(state_dir)
    if not path.exists():
        return []
    try:
        with open_reader(path) as database:
            return list(SqliteLedger(database).records(day))
    except LedgerError:
        return []


def tables_of(state_dir: Path, day: date = DAY) -> dict[str, list[dict[str, Any]]]:
    """What is shown to people."""
    with open_reader(database_in(state_dir)) as database:
        return dict(views.day_of(database, day))


class Wait(NamedTuple):
    """When a process that began held everything back, for want of a look at the account."""

    began: datetime
    ended: datetime


def waits_of(state_dir: Path, day: date = DAY) -> list[Wait]:
    """The waits of all processes of a day."""
    path = events_in(state_dir, day)
    waits: list[Wait] = []
    for told in read_tape(path).items if path.exists() else ():
        match told:
            case LookAwaited(at):
                waits.append(Wait(at, at + MOST_AWAITED))
            case AccountSeen(at, unread="") if at < waits[-1].ended:
                waits[-1] = waits[-1]._replace(ended=at)
            case _:
                pass
    return waits


@dataclass
class Replay:
    """Orders and shorts rebuilt from the records alone, and what was wrong on the way.

    While a process waited, what it was told had traded could not be covered.
    """

    waits: Sequence[Wait] = ()
    orders: dict[str, Order] = field(default_factory=dict)
    short: Counter[str] = field(default_factory=Counter)
    cash: int = 0
    uncovered: dict[str, datetime] = field(default_factory=dict)
    excused: dict[str, datetime] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    halted: str = ""
    by_hand: set[str] = field(default_factory=set)
    refused: dict[str, datetime] = field(default_factory=dict)
    _fills: set[str] = field(default_factory=set)

    def take(self, at: datetime, record: Record) -> None:
        """Apply one record."""
        match record:
            case HaltDay(reason):
                self.halted = reason
            case PauseDay() | ResumeDay() | CancelStray() | MoveWindow():
                pass
            case BookByHand(_, symbol, quantity, value):
                self.short[symbol] -= quantity
                self.cash -= value
                self.by_hand.add(symbol)
            case AdoptPosition(symbol=symbol, quantity=quantity, value=value):
                self.short[symbol] += quantity
                self.cash += value
            case SubmitOrder(order_id, intent):
                if order_id in self.orders:
                    self.faults.append(f"{at} {order_id} submitted twice")
                self.orders[order_id] = Order(order_id, intent)
            case ReplaceOrder(order_id, intent, filled):
                total = replace(intent, quantity=filled + intent.quantity)
                self._amend(order_id, OrderStatus.PENDING_REPLACE, total)
            case CancelOrder(order_id):
                self._amend(order_id, OrderStatus.PENDING_CANCEL)
            case _:
                self._learn(at, record)

    def judge(self, at: datetime) -> None:
        """Look at the state between two steps."""
        slots = Counter(order.intent.slot for order in self.live())
        self.faults += [f"{at} {n} orders in {slot}" for slot, n in slots.items() if n > 1]
        for symbol, units in self.short.items():
            slot = Slot(Purpose.CLOSE, symbol)
            closing = [order for order in self.live() if order.intent.slot.first == slot]
            if units and not closing:
                since = self.uncovered.setdefault(symbol, at)
                excused = self.excused.get(symbol, datetime.min.replace(tzinfo=at.tzinfo)) >= since
                # what one look has told is covered once all of it is
                awaited = any(wait.began <= at <= wait.ended for wait in self.waits)
                if not awaited and (not excused or at - since > MOST_UNCOVERED):
                    self.faults.append(f"{at} {symbol}: {units} short without a closing order")
            else:
                self.uncovered.pop(symbol, None)
            if symbol in self.by_hand:  # what closes it is too large until it has been changed
                closing = [order for order in closing if not self._is_changing(order, at)]
            if sum(order.intent.quantity - order.filled for order in closing) > units:
                self.faults.append(f"{at} {symbol}: closing more than the {units} open")

    def live(self) -> Iterator[Order]:
        """Orders that may still trade."""
        return (order for order in self.orders.values() if order.status.is_live)

    def _is_changing(self, order: Order, at: datetime) -> bool:
        """Whether a change is under way, or was refused just now and will be tried again."""
        refused = self.refused.get(order.order_id)
        tried = refused is not None and at - refused <= MOST_UNCOVERED
        return order.status in _CHANGING or tried

    def _amend(
        self, order_id: str, status: OrderStatus, replacement: OrderIntent | None = None
    ) -> None:
        order = self.orders[order_id]
        self.orders[order_id] = replace(order, status=status, replacement=replacement)

    def _learn(self, at: datetime, event: OrderEvent) -> None:
        order = self.orders[event.order_id]
        closes = order.intent.slot.purpose is Purpose.CLOSE
        if isinstance(event, OrderFilled):
            if event.fill_id in self._fills:
                return
            self._fills.add(event.fill_id)
            self.short[order.intent.symbol] += -event.quantity if closes else event.quantity
        self.orders[event.order_id] = after = order.apply(event)
        self.cash += (order.value - after.value) * (1 if closes else -1)
        if isinstance(event, OrderCancelRefused | OrderReplaceRefused):
            self.refused[event.order_id] = at
        if closes and isinstance(event, OrderRejected | OrderCanceled):
            self.excused[order.intent.symbol] = at


def replay(kept: Iterable[Kept], waits: Sequence[Wait] = ()) -> Replay:
    """Go through the records step by step: one event with its commands, or commands alone."""
    result = Replay(waits)
    last: datetime | None = None
    for at, record in kept:
        if last is not None and (at != last or isinstance(record, OrderEvent)):
            result.judge(last)
        result.take(at, record)
        last = at
    if last is not None:
        result.judge(last)
    return result


def audited(state_dir: Path, *, flat: bool = True, date_: date = DAY) -> Replay:
    """Replay the ledger of a state folder; nothing may have been wrong on the way."""
    day = replay(ledger_of(state_dir, date_), waits_of(state_dir, date_))
    assert day.faults == []
    if flat:
        assert +day.short == Counter()
        assert list(day.live()) == []
        assert day.halted != ""
    return day


@dataclass(frozen=True)
class Books:
    """What the gateway says of the account."""

    orders: Sequence[Row]
    trades: Sequence[Row]
    held: Mapping[str, int]

    @classmethod
    def of(cls, server: Server) -> "Books":
        """Ask for all of it."""
        positions = server.ask("positionbook")
        return cls(
            server.ask("orderbook")["orders"],
            server.ask("tradebook"),
            {row["symbol"]: row["quantity"] for row in positions if row["quantity"]},
        )

    @property
    def working(self) -> list[Row]:
        """Orders that may still trade."""
        return [row for row in self.orders if row["order_status"] in {"open", "trigger pending"}]

    @property
    def cash(self) -> int:
        """What all trades brought in, paise."""
        return sum(
            round(row["average_price"] * 100) * (row["quantity"] if sold(row) else -row["quantity"])
            for row in self.trades
        )


def sold(row: Row) -> bool:
    """Whether an order or a trade is a sale."""
    return bool(row["action"] == "SELL")


def agree(day: Replay, books: Books, state_dir: Path, *, date_: date = DAY) -> None:
    """The ledger, the tables for people and the gateway's books say the same."""
    ours = {order.broker_order_id: order for order in day.orders.values() if order.broker_order_id}
    theirs = {row["orderid"]: row for row in books.orders}
    unsent = [o for o in day.orders.values() if o.status is not OrderStatus.REJECTED]
    assert all(order.broker_order_id for order in unsent)
    assert ours.keys() == theirs.keys()
    traded: defaultdict[str, int] = defaultdict(int)
    for row in books.trades:
        traded[row["orderid"]] += row["quantity"]
    for number, order in ours.items():
        assert (order.intent.symbol, order.intent.side.value) == (
            theirs[number]["symbol"],
            theirs[number]["action"],
        )
        assert order.filled == traded[number]
        assert order.status.is_live == (theirs[number] in books.working)
    assert day.cash == books.cash
    assert {symbol: -units for symbol, units in (+day.short).items()} == books.held
    tables = tables_of(state_dir, date_)
    shown = {row["order_id"]: (row["status"], row["filled"]) for row in tables["orders"]}
    assert shown == {o.order_id: (o.status.value, o.filled) for o in day.orders.values()}
    if not books.held:
        assert tables["positions"] == []
        assert sum(row["gross_paise"] for row in tables["trades"]) == books.cash
        assert tables["daily_summary"][0]["gross_paise"] == books.cash
