"""A broker that misbehaves: late, partial, silent, contrary; but never untruthful for ever."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from random import Random

from swingbreak.domain import events as ev
from swingbreak.domain.commands import CancelOrder, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Side
from tests.builders import CE

LOT = CE.lot
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Faults:
    """How often what goes wrong, as shares."""

    reject: float = 0  # a new order is refused
    unsent: float = 0  # it never left us
    silent: float = 0  # it is not answered for long, and may be lost
    slow: float = 0  # the exchange is seconds away
    part: float = 0  # a fill is of a part
    repeat: float = 0  # a fill is told twice
    crossing: float = 0  # an entry that is being cancelled has traded
    refuse_change: float = 0  # a change is refused or ignored
    refuse_cancel: float = 0
    protect: float = 0  # a stop is taken away as it triggers
    take: float = 0  # an order is taken away on a tick
    reprice: float = 0  # the trade book corrects a price

    @classmethod
    def drawn(cls, dice: Random) -> "Faults":
        """Return a broker of its own kind: some faults often, some seldom, some never."""
        shares = [dice.choice([0, 0.05, 0.1, 0.3]) for _ in fields(cls)]
        drawn = dict(zip((f.name for f in fields(cls)), shares, strict=True))
        return cls(**drawn | {"take": drawn["take"] / 100})


@dataclass
class Working:
    """An order at the exchange.

    Attributes:
        said: When the last thing is heard of it.
        from_: When it comes to the exchange.
        given_up: Whether it was said to be lost: after that only fills are told.
    """

    order_id: str
    symbol: str
    side: Side
    total: int
    limit: Paise
    trigger: Paise | None
    said: datetime
    from_: datetime
    live: bool = True
    given_up: bool = False
    filled: int = 0
    value: Paise = 0

    @property
    def is_entry(self) -> bool:
        return self.side is Side.SELL


class Broker:
    """Carries commands out, late and badly; says what it did, later still."""

    def __init__(self, faults: Faults, dice: Random) -> None:
        self.faults = faults
        self.orders: dict[str, Working] = {}
        self._dice = dice
        self._quotes: dict[str, tuple[Paise, Paise]] = {}
        self._due: list[tuple[datetime, int, Callable[[datetime], ev.OrderEvent | None]]] = []
        self._count = 0

    @property
    def next_due(self) -> datetime | None:
        return self._due[0][0] if self._due else None

    def next(self) -> ev.OrderEvent | None:
        """Do what is due next; return what is heard of it."""
        at, _, act = heapq.heappop(self._due)
        return act(at)

    def held(self) -> dict[str, int]:
        """Return what is held in truth, signed units by symbol."""
        held: dict[str, int] = {}
        for order in self.orders.values():
            sign = -1 if order.is_entry else 1
            held[order.symbol] = held.get(order.symbol, 0) + sign * order.filled
        return {symbol: quantity for symbol, quantity in held.items() if quantity}

    def execute(self, at: datetime, command: OrderCommand) -> None:
        arrives = at + self._delay()
        match command:
            case SubmitOrder(order_id, intent):
                order = Working(
                    order_id,
                    intent.symbol,
                    intent.side,
                    intent.quantity,
                    intent.limit,
                    intent.trigger,
                    arrives,
                    arrives,
                )
                self.orders[order_id] = order
                self._submit(order, at)
            case ReplaceOrder():
                self._later(arrives, partial(self._replace, command))
            case CancelOrder(order_id):
                self._later(arrives, partial(self._cancel, order_id))

    def on_tick(self, at: datetime, symbol: str, price: Paise, ask: Paise) -> None:
        self._quotes[symbol] = (price, ask)
        for order in self.orders.values():
            if order.live and order.symbol == symbol and order.from_ <= at:
                self._trade(order, at)

    def _happens(self, share: float) -> bool:
        return share > 0 and self._dice.random() < share

    def _delay(self) -> timedelta:
        most = 8000 if self._happens(self.faults.slow) else 300
        return timedelta(milliseconds=self._dice.randint(20, most))

    def _later(self, at: datetime, act: Callable[[datetime], ev.OrderEvent | None]) -> None:
        self._count += 1
        heapq.heappush(self._due, (at, self._count, act))

    def _tell(
        self, order: Working, at: datetime, make: Callable[[datetime], ev.OrderEvent]
    ) -> None:
        order.said = max(order.said, at + self._delay())
        self._later(order.said, make)

    def _submit(self, order: Working, at: datetime) -> None:
        order_id, faults = order.order_id, self.faults
        if self._happens(faults.reject) or self._happens(faults.unsent):
            order.live = False
            sent = not self._happens(faults.unsent)
            self._tell(order, at, lambda t: ev.OrderRejected(t, order_id, "no", sent))
            return
        if self._happens(faults.silent):
            self._tell(order, at + 2 * SECOND, lambda t: ev.OrderUnconfirmed(t, order_id))
            order.said += timedelta(seconds=self._dice.randint(3, 20))
            fate = self._dice.random()
            if fate < 0.5:
                # an entry may work all the same
                order.given_up = True
                order.live = order.is_entry and fate < 0.25
                self._tell(order, at, lambda t: ev.OrderRejected(t, order_id, "not in the book"))
                self._later(order.said + 30 * SECOND, lambda _t: self._end(order))
                return
        self._tell(order, at, lambda t: ev.OrderAccepted(t, order_id, f"b-{order_id}"))
        self._later(order.from_, lambda t: self._arrive(order, t))

    def _arrive(self, order: Working, at: datetime) -> None:
        if order.live:
            self._trade(order, at)

    def _end(self, order: Working) -> None:
        order.live = False

    def _replace(self, command: ReplaceOrder, at: datetime) -> None:
        order_id, intent = command.order_id, command.intent
        order = self.orders[order_id]
        total = command.filled + intent.quantity
        refused = self._happens(self.faults.refuse_change) or total <= order.filled
        if refused or not order.live:
            sent = not (refused and self._happens(self.faults.unsent))
            self._tell(order, at, lambda t: ev.OrderReplaceRefused(t, order_id, "no", sent))
            return
        order.total, order.limit = total, intent.limit
        if order.trigger is not None:  # a trigger is spent once
            order.trigger = intent.trigger
        self._tell(order, at, lambda t: ev.OrderReplaced(t, order_id))
        self._trade(order, at)

    def _cancel(self, order_id: str, at: datetime) -> None:
        order = self.orders[order_id]
        if not order.live or self._happens(self.faults.refuse_cancel):
            self._tell(order, at, lambda t: ev.OrderCancelRefused(t, order_id, "no"))
            return
        order.live = False
        self._tell(order, at, lambda t: ev.OrderCanceled(t, order_id))
        if order.is_entry and self._happens(self.faults.crossing):
            self._fill(order, at, order.trigger or order.limit)

    def _trade(self, order: Working, at: datetime) -> None:
        price, ask = self._quotes[order.symbol]
        if self._happens(self.faults.take):
            self._take(order, at, "RMS")
            return
        if order.trigger is not None:
            if (price > order.trigger) if order.is_entry else (price < order.trigger):
                return
            order.trigger = None
            if self._happens(self.faults.protect):
                self._take(order, at, "price band")
                return
        if (price >= order.limit) if order.is_entry else (ask <= order.limit):
            self._fill(order, at, price if order.is_entry else ask)

    def _take(self, order: Working, at: datetime, reason: str) -> None:
        order.live = False
        if not order.given_up:
            self._tell(order, at, lambda t: ev.OrderCanceled(t, order.order_id, reason))

    def _fill(self, order: Working, at: datetime, price: Paise) -> None:
        quantity = order.total - order.filled
        if quantity > LOT and self._happens(self.faults.part):
            quantity = LOT * self._dice.randint(1, quantity // LOT - 1)
        value = quantity * price
        order.filled += quantity
        order.value += value
        order.live = order.live and order.filled < order.total
        order_id, fill_id = order.order_id, f"b-{order.order_id}:{order.filled}"
        for _ in range(2 if self._happens(self.faults.repeat) else 1):
            self._tell(order, at, lambda t: ev.OrderFilled(t, order_id, fill_id, quantity, value))
        if self._happens(self.faults.reprice):
            order.value += self._dice.randint(-99, 99)
            filled, exact = order.filled, order.value
            self._tell(order, at, lambda t: ev.OrderPriced(t, order_id, filled, exact))
