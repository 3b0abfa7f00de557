"""Stand-ins for what the live loop works with; each does at once what it is told."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Self

from swingbreak.adapters.clock import FeedClock
from swingbreak.domain.account import AccountBooks
from swingbreak.domain.commands import Command, Outgoing, Tell
from swingbreak.domain.events import AccountSeen, Event
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.orders import Order
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Position
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.inbox import Item, Marked
from swingbreak.runtime.live import LiveDay
from swingbreak.runtime.trader import Trader
from tests.builders import CE, OPEN, PE, SESSION

CONTRACTS = (CE, PE)
TURNS = 30  # of the event loop: enough for anything that waits for nobody


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


class MemoryLedger:
    """Keeps records in memory; ``fails`` is raised instead, if set."""

    def __init__(self) -> None:
        self.kept: list[tuple[datetime, Record]] = []
        self.commits: list[list[Record]] = []
        self.fails: Exception | None = None

    def append(self, at: datetime, records: Sequence[Record]) -> None:
        if self.fails is not None:
            raise self.fails
        self.commits.append(list(records))
        self.kept += [(at, record) for record in records]

    def records(self, _day: object) -> Iterator[tuple[datetime, Record]]:
        return iter(self.kept)


class Watching:
    """An onlooker that keeps what it saw."""

    def __init__(self) -> None:
        self.seen: list[tuple[datetime, Event, list[Command]]] = []

    def saw(self, at: datetime, event: Event, commands: list[Command]) -> None:
        self.seen.append((at, event, commands))


class ScriptedEngine:
    """Answers the next event of a kind with the commands it was given for it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.contracts = engine.contracts
        self.scope = engine.scope
        self.state, self.view = engine.state, engine.view
        self.wake = engine.wake
        self.events: list[Event] = []  # but for looks at the account
        self.looked: list[Event] = []
        self.answers: dict[type[Event], list[list[Command]]] = {}

    def await_look(self, _at: datetime) -> None:
        pass

    def watches(self, _symbol: str) -> bool:
        return True

    def pinned(self) -> frozenset[str]:
        return frozenset()

    def step(self, event: Event) -> list[Command]:
        (self.looked if isinstance(event, AccountSeen) else self.events).append(event)
        waiting = self.answers.get(type(event), [])
        commands = waiting.pop(0) if waiting else []
        for command in commands:
            if not isinstance(command, Tell):
                self.state.record(command)
        return commands


class FakeBroker:
    """Logs what it is asked; what it emits is up to the test."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.asked: list[str] = []
        self.needs_poll = self.needs_look = False
        self.books = AccountBooks((), {})
        self.looks = 0
        self.held: Mapping[str, int] = {}
        self.fails: Exception | None = None
        self.gate = asyncio.Event()  # what is sent waits for it
        self.gate.set()

    async def execute(self, command: Outgoing) -> None:
        self.sent.append(command)
        await self.gate.wait()

    async def poll(self) -> None:
        await self._ask("poll")

    async def look(self) -> AccountBooks:
        self.looks += 1
        return self.books

    async def positions(self) -> Mapping[str, int]:
        await self._ask("positions")
        return self.held

    async def _ask(self, what: str) -> None:
        self.asked.append(what)
        await self.gate.wait()
        if self.fails is not None:
            raise self.fails


class FakeFeed:
    """Counts how often it is made anew."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.followed: list[frozenset[str]] = []

    async def reconnect(self, reason: str) -> None:
        self.reasons.append(reason)

    async def follow(self, symbols: AbstractSet[str]) -> None:
        self.followed.append(frozenset(symbols))


class FakeHistory:
    """Has the bars it is given; a symbol in ``failing`` cannot be read."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Bar, ...]] = {}
        self.failing: dict[str, Exception] = {}
        self.asked: list[str] = []
        self.quoted: dict[str, tuple[int, int]] = {}  # last price and offer
        self.quoted_at: list[datetime] = []

    async def bars(self, symbol: str) -> tuple[Bar, ...]:
        self.asked.append(symbol)
        if symbol in self.failing:
            raise self.failing[symbol]
        return self.rows.get(symbol, ())

    async def quotes(self, symbols: Collection[str], asked: datetime) -> tuple[Tick, ...]:
        self.quoted_at.append(asked)
        if "quotes" in self.failing:
            raise self.failing["quotes"]
        known = {symbol: self.quoted[symbol] for symbol in symbols if symbol in self.quoted}
        return tuple(Tick(s, asked, price, ask=ask) for s, (price, ask) in known.items())


class Rig:
    """A live day with stand-ins all round, driven item by item."""

    def __init__(self, start: datetime = OPEN) -> None:
        self.engine = ScriptedEngine(Engine(SESSION, CONTRACTS, Parameters()))
        self.ledger = MemoryLedger()
        self.clock = FeedClock(start)
        self.desk = Desk(SESSION, (CE.symbol, PE.symbol), Parameters(), self.engine)
        trader = Trader(self.engine, self.ledger, Watching())  # type: ignore[arg-type]
        self.live = LiveDay(SESSION, trader, self.desk, self.clock)
        self.broker = FakeBroker()
        self.history = FakeHistory()
        self.feed = FakeFeed()
        self.pongs: list[str] = []
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.live.run(self.broker, self.history, self.feed))
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.wait([self.task])

    async def put(self, *items: Item) -> None:
        for item in items:
            self.live.inbox.put_nowait(item)
        await settle()

    def mark(self, name: str, at: datetime | None = None, *, steps: bool = True) -> Marked:
        async def pong() -> None:
            self.pongs.append(name)

        return Marked(at, steps, pong)

    def hold(self, order: Order | None = None, position: Position | None = None) -> None:
        """Let the engine have *order* and *position*."""
        if order is not None:
            self.engine.state.book.orders[order.order_id] = order
            self.engine.state.book.live[order.intent.slot] = order
        if position is not None:
            self.engine.state.holdings.positions[position.symbol] = position

    @property
    def is_over(self) -> bool:
        assert self.task is not None
        return self.task.done()
