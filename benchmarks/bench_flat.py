"""How long until everything is closed, and how long a fresh position has no stop.

    python benchmarks/bench_flat.py [--runs 200] [--errors 0.2] [--round-trip 0.5]

Time to flat: five positions of ten lots with resting stops; ``flatten`` is said, and from then on
a share of all requests fails. The clock stops when the exchange's own book is flat.

Time without a stop: generated short days without errors; from a fill at the exchange until the
gateway has taken orders that close all of it, or, where a resting stop has to grow, until it has
grown at the exchange.

Both run the whole program against the simulated gateway in virtual time, so machine and load do not
matter, and the same seeds give the same figures. In every run the order messages of the fullest
second are counted.
"""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from wire_rig import MOST_MESSAGES, Rig, run_rig

from swingbreak.adapters.openalgo.books import Mode
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.control import Control
from swingbreak.domain.events import OrderAccepted, OrderFilled
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.orders import OrderIntent, Purpose, Side, Slot
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.records import Record
from swingbreak.domain.session import Session
from swingbreak.faults.short_days import short_day
from swingbreak.runtime.inbox import Word
from swingbreak.simulation.chain import chain
from swingbreak.simulation.generator import NIFTY_2026, DaySpec
from swingbreak.simulation.tape import ArrayTape, TapeColumns
from swingbreak.simulation.venue import NewOrder, PriceType, VenueOrder, VenueStatus

EXPIRY: Final = date(2026, 12, 1)
POSITIONS, LOTS = 5, 10
POINTS, LIMIT_AWAY = 15_00, 3_00
STARTS_S, SETTLES_S, GIVES_UP_S, MINUTES = 60.0, 25.0, 180.0, 10


@dataclass(frozen=True, slots=True)
class Flattened:
    """How one run went, seconds; ``None`` for what did not happen."""

    flat_s: float | None
    known_s: float | None
    most_messages: int
    struck: dict[str, int]


def quiet_tape(dice: Random) -> ArrayTape:
    """Return ten minutes of six options that hardly move, with enough on offer."""
    contracts = chain(NIFTY_2026, EXPIRY, range(24_200_00, 24_350_00, 50_00))
    columns = TapeColumns()
    prices = [dice.randrange(140_00, 200_00, 5) for _ in contracts]
    for at in range(0, MINUTES * 60_000, 500):
        columns.append(at, 0, 24_200_00)
        for number in range(len(contracts)):
            prices[number] += dice.choice([-5, 0, 5])
            price = prices[number]
            columns.append(at, number + 1, price, at, price - 5, price + 5, 650, 650)
    session = DaySpec().session
    closes = session.opens + timedelta(minutes=MINUTES)
    return ArrayTape(
        label="made up for a benchmark",
        synthetic=True,
        session=Session(session.day, session.opens, closes),
        underlying="NIFTY",
        spot_symbol="NIFTY",
        contracts=contracts,
        symbols=("NIFTY", *(each.symbol for each in contracts)),
        columns=columns,
        cadence_s=2,
        previous_closes={"NIFTY": 24_200_00},
    )


async def flatten(
    folder: Path, seed: str, round_trip_s: float, errors: float, mode: Mode
) -> Flattened:
    """Hold five positions, say ``flatten``, and return what became of it."""
    dice, loop = Random(seed), asyncio.get_running_loop()  # noqa: S311 - seeded dice, no secret
    tape = quiet_tape(dice)
    rig = Rig(tape, Parameters(), mode, seed, round_trip_s, STARTS_S, folder)
    rig.far.start()
    await hold(rig, tape.contracts[:POSITIONS])
    program = rig.program()
    task = asyncio.create_task(program.run())
    await asyncio.sleep(SETTLES_S)
    _check_held(rig)
    flat = asyncio.Event()
    times: list[float] = []

    def changed(_: object) -> None:
        if not times and not any(one.quantity for one in rig.far.venue.net().values()):
            times.append(loop.time())
            flat.set()

    rig.changed = changed
    rig.trouble.share = errors
    said = loop.time()
    if program.live is None:
        raise AssertionError("the program has ended before it was told to")
    program.live.inbox.put_nowait(Word(Control.FLATTEN, "benchmark", lambda *_: None))
    await asyncio.wait([task], timeout=GIVES_UP_S)
    known = loop.time() - said if task.done() and program.held is not None else None
    if not task.done():
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    flat_s = times[0] - said if times else None
    return Flattened(flat_s, known, rig.most_messages, dict(rig.trouble.struck))


async def hold(rig: Rig, contracts: tuple[OptionContract, ...]) -> None:
    """Sell ten lots of each at the venue, rest their stops, and write both into the ledger."""
    records: list[Record] = []
    for number, contract in enumerate(contracts):
        quantity = LOTS * contract.lot
        symbol, at = contract.symbol, rig.far.now()
        last = rig.far.desk.floor.quotes[symbol].price
        new = NewOrder(symbol, Side.SELL, quantity, PriceType.LIMIT, last - 1_00, 0)
        sold = await _trade(rig, new)
        stop = last + POINTS
        new = NewOrder(symbol, Side.BUY, quantity, PriceType.SL, stop + LIMIT_AWAY, stop)
        rests = await _trade(rig, new)
        records += _records(at, contract, sold, rests, 2 * number + 1)
    with open_writer(rig.database) as database:
        SqliteLedger(database).append(rig.far.now(), records)


