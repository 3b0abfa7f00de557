"""Tells the engine what the gateway's evidence adds, and fetches more where it leaves doubt."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from swingbreak.adapters.openalgo.books import Mode, OrderBook, TradeBook
from swingbreak.adapters.openalgo.modes import mode_of
from swingbreak.adapters.openalgo.registry import OrderRegistry
from swingbreak.adapters.openalgo.rest import OpenAlgoRest, OrderReply
from swingbreak.adapters.openalgo.tracking import Look
from swingbreak.domain.errors import BrokerError, DataError, ModeMismatch
from swingbreak.domain.events import OrderEvent
from swingbreak.ports import Clock

__all__ = ["Bookkeeper"]


class Bookkeeper:
    """Reads books in turn, numbers them, and tells what the registry makes of them.

    Attributes:
        unread: How many times in a row they could not be had.
    """

    def __init__(
        self,
        rest: OpenAlgoRest,
        clock: Clock,
        emit: Callable[[OrderEvent], None],
        registry: OrderRegistry,
        strategy: str,
    ) -> None:
        self.unread = 0
        self._registry = registry
        self._rest = rest
        self._clock = clock
        self._emit = emit
        self._strategy = strategy
        self._turn = asyncio.Lock()
        self._begun = 0
        self._done = 0

    @property
    def next_book(self) -> int:
        """Number of the next book to be begun: the first that can tell what was done by now."""
        return self._begun + 1

    @property
    def last_book(self) -> int:
        """Number of the last book read to its end."""
        return self._done

    def look(self) -> Look:
        """Return the mark of evidence that comes now, from the stream or an answer."""
        now = self._clock.now()
        return Look(now, self._begun, book=False, asked=now)

    def tell(self, events: Sequence[OrderEvent]) -> None:
        """Hand on *events*, in order."""
        for event in events:
            self._emit(event)

    async def read(self) -> tuple[OrderBook, TradeBook] | None:
        """Read the order book, then the trade book, and tell what they add.

        Returns:
            Both; ``None`` if one could not be had.
        """
        async with self._turn:
            self._begun += 1
            number, asked = self._begun, self._clock.now()
            try:
                book = await self._rest.order_book()
                trades = await self._rest.trade_book()
            except (BrokerError, DataError):
                self.unread += 1
                return None
            self.unread = 0
            self._done = number
            look = Look(self._clock.now(), number, book=True, asked=asked)
            self.tell(self._registry.read(book, trades, look))
        for broker_order_id in self._registry.unwanted(book):
            with suppress(BrokerError):  # the next book shows whether it went
                await self._rest.cancel(broker_order_id, self._strategy)
        return book, trades

    async def prove_mode(self, reply: OrderReply, expected: Mode) -> None:
        """Check that *reply* came from where orders were meant to go.

        Raises:
            ModeMismatch: It did not, or that cannot be had; the request has been carried out.
        """
        what = f"order {reply.broker_order_id} was meant for {expected.value}"
        remedy = "look at that order, and set the gateway's analyzer mode right"
        try:
            actual = await mode_of(reply.mode, expected, self._rest)
        except (BrokerError, DataError) as error:
            raise ModeMismatch(f"{what}, which is not certain: {remedy}: {error}") from error
        if actual is not expected:
            raise ModeMismatch(f"{what} and went to {actual.value}: {remedy}")
