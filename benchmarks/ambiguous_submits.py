"""A million new orders of which nobody said what became of them: none is ever sent twice.

    python benchmarks/ambiguous_submits.py [--submits 1000000] [--seed 1] [--jobs 1]

The real broker adapter (registry, unnamed orders, bookkeeper) against a made-up gateway in a time
that jumps, all drawn from a seed, whatever the jobs. A story is one account for some minutes:
orders in bursts of equal ones, as the slices of a large order are, and in waves that repeat the
same terms, on a sandbox or a live gateway whose books lag, fail, drop rows, or leave some out
without saying so; the order stream loses, repeats and delays; processes are killed before and after
sending; others trade beside us, one with the same terms earlier in the day. What is left out: HTTP
(which status or silence means what is for ``tests/contract``) and the engine, so an order that was
given up is not replaced by another.

The judge believes the gateway alone; see :meth:`Story.judge`.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count
from random import Random
from typing import Final

from ambiguous_world import SURE_S, Gateway, Row, World, asking

from swingbreak.adapters.openalgo.books import Mode, OrderState, OrderTerms, OrderUpdate, terms_of
from swingbreak.adapters.openalgo.broker import OpenAlgoBroker
from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.events import OrderEvent, OrderFilled, OrderRejected
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Purpose, Side, Slot
from swingbreak.simulation.chain import chain
from swingbreak.simulation.generator import NIFTY_2026, DaySpec

# What becomes of a new order, with weights.
UNSENT: Final = "killed before it was sent"
OPEN: Final = {
    "taken, the answer is lost": 14,
    "taken, 500": 8,
    "taken, no answer in time": 8,
    "taken, a success without an id": 4,
    "taken late": 10,
    "taken very late": 3,
    "taken, then rejected, no answer": 4,
    "taken, killed before the answer": 4,
    "not taken, no answer in time": 10,
    "not taken, 502": 6,
    UNSENT: 3,
}
CLEAR: Final = {
    "answered": 16,
    "answered slowly": 5,
    "refused": 2,
    "refused, with a row": 2,
    "not sent": 1,
}
FATES: Final = OPEN | CLEAR

_CONTRACTS: Final = chain(NIFTY_2026, DaySpec().session.day, range(24_200_00, 24_300_00, 50_00))
_DOUBT_S, _QUIET_S, _LOOK_S, _NEWS_S = 1.0, 15.0, 60.0, 2.0  # as runtime/chores.py does
_CALM_S, _TAIL_S = 75.0, 215.0  # after the last order was sent; the latest arrives within 70
_CHUNK: Final = 5_000
_SETTLED: Final = {
    OrderStatus.ACCEPTED,
    OrderStatus.FILLED,
    OrderStatus.REJECTED,
    OrderStatus.CANCELED,
}


class Story:
    """Some minutes of one account.

    Attributes:
        faults: What must never happen, and did.
        tally: How often what happened.
    """

    def __init__(self, seed: str, broker: type[OpenAlgoBroker] = OpenAlgoBroker) -> None:
        self.faults: list[str] = []
        self.tally: Counter[str] = Counter()
        self._dice = Random(seed)  # noqa: S311 - seeded dice, no secret
        self._world = World()
        self._mode = self._dice.choice(list(Mode))
        self._gateway = Gateway(self._dice, self._world, self._mode)
        self._gateway.tell = self._tell
        self._kind = broker
        self._orders: dict[str, Order] = {}
        self._sent_at: dict[str, datetime] = {}
        self._given_up: set[str] = set()
        self._fills: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._looked_at = -_LOOK_S
        self._broker = self._process()
        self._last = self._plan()

    async def run(self) -> None:
        """Let it happen, and judge it."""
        end = self._last + _TAIL_S
        self._world.at(self._last + _CALM_S, self._calm_down)
        self._world.at(0.0, partial(self._beat, end))
        while do := self._world.next():
            do()
            while self._world.is_stirred:
                self._world.is_stirred = False
                await asyncio.sleep(0)
                await asyncio.sleep(0)
        if left := [task for task in self._tasks if not task.done()]:
            self.faults.append(f"{len(left)} requests never ended")
        self.judge()

    def _calm_down(self) -> None:
        self._gateway.is_calm = True

    def _plan(self) -> float:
        """Decide what is sent when; return when the last order is."""
        dice, numbers, last = self._dice, count(1), 0.0
        for _ in range(dice.randint(1, 3)):
            intent, at = self._intent(), dice.uniform(0, 20)
            if dice.random() < 0.3:  # noqa: PLR2004 - a share
                terms = terms_of(intent, "MIS")
                self._stranger(terms, -3600.0)
            for _ in range(dice.choice([1, 1, 2, 3])):
                for _ in range(dice.choice([1, 1, 2, 3, 5])):
                    (fate,) = dice.choices(list(FATES), list(FATES.values()))
                    order_id = f"o{next(numbers)}"
                    self._gateway.fates[order_id] = fate
                    self._world.at(at, partial(self._decide, order_id, intent))
                    last = max(last, at)
                at += dice.uniform(0.5, 40)
        for _ in range(dice.choice([0, 0, 1, 3])):
            terms = replace(terms_of(self._intent(), "MIS"), quantity=65 * 31)
            self._world.at(dice.uniform(0, last), partial(self._stranger, terms, None))
        return last

    def _intent(self) -> OrderIntent:
        dice, contract = self._dice, self._dice.choice(_CONTRACTS)
        side = dice.choice(list(Side))
        trigger = dice.choice([None, 180_00])
        purpose = Purpose.ENTRY if side is Side.SELL else Purpose.CLOSE
        key = contract.right.value if side is Side.SELL else contract.symbol
        limit = dice.choice([170_00, 171_00])
        units = 65 * dice.randint(1, 27)
        return OrderIntent(
            Slot(purpose, key), contract.symbol, side, units, limit, trigger, "made up"
        )

    def _stranger(self, terms: OrderTerms, placed: float | None) -> None:
        now = self._world.now if placed is None else placed
        self._gateway.book(terms, now, "")

    def _process(self) -> OpenAlgoBroker:
        return self._kind(
            self._gateway,  # type: ignore[arg-type]
            _Clock(self._world),
            self._take,
            _CONTRACTS,
            strategy="swingbreak",
            expected_mode=self._mode,
        )

    def _decide(self, order_id: str, intent: OrderIntent) -> None:
        """Make an order durable, and send it unless the process dies before."""
        self._orders[order_id] = Order(order_id, intent)
        self._sent_at[order_id] = self._world.stamp()
        fate = self._gateway.fates[order_id]
        if fate == UNSENT:
            self._die()
            return
        if "killed" in fate:
            self._world.at(self._world.now + SURE_S - 0.005, self._die)
        self._start(order_id, SubmitOrder(order_id, intent))

    def _start(self, order_id: str, command: SubmitOrder) -> None:
        token = asking.set(order_id)
        self._do(self._broker.execute(command))
        asking.reset(token)

    def _do(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._done)
        self._world.is_stirred = True

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.faults.append(f"{type(error).__name__}: {error}")

    def _die(self) -> None:
        """Kill the process and start it again: what it knew is what was durable."""
        for task in self._tasks:
            task.cancel()
        self._world.is_stirred = True
        self.tally["killed"] += 1
        self._broker = self._process()
        for order_id, order in self._orders.items():
            self._broker.adopt(
                order,
                self._sent_at[order_id],
                given_up=order_id in self._given_up,
                fill_id=self._fills.get(order_id, ""),
            )
        self._looked_at = -_LOOK_S

    def _take(self, event: OrderEvent) -> None:
        before = self._orders[event.order_id]
        self._orders[event.order_id] = before.apply(event)
        if isinstance(event, OrderRejected) and not event.proof:
            self._given_up.add(event.order_id)
            self._check_absent(event.order_id)
        elif isinstance(event, OrderFilled):
            self._fills[event.order_id] = event.fill_id
            if event.order_id in self._given_up:
                self.tally["fills of what was given up, told"] += 1

    def _check_absent(self, order_id: str) -> None:
        claimed = {order.broker_order_id for order in self._orders.values()}
        there = [
            row
            for row in self._gateway.rows.values()
            if row.origin == order_id
            and row.number not in claimed
            and row.shown_at <= self._world.now
            and row.end is None
        ]
        if there and not self._gateway.hid:
            self.faults.append(f"{order_id} was given up and is in the book")

    def _tell(self, row: Row) -> None:
        """Let the stream say what has become of *row*, or lose it, repeat it or be late."""
        seen = self._gateway.seen(row, self._world.now, stream=True)
        for _ in range(self._dice.choice([0, 1, 1, 1, 1, 2])):
            later = self._dice.choice([0.0, 0.01, 0.5, self._dice.expovariate(0.3)])
            self._world.at(self._world.now + later, partial(self._hear, self._broker, seen))

    def _hear(self, by: OpenAlgoBroker, seen: OrderUpdate) -> None:
        if by is self._broker:  # nobody tells a new process what an earlier one missed
            by.on_update(seen)

    def _beat(self, end: float) -> None:
        now, broker = self._world.now, self._broker
        live = any(order.status.is_live for order in self._orders.values())
        every = _QUIET_S if live else _LOOK_S
        every = _NEWS_S if broker.needs_look else every
        every = _DOUBT_S if broker.needs_poll else every
        if now - self._looked_at >= every:
            self._looked_at = now
            self._do(self._look())
        if now < end:
            self._world.at(now + _DOUBT_S, partial(self._beat, end))

    async def _look(self) -> None:
        await (self._broker.look() if self._broker.needs_look else self._broker.poll())

    def judge(self) -> None:
        """Say what is wrong, by the gateway's own record."""
        rows, orders = self._gateway.rows, self._orders
        now = self._world.now
        for order_id, times in self._gateway.sent.items():
            self._wrong(times > 1, f"{order_id} was sent {times} times")
        claims = [order.broker_order_id for order in orders.values() if order.broker_order_id]
        self._wrong(len(claims) != len(set(claims)), f"two orders claim one row: {claims}")
        for order_id, order in orders.items():
            self._wrong(order.status not in _SETTLED, f"{order_id} is left {order.status}")
            if row := rows.get(order.broker_order_id):
                told, truth = (order.filled, order.value), row.traded(now)
                self._wrong(told != (truth.quantity, truth.value), f"{order_id}: {told} {truth}")
                self._wrong(terms_of(order.intent, "MIS") != row.terms, f"{order_id}: other terms")
                works = not row.state(now).is_over
                self._wrong(order.status.is_live != works, f"{order_id} {order.status} {row.end}")
        for row in rows.values():
            self._judge_row(row, row.number in claims)
        self._wrong(self._told() != self._traded(), f"{self._told()} told, {self._traded()} true")
        self._count()

    def _judge_row(self, row: Row, is_claimed: bool) -> None:  # noqa: FBT001 - both said
        works = row.end is None
        if not row.origin:
            self._wrong(not works, f"{row.number} is somebody else's and was cancelled")
            self._wrong(is_claimed, f"{row.number} is somebody else's and was claimed")
        elif not is_claimed:
            self._wrong(works, f"{row.number} ({row.origin}) is an orphan and works")
            if row.end is not None and row.end[1] is OrderState.CANCELLED:
                self.tally["turned up after it was given up, cancelled"] += 1

    def _wrong(self, wrong: object, what: str) -> None:
        if wrong:
            self.faults.append(what)

    def _told(self) -> dict[OrderTerms, tuple[int, int]]:
        sums: defaultdict[OrderTerms, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for order in self._orders.values():
            terms, (units, value) = (
                terms_of(order.intent, "MIS"),
                sums[terms_of(order.intent, "MIS")],
            )
            sums[terms] = units + order.filled, value + order.value
        return {terms: both for terms, both in sums.items() if both[0]}

    def _traded(self) -> dict[OrderTerms, tuple[int, int]]:
        sums: defaultdict[OrderTerms, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for row in self._gateway.rows.values():
            traded, (units, value) = row.traded(self._world.now), sums[row.terms]
            sums[row.terms] = units + traded.quantity, value + traded.value
        return {terms: both for terms, both in sums.items() if both[0]}

    def _count(self) -> None:
        for order_id, fate in self._gateway.fates.items():
            self.tally[f"fate: {fate}"] += 1
            if fate in OPEN:
                self.tally["ambiguous"] += 1
                given_up = order_id in self._given_up
                self.tally["given up" if given_up else "adopted or refused by the book"] += 1
        self.tally["submits"] += len(self._gateway.fates)
        self.tally["order requests"] += sum(self._gateway.sent.values())
        self.tally["sent twice"] += sum(n > 1 for n in self._gateway.sent.values())


class _Clock:
    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        """Return the story's time."""
        return self._world.stamp()


def told(seed: str, broker: type[OpenAlgoBroker] = OpenAlgoBroker) -> Story:
    """Return the story of *seed*, when it is over."""

    async def live() -> Story:
        story = Story(seed, broker)
        await story.run()
        return story

    return asyncio.run(live())


def stories(seed: str, ambiguous: int) -> tuple[Counter[str], list[str], float]:
    """Tell stories until there were so many ambiguous submits.

    Returns:
        The tally, the faults each with its story's seed, and the CPU seconds it took.
    """
    tally, faults, began = Counter[str](), list[str](), time.process_time()

    async def live() -> None:
        for number in count():
            if tally["ambiguous"] >= ambiguous:
                return
            story = Story(f"{seed}:{number}")
            await story.run()
            tally.update(story.tally)
            tally["stories"] += 1
            faults.extend(f"{seed}:{number}: {fault}" for fault in story.faults)

    asyncio.run(live())
    return tally, faults, time.process_time() - began


def main() -> None:
    """Tell them and print what came of it."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("--submits", type=int, default=1_000_000, help="ambiguous ones")
    arguments.add_argument("--seed", default="1")
    arguments.add_argument("--jobs", type=int, default=1)
    asked = arguments.parse_args()
    sizes = [min(_CHUNK, asked.submits - done) for done in range(0, asked.submits, _CHUNK)]
    seeds = [f"{asked.seed}.{number}" for number in range(len(sizes))]
    tally, cpu = Counter[str](), 0.0
    faults: list[str] = []
    with ProcessPoolExecutor(asked.jobs) as pool:
        for part, found, seconds in pool.map(stories, seeds, sizes):
            tally += part
            faults += found
            cpu += seconds
            so_far = f"{tally['ambiguous']} ambiguous, {tally['sent twice']} twice"
            print(f"{so_far}, {len(faults)} faults, {cpu:.0f} CPU s", file=sys.stderr, flush=True)
    for name, number in sorted(tally.items()):
        print(f"{number:>10}  {name}")
    print(f"{tally['ambiguous'] / cpu:>10.0f}  ambiguous submits per CPU second")
    print(f"{tally['sent twice']:>10}  duplicates")
    print(f"{len(faults):>10}  faults")
    for fault in faults[:20]:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