async def _trade(rig: Rig, new: NewOrder) -> VenueOrder:
    order, _ = rig.far.venue.submit(rig.far.now(), new)
    await asyncio.sleep(1.0)
    rig.far.now()
    done = rig.far.venue.order(order.orderid)
    if done is None or done.status not in {VenueStatus.COMPLETE, VenueStatus.TRIGGER_PENDING}:
        raise AssertionError(f"the set-up failed: {done}")
    return done


def _records(
    at: datetime, contract: OptionContract, sold: VenueOrder, rests: VenueOrder, number: int
) -> list[Record]:
    symbol, ours, stop_id = contract.symbol, f"o{number}", f"o{number + 1}"
    level = f"{symbol}@1:1:{rests.trigger - POINTS}"
    entry = OrderIntent(
        slot=Slot(Purpose.ENTRY, contract.right.value),
        symbol=symbol,
        side=Side.SELL,
        quantity=sold.quantity,
        limit=sold.price,
        trigger=rests.trigger - POINTS - contract.tick,
        reason="break",
        level=level,
        points=POINTS,
    )
    close, buy = Slot(Purpose.CLOSE, symbol), Side.BUY
    stop = OrderIntent(close, symbol, buy, rests.quantity, rests.price, rests.trigger, "stop")
    return [
        SubmitOrder(ours, entry),
        OrderAccepted(at, ours, sold.orderid),
        OrderFilled(at, ours, f"{sold.orderid}:{sold.filled}", sold.filled, sold.value),
        SubmitOrder(stop_id, stop),
        OrderAccepted(at, stop_id, rests.orderid),
    ]


def _check_held(rig: Rig) -> None:
    held = [one.quantity for one in rig.far.venue.net().values() if one.quantity]
    resting = [o for o in rig.far.venue.orders() if o.status is VenueStatus.TRIGGER_PENDING]
    if len(held) != POSITIONS or len(resting) != POSITIONS:
        raise AssertionError(f"the set-up does not last: {held}, {len(resting)} stops")


async def protect(
    folder: Path, seed: str, round_trip_s: float, mode: Mode
) -> tuple[list[float], int]:
    """Trade a short day without errors.

    Returns:
        The seconds without a stop after each fill; the order messages of the fullest second.
    """
    short = short_day(Random(seed))  # noqa: S311 - seeded dice, no secret
    loop = asyncio.get_running_loop()
    rig = Rig(short.tape, short.parameters, mode, seed, round_trip_s, short.starts_s - 2, folder)
    naked: dict[str, float] = {}
    spans: list[float] = []

    def changed(_: object) -> None:
        venue = rig.far.venue
        closing: Counter[str] = Counter()
        for order in venue.orders():
            if order.side is Side.BUY and order.status.is_live:
                closing[order.symbol] += order.pending
        bare = {s for s, one in venue.net().items() if -one.quantity > closing[s]}
        for symbol in bare - naked.keys():
            naked[symbol] = loop.time()
        spans.extend(loop.time() - naked.pop(symbol) for symbol in [*naked.keys() - bare])

    rig.changed = changed
    rig.far.start()
    await asyncio.sleep(2.0)
    await rig.program().run()
    return spans, rig.most_messages


def quantile(times: list[float], share: float) -> float:
    """Return the value below which *share* of *times* lies."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] if times else float("nan")


def line(name: str, times: list[float]) -> str:
    """Return a row of the table."""
    figures = " ".join(f"{quantile(times, q):8.2f}" for q in (0.5, 0.9, 0.99, 1.0))
    return f"{name:<44} {len(times):>5} {figures}"


def flat_runs(asked: argparse.Namespace, mode: Mode) -> list[Flattened]:
    """Flatten many times."""

    def run(seed: str) -> Flattened:
        terms = (seed, asked.round_trip, asked.errors, mode)
        return run_rig(seed, lambda folder: flatten(folder, *terms))

    return [run(f"{asked.seed}:{number}") for number in range(asked.runs)]


def protected_runs(asked: argparse.Namespace, mode: Mode) -> tuple[list[float], int]:
    """Trade many short days; see :func:`protect`."""

    def run(seed: str) -> tuple[list[float], int]:
        return run_rig(seed, lambda folder: protect(folder, seed, asked.healthy_round_trip, mode))

    days = [run(f"{asked.seed}:{number}") for number in range(asked.runs)]
    return [span for spans, _ in days for span in spans], max(messages for _, messages in days)


def main() -> None:
    """Measure and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--errors", type=float, default=0.2)
    arguments.add_argument("--round-trip", type=float, default=0.5)
    arguments.add_argument("--healthy-round-trip", type=float, default=0.15)
    asked = arguments.parse_args()
    print(f"{'seconds':<44} {'n':>5} {'p50':>8} {'p90':>8} {'p99':>8} {'max':>8}")
    most = 0
    for mode in Mode:
        runs = flat_runs(asked, mode)
        flat = [run.flat_s for run in runs if run.flat_s is not None]
        known = [run.known_s for run in runs if run.known_s is not None]
        print(line(f"{mode.value}: flat at the exchange", flat))
        print(line(f"{mode.value}: flat, and proved to be", known))
        spans, messages = protected_runs(asked, mode)
        print(line(f"{mode.value}: without a stop, no errors", spans))
        most = max([most, messages, *(run.most_messages for run in runs)])
        if len(flat) < len(runs):
            print(f"{mode.value}: {len(runs) - len(flat)} runs NOT flat in {GIVES_UP_S:g} s")
    verdict = "within" if most <= MOST_MESSAGES else "BEYOND"
    print(f"most order messages in any second: {most}, {verdict} {MOST_MESSAGES}")


if __name__ == "__main__":
    main()
