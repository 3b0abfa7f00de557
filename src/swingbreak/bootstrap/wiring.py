"""How the parts of a running day are joined, the same for a real day and for a simulated one."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import structlog

from swingbreak.adapters.openalgo.books import OrderUpdate
from swingbreak.adapters.openalgo.broker import OpenAlgoBroker
from swingbreak.adapters.openalgo.frames import DataMode, Instrument, waits_for_pong
from swingbreak.adapters.openalgo.items import FeedItem, FeedLost, FeedRestored
from swingbreak.adapters.openalgo.items import Marked as FeedMarked
from swingbreak.domain.events import OrderEvent, TickReceived
from swingbreak.domain.instrument import OptionContract
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import DayTerms
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.following import Following
from swingbreak.runtime.inbox import FeedBack, FeedGone, Marked, OrderTold, Pulse, TickIn
from swingbreak.runtime.live import LiveDay

__all__ = [
    "beat",
    "desk_of",
    "hand_over",
    "heard_by",
    "instruments",
    "noted",
    "pulsate",
    "run_beside",
]


def heard_by(margins: EntryMargin, live: LiveDay) -> Callable[[OrderEvent], None]:
    """Return what the broker tells its events to: pledges are taken back, then the day learns."""

    def hear(event: OrderEvent) -> None:
        margins.heard(event)
        live.learn(event)

    return hear


def desk_of(terms: DayTerms, engine: Engine, spot: str) -> Desk:
    """Return the desk of a day that *terms* decide and *engine* trades; *spot* is the index."""
    window = engine.window
    following = None if window is None else Following(engine, window, spot)
    return Desk(terms.session, tuple(engine.contracts), terms.parameters, engine, following)


def instruments(
    contracts: Iterable[OptionContract], spot_symbol: str, spot_exchange: str
) -> list[Instrument]:
    """Return what the feed is asked for: the index, and depth of every option."""
    return [
        Instrument(spot_symbol, spot_exchange, DataMode.LTP),
        *(Instrument(c.symbol, c.exchange, DataMode.DEPTH) for c in contracts),
    ]


def hand_over(item: FeedItem, live: LiveDay, broker: OpenAlgoBroker) -> None:
    """Put what the feed says into the day's inbox."""
    match item:
        case TickReceived(at, tick):
            live.inbox.put_nowait(TickIn(at, tick))
        case OrderUpdate():
            live.inbox.put_nowait(OrderTold(lambda: broker.on_update(item)))
        case FeedMarked(at, payload, pong):
            live.inbox.put_nowait(Marked(at, waits_for_pong(payload), pong))
        case FeedLost(reason):
            live.inbox.put_nowait(FeedGone(reason))
        case FeedRestored(_, order_updates):
            broker.distrust_stream()
            live.inbox.put_nowait(FeedBack(order_updates))


def noted(item: FeedItem) -> FeedItem:
    """Return *item*, which the day's log has where the feed is lost or back."""
    match item:
        case FeedLost(reason):
            structlog.get_logger().warning("feed.lost", reason=reason)
        case FeedRestored(missing, _):
            structlog.get_logger().info("feed.restored", missing=len(missing))
        case _:
            pass
    return item


async def beat(live: LiveDay, every_s: float) -> None:
    """Make the day look at the time, until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        live.nudge()


async def pulsate(live: LiveDay, felt: Callable[[], None], every_s: float) -> None:
    """Let the day's loop show that it turns, until cancelled."""
    while True:
        live.inbox.put_nowait(Pulse(felt))
        await asyncio.sleep(every_s)


async def run_beside(
    day: Coroutine[Any, Any, None], *companions: Coroutine[Any, Any, None]
) -> None:
    """Run *day* to its end with its *companions* beside it; they end with it."""
    async with asyncio.TaskGroup() as tasks:
        beside = [tasks.create_task(each) for each in companions]
        await day
        for task in beside:
            task.cancel()
