"""Programs with a mistake each: the referee must find every one of them, and what it is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from swingbreak.adapters.openalgo import unnamed
from swingbreak.adapters.openalgo.bookkeeper import Bookkeeper
from swingbreak.adapters.openalgo.books import Mode
from swingbreak.adapters.openalgo.broker import OpenAlgoBroker
from swingbreak.adapters.openalgo.registry import OrderRegistry
from swingbreak.adapters.openalgo.rest import OpenAlgoRest, OrderReply
from swingbreak.adapters.openalgo.tracking import Look
from swingbreak.adapters.openalgo.unnamed import UnnamedOrders
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.account import AccountBooks
from swingbreak.domain.commands import CancelOrder, HaltDay, OrderCommand, Outgoing, ReplaceOrder
from swingbreak.domain.errors import BrokerError
from swingbreak.domain.events import OrderCanceled, OrderEvent, OrderReplaced, TickReceived
from swingbreak.domain.market import Tick
from swingbreak.domain.orders import OrderIntent
from swingbreak.domain.position import Position
from swingbreak.domain.records import Record
from swingbreak.engine import engine as engine_module
from swingbreak.engine import looks
from swingbreak.engine.closing import Situation
from swingbreak.engine.closings import Closings
from swingbreak.engine.engine import Engine
from swingbreak.engine.entries import Entries
from swingbreak.engine.holdings import Holdings
from swingbreak.faults import program
from swingbreak.faults.day import simulate_day
from swingbreak.risk.account import Account
from swingbreak.risk.gate import Exposure
from swingbreak.runtime.chores import Chores
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.governor import Governor
from swingbreak.runtime.margin_check import CheckedBroker

SEED, DAYS = 9, 40
Patch = pytest.MonkeyPatch


def first_violation(faults: Iterable[str] = ()) -> int | None:
    """Number of the invariant that is violated first, on the first day on which one is."""
    for day in range(DAYS):
        report = simulate_day(SEED, day, faults)
        if report.violation is not None:
            assert report.tail[-1]
            assert report.violation.line > 0
            return report.violation.invariant
    return None


def repeats_requests(patch: Patch) -> None:
    place = OpenAlgoRest.place

    async def twice(self: OpenAlgoRest, fields: Mapping[str, str | int]) -> OrderReply:
        try:
            return await place(self, fields)
        except BrokerError:
            return await place(self, fields)

    patch.setattr(OpenAlgoRest, "place", twice)


def takes_unknown_for_refused(patch: Patch) -> None:
    def lost(self: OrderRegistry, order_id: str, look: Look) -> list[OrderEvent]:
        return self.refused(order_id, "no answer", look.at, sent=True)

    patch.setattr(OrderRegistry, "lost", lost)


def closes(patch: Patch, change: Callable[[OrderIntent], OrderIntent | None]) -> None:
    wanted = Closings.wanted

    def changed(self: Closings, at: datetime) -> Iterator[OrderIntent]:
        yield from filter(None, map(change, wanted(self, at)))

    patch.setattr(Closings, "wanted", changed)


def sets_no_stop(patch: Patch) -> None:
    closes(patch, lambda intent: None if intent.reason == "stop" else intent)


def covers_half(patch: Patch) -> None:
    def half(intent: OrderIntent) -> OrderIntent:
        return replace(intent, quantity=max(65, intent.quantity // 130 * 65))

    closes(patch, half)


def buys_too_much(patch: Patch) -> None:
    closes(patch, lambda intent: replace(intent, quantity=min(intent.quantity + 65, 260)))


def enters_after_the_end(patch: Patch) -> None:
    def wanted(self: Engine, event: object) -> Iterator[OrderIntent]:
        halted, self.state.halted = self.state.halted, ""
        last, self._last_entry = self._last_entry, self._last_entry + timedelta(hours=1)
        yield from entries(self, event)  # type: ignore[arg-type]
        self.state.halted, self._last_entry = halted, last

    entries = Engine._entries_wanted
    patch.setattr(Engine, "_entries_wanted", wanted)
    patch.setattr(EntryMargin, "too_late", lambda *_: "")  # nor does anybody ask at the door


def knows_no_limits(patch: Patch) -> None:
    made = Engine.__init__

    def init(self: Engine, *args: object, **kwargs: object) -> None:
        made(self, *args, **kwargs)  # type: ignore[arg-type]
        self._rules = []

    patch.setattr(Engine, "__init__", init)


def believes_a_cancel(patch: Patch) -> None:
    def is_done(self: Chores, now: datetime) -> bool:
        state = self._engine.state
        return now >= self._session.closes or bool(state.halted and not state.holdings.positions)

    patch.setattr(Chores, "is_done", is_done)


def asks_nobody_where_orders_go(patch: Patch) -> None:
    async def proves(self: Bookkeeper, reply: OrderReply, expected: Mode) -> None: ...

    async def unchecked(self: CheckedBroker, command: Outgoing) -> None:
        await self._broker.execute(command)

    patch.setattr(Bookkeeper, "prove_mode", proves)
    patch.setattr(CheckedBroker, "execute", unchecked)  # money tells of the mode, too


def looks_for_nothing_lost(patch: Patch) -> None:
    patch.setattr(UnnamedOrders, "found_in", lambda *_: [])
    patch.setattr(UnnamedOrders, "missing_from", lambda *_: [])


def forgets_on_restart(patch: Patch) -> None:
    patch.setattr(program, "recover", lambda *_: 0)


def loses_a_paisa(patch: Patch) -> None:
    bought = Holdings._bought

    def short(self: Holdings, position: Position, at: datetime, reason: str) -> None:
        bought(self, replace(position, bought_value=position.bought_value - 1), at, reason)

    patch.setattr(Holdings, "_bought", short)


def forgets_to_write(patch: Patch) -> None:
    append = SqliteLedger.append

    def most(self: SqliteLedger, at: datetime, records: list[object]) -> None:
        append(self, at, [each for each in records if "Filled" not in type(each).__name__])  # type: ignore[misc]

    patch.setattr(SqliteLedger, "append", most)


def sees_the_future(patch: Patch) -> None:
    def tick(self: Desk, at: datetime, tick: Tick) -> Iterator[TickReceived]:
        later = replace_at(tick, at + timedelta(seconds=5))
        yield from ticks(self, at, later)  # type: ignore[misc]

    ticks = Desk.tick
    patch.setattr(Desk, "tick", tick)


def replace_at(tick: Tick, at: datetime) -> Tick:
    return tick._replace(at=at)


def changes_its_orders_all_the_time(patch: Patch) -> None:
    patch.setattr(Governor, "admit", lambda *_, **__: True)
    wanted = Entries.wanted

    def restless(self: Entries, *args: object, **kwargs: object) -> Iterator[OrderIntent]:
        for intent in wanted(self, *args, **kwargs):  # type: ignore[arg-type]
            self._moved = 5 - getattr(self, "_moved", 0)  # type: ignore[attr-defined]
            yield replace(intent, limit=intent.limit - self._moved)  # type: ignore[attr-defined]

    patch.setattr(Entries, "wanted", restless)


def halts_at_no_limit(patch: Patch) -> None:
    patch.setattr(Account, "verdict", lambda *_: "")


def forgets_the_halt_on_restart(patch: Patch) -> None:
    def most(
        engine: Engine, broker: OpenAlgoBroker, kept: Iterable[tuple[datetime, Record]]
    ) -> int:
        return recover(engine, broker, [each for each in kept if not isinstance(each[1], HaltDay)])

    recover = program.recover
    patch.setattr(program, "recover", most)


def leaves_entries_resting_at_the_end(patch: Patch) -> None:
    def lazy(*args: object) -> list[OrderCommand]:
        ends = {"daily_stop", "daily_target", "force_exit"}
        commands = reconcile(*args)  # type: ignore[arg-type]
        return [c for c in commands if not (isinstance(c, CancelOrder) and c.reason in ends)]

    reconcile = engine_module.reconcile
    patch.setattr(engine_module, "reconcile", lazy)


def leaves_a_stop_that_has_triggered_behind(patch: Patch) -> None:
    situation = Closings._situation

    def in_time(self: Closings, *args: object) -> Situation:
        return situation(self, *args)._replace(overdue=False)  # type: ignore[arg-type]

    patch.setattr(Closings, "_situation", in_time)


def stops_the_first_part_only(patch: Patch) -> None:
    wanted = Closings.wanted

    def first(self: Closings, at: datetime) -> Iterator[OrderIntent]:
        for intent in wanted(self, at):
            trip = self._state.holdings.positions[intent.symbol].trade_id
            seen = self.__dict__.setdefault("_seen", {}).setdefault(trip, intent.quantity)
            yield replace(intent, quantity=min(intent.quantity, seen))

    patch.setattr(Closings, "wanted", first)


def exits_all_that_was_sold(patch: Patch) -> None:
    wanted = Closings.wanted

    def sold(self: Closings, at: datetime) -> Iterator[OrderIntent]:
        for intent in wanted(self, at):
            yield replace(intent, quantity=self._state.holdings.positions[intent.symbol].sold)

    patch.setattr(Closings, "wanted", sold)


def counts_positions_only(patch: Patch) -> None:
    patch.setattr(Exposure, "symbols", property(lambda self: set(self.positions)))


def takes_a_yes_for_the_cancel(patch: Patch) -> None:
    async def cancel(self: OpenAlgoBroker, order_id: str) -> None:
        await ask(self, order_id)
        order = self._registry.orders[order_id]
        if order.cancel_at is not None:
            order.ended, order.cancel_at = True, None
            self._books.tell([OrderCanceled(self._clock.now(), order_id, "")])

    ask = OpenAlgoBroker._cancel
    patch.setattr(OpenAlgoBroker, "_cancel", cancel)


def takes_a_yes_for_the_change(patch: Patch) -> None:
    async def change(self: OpenAlgoBroker, command: ReplaceOrder) -> None:
        await ask(self, command)
        order = self._registry.orders[command.order_id]
        if order.change is not None and order.change.sure:
            order.terms, order.change = order.change.terms, None
            self._books.tell([OrderReplaced(self._clock.now(), command.order_id)])

    ask = OpenAlgoBroker._replace
    patch.setattr(OpenAlgoBroker, "_replace", change)


def takes_no_row_for_flat(patch: Patch) -> None:
    discrepancies = looks.discrepancies

    def flat(books: AccountBooks, orders: object, positions: Mapping[str, Position], *rest: object):
        if books.held is not None:
            books = replace(books, held=dict.fromkeys(positions, 0) | dict(books.held))
        return discrepancies(books, orders, positions, *rest)  # type: ignore[arg-type]

    patch.setattr(looks, "discrepancies", flat)


def gives_up_at_the_first_miss(patch: Patch) -> None:
    patch.setattr(unnamed, "MISSES", 1)
    patch.setattr(unnamed, "GONE_AFTER", timedelta())


def decides_by_what_nobody_told_it(patch: Patch) -> None:
    wanted, calls = Entries.wanted, count()

    def changed(self: Entries, *args: Any, **flags: Any) -> list[OrderIntent]:
        intents = wanted(self, *args, **flags)
        return [replace(each, points=each.points + 5 * next(calls)) for each in intents]

    patch.setattr(Entries, "wanted", changed)


MISTAKES = [
    (repeats_requests, 1, ("place.lost_answer",)),
    (takes_unknown_for_refused, 6, ("place.lost_answer",)),
    (sets_no_stop, 2, ("start.yesterday",)),
    (covers_half, 2, ("start.yesterday",)),
    (buys_too_much, 7, ("start.yesterday",)),
    (enters_after_the_end, 3, ("start.yesterday",)),
    (knows_no_limits, 5, ("start.yesterday",)),
    (forgets_on_restart, 9, ("kill.after_append",)),
    (loses_a_paisa, 8, ("start.yesterday",)),
    (forgets_to_write, 9, ("start.yesterday",)),
    (sees_the_future, 10, ("start.yesterday",)),
    (changes_its_orders_all_the_time, 13, ("start.yesterday",)),
    (believes_a_cancel, 4, ("cancel.late",)),
    (asks_nobody_where_orders_go, 11, ("gateway.mode_flipped",)),
    (looks_for_nothing_lost, 12, ("place.lost_answer",)),
    (halts_at_no_limit, 3, ("start.yesterday",)),
    (forgets_the_halt_on_restart, 3, ("word.flatten", "start.again")),
    (leaves_entries_resting_at_the_end, 4, ("start.yesterday",)),
    (leaves_a_stop_that_has_triggered_behind, 2, ("start.yesterday",)),
    (stops_the_first_part_only, 2, ("update.lost",)),
    (exits_all_that_was_sold, 2, ("exchange.parts",)),
    (counts_positions_only, 5, ("start.yesterday",)),
    (takes_a_yes_for_the_cancel, 6, ("cancel.late",)),
    (takes_a_yes_for_the_change, 3, ("modify.ignored",)),
    (takes_no_row_for_flat, 2, ("positions.gone",)),
    (gives_up_at_the_first_miss, 7, ("place.passed_on_late",)),
    (decides_by_what_nobody_told_it, 9, ()),
]


@pytest.mark.parametrize(
    ("mistake", "invariant", "faults"), MISTAKES, ids=[each[0].__name__ for each in MISTAKES]
)
def test_a_mistake_is_found(
    monkeypatch: Patch, mistake: Callable[[Patch], None], invariant: int, faults: tuple[str, ...]
) -> None:
    mistake(monkeypatch)
    assert first_violation(faults) == invariant
