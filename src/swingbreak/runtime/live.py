"""The live loop: inbox, engine, ledger, outbox.

Rules of this file:

1. One loop, one writer: everything that happens goes through it, one thing at a time.
2. What the engine decides is durable before it leaves, in one commit with what caused it.
3. A pong says: everything before the ping has been acted upon and nothing is in flight.
4. Where market time waits for our pong it moves in steps: what the order stream said and what the
   engine decided within a step take effect at its end, so that the day is the same every time.
5. The day is over when the gateway's own book proves it flat, or the exchange has closed.
6. Whoever leaves before takes entries out of the market first, for nobody is there to protect what
   they become; resting stops stay.
7. A cancel that the ledger has and that nothing has settled is sent again at once by whoever comes
   next: it may never have left, and twice is harmless. An order or a change waits for the books.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol, assert_never

from swingbreak.domain.commands import CancelOrder
from swingbreak.domain.events import (
    AccountSeen,
    ControlGiven,
    Event,
    MarketEvent,
    OrderCancelRefused,
    OrderEvent,
    OrderRejected,
    OrderReplaceRefused,
    OrderUnconfirmed,
    TickReceived,
)
from swingbreak.domain.market import Tick
from swingbreak.domain.orders import OrderStatus, Purpose
from swingbreak.domain.session import Session
from swingbreak.ports import Broker, Feed, History
from swingbreak.runtime.chores import Chores
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.governor import Spent
from swingbreak.runtime.inbox import (
    AccountRead,
    Acted,
    Beat,
    BooksRead,
    FeedBack,
    FeedGone,
    HistoryRead,
    Item,
    Leave,
    Marked,
    OrderTold,
    Pulse,
    QuotesRead,
    TickIn,
    Word,
)
from swingbreak.runtime.outbox import Outbox
from swingbreak.runtime.trader import Trader
from swingbreak.runtime.waiting import Waiting
from swingbreak.runtime.words import Standing, outcome

__all__ = ["LiveDay", "RunningClock"]

_FAILED = OrderRejected | OrderCancelRefused | OrderReplaceRefused


class RunningClock(Protocol):
    """The market's time, which the feed may carry."""

    def now(self) -> datetime:
        """Return the time, aware, UTC."""

    def advance(self, at: datetime) -> None:
        """Learn that it is at least *at*; a wall clock knows better."""


