"""What is done about discrepancies between the account and us.

Rules of this file:

1. An order of ours that works although it should not is cancelled, whatever the policy.
2. Units of ours that others bought back are counted as bought: a stop left behind would buy again.
3. What is missing is never taken for gone: it is told, and nothing is entered in its symbol.
4. A long is told and never touched: nothing here sells what we have not bought. A short that was
   counted as bought back, is there again, and was bought by nobody, is ours whatever the policy.
5. A discrepancy is told when it comes, and not again before it has gone.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeAlias, assert_never

from swingbreak.domain.account import (
    Discrepancy,
    ForeignOrder,
    ForeignPosition,
    HandTrades,
    OrderAltered,
    OrderLives,
    OrderMissing,
    PositionDiffers,
)
from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelStray,
    ReplaceOrder,
    Tell,
)
from swingbreak.domain.events import AccountSeen
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise, ceil_to_tick, rupees
from swingbreak.domain.orders import OrderStatus
from swingbreak.domain.parameters import Foreign, Parameters
from swingbreak.engine.state import State
from swingbreak.engine.view import MarketView

__all__ = ["Resolution", "Resolver"]

Resolution: TypeAlias = BookByHand | AdoptPosition | CancelStray | ReplaceOrder | Tell

_WHOLE_BP = 10_000


class Resolver:
    """Says what follows from what was seen; each command is to be recorded before the next."""

    def __init__(
        self,
        state: State,
        view: MarketView,
        contracts: Mapping[str, OptionContract],
        parameters: Parameters,
    ) -> None:
        self._state = state
        self._view = view
        self._contracts = contracts
        self._parameters = parameters
        self._told: set[Discrepancy] = set()
        self._restored: set[OrderAltered] = set()

    def resolve(self, seen: AccountSeen) -> Iterator[Resolution]:
        """Yield what to do and what to tell."""
        if seen.unread != self._state.blind:
            self._state.blind = seen.unread
            yield Tell("account.unread", "account", seen.unread or "can be read again")
        if seen.unread:
            return
        if self._told and not seen.discrepancies:
            yield Tell("account.agrees", "account", "the books and ours agree again")
        self._told &= set(seen.discrepancies)
        self._state.foreign = {}
        for discrepancy in seen.discrepancies:
            if discrepancy not in self._told:
                self._told.add(discrepancy)
                yield _told(discrepancy)
            yield from self._resolved(seen.at, discrepancy)

    def _resolved(self, at: datetime, discrepancy: Discrepancy) -> Iterator[Resolution]:
        match discrepancy:
            case OrderMissing(symbol):
                self._bar(symbol, "order_missing")
            case OrderAltered():
                yield from self._put_right(discrepancy)
            case OrderLives(symbol, order_id, broker_order_id):
                self._bar(symbol, "stray_order")
                yield CancelStray(broker_order_id, symbol, f"{order_id} had ended")
            case ForeignOrder(symbol, broker_order_id):
                self._bar(symbol, "foreign_order")
                if self._parameters.foreign is Foreign.FLATTEN:
                    yield CancelStray(broker_order_id, symbol, "foreign")
            case PositionDiffers():
                yield from self._of_position(at, discrepancy)
            case ForeignPosition():
                pass
            case _:
                assert_never(discrepancy)

    def _of_position(self, at: datetime, seen: PositionDiffers) -> Iterator[Resolution]:
        symbol = seen.symbol
        held = self._state.holdings.positions.get(symbol)
        if not seen.is_current:
            self._bar(symbol, "foreign_position")
            return
        if (held.quantity if held is not None else 0) != seen.ours:
            return  # it has been dealt with
        booked = self._state.holdings.by_hand.get(symbol, HandTrades())
        if seen.theirs > seen.ours < 0:
            units = min(seen.theirs, 0) - seen.ours
            bought = seen.trades.bought - booked.bought
            paid = seen.trades.bought_value - booked.bought_value
            value = self._worth(symbol, units, bought, paid)
            if value:
                yield BookByHand(at, symbol, units, value)
                yield Tell("account.by_hand", symbol, _at_price(units, value, "bought back"))
        elif units := self._to_adopt(seen, booked):
            sold = seen.trades.sold - booked.sold
            received = seen.trades.sold_value - booked.sold_value
            value = self._worth(symbol, units, sold, received)
            if value:
                yield self._adoption(at, symbol, units, value)
                yield Tell("account.adopted", symbol, _at_price(units, value, "sold"))
                return
        if seen.theirs > 0 or seen.theirs < seen.ours:
            self._bar(symbol, "foreign_position")

    def _to_adopt(self, seen: PositionDiffers, booked: HandTrades) -> int:
        """Return the units that are to become ours; 0 where none are."""
        units = max(seen.ours - seen.theirs, 0)
        if self._parameters.foreign is not Foreign.REPORT:
            return units
        # the account did not show them for a while, and no trade bought them back: they are ours
        return min(units, max(booked.bought - booked.sold - seen.trades.bought, 0))

    def _worth(self, symbol: str, units: int, traded: int, value: Paise) -> Paise:
        """Return what *units* traded for: by trades not counted yet, else by the market now."""
        if traded >= units and value > 0:
            return value * units // traded
        return self._view.mark(symbol) * units

    def _adoption(self, at: datetime, symbol: str, units: int, value: Paise) -> AdoptPosition:
        parameters, tick = self._parameters, self._contracts[symbol].tick
        price = value // units
        least = price * parameters.stop_min_bp // _WHOLE_BP
        most = price * parameters.stop_max_bp // _WHOLE_BP
        points = ceil_to_tick(max(least, min(parameters.target_points, most)), tick)
        return AdoptPosition(
            at=at,
            trade_id=f"hand{self._state.adopted + 1}",
            symbol=symbol,
            quantity=units,
            value=value,
            points=points,
            stop=ceil_to_tick(price, tick) + points,
            leaves=parameters.foreign is Foreign.FLATTEN,
        )

    def _put_right(self, altered: OrderAltered) -> Iterator[Resolution]:
        order = self._state.book.orders[altered.order_id]
        if order.status is OrderStatus.ACCEPTED and altered not in self._restored:
            self._restored.add(altered)
            yield ReplaceOrder(order.order_id, order.resting, order.filled)

    def _bar(self, symbol: str, why: str) -> None:
        if symbol in self._contracts:
            self._state.foreign[symbol] = why


def _told(discrepancy: Discrepancy) -> Tell:
    match discrepancy:
        case OrderMissing(symbol, order_id):
            return Tell("account.order_missing", symbol, f"{order_id} is not in the order book")
        case OrderAltered(symbol, order_id, quantity, limit, trigger):
            terms = f"{quantity} limit {rupees(limit)} trigger {rupees(trigger)}"
            return Tell("account.order_altered", symbol, f"{order_id} works as {terms}")
        case OrderLives(symbol, order_id, broker_order_id):
            text = f"{order_id} ({broker_order_id}) works, though it had ended"
            return Tell("account.stray_order", symbol, text)
        case ForeignOrder(symbol, broker_order_id, buys, quantity):
            side = "buy" if buys else "sell"
            text = f"order {broker_order_id} to {side} {quantity} is none of ours"
            return Tell("account.foreign_order", symbol, text)
        case PositionDiffers(symbol, ours, theirs):
            return Tell("account.position_differs", symbol, f"ours {ours}, the account's {theirs}")
        case ForeignPosition(symbol, theirs):
            return Tell("account.foreign_position", symbol, f"{theirs} units, not followed here")
        case _:
            assert_never(discrepancy)


def _at_price(units: int, value: Paise, what: str) -> str:
    return f"{units} {what} by somebody else at {rupees(value // units)}"
