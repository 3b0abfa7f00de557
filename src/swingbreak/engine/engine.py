"""The engine: learn, judge, want, guard, compare, remember.

Rules of this file:

1. Same events, same commands: no I/O, no clock, no chance. Time is ``event.at``.
2. An order is only ever sent because it is wanted and nothing rests in its slot.
3. A position is only ever opened or closed by a fill.
4. Nothing but a new day undoes the end of a day.
"""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from functools import partial

from swingbreak.domain.commands import Command, HaltDay, MoveWindow, OrderCommand, Tell
from swingbreak.domain.events import (
    AccountSeen,
    ControlGiven,
    Event,
    HistoryLoaded,
    MarketEvent,
    MinuteClosed,
    OrderEvent,
    TickReceived,
    WindowMoved,
)
from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import Order, OrderIntent, Purpose
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.records import Record
from swingbreak.domain.session import Session
from swingbreak.engine.closings import Closings
from swingbreak.engine.cover import Cover
from swingbreak.engine.entries import Entries, entry_slot
from swingbreak.engine.obeying import obeyed
from swingbreak.engine.pace import Pace
from swingbreak.engine.reconcile import reconcile
from swingbreak.engine.resolving import Resolver
from swingbreak.engine.scope import Scope
from swingbreak.engine.state import State
from swingbreak.engine.telling import Refusals, news
from swingbreak.engine.view import MarketView
from swingbreak.market.window import Window
from swingbreak.risk.account import Account, Charge, OpenPnl, no_charge
from swingbreak.risk.gate import review
from swingbreak.risk.limits import limits
from swingbreak.strategy.past import Past

__all__ = ["Engine"]

_FIRST_LOOK = timedelta(seconds=15)  # that an open position waits for it at most
_NEVER = datetime.max.replace(microsecond=0, tzinfo=UTC)


