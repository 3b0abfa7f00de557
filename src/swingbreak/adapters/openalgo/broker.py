"""The broker port over OpenAlgo: order commands out, order events back.

Rules of this file:

1. No order is sent twice. An answer that settles nothing leads to the order book. Only a change of
   terms is repeated, a few times and slowly, while no answer settles it: the same terms twice are
   one change, and waiting for the book keeps an exit from following the market.
2. A yes to a cancel or a change is not the cancel or the change: the book is read.
3. Every command ends in an event, at once or from a later :meth:`OpenAlgoBroker.poll`.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime

from swingbreak.adapters.openalgo.bookkeeper import Bookkeeper
from swingbreak.adapters.openalgo.books import (
    PRODUCTS,
    HeldPosition,
    Mode,
    OrderUpdate,
    terms_of,
)
from swingbreak.adapters.openalgo.capabilities import Changes
from swingbreak.adapters.openalgo.looking import account_books
from swingbreak.adapters.openalgo.modes import switched
from swingbreak.adapters.openalgo.netting import is_accounted, net_units
from swingbreak.adapters.openalgo.registry import OrderRegistry
from swingbreak.adapters.openalgo.rest import OpenAlgoRest, OrderReply
from swingbreak.adapters.openalgo.tracking import TrackedOrder, row_of
from swingbreak.domain.account import AccountBooks, SeenOrder
from swingbreak.domain.commands import (
    CancelOrder,
    CancelStray,
    Outgoing,
    ReplaceOrder,
    SubmitOrder,
)
from swingbreak.domain.errors import (
    BrokerError,
    ConfigError,
    DataError,
    GatewayRefused,
    OrderRefused,
    OutcomeUnknown,
    RequestNotSent,
)
from swingbreak.domain.events import (
    OrderCancelRefused,
    OrderEvent,
    OrderRejected,
    OrderReplaceRefused,
)
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.orders import Order, OrderIntent
from swingbreak.ports import Clock

__all__ = ["OpenAlgoBroker"]

_REPEATS, _REPEAT_S = 3, 0.5


class OpenAlgoBroker:
    """Carries out order commands at one gateway.

    Once a gateway is found to send stops on without their trigger, none is sent to it any more:
    its refusal makes the engine leave by plain limits, and enter no more.

    Attributes:
        needs_look: Whether stream or books told news of an order that is none of ours, in a symbol
            of ours.

    Args:
        rest: The gateway.
        clock: Stamps the events.
        emit: Takes the events, in order.
        contracts: What may be traded.
        strategy: Label of the orders in the gateway's log; it identifies nothing.
        expected_mode: Where orders must go.
        product: ``MIS`` or ``NRML``.
        sleep: Waits seconds before a change is repeated.
        too_late: Says why an order that waited for its turn may not leave any more.
    """

    def __init__(  # noqa: PLR0913 - collaborators, each from another layer
        self,
        rest: OpenAlgoRest,
        clock: Clock,
        emit: Callable[[OrderEvent], None],
        contracts: Iterable[OptionContract],
        *,
        strategy: str,
        expected_mode: Mode,
        product: str = "MIS",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        too_late: Callable[[datetime, SubmitOrder | ReplaceOrder], str] = lambda *_: "",
    ) -> None:
        self._rest = rest
        self._clock = clock
        self._expected = expected_mode
        self._product = product
        self._strategy = strategy
        self._exchanges = {contract.symbol: contract.exchange for contract in contracts}
        self._registry = OrderRegistry(product)
        self.needs_look = False
        self._others: frozenset[SeenOrder] = frozenset()
        self._books = Bookkeeper(rest, clock, emit, self._registry, strategy)
        self._repeats = asyncio.Lock()
        self._sleep = sleep
        self._too_late = too_late
        # concurrent orders of one symbol corrupt the sandbox's position book
        turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._turn_of: Callable[[str], AbstractAsyncContextManager[object]] = (
            turns.__getitem__ if expected_mode is Mode.ANALYZE else lambda _: nullcontext()
        )

    @property
    def unread_books(self) -> int:
        """How many times in a row the books could not be had."""
        return self._books.unread

    @property
    def needs_poll(self) -> bool:
        """Whether something is open that only a poll can settle: poll soon."""
        return self._registry.needs_books

    async def execute(self, command: Outgoing) -> None:
        """Send one command; return when its outcome, if only "unknown", has been emitted.

        Raises:
            ModeMismatch: The gateway carried it out, but in another mode: stop trading.
        """
        match command:
            case SubmitOrder() | ReplaceOrder():
                async with self._turn_of(command.intent.symbol):
                    await self._let_out(command)
            case CancelOrder():
                await self._cancel(command.order_id)
            case CancelStray(broker_order_id):
                with suppress(BrokerError):  # the next look shows whether it went
                    await self._rest.cancel(broker_order_id, self._strategy)

    def on_update(self, update: OrderUpdate) -> None:
        """Emit what an update of the stream adds to what is known."""
        events = self._registry.updated(update, self._books.look())
        if events is None:
            self.needs_look = self.needs_look or update.terms.symbol in self._exchanges
        else:
            self._books.tell(events)

    def distrust_stream(self) -> None:
        """Note that the stream has begun anew: whether it tells of our orders is to be seen."""
        self._registry.is_told = False

    async def poll(self) -> None:
        """Read the gateway's books and emit whatever they know that the stream did not say.

        Books that cannot be had tell nothing, and settle nothing: poll again later.
        """
        if self._registry.orders:
            books = await self._books.read()
            if self._is_news(account_books(books, None, self._registry.paired, self._product)):
                self.needs_look = True

    async def look(self) -> AccountBooks:
        """Read all the books, emit what they say of our orders, and return what they show.

        Raises:
            ModeMismatch: The gateway trades in another mode now: stop trading.
        """
        self.needs_look = False
        await self._watch_mode()
        books = await self._books.read()
        try:
            held = await self._rest.positions()
        except (BrokerError, DataError):
            held = None
        look = account_books(books, held, self._registry.paired, self._product)
        self._is_news(look)
        return look

    async def _watch_mode(self) -> None:
        try:
            actual = await self._rest.analyzer()
        except (BrokerError, DataError):
            return  # asked again at the next look, and before every entry
        if actual is not self._expected:
            raise switched(actual, self._expected)

    def _is_news(self, look: AccountBooks) -> bool:
        """Whether *look* shows of others, in symbols of ours, what the last one did not."""
        if look.orders is None:
            return False
        before = self._others
        self._others = frozenset(
            seen for seen in look.orders if not seen.order_id and seen.symbol in self._exchanges
        )
        return self._others != before

    async def positions(self) -> Mapping[str, int]:
        """Return the signed units held in our product by symbol, flat ones left out.

        A holding whose symbol the gateway could not name stands under the empty text.

        Raises:
            BrokerError: The gateway could not say, or what it said may lack a symbol that we have
                traded: that is not the same as flat.
        """
        rows = await self._held()
        if absent := net_units(self._registry.paired.values()).keys() - {
            row.symbol for row in rows
        }:
            await self._prove_flat(absent)
        held: Counter[str] = Counter()
        for position in rows:
            # a word that is none of OpenAlgo's may mean ours: what is left out would look flat
            if position.product == self._product or position.product not in PRODUCTS:
                held[position.symbol] += position.quantity
        return {symbol: quantity for symbol, quantity in held.items() if quantity}

    async def _prove_flat(self, absent: Collection[str]) -> None:
        """Let the trade book say that symbols *absent* from the position book are flat.

        A flat row stays in the position book all day, but for one that earned exactly nothing, so
        one that is not there is no evidence. Source: OpenAlgo 2.0.2.1, measured 2026-11-22.
        """
        books, ours = await self._books.read(), self._registry.paired.values()
        open_units = net_units(ours)
        if books is None or not is_accounted(ours, books[1]):
            raise GatewayRefused(
                f"the position book lacks {', '.join(sorted(absent))}, traded today, and the trade "
                "book does not account for it: asked again"
            )
        for symbol in absent:
            if open_units[symbol]:
                raise GatewayRefused(
                    f"the position book lacks {symbol}, by our trades it holds "
                    f"{open_units[symbol]} units: asked again"
                )

    def adopt(
        self, order: Order, sent_at: datetime, *, given_up: bool = False, fill_id: str = ""
    ) -> None:
        """Take over *order*, sent by an earlier process of this day at *sent_at*; then poll.

        One that was *given_up* may turn up yet, or has, and traded: *fill_id* is its last fill.
        """
        now = self._clock.now()
        self._registry.adopt(order, sent_at, now, given_up=given_up, row=row_of(fill_id))

    async def _held(self) -> tuple[HeldPosition, ...]:
        try:
            return await self._rest.positions()
        except DataError as error:
            raise GatewayRefused(f"what is held cannot be read: {error}") from error

    async def _let_out(self, command: SubmitOrder | ReplaceOrder) -> None:
        now = self._clock.now()
        # the day may have ended, or been paused, while it waited for its turn
        late = self._too_late(now, command)
        if isinstance(command, SubmitOrder) and late:
            self._books.tell([OrderRejected(now, command.order_id, late, sent=False)])
        elif late:
            self._books.tell([OrderReplaceRefused(now, command.order_id, late, sent=False)])
        elif isinstance(command, SubmitOrder):
            await self._submit(command.order_id, command.intent)
        else:
            await self._replace(command)

    async def _submit(self, order_id: str, intent: OrderIntent) -> None:
        if intent.symbol not in self._exchanges:
            raise ConfigError(f"{order_id}: {intent.symbol} is not among the contracts traded")
        terms = terms_of(intent, self._product)
        fields = {"strategy": self._strategy, "exchange": self._exchanges[intent.symbol]}
        tell = self._books.tell
        if intent.trigger is not None and self._registry.without_triggers:
            why = f"not sent, stops are no stops here: {self._registry.without_triggers}"
            tell([OrderRejected(self._clock.now(), order_id, why)])
            return
        self._registry.sent(order_id, terms, self._clock.now(), self._books.last_book)
        try:
            reply = await self._rest.place(terms.fields() | fields)
        except RequestNotSent as error:
            reason = f"not sent: {error}"
            tell(self._registry.refused(order_id, reason, self._clock.now(), sent=False))
        except (OrderRefused, GatewayRefused) as error:
            tell(self._registry.refused(order_id, str(error), self._clock.now(), sent=True))
        except OutcomeUnknown:
            tell(self._registry.lost(order_id, self._books.look()))
            await self._books.read()
        else:
            tell(self._registry.accepted(order_id, reply.broker_order_id, self._books.look()))
            await self._books.prove_mode(reply, self._expected)

    async def _replace(self, command: ReplaceOrder) -> None:
        order = self._registry.orders.get(command.order_id)
        now = self._clock.now()
        if order is None or not order.broker_order_id:
            why = "the gateway's id of the order is not known"
            self._books.tell([OrderReplaceRefused(now, command.order_id, why)])
            return
        if order.ended:
            if order.filled >= order.terms.quantity:
                # complete at its old size: for who asked before that was told it is not the end
                refused = OrderReplaceRefused(now, command.order_id, "complete before the change")
                self._books.tell([refused])
            return
        if self._rest.gateway.changes is not Changes.MADE:
            # it would cost a second, or a refusal, to be told again
            why = f"not sent: changes are {self._rest.gateway.changes} here, by its profile"
            self._books.tell([OrderReplaceRefused(now, command.order_id, why)])
            return
        total = replace(command.intent, quantity=command.filled + command.intent.quantity)
        terms = terms_of(total, self._product)
        fields = {"strategy": self._strategy, "exchange": self._exchanges[terms.symbol]}
        fields["orderid"] = order.broker_order_id
        order.request(terms, now)
        tell = self._books.tell
        try:
            reply = await self._modify(order, terms.fields() | fields)
        except RequestNotSent as error:
            tell(order.refuse_change(f"not sent: {error}", self._clock.now(), sent=False))
        except (OrderRefused, GatewayRefused) as error:
            # it may be refused because the order is complete
            await self._books.read()
            sent = isinstance(error, OrderRefused)  # a lost session is no verdict on the terms
            tell(order.refuse_change(str(error), self._clock.now(), sent=sent))
        except OutcomeUnknown:
            order.answered(sure=False, next_book=self._books.next_book)
            await self._books.read()
        else:
            order.answered(sure=True, next_book=self._books.next_book)
            await self._books.read()
            await self._books.prove_mode(reply, self._expected)

    async def _modify(self, order: TrackedOrder, fields: Mapping[str, str | int]) -> OrderReply:
        is_lost = False  # an attempt without an answer may be carried out, whatever follows it
        for left in reversed(range(_REPEATS + 1)):
            try:
                return await self._rest.modify(fields)
            except BrokerError as error:
                is_lost = is_lost or isinstance(error, OutcomeUnknown)
                if not is_lost:
                    raise
                if not left or isinstance(error, OrderRefused | GatewayRefused):
                    raise OutcomeUnknown(str(error)) from error
            # one at a time, so that all repeats together stay within the permitted rate
            async with self._repeats:
                await self._sleep(_REPEAT_S)
            if order.change is None:
                break
        raise OutcomeUnknown("the stream or a book has settled it meanwhile")

    async def _cancel(self, order_id: str) -> None:
        order = self._registry.orders.get(order_id)
        now = self._clock.now()
        if order is None or not order.broker_order_id:
            why = "the gateway's id of the order is not known"
            self._books.tell([OrderCancelRefused(now, order_id, why)])
            return
        if order.ended:
            return
        order.cancel_at = now
        tell = self._books.tell
        try:
            reply = await self._rest.cancel(order.broker_order_id, self._strategy)
        except RequestNotSent as error:
            tell(order.refuse_cancel(f"not sent: {error}", self._clock.now(), sent=False))
        except (OrderRefused, GatewayRefused, OutcomeUnknown) as error:
            # it may be refused because the order is complete or gone; asking again is harmless
            await self._books.read()
            sent = not isinstance(error, GatewayRefused)
            tell(order.refuse_cancel(str(error), self._clock.now(), sent=sent))
        else:
            if not order.ended:
                await self._books.read()
            await self._books.prove_mode(reply, self._expected)
