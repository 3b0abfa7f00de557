"""What has to be asked of the gateway besides sending orders, and when.

Rules of this file:

1. The books are read while orders live: often while something is open that only they can settle,
   and while no stream tells of orders; else now and then, for what the stream may have missed.
2. History is read when the desk wants it, and again while it is not whole; the longer it is
   refused, the less often, for the gateway shares few such calls among all its clients.
3. Flat is proved once there is nothing left to do, after a last look at the books; a failed query
   proves nothing.
4. The account is looked at from the start, every minute, after the feed was lost, and on doubt;
   what a look leaves unsure is looked at again soon.
5. A feed that is connected and has said nothing for half a minute of the session is made anew.
6. The feed is told which symbols are followed whenever they have changed.
7. While no tick comes of a symbol with a position, what it is quoted at is asked for, by which
   the day's result is known; often while there is something to exit, for that follows the market.
8. A chore that is not done yet is not begun again, however long the gateway takes.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from swingbreak.domain.errors import BrokerError, DataError
from swingbreak.domain.market import Bar
from swingbreak.domain.session import Session
from swingbreak.engine.engine import Engine
from swingbreak.engine.looks import Looks
from swingbreak.ports import Broker, Feed, History
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.inbox import AccountRead, BooksRead, HistoryRead, Item, QuotesRead
from swingbreak.runtime.outbox import Outbox

__all__ = ["Chores"]

_POLL_QUIET = timedelta(seconds=15)
_POLL_DOUBT = timedelta(seconds=1)
_LOOK_QUIET, _LOOK_DOUBT = timedelta(seconds=60), timedelta(seconds=2)
_AGAIN, _SELDOM = timedelta(seconds=5), timedelta(seconds=60)
_MUTE = timedelta(seconds=30)  # connected and silent: the broker's side of the feed is gone
_REVIVE = timedelta(seconds=60)
_SILENT = frozenset({"feed_stale", "no_tick", "stale"})
_QUOTES_QUIET, _QUOTES_EXIT = timedelta(seconds=10), timedelta(seconds=2)
_LAST_LOOK = timedelta(seconds=30)  # after the close, for books that will not settle


class Chores:
    """Starts each chore when it is due and puts what came of it into the inbox.

    Attributes:
        is_told: Whether the gateway tells of orders by itself.
        is_in_doubt: Whether something happened that a look at the account may explain.
        looks: What these looks have shown.
    """

    def __init__(
        self, session: Session, engine: Engine, desk: Desk, put: Callable[[Item], None]
    ) -> None:
        self.is_told = False
        self.is_in_doubt = False
        self.looks = Looks(engine.state, engine.scope)
        self._session = session
        self._engine = engine
        self._desk = desk
        self._put = put
        self._ran: dict[str, datetime] = {}
        self._running: set[str] = set()
        self._again = _AGAIN
        self._heard = session.opens
        self._followed = desk.followed

    def heard(self, at: datetime) -> None:
        """Note that the feed said something of the market at *at*."""
        self._heard = max(at, self._session.opens)  # before the open nothing is said

    def start_due(
        self, now: datetime, broker: Broker, history: History, feed: Feed, outbox: Outbox
    ) -> None:
        """Start what is due at *now*."""
        if self._is_mute(now) and self._is_due("revive", now, _REVIVE):
            why = f"no tick for {(now - self._heard).total_seconds():.0f} s"
            outbox.start(self._run("revive", feed.reconnect(why)))
        doubt = broker.needs_poll
        quiet = self.is_told and not (doubt or self._is_reached())
        every = _POLL_QUIET if quiet else _POLL_DOUBT
        working = doubt or self._engine.state.book.live
        if working and self._is_due("poll", now, every):
            outbox.start(self._run("poll", self._poll(broker)))
        unsure = self.looks.is_unsure or self.is_in_doubt or broker.needs_look
        if self._is_due("look", now, _LOOK_DOUBT if unsure else _LOOK_QUIET):
            self.is_in_doubt = False
            self.looks.begin()
            outbox.start(self._run("look", self._look(broker)))
        followed = self._desk.followed
        if followed is not self._followed and "follow" not in self._running:
            self._followed = followed
            self._running.add("follow")
            outbox.start(self._run("follow", feed.follow(followed)))
        if self._desk.wants_history and self._is_due("history", now, self._again):
            outbox.start(self._run("history", self._read(history)))
        state = self._engine.state
        silent = [s for s in state.holdings.positions if self._desk.held.get(s) in _SILENT]
        exits = state.halted or state.lost or self._engine.view.reached
        if silent and self._is_due("quotes", now, _QUOTES_EXIT if exits else _QUOTES_QUIET):
            outbox.start(self._run("quotes", self._ask(history, silent, now)))
        # what the books still have to say of a fill's exact price belongs to the day
        settled = not doubt or now >= self._session.closes + _LAST_LOOK
        if self.is_done(now) and settled and self._is_due("prove", now, _POLL_DOUBT):
            outbox.start(self._run("prove", self._prove(broker)))

    def is_done(self, now: datetime) -> bool:
        """Whether there is nothing left to trade today, as far as we know."""
        state = self._engine.state
        flat = not state.holdings.positions and not state.book.live
        return now >= self._session.closes or (bool(state.halted) and flat)

    def _is_reached(self) -> bool:
        """Whether the market has been where an order of ours must have begun to trade."""
        return bool(self._engine.state.triggered or self._engine.view.reached)

    def _is_mute(self, now: datetime) -> bool:
        return self._session.is_open(now) and now - self._heard >= _MUTE

    def _is_due(self, chore: str, now: datetime, every: timedelta) -> bool:
        ran = self._ran.get(chore)
        # a clock that was set back says nothing of when a chore ran
        if chore in self._running or (ran is not None and timedelta() <= now - ran < every):
            return False
        self._ran[chore] = now
        self._running.add(chore)
        return True

    async def _run(self, chore: str, work: Awaitable[None]) -> None:
        try:
            await work
        finally:
            self._running.discard(chore)

    async def _poll(self, broker: Broker) -> None:
        with suppress(BrokerError, DataError):  # nothing is lost: the next one asks again
            await broker.poll()

    async def _look(self, broker: Broker) -> None:
        self._put(AccountRead(await broker.look()))

    async def _read(self, history: History) -> None:
        bars: dict[str, tuple[Bar, ...]] = {}
        wanted = self._desk.incomplete
        for symbol in wanted:
            try:
                bars[symbol] = await history.bars(symbol)
            except (BrokerError, DataError):
                continue  # it stays incomplete and is asked for again
        self._again = _AGAIN if len(bars) == len(wanted) else min(2 * self._again, _SELDOM)
        self._put(HistoryRead(bars))

    async def _ask(self, history: History, symbols: list[str], now: datetime) -> None:
        with suppress(BrokerError, DataError):  # they are asked for again
            self._put(QuotesRead(await history.quotes(symbols, now)))

    async def _prove(self, broker: Broker) -> None:
        await self._poll(broker)  # the trade book has the exact price of what filled last
        try:
            held = await broker.positions()
        except (BrokerError, DataError):
            del self._ran["prove"]  # once the market is over its time may not pass any more
            return
        self._put(BooksRead(held))
