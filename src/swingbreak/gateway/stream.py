"""The WebSocket side: who listens to what, and telling them.

Rules of this file:

1. A tick is encoded once per mode, however many clients want it.
2. A client that does not read, or does not answer a ping in step, is dropped and counted; nobody
   else waits for it longer than that.
3. A client subscribed in several modes gets one frame per mode, the fullest first.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from swingbreak.gateway.floor import Happening
from swingbreak.gateway.frames import MODES, epoch_ms, market_data
from swingbreak.gateway.instruments import Instrument
from swingbreak.gateway.quotes import Quote
from swingbreak.gateway.subscriber import Subscriber
from swingbreak.simulation.venue import OrderUpdate

__all__ = ["Stream"]

_PATIENCE_S = 30.0  # wall seconds a client has to answer a ping in step
_FULLEST_FIRST = tuple(sorted(MODES, reverse=True))


class Stream:
    """Everybody connected; the market clock's audience.

    Attributes:
        activity: Messages and requests from clients so far.
        dropped: Clients dropped, by reason.
    """

    def __init__(
        self, order_frame: Callable[[OrderUpdate], bytes], patience_s: float = _PATIENCE_S
    ) -> None:
        """Start with nobody; *order_frame* words an order update."""
        self.activity = 0
        self.dropped: Counter[str] = Counter()
        self._order_frame = order_frame
        self._patience_s = patience_s
        self._everybody: list[Subscriber] = []  # in order of arrival: the same every time
        self._listeners: dict[str, tuple[Instrument, dict[int, list[Subscriber]]]] = {}
        self._present = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def is_present(self) -> bool:
        """Whether anybody is subscribed to anything."""
        return self._present.is_set()

    async def presence(self) -> None:
        """Wait until somebody is subscribed to something."""
        await self._present.wait()

    async def emptiness(self) -> None:
        """Wait until nobody is connected."""
        await self._empty.wait()

    def join(self, subscriber: Subscriber) -> None:
        """Count *subscriber* among the connected."""
        self._everybody.append(subscriber)
        self._empty.clear()

    def leave(self, subscriber: Subscriber) -> None:
        """Forget *subscriber*; nobody waits for it any more."""
        self._everybody.remove(subscriber)
        subscriber.leave()
        subscriber.modes.clear()
        subscriber.wants_orders = False
        if not self._everybody:
            self._empty.set()
        self.reindex()

    def reindex(self) -> None:
        """Take note of what clients are subscribed to."""
        self._listeners.clear()
        for subscriber in self._everybody:
            for instrument, modes in subscriber.modes.items():
                _, by_mode = self._listeners.setdefault(instrument.symbol, (instrument, {}))
                for mode in modes:
                    by_mode.setdefault(mode, []).append(subscriber)
        if any(subscriber.is_subscribed for subscriber in self._everybody):
            self._present.set()
        else:
            self._present.clear()

    def tell(self, happenings: Iterable[Happening]) -> None:
        """Send everybody what *happenings* mean to them, in one write each."""
        for happening in happenings:
            if isinstance(happening, Quote):
                self._queue_quote(happening)
            else:
                self._queue_order(happening)
        for subscriber in self._everybody:
            subscriber.flush()
            if subscriber.is_slow:
                self._drop(subscriber, "slow")

    def mark(self, at: datetime) -> None:
        """Tell every client market time *at*."""
        for subscriber in self._everybody:
            if subscriber.authenticated:
                subscriber.ping(_mark(at))

    async def settle(self, at: datetime) -> None:
        """Tell market time *at* and wait until every subscribed client has answered or is gone."""
        waiting = {
            subscriber.ping(_mark(at) + _STEP): subscriber
            for subscriber in self._everybody
            if subscriber.is_subscribed
        }
        if not waiting:
            return
        _, silent = await asyncio.wait(waiting, timeout=self._patience_s)
        for answer in silent:
            self._drop(waiting[answer], "silent")

    def _queue_quote(self, quote: Quote) -> None:
        if (listening := self._listeners.get(quote.symbol)) is None:
            return
        instrument, by_mode = listening
        for mode in _FULLEST_FIRST:
            if subscribers := by_mode.get(mode):
                frame = market_data(instrument, quote, mode)
                for subscriber in subscribers:
                    subscriber.queue(frame)

    def _queue_order(self, update: OrderUpdate) -> None:
        listening = [one for one in self._everybody if one.wants_orders]
        if listening:
            frame = self._order_frame(update)
            for subscriber in listening:
                subscriber.queue(frame)

    def _drop(self, subscriber: Subscriber, reason: str) -> None:
        # its reader notices the broken connection and calls leave()
        self.dropped[reason] += 1
        subscriber.transport.abort()
        subscriber.leave()


# Behind the time in a ping: market time waits for the answer.
_STEP = b";step"


def _mark(at: datetime) -> bytes:
    return b"t=%d" % epoch_ms(at)
