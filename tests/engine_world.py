"""A day in an imperfect world: prices that walk, a broker that misbehaves, and a referee."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime, time, timedelta
from functools import partial
from random import Random

from swingbreak.domain import events as ev
from swingbreak.domain.commands import (
    CancelOrder,
    Command,
    OrderCommand,
    ReplaceOrder,
    SubmitOrder,
    Tell,
)
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Purpose, Side
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.risk.account import Charge
from tests.builders import SESSION, bar, contract
from tests.engine_referee import Referee, kept_state

CONTRACTS = tuple(contract(24500 + 50 * n, right) for right in Right for n in range(5))
LOT = CONTRACTS[0].lot
SECOND = timedelta(seconds=1)
GRACE = timedelta(seconds=1.5)


def no_great_charge(side: Side, quantity: int, value: Paise) -> Paise:
    """A made-up cost that depends on all it is told."""
    return 20_00 + quantity + (value // 2000 if side is Side.SELL else 0)


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
        shares = [dice.choice([0, 0, 0.05, 0.1, 0.3]) for _ in fields(cls)]
        drawn = dict(zip((f.name for f in fields(cls)), shares, strict=True))
        return cls(**drawn | {"take": drawn["take"] / 300})


@dataclass
class Working:
    """An order at the exchange; ``said`` is when the last thing was said about it."""

    order_id: str
    symbol: str
    side: Side
    total: int
    limit: Paise
    trigger: Paise | None
    said: datetime
    from_: datetime
    live: bool = True
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
        for order in self.orders.values():
            if order.live and order.symbol == symbol and order.from_ <= at:
                self._trade(order, at, price, ask)

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
                # given up; an entry may work all the same
                order.live = order.is_entry and fate < 0.25
                self._tell(order, at, lambda t: ev.OrderRejected(t, order_id, "not in the book"))
                self._later(order.said + 30 * SECOND, lambda _t: self._end(order))
                return
        self._tell(order, at, lambda t: ev.OrderAccepted(t, order_id, f"b-{order_id}"))

    def _end(self, order: Working) -> None:
        order.live = False

    def _replace(self, command: ReplaceOrder, at: datetime) -> None:
        order_id, intent = command.order_id, command.intent
        order = self.orders[order_id]
        total = command.filled + intent.quantity
        refused = self._happens(self.faults.refuse_change) or total <= order.filled
        if refused or not order.live:
            self._tell(order, at, lambda t: ev.OrderReplaceRefused(t, order_id, "no"))
            return
        order.total, order.limit = total, intent.limit
        if order.trigger is not None:  # a trigger is spent once
            order.trigger = intent.trigger
        self._tell(order, at, lambda t: ev.OrderReplaced(t, order_id))

    def _cancel(self, order_id: str, at: datetime) -> None:
        order = self.orders[order_id]
        if not order.live or self._happens(self.faults.refuse_cancel):
            self._tell(order, at, lambda t: ev.OrderCancelRefused(t, order_id, "no"))
            return
        order.live = False
        self._tell(order, at, lambda t: ev.OrderCanceled(t, order_id))
        if order.is_entry and self._happens(self.faults.crossing):
            self._fill(order, at, order.trigger or order.limit)

    def _trade(self, order: Working, at: datetime, price: Paise, ask: Paise) -> None:
        order_id = order.order_id
        if self._happens(self.faults.take):
            order.live = False
            self._tell(order, at, lambda t: ev.OrderCanceled(t, order_id, "RMS"))
            return
        if order.trigger is not None:
            if (price > order.trigger) if order.is_entry else (price < order.trigger):
                return
            order.trigger = None
            if self._happens(self.faults.protect):
                order.live = False
                self._tell(order, at, lambda t: ev.OrderCanceled(t, order_id, "price band"))
                return
        if (price >= order.limit) if order.is_entry else (ask <= order.limit):
            self._fill(order, at, price if order.is_entry else ask)

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
            self._tell(
                order, at, lambda t: ev.OrderFilled(t, order_id, fill_id, quantity, value)
            )
        if self._happens(self.faults.reprice):
            order.value += self._dice.randint(-99, 99)
            filled, exact = order.filled, order.value
            self._tell(order, at, lambda t: ev.OrderPriced(t, order_id, filled, exact))


@dataclass
class World:
    """Runs a day and has every step judged.

    Attributes:
        contracts: What is traded.
        parameters: The engine's settings.
        faults: The broker's.
        dice: All chance but the prices.
        moves: Next change of a symbol's price, ticks.
        minutes: Length of the day.
        troubles: Whether history is read again, symbols are held and bars are bad.
        restarts: Whether the engine is killed now and then.
    """

    contracts: tuple[OptionContract, ...]
    parameters: Parameters
    faults: Faults
    dice: Random
    moves: Callable[[str], int]
    minutes: int = 40
    troubles: bool = False
    restarts: bool = False
    charge: Charge = no_great_charge
    events: list[ev.Event] = field(default_factory=list)
    commands: list[list[Command]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = self.new_engine()
        self.broker = Broker(self.faults, self.dice)
        self.referee = Referee(SESSION, self.contracts, self.parameters)
        symbols = [each.symbol for each in self.contracts]
        self.prices = {symbol: 180_00 + 5_00 * (n % 5) for n, symbol in enumerate(symbols)}
        # the heavy first bar holds the VWAP at 150.00
        first = bar(0, 150_00, 150_00, 150_00, 150_00, 10**9)
        self.bars = {symbol: [first] for symbol in symbols}
        self.forming: dict[str, list[Paise]] = {}
        self.held: dict[str, str] = {}
        self._minute = 1
        self._second = SESSION.start_of(1)

    def new_engine(self) -> Engine:
        return Engine(SESSION, self.contracts, self.parameters, self.charge)

    def run(self) -> None:
        """Live the day, then let it end without further faults."""
        now = SESSION.start_of(1)
        self._read_history(now, list(self.bars))
        self._step(ev.SymbolsHeld(now, {}))
        for at, symbol in self._tick_times():
            if self._minute >= self.minutes - 5:
                self.broker.faults = Faults()
            self._advance(at)
            self._tick(at, symbol)
        self._advance(SESSION.start_of(self.minutes) + 30 * SECOND)

    def _tick_times(self) -> Iterator[tuple[datetime, str]]:
        for minute in range(1, self.minutes):
            start = SESSION.start_of(minute)
            times = [
                (start + timedelta(milliseconds=self.dice.randrange(0, 60_000, 250)), symbol)
                for symbol in self.prices
                for _ in range(self.dice.choice([0, 4, 6, 8]))
            ]
            yield from sorted(times)

    def _step(self, event: ev.Event) -> None:
        commands = self.engine.step(event)
        self.events.append(event)
        self.commands.append(commands)
        if isinstance(event, ev.OrderEvent):
            self.records.append(event)
        self.records += [command for command in commands if not isinstance(command, Tell)]
        self.referee.judge(self.engine, event, commands)
        for command in commands:
            if isinstance(command, SubmitOrder | ReplaceOrder | CancelOrder):
                self.broker.execute(event.at, command)

    def _advance(self, to: datetime) -> None:
        while True:
            closes = SESSION.start_of(self._minute + 1) + GRACE
            wakes = max(self.engine.wake, self._second)
            at = min(closes, wakes, self.broker.next_due or closes)
            if at > to:
                return
            if at == self.broker.next_due:
                event = self.broker.next()
                if event is not None:
                    self._step(event)
            elif at == closes:
                self._close(at)
            else:
                self._second = at + SECOND
                self._step(ev.TimerFired(at))

    def _tick(self, at: datetime, symbol: str) -> None:
        move = self.moves(symbol)
        price = self.prices[symbol] = min(max(self.prices[symbol] + 5 * move, 110_00), 290_00)
        self.forming.setdefault(symbol, []).append(price)
        ask = price + 5 * self.dice.randint(1, 20) if self.dice.random() < 0.9 else 0
        self.broker.on_tick(at, symbol, price, ask or price + 50)
        if self.engine.watches(symbol):
            self._step(ev.TickReceived(at, Tick(symbol, at, price, ask=ask)))

    def _close(self, at: datetime) -> None:
        minute = self._minute
        self._minute += 1
        # what came in the grace belongs to the next minute
        closed, self.forming = self.forming, {}
        bars = {symbol: _bar(minute, prices) for symbol, prices in closed.items()}
        for symbol, row in bars.items():
            self.bars[symbol].append(row)
        if bars:
            self._step(ev.MinuteClosed(at, minute, bars, {}))
        if self.troubles:
            self._trouble(at)
        if self.restarts and self.dice.random() < 0.2:
            self._restart(at)

    def _trouble(self, at: datetime) -> None:
        symbol = self.dice.choice(list(self.bars))
        match self.dice.randrange(8):
            case 0 | 1:
                self.held = {} if self.held else {symbol: "stale"}
                self._step(ev.SymbolsHeld(at, self.held))
            case 2:
                self._read_history(at, [symbol])
            case 3:
                bad = {symbol: self.bars[symbol][0]}
                self._step(ev.MinuteClosed(at, self._minute - 1, bad, {}))
            case 4:
                self._read_history(at, list(self.bars))

    def _read_history(self, at: datetime, symbols: list[str]) -> None:
        rows = {symbol: tuple(self.bars[symbol]) for symbol in symbols}
        self._step(ev.HistoryLoaded(at, rows))

    def _restart(self, at: datetime) -> None:
        before = kept_state(self.engine)
        self.engine = self.new_engine()
        self.engine.restore(self.records)
        assert kept_state(self.engine) == before, "a restart forgot something"
        self.referee.restarted()
        self._read_history(at, list(self.bars))
        self._step(ev.SymbolsHeld(at, self.held))


def _bar(minute: int, prices: list[Paise]) -> Bar:
    high, low = max(prices), min(prices)
    return Bar(minute, prices[0], high, low, prices[-1], LOT * len(prices), len(prices))


def parameters_for(minutes: int, dice: Random) -> Parameters:
    """Return settings whose day ends within *minutes*."""
    ends = 9 * 60 + 15 + minutes - 5
    most = dice.choice([3, 5])
    return Parameters(
        daily_target_r=dice.choice([5, 50]),
        daily_stop_r=dice.choice([-5, -50]),
        max_positions=most,
        max_per_right=dice.choice([2, 3]),
        entry_fill_s=dice.choice([20, 60]),
        last_entry=time(*divmod(ends - dice.choice([0, 3]), 60)),
        force_exit=time(*divmod(ends, 60)),
    )


def walker(dice: Random) -> Callable[[str], int]:
    """Return prices that walk, drift and sometimes jump."""

    def move(_symbol: str) -> int:
        jump = dice.choice([-150, 150]) if dice.random() < 0.003 else 0
        return round(dice.gauss(-0.5, 22)) + jump

    return move


def is_close(command: Command) -> bool:
    """Whether *command* sends or changes a closing order."""
    return (
        isinstance(command, SubmitOrder | ReplaceOrder)
        and command.intent.slot.purpose is Purpose.CLOSE
    )