class Engine:
    """Turns each event into commands.

    Args:
        session: The day.
        contracts: The options we follow, or may in the course of the day.
        parameters: Settings of strategy and risk.
        charge: What trading costs on the day; nothing by default.
        past: Makes what remembers a symbol's bars and prints; by default they are learned as they
            come.
        window: Where the strikes that may be entered begin; by default all of them may.

    Attributes:
        state: Our orders and holdings.
        view: What we know of the market.
        scope: Symbols that are ours to deal with.
        window: Where it began.
        cover: Watches over stops.
        wake: The earliest instant at which time alone may change what we want.
    """

    def __init__(  # noqa: PLR0913 - what a day is decided by
        self,
        session: Session,
        contracts: Iterable[OptionContract],
        parameters: Parameters,
        charge: Charge = no_charge,
        past: Callable[[str], Past] | None = None,
        *,
        window: Window | None = None,
    ) -> None:
        self.window = window
        self.contracts = {contract.symbol: contract for contract in contracts}
        self.state = State.empty(charge)
        self.scope = Scope(self.state, self.contracts, window)
        self.view = MarketView(self.contracts, parameters, self.state, past, self.scope)
        self._entries = Entries(self.state, self.view.strategy, self.contracts, parameters)
        self._closings = Closings(self.state, self.view, self.contracts, parameters)
        self.cover = Cover(self.state, parameters.unprotected_limit_s)
        self._parameters = parameters
        self._resolver = Resolver(self.state, self.view, self.contracts, parameters)
        self._awaits_look: datetime | None = None  # since when
        self._open = OpenPnl(charge)
        self._rules = limits(parameters, self.contracts)
        self._refusals = Refusals()
        self._pace = Pace()
        self._pinned: AbstractSet[str] = frozenset()
        self._force_exit = session.at(parameters.force_exit)
        self._last_entry = min(session.at(parameters.last_entry), self._force_exit)
        self.wake = self._last_entry

    def step(self, event: Event) -> list[Command]:
        """Take one event; return the commands it calls for, in the order to carry them out.

        Raises:
            InvalidTransition: The gateway reported something impossible. Halt.
            Livelock: We keep changing our mind about a slot. Halt.
        """
        told: list[Tell] = []
        done: list[Command] = []
        if isinstance(event, MarketEvent):  # first: nearly all are ticks that change nothing
            if not self._learn(event):
                return []
        elif isinstance(event, OrderEvent):
            told.extend(self._settle(event))
        elif isinstance(event, AccountSeen):
            done.extend(self._look(event))
        elif isinstance(event, WindowMoved):
            return self._move(event)
        at = event.at
        done.extend(self._judge(event))
        self.cover.give_up(at)
        orders = self._orders(event, told)
        told.extend(self.cover.see(at))
        self.wake = self._next_wake(at)
        self._pin()
        return [*done, *orders, *told]

    def await_look(self, at: datetime) -> None:
        """Hold back until the account has been looked at; *at* is now.

        Nothing is entered before; what is open waits for a moment only, for it has to be closed.
        """
        self._awaits_look = at
        self.wake = self._next_wake(at)

    def _orders(self, event: Event, told: list[Tell]) -> list[OrderCommand]:
        """Return, and remember, what brings our orders to what is wanted now; add to *told*."""
        at, live = event.at, self.state.book.live
        if self._awaits_look is not None and at < self._awaits_look + _FIRST_LOOK:
            return []
        wants = [*self._closings.wanted(at), *self._entries_wanted(event)]
        approved, refused = review(wants, self.state.holdings.positions, live, self._rules)
        paused = {slot for slot, until in self.state.blocked.items() if at < until}
        orders = reconcile(
            approved, live, self.state.book.new_id, paused, partial(self._why_not, at)
        )
        for command in orders:
            self.state.record(command)
            self._pace.count(at, self.state.book.orders[command.order_id].intent.slot)
        told.extend(self._refusals.tell(refused))
        return orders

    def _look(self, event: AccountSeen) -> Iterator[Command]:
        if not event.unread:
            self._awaits_look = None
        for command in self._resolver.resolve(event):
            if not isinstance(command, Tell):
                self.state.record(command)
            yield command
        for symbol in {each.symbol for each in event.discrepancies} & self.contracts.keys():
            self.view.position_changed(symbol, event.at)
            if not self._mark(symbol):
                self._open.drop(symbol)

    def _move(self, event: WindowMoved) -> list[Command]:
        """Follow other strikes from the next event on, which is the close of the same minute."""
        if self.state.halted:
            return []
        move = MoveWindow(event.centre, before=self.scope.centre)
        self.state.record(move)
        if move.centre == move.before:
            return [move]
        text = f"around {rupees(move.centre)} from now on, no longer {rupees(move.before)}"
        return [move, Tell("window.moved", "strikes", text)]

    def restore(self, records: Iterable[Record]) -> None:
        """Rebuild orders and holdings from what was kept of the day, without acting on any of it.

        Raises:
            InvalidTransition: The records contradict each other.
        """
        self.state.restore(records, self.view.planned_stop)
        for symbol in self.state.holdings.positions:
            self._mark(symbol)
        self._pin()

    def watches(self, symbol: str) -> bool:
        """Whether a tick of *symbol* may change anything."""
        return symbol in self._pinned or self.view.strategy.watched(symbol)

    def pinned(self) -> AbstractSet[str]:
        """Return the symbols with a position or a live order."""
        return self._pinned

    def account(self) -> Account:
        """Return where the day stands now."""
        return Account(self.state.holdings.realised, self._open.total)

    def account_at(self, price: Callable[[str], Paise]) -> Account:
        """Return where the day would stand with each position marked at ``price(symbol)``."""
        holdings = self.state.holdings
        at = (self._open.at(p, price(symbol)) for symbol, p in holdings.positions.items())
        return Account(holdings.realised, sum(at))

    def _learn(self, event: MarketEvent) -> bool:
        wanting = self.view.learn(event, self.wake)
        if isinstance(event, TickReceived):
            symbol = event.tick.symbol
            if symbol in self._pinned:
                decided = self._mark(symbol) and not self.state.halted
                return wanting or (decided and self.decides(self.account()))
            return wanting and self._is_free(symbol)
        for symbol in self.state.holdings.positions:
            self._mark(symbol)
        return wanting

    def _is_free(self, symbol: str) -> bool:
        # while another order holds the slot, no print of this symbol changes what it should hold
        slot, book = entry_slot(self.contracts[symbol].right), self.state.book
        return slot not in book.live and not (book.further and book.slices(slot))

    def _settle(self, event: OrderEvent) -> Iterable[Tell]:
        before = self.state.book.orders.get(event.order_id)
        is_news = self.state.learn(event, self.view.stop_of)
        if before is None or not is_news:  # None: learn() has raised; this is for the type checker
            return ()
        symbol, level = before.intent.symbol, before.intent.level
        if level in self.state.filled_levels:
            self.view.strategy.mark_filled(level)
        self.view.position_changed(symbol, event.at)
        if not self._mark(symbol):
            self._open.drop(symbol)
        return news(event, before)

    def decides(self, account: Account) -> bool:
        """Whether *account* would end the day."""
        return account.verdict(self._parameters) != ""

    def _pin(self) -> None:
        working = {order.intent.symbol for order in self.state.book.live.values()}
        self._pinned = working | self.state.holdings.positions.keys()

    def _mark(self, symbol: str) -> bool:
        position = self.state.holdings.positions.get(symbol)
        if position is None:
            return False
        # before any price is known a position is worth what it was sold for
        price = self.view.mark(symbol) or position.sold_value // position.sold
        self._open.mark(position, price)
        return True

    def _judge(self, event: Event) -> list[Command]:
        if isinstance(event, ControlGiven):
            halted, paused = self.state.halted, self.state.paused
            change = obeyed(event.control, event.reason, halted=halted, paused=paused)
        else:
            reason = "" if self.state.halted else self._verdict(event.at)
            change = HaltDay(reason) if reason else None
        if change is None:
            return []
        self.state.record(change)
        if not isinstance(change, HaltDay):
            kind = "day.paused" if self.state.paused else "day.resumed"
            return [change, Tell(kind, "entries", change.reason)]
        self.view.strategy.expire()
        net = f"net Rs {rupees(self.account().net)}"
        return [change, Tell("day.halted", change.reason, net)]

    def _verdict(self, at: datetime) -> str:
        return "force_exit" if at >= self._force_exit else self.account().verdict(self._parameters)

    def _entries_wanted(self, event: Event) -> Iterator[OrderIntent]:
        if self.entries_barred(event.at):
            return
        barred = self.view.barred()
        may_switch = isinstance(event, MinuteClosed | HistoryLoaded)
        for right in Right:
            live = self.state.book.slices(entry_slot(right))
            if live and self._is_leaving(next(iter(live.values())).intent.symbol):
                continue  # the rest of an entry whose position is being left
            yield from self._entries.wanted(right, live, event.at, barred, may_switch=may_switch)

    def entries_barred(self, at: datetime) -> str:
        """Return why nothing at all may be entered at *at*; empty while something may."""
        if self.state.halted or at >= self._last_entry:
            return self.state.halted or "last_entry"
        if self.state.paused:
            return "paused"
        if self.state.blind or self._awaits_look is not None:
            return "account_unread"
        return "unprotected" if self.cover.overdue(at) else ""

    def _is_leaving(self, symbol: str) -> bool:
        return symbol in self.view.reached or self.state.exit_reason(symbol) != ""

    def _why_not(self, at: datetime, order: Order) -> str:
        symbol, slot = order.intent.symbol, order.intent.slot
        if slot.purpose is Purpose.CLOSE:
            return "surplus" if symbol in self.state.holdings.positions else "flat"
        if barred := self.entries_barred(at):
            return barred
        if order.order_id in self.state.triggered:
            return "unfilled"
        verdict = self.view.strategy.choice(symbol)
        found = verdict if isinstance(verdict, str) else "refused"
        if slot.number > 1 and found == "refused":
            found = "surplus"  # the entry has become smaller
        return self.view.barred().get(symbol, found)

    def _next_wake(self, at: datetime) -> datetime:
        times = [
            self._last_entry,
            self._force_exit,
            *self._entries.give_up_times(),
            *self._closings.overdue_times(),
            *self.cover.times(),
            *self._look_times(),
            *self.state.blocked.values(),
        ]
        return min((time for time in times if time > at), default=_NEVER)

    def _look_times(self) -> Iterator[datetime]:
        if self._awaits_look is not None:
            yield self._awaits_look + _FIRST_LOOK
