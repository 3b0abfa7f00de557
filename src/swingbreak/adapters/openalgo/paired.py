"""Two feeds as one: OpenAlgo's, and a standby's, of which nothing is taken but ticks.

Rules of this file:

1. Who leads is decided by :class:`Lead`; the day hears of a turn as of a feed that is back, and
   repairs what it may have missed from history.
2. Order updates and the gateway's time come from the primary, whoever leads.
3. A standby that fails, refuses the key or is gone ends nothing. The one that does not lead is made
   anew when it is connected and mute, as the day does with the one that leads.
4. A simulated standby's market that waits for its clients is not let past the primary's time.
"""

import asyncio
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol, TypeAlias

from swingbreak.adapters.openalgo.books import OrderUpdate
from swingbreak.adapters.openalgo.frames import waits_for_pong
from swingbreak.adapters.openalgo.items import FeedItem, FeedLost, FeedRestored, Marked
from swingbreak.domain.errors import GatewayRefused
from swingbreak.domain.events import TickReceived
from swingbreak.market.lead import Lead, Source, Turn

__all__ = ["News", "OneFeed", "PairedFeed"]

_MUTE: Final = timedelta(seconds=30)
_REVIVE: Final = timedelta(seconds=60)

News: TypeAlias = Turn | FeedLost | FeedRestored | GatewayRefused


class OneFeed(Protocol):
    """A feed as a day uses it."""

    async def run(self) -> None:
        """Feed until cancelled."""

    async def follow(self, symbols: AbstractSet[str]) -> None:
        """Bring ticks of the options named *symbols*, and of no other option any more."""

    async def reconnect(self, reason: str) -> None:
        """Drop the connection and make a new one."""


_Made: TypeAlias = Callable[[Callable[[FeedItem], None]], OneFeed]


class PairedFeed:
    """Hands over the items of the feed that leads.

    Args:
        primary: Makes the feed, given who takes its items.
        standby: The same, of the standby.
        lead: Who leads.
        on_item: Takes each item at once and must not block.
        on_news: Told of turns and connections, for a person.
    """

    def __init__(
        self,
        primary: _Made,
        standby: _Made,
        lead: Lead,
        on_item: Callable[[FeedItem], None],
        on_news: Callable[[Source, News], None],
    ) -> None:
        made = {Source.PRIMARY: primary, Source.STANDBY: standby}
        self._feeds = {source: make(partial(self._hear, source)) for source, make in made.items()}
        self._lead = lead
        self._on_item = on_item
        self._on_news = on_news
        self._there: dict[Source, FeedRestored | None] = dict.fromkeys(Source)
        self._revived: dict[Source, datetime] = {}
        self._held: list[Marked] = []  # of a standby that is ahead
        self._market_time: datetime | None = None
        self._tasks = asyncio.TaskGroup()

    async def run(self) -> None:
        """Feed until cancelled.

        Raises:
            ExceptionGroup: With ``GatewayRefused``: the primary's key is wrong.
        """
        async with self._tasks:
            self._tasks.create_task(self._stand_by())
            await self._feeds[Source.PRIMARY].run()

    async def follow(self, symbols: AbstractSet[str]) -> None:
        """Bring ticks of the options named *symbols*, and of no other option, from both."""
        for feed in self._feeds.values():
            await feed.follow(symbols)

    async def reconnect(self, reason: str) -> None:
        """Drop both connections and make new ones: neither has brought anything."""
        for feed in self._feeds.values():
            await feed.reconnect(reason)

    async def _stand_by(self) -> None:
        try:
            await self._feeds[Source.STANDBY].run()
        except GatewayRefused as error:
            self._there[Source.STANDBY] = None
            self._on_news(Source.STANDBY, error)

    def _hear(self, source: Source, item: FeedItem) -> None:
        match item:
            case TickReceived(at, tick):
                if turn := self._lead.hear(source, at, tick):
                    self._on_news(source, turn)
                    self._tell_restored()
                if self._lead.is_news(source, tick):
                    self._on_item(item)
                self._revive(at)
            case FeedLost() | FeedRestored():
                self._connect(source, item)
            case Marked() if source is Source.STANDBY:
                self._follow(item)
            case Marked(at):
                self._market_time = at or self._market_time
                self._release()
                self._on_item(item)
            case OrderUpdate() if source is Source.PRIMARY:
                self._on_item(item)
            case _:
                pass  # what a standby's account does is none of ours

    def _connect(self, source: Source, item: FeedLost | FeedRestored) -> None:
        self._there[source] = item if isinstance(item, FeedRestored) else None
        self._revived.pop(source, None)
        self._on_news(source, item)
        if source is self._lead.source and isinstance(item, FeedLost):
            self._on_item(item)
        elif source is Source.PRIMARY or source is self._lead.source:
            self._tell_restored()  # or whether it tells of orders has changed
        if source is Source.PRIMARY:
            self._release()

    def _tell_restored(self) -> None:
        """Say that the leader ticks, and whether the primary tells of orders."""
        leader, primary = self._there[self._lead.source], self._there[Source.PRIMARY]
        tells = primary is not None and primary.order_updates
        if leader is not None:
            self._on_item(FeedRestored(leader.missing, tells))

    def _follow(self, mark: Marked) -> None:
        if waits_for_pong(mark.payload):
            self._held.append(mark)
            self._release()
        else:
            self._tasks.create_task(_answered(mark))

    def _release(self) -> None:
        limit = self._market_time if self._there[Source.PRIMARY] else None
        held, self._held = self._held, []
        for mark in held:
            if limit is None or mark.at is None or mark.at <= limit:
                self._tasks.create_task(_answered(mark))
            else:
                self._held.append(mark)

    def _revive(self, at: datetime) -> None:
        other = self._lead.source.other
        silence = self._lead.silence(other)
        since = self._revived.setdefault(other, at)  # it has that long from its connection on
        if self._there[other] and silence >= _MUTE and at - since >= _REVIVE:
            self._revived[other] = at
            why = f"no tick for {silence.total_seconds():.0f} s"
            self._tasks.create_task(self._feeds[other].reconnect(why))


async def _answered(mark: Marked) -> None:
    await mark.pong()
