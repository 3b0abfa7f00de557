"""A day in an imperfect world: prices that walk, a broker that misbehaves, and a referee."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random

from swingbreak.domain import events as ev
from swingbreak.domain.commands import CancelOrder, Command, ReplaceOrder, SubmitOrder, Tell
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import OrderIntent
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.risk.account import Charge
from tests.builders import SESSION, bar, contract
from tests.engine_broker import LOT, SECOND, Broker, Faults
from tests.engine_referee import Referee, kept_state

CONTRACTS = tuple(contract(24500 + 50 * n, right) for right in Right for n in range(5))
FROZEN = tuple(replace(each, freeze=2 * each.lot + 1) for each in CONTRACTS)  # two lots an order
GRACE = timedelta(seconds=1.5)


def no_great_charge(sold: Paise, bought: Paise, orders: int) -> Paise:
    """A made-up cost that depends on all it is told."""
    return 20_00 * orders + sold // 2000 + bought // 3000


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
        self.forming: dict[int, dict[str, list[Paise]]] = {}
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
                for _ in range(self.dice.choice([0, 2, 3, 4, 6]))
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
            if isinstance(command, SubmitOrder) and isinstance(event, ev.OrderFilled):
                self._judge_stop(event, command.intent)

    def _judge_stop(self, fill: ev.OrderFilled, intent: OrderIntent) -> None:
        """Compare the stop of a position that *fill* opened with the highest high since its swing.

        Where symbols stand aside or history is read again the engine does not see every tick.
        """
        position = self.engine.state.holdings.positions.get(intent.symbol)
        if self.troubles or position is None or position.opened_at != fill.at:
            return
        level = self.engine.view.strategy.level(position.level)
        if intent.trigger is None or level is None or self.referee.is_late(fill):
            return
        bars = self.bars[intent.symbol]
        since = [row.high for row in bars if row.minute > level.minute]
        since += [p for rows in self.forming.values() for p in rows.get(intent.symbol, [])]
        highest = max(since, default=0) or max(r.high for r in bars if r.minute == level.minute)
        assert intent.trigger == highest + self.parameters.stop_buffer
        self.referee.seen["stop recomputed"] += 1

    def _advance(self, to: datetime) -> None:
        while True:
            closes = SESSION.start_of(self._minute + 1) + GRACE
            wakes = _whole_second(max(self.engine.wake, self._second))
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
        moved = self.prices[symbol] + 5 * self.moves(symbol)
        price = self.prices[symbol] = min(max(moved, 110_00), 290_00)
        minute = self.forming.setdefault(SESSION.minute_of(at), {})
        minute.setdefault(symbol, []).append(price)
        ask = price + 5 * self.dice.randint(1, 20) if self.dice.random() < 0.9 else 0
        self.broker.on_tick(at, symbol, price, ask or price + 50)
        if self.engine.watches(symbol):
            self._step(ev.TickReceived(at, Tick(symbol, at, price, ask=ask)))

    def _close(self, at: datetime) -> None:
        minute = self._minute
        self._minute += 1
        bars = _bars(minute, self.forming.pop(minute, {}))
        forming = _bars(minute + 1, self.forming.get(minute + 1, {}))
        for symbol, row in bars.items():
            self.bars[symbol].append(row)
        if bars:
            self._step(ev.MinuteClosed(at, minute, bars, forming))
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
        self._step(ev.SymbolsHeld(at, self.held))
        self._read_history(at, list(self.bars))


def _whole_second(at: datetime) -> datetime:
    return at if not at.microsecond else at.replace(microsecond=0) + SECOND


def _bars(minute: int, prices: dict[str, list[Paise]]) -> dict[str, Bar]:
    return {
        symbol: Bar(minute, row[0], max(row), min(row), row[-1], LOT * len(row), len(row))
        for symbol, row in prices.items()
    }


def day(
    seed: int,
    *,
    troubles: bool = False,
    restarts: bool = False,
    contracts: tuple[OptionContract, ...] = CONTRACTS,
) -> World:
    """Return a day that is all drawn from *seed*."""
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    minutes = dice.choice([60, 90])
    parameters, faults = parameters_for(minutes, dice), Faults.drawn(dice)
    moves = walker(dice)
    return World(contracts, parameters, faults, dice, moves, minutes, troubles, restarts)


def parameters_for(minutes: int, dice: Random) -> Parameters:
    """Return settings whose day ends within *minutes*."""
    ends = 9 * 60 + 15 + minutes - 5
    most = dice.choice([3, 5])
    return Parameters(
        daily_target_r=dice.choice([1, 5, 50]),
        daily_stop_r=dice.choice([-3, -50]),
        max_positions=most,
        max_per_right=dice.choice([2, 3]),
        entry_fill_s=dice.choice([20, 60]),
        last_entry=time(*divmod(ends - dice.choice([0, 3]), 60)),
        force_exit=time(*divmod(ends, 60)),
    )


def walker(dice: Random) -> Callable[[str], int]:
    """Return prices that walk, drift and sometimes jump."""

    def move(_symbol: str) -> int:
        jump = dice.choice([-150, 150]) if dice.random() < 0.008 else 0
        return round(dice.gauss(-0.5, 22)) + jump

    return move
