"""OpenAlgo's REST endpoints, typed."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import msgspec

from swingbreak.adapters.openalgo import wire
from swingbreak.adapters.openalgo.books import HeldPosition, Mode, OrderBook, TradeBook
from swingbreak.adapters.openalgo.capabilities import DOCUMENTED, Capabilities
from swingbreak.adapters.openalgo.loose_json import is_text
from swingbreak.adapters.openalgo.transport import Timeouts, Transport
from swingbreak.domain.errors import OrderRefused, OutcomeUnknown

__all__ = ["OpenAlgoRest", "OrderReply"]


@dataclass(frozen=True, slots=True)
class OrderReply:
    """The gateway took the request.

    Attributes:
        mode: ``analyze`` from its sandbox; live answers carry none.
    """

    broker_order_id: str
    mode: str


class _Orders(msgspec.Struct, gc=False):
    orders: list[msgspec.Raw]


class _OrderBookReply(msgspec.Struct, gc=False):
    data: _Orders


class _RowsReply(msgspec.Struct, gc=False):
    data: list[msgspec.Raw]


class _Analyzer(msgspec.Struct, gc=False):
    analyze_mode: bool


class _AnalyzerReply(msgspec.Struct, gc=False):
    data: _Analyzer


class OpenAlgoRest:
    """A gateway for one API key. The caller owns, and closes, the session.

    Attributes:
        query: Any other endpoint that only reads; see :meth:`Transport.query`.
        timeouts: Seconds per class of call.
        gateway: What it is known to do.
    """

    def __init__(
        self,
        host: str,
        api_key: str,
        session: aiohttp.ClientSession,
        timeouts: Timeouts | None = None,
        gateway: Capabilities = DOCUMENTED,
    ) -> None:
        self.gateway = gateway
        self.timeouts = timeouts or gateway.timeouts
        self._transport = Transport(host, api_key, session, self.timeouts)
        self.query = self._transport.query

    @property
    def in_flight(self) -> int:
        """How many requests have not been answered yet."""
        return self._transport.in_flight

    async def place(self, fields: Mapping[str, str | int]) -> OrderReply:
        """Send a new order, once; raises as :meth:`Transport.order` does.

        Raises:
            OrderRefused: Besides refusals: it was queued for a person's approval.
            OutcomeUnknown: Besides silence: a success that names no order.
        """
        answer = await self._transport.order("placeorder", fields)
        if answer.orderid and is_text(answer.orderid):
            return OrderReply(str(answer.orderid), answer.mode)
        if answer.pending_order_id is not None or answer.mode == "semi_auto":
            raise OrderRefused(
                f"placeorder: {answer.text} (number {answer.pending_order_id}): reject it there, "
                "and set the gateway's order mode to auto"
            )
        raise OutcomeUnknown("placeorder: success without an order id: read the order book")

    async def modify(self, fields: Mapping[str, str | int]) -> OrderReply:
        """Change a working order, which success does not prove; raises as ``Transport.order``."""
        answer = await self._transport.order("modifyorder", fields)
        return OrderReply(str(fields["orderid"]), answer.mode)

    async def cancel(self, broker_order_id: str, strategy: str) -> OrderReply:
        """Ask for an order's end, which success does not prove; raises as ``Transport.order``."""
        fields = {"strategy": strategy, "orderid": broker_order_id}
        answer = await self._transport.order("cancelorder", fields)
        return OrderReply(broker_order_id, answer.mode)

    async def order_book(self) -> OrderBook:
        """Return the day's orders; raises as :meth:`Transport.query` does."""
        reply = await self.query("orderbook", _OrderBookReply)
        return wire.order_book(reply.data.orders, self.gateway)

    async def trade_book(self) -> TradeBook:
        """Return the day's trades; raises as :meth:`Transport.query` does."""
        return wire.trade_book((await self.query("tradebook", _RowsReply)).data)

    async def positions(self) -> tuple[HeldPosition, ...]:
        """Return the account's positions, flat ones too; raises as :meth:`Transport.query`."""
        return wire.held_positions((await self.query("positionbook", _RowsReply)).data)

    async def analyzer(self) -> Mode:
        """Return where orders go now; raises as :meth:`Transport.query` does."""
        reply = await self.query("analyzer", _AnalyzerReply)
        return Mode.ANALYZE if reply.data.analyze_mode else Mode.LIVE