class LiveDay:
    """Runs one day against a gateway.

    Attributes:
        inbox: Where the feed and the clock put what happens.
        held: What the gateway's book held when the day was over, signed units by symbol; ``None``
            before.
    """

    def __init__(self, session: Session, trader: Trader, desk: Desk, clock: RunningClock) -> None:
        self.inbox: asyncio.Queue[Item] = asyncio.Queue()
        self.held: Mapping[str, int] | None = None
        self._session = session
        self._trader = trader
        self._desk = desk
        self._clock = clock
        self._chores = Chores(session, trader.engine, desk, self.inbox.put_nowait)
        self._waiting = Waiting()
        self._answers: deque[OrderEvent] = deque()
        self._steps = False
        self._told: list[OrderTold] = []  # within the step
        self._marks: list[Marked] = []  # not answered yet
        self._leave: Leave | None = None

    async def run(self, broker: Broker, history: History, feed: Feed) -> None:
        """Carry on until the day is over, or somebody ends it for this process.

        Raises:
            SwingbreakError: The day cannot go on; resting stops are left where they are.
        """
        self._trader.await_look(self._clock.now())
        self._chores.heard(self._clock.now())
        self._cancel_again()
        async with asyncio.TaskGroup() as tasks:
            outbox = Outbox(tasks, self.nudge)
            while not self._is_over():
                item = await self.inbox.get()
                if isinstance(item, Pulse):
                    item.felt()
                    continue
                self._take(item)
                if self._steps and isinstance(item, TickIn | OrderTold):
                    continue
                now = self._clock.now()
                for command in self._waiting.admitted(now):
                    outbox.start(broker.execute(command))
                self._chores.start_due(now, broker, history, feed, outbox)
                if not outbox.in_flight:
                    await self._pong()
            await outbox.drop()
        await self._pong()

    def learn(self, event: OrderEvent) -> None:
        """Take what became of an order; the broker calls this."""
        self._answers.append(event)
        if isinstance(event, _FAILED) and not event.sent:
            self._waiting.give_back()
        if isinstance(event, OrderUnconfirmed | OrderCancelRefused | OrderReplaceRefused):
            self._chores.is_in_doubt = True
        self.nudge()

    def pressure(self) -> tuple[int, tuple[Spent, ...]]:
        """Return how many order messages wait to leave, and how much room for them is used up."""
        return len(self._waiting), self._waiting.spent(self._clock.now())

    def nudge(self) -> None:
        """Make the loop look at the time and at what has settled."""
        self.inbox.put_nowait(Beat())

    def _take(self, item: Acted) -> None:
        match item:
            case TickIn(at, tick):
                self._clock.advance(at)
                now = self._clock.now()
                self._chores.heard(now)
                self._act(self._desk.tick(now, tick))
            case OrderTold():
                self._told.append(item)
            case Marked(at, steps):
                self._clock.advance(at or self._clock.now())
                if at is not None:
                    self._chores.heard(self._clock.now())
                self._steps = steps
                self._marks.append(item)
            case BooksRead(held):
                self.held = held if self._is_proof(held) else None
            case Word():
                self._obey(item)
            case Beat():
                pass
            case FeedGone() | FeedBack() | HistoryRead() | QuotesRead() | AccountRead() | Leave():
                self._act(self._turn(item))
            case _:
                assert_never(item)
        if not (self._steps and isinstance(item, TickIn | OrderTold)):
            self._catch_up()

    def _cancel_again(self) -> None:
        for order in self._trader.engine.state.book.live.values():
            if order.status is OrderStatus.PENDING_CANCEL:
                command = CancelOrder(order.order_id, "not settled")
                self._waiting.put(command, closes=self._trader.closes(command))

    def _obey(self, word: Word) -> None:
        now, state = self._clock.now(), self._trader.engine.state
        before = Standing(state.halted, state.paused)
        self._act((ControlGiven(now, word.control, word.reason),))
        done, text = outcome(word.control, before, Standing(state.halted, state.paused))
        word.answer(now, done, text)

    def _turn(
        self, item: FeedGone | FeedBack | HistoryRead | QuotesRead | AccountRead | Leave
    ) -> Iterator[MarketEvent | AccountSeen]:
        """Take what changes which symbols may be entered, and what tells of those that are held."""
        now = self._clock.now()
        match item:
            case FeedGone():
                self._steps = self._chores.is_told = False
                yield from self._desk.lost(now)
            case FeedBack(tells_orders):
                self._chores.is_told = tells_orders
                self._chores.heard(now)
                self._chores.is_in_doubt = True
                self._desk.resumed(now)
            case HistoryRead(bars):
                yield from self._desk.repaired(now, bars)
            case QuotesRead(ticks):
                yield from self._quoted(now, ticks)
            case AccountRead(books):
                self._catch_up()  # what the look told of our orders comes first
                if seen := self._chores.looks.end(now, books):
                    yield seen
            case Leave():
                self._leave = item
                yield from self._desk.shut(now)
            case _:
                assert_never(item)

    def _quoted(self, now: datetime, ticks: Iterable[Tick]) -> Iterator[TickReceived]:
        # they make no bar, and nothing less silent; what has ticked since is known better
        heard, engine = self._desk.heard(), self._trader.engine
        for tick in ticks:
            ticked = heard.get(tick.symbol)
            if (ticked is None or ticked <= tick.at) and engine.watches(tick.symbol):
                yield TickReceived(now, tick)

    def _catch_up(self) -> None:
        self._act(self._desk.advance(self._clock.now()))
        told, self._told = self._told, []
        for item in told:
            item.learn()
        while self._answers:
            self._act((self._answers.popleft(),))

    def _act(self, events: Iterable[Event]) -> None:
        for event in events:
            for command in self._trader.act(event):
                self._waiting.put(command, closes=self._trader.closes(command))

    async def _pong(self) -> None:
        marks, self._marks = self._marks, []
        for mark in marks:
            await mark.pong()

    def _is_over(self) -> bool:
        if self._leave is not None:
            return self._leave.at_once or self._is_settled()
        return self.held is not None and self._chores.is_done(self._clock.now())

    def _is_proof(self, held: Mapping[str, int]) -> bool:
        """Whether *held* may end the day: nothing in a symbol of our orders, or it is too late."""
        orders = self._trader.engine.state.book.orders.values()
        ours = {order.intent.symbol for order in orders}
        return not ours & held.keys() or self._clock.now() >= self._session.closes

    def _is_settled(self) -> bool:
        """Whether nothing is left to its fate but positions with a stop at the exchange."""
        state = self._trader.engine.state
        resting: Counter[str] = Counter()
        for slot, order in state.book.live.items():
            if slot.purpose is not Purpose.CLOSE or order.status is not OrderStatus.ACCEPTED:
                return False
            resting[order.intent.symbol] += order.resting.quantity
        positions = state.holdings.positions.items()
        return all(resting[symbol] >= -held.quantity for symbol, held in positions)
