"""Asserts the thirteen invariants after every event, against the truth.

Rules of this file:

1. It believes nothing the program says: units and money are the exchange's, durable is what the
   file holds, sent is what the link carried.
2. Only what a fault makes impossible is allowed for, and only for as long: ``Patience``.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from swingbreak.domain.commands import (
    CancelOrder,
    Command,
    DayLatch,
    ReplaceOrder,
    SubmitOrder,
    Tell,
)
from swingbreak.domain.events import (
    Event,
    MinuteClosed,
    OrderAccepted,
    OrderCanceled,
    OrderEvent,
    OrderFilled,
    OrderRejected,
    TickReceived,
)
from swingbreak.domain.orders import OrderStatus
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.faults.doorkeeper import Asked, Doorkeeper
from swingbreak.faults.inspector import Inspector
from swingbreak.faults.latch import Latch
from swingbreak.faults.patience import Begun, Patience
from swingbreak.faults.program import Assignment
from swingbreak.faults.trace import Trace
from swingbreak.faults.truth import Truth
from swingbreak.faults.verdict import Verdict
from swingbreak.faults.wording import short

__all__ = ["Referee"]

_SKEW: Final = timedelta(milliseconds=1)


class Referee:
    """Watches one day.

    Attributes:
        verdict: What it has found.
        door: Judges what leaves the program.
        books: Judges what is so.
        steps: Events the engine took.
        fills: Fills among them.
    """

    def __init__(
        self,
        assignment: Assignment,
        truth: Truth,
        trace: Trace,
        found: Callable[[], None],
    ) -> None:
        weather = assignment.weather
        self.verdict = Verdict(trace, weather.seconds, found)
        self._patience = Patience(weather)
        self._latch = Latch(assignment, truth, self.verdict, self._patience)
        self.door = Doorkeeper(assignment, truth, self.verdict, self._latch)
        self.books = Inspector(assignment, truth, self.verdict, self._patience, self.door.asked)
        self.steps = self.fills = 0
        self._truth = truth
        self._clock = assignment.clock
        self._session = assignment.session
        self._flying: dict[str, tuple[float, Begun]] = {}
        self._paired: set[str] = set()  # the venue's ids that the program knows

    def began(self) -> None:
        """Note that a process starts."""
        self.door.began()
        self._flying.clear()
        self._paired.clear()

    def recalled(self, kept: Iterable[Record]) -> None:
        """Note what the file has of the day's latches when a process starts."""
        for record in kept:
            if isinstance(record, DayLatch):
                self._latch.note(record)

    def saw(self, engine: Engine, event: Event, commands: list[Command]) -> None:
        """Judge one step of the engine."""
        self.steps += 1
        self._timely(event)
        if isinstance(event, OrderEvent):
            self.verdict.say(short(event))
            self._hear(engine, event)
        for command in commands:
            if isinstance(command, SubmitOrder | ReplaceOrder | CancelOrder):
                self.verdict.say(short(command))
                self._overhear(command)
            elif not isinstance(command, Tell):
                self.verdict.say(str(command))
            if isinstance(command, DayLatch):
                self._latch.note(command)
        if commands or isinstance(event, OrderEvent):
            self._fly(engine)
        self.look()

    def look(self) -> None:
        """Judge how things stand."""
        self.books.look()
        self._latch.look()
        for order_id, (since, begun) in self._flying.items():
            seconds = self.verdict.now - since
            if seconds > self._patience.answer(begun):
                self.verdict.fail(12, f"{order_id} has no answer for {seconds:.1f} s")

    def _timely(self, event: Event) -> None:
        now = self._clock.now()
        if event.at > now:
            self.verdict.fail(10, f"{type(event).__name__} at {event.at} is acted upon at {now}")
        if isinstance(event, TickReceived) and event.tick.at > max(now, self._clock.true()) + _SKEW:
            self.verdict.fail(10, f"a tick of {event.tick.at} is known at {self._clock.true()}")
        if isinstance(event, MinuteClosed):
            ends = self._session.start_of(event.minute + 1)
            if now < ends:
                self.verdict.fail(10, f"minute {event.minute} closed at {now}")

    def _hear(self, engine: Engine, event: OrderEvent) -> None:
        self._truth.read()
        order = engine.state.book.orders[event.order_id]
        self.door.asked.setdefault(  # of a process that died as soon as it was durable
            event.order_id, Asked(order.intent, order.intent.quantity)
        )
        if isinstance(event, OrderAccepted):
            self._pair(event)
        if isinstance(event, OrderFilled):
            self.fills += 1
            if order.filled > self._truth.filled[event.order_id]:
                told, true = order.filled, self._truth.filled[event.order_id]
                self.verdict.fail(6, f"{event.order_id}: {told} units filled, in truth {true}")
        if isinstance(event, OrderRejected | OrderCanceled):
            self._is_gone(event)
            for order_id, working in self._truth.live():
                if order_id == event.order_id:
                    self._given_up(event, working.status.value)

    def _is_gone(self, event: OrderRejected | OrderCanceled) -> None:
        mine = event.order_id
        has_left = isinstance(event, OrderCanceled) or event.sent or not event.proof
        if has_left or self._truth.requests.were_turned_away(mine):
            self.door.drop(mine)
        elif other := self.door.stayed(mine):
            self._truth.swap(mine, other)

    def _pair(self, event: OrderAccepted) -> None:
        mine, other = event.order_id, self._truth.owner(event.broker_order_id)
        if other != mine:
            asked = self.door.asked.get(other)
            if asked is None or not asked.intent.same_terms(self.door.asked[mine].intent):
                self.verdict.fail(
                    6, f"{mine} is taken for {event.broker_order_id}, which is {other or '?'}"
                )
            elif event.broker_order_id in self._paired:
                self.verdict.fail(1, f"{event.broker_order_id} is taken for {mine} and for {other}")
            else:  # slices with the same terms are interchangeable
                self._truth.swap(mine, other)
                self.door.swap(mine, other)
        self._paired.add(event.broker_order_id)

    def _given_up(self, event: OrderRejected | OrderCanceled, status: str) -> None:
        self.verdict.fail(6, f"{event.order_id} is {status} there; taken for gone: {short(event)}")

    def _overhear(self, command: SubmitOrder | ReplaceOrder | CancelOrder) -> None:
        match command:
            case SubmitOrder(order_id, intent):
                if self._truth.placed.get(order_id):
                    self.verdict.fail(9, f"{order_id} is wanted again, it has left already")
                self.door.want(order_id, intent)
            case ReplaceOrder(order_id, intent, filled):
                asked = self.door.asked[order_id]
                asked.most = max(asked.most, filled + intent.quantity)
            case CancelOrder():
                pass

    def _fly(self, engine: Engine) -> None:
        flying = {o.order_id: o.status for o in engine.state.book.in_flight()}
        for order_id in [*self._flying]:
            if order_id not in flying:
                del self._flying[order_id]
        for order_id in flying:
            self._flying.setdefault(order_id, (self.verdict.now, self._patience.begin()))

    def settle(self, engine: Engine, replayed: Engine) -> None:
        """Judge the last process's books, and what a replay of the file makes of them."""
        holdings = engine.state.holdings
        gross = sum(trade.gross for trade in holdings.trades.values())
        if gross != self._truth.cash and not self._truth.shared:
            self.verdict.fail(8, f"trades add up to {gross} paise, cash says {self._truth.cash}")
        if holdings.realised != sum(trade.net for trade in holdings.trades.values()):
            self.verdict.fail(8, "realised P&L is not the sum of the trades")
        self.compare(engine, replayed)
        if any(o.status is OrderStatus.UNCONFIRMED for o in engine.state.book.orders.values()):
            self.verdict.fail(12, "an order is still unconfirmed")

    def compare(self, engine: Engine, replayed: Engine) -> None:
        """Judge whether the file says what the process knew."""
        ours, theirs = _kept(engine), _kept(replayed)
        for name, value in ours.items():
            if theirs[name] != value:
                self.verdict.fail(9, f"a replay of the file disagrees about {name}")


def _kept(engine: Engine) -> dict[str, object]:
    state, holdings = engine.state, engine.state.holdings
    return {
        "orders": state.book.orders,
        "live orders": state.book.live,
        "positions": {s: (p.sold, p.bought, p.cash) for s, p in holdings.positions.items()},
        "trades": [(t.trade_id, t.net) for t in holdings.trades.values()],
        "realised": holdings.realised,
        "halted": state.halted,
        "levels": state.filled_levels,
        "refused": state.refused,
        "lost stops": state.lost,
    }
