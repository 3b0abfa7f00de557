"""Open positions and closed trades, folded from fills, ours and those of others in our symbols."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from swingbreak.domain.account import HandTrades
from swingbreak.domain.commands import AdoptPosition, BookByHand
from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Order, Purpose, Side
from swingbreak.domain.position import Position, Trade
from swingbreak.risk.account import Charge

__all__ = ["Holdings"]


@dataclass(slots=True)
class Holdings:
    """What we hold and what became of what we held.

    Attributes:
        charge: What trading costs.
        positions: Open positions by symbol.
        trades: Closed round trips by trade id, in the order they closed.
        realised: Net P&L of ``trades``, paise.
        by_hand: What others have traded that is counted in these, by symbol.
    """

    charge: Charge
    positions: dict[str, Position] = field(default_factory=dict)
    trades: dict[str, Trade] = field(default_factory=dict)
    realised: Paise = 0
    by_hand: dict[str, HandTrades] = field(default_factory=dict)
    # which round trip an order's fills went to, for prices that are corrected later
    _trip_of: dict[str, str] = field(default_factory=dict)

    def fill(self, order: Order, at: datetime, quantity: int, value: Paise, stop: Paise) -> None:
        """Apply one fill of *order*; *stop* is the trigger a new position is to have.

        Raises:
            InvalidTransition: A closing order bought what is not open.
        """
        symbol = order.intent.symbol
        position = self.positions.get(symbol)
        if order.intent.slot.purpose is Purpose.ENTRY:
            position = self._counted(position or self._opened(order, at, stop), order)
            self.positions[symbol] = position.sell(quantity, value)
        else:
            if symbol in self.by_hand:
                quantity, value = self._without_surplus(symbol, quantity, value)
                if not quantity:
                    return
            if position is None:
                raise InvalidTransition(f"{symbol}: bought {quantity} with nothing open: a long")
            position = self._counted(position, order)
            self._bought(position.buy(quantity, value), at, order.latest_reason)
        self._trip_of[order.order_id] = position.trade_id

    def move_stop(self, symbol: str, stop: Paise) -> None:
        """Record the trigger that the protective stop of *symbol* was sent with, paise."""
        position = self.positions.get(symbol)
        if position is not None:
            self.positions[symbol] = replace(position, stop=stop)

    def reprice(self, order: Order, difference: Paise) -> None:
        """Correct the round trip of *order* by *difference* paise in what its fills were worth."""
        trade_id = self._trip_of.get(order.order_id, "")
        sold = difference if order.intent.side is Side.SELL else 0
        bought = difference - sold
        position = self.positions.get(order.intent.symbol)
        if position is not None and position.trade_id == trade_id:
            self.positions[position.symbol] = replace(
                position,
                sold_value=position.sold_value + sold,
                bought_value=position.bought_value + bought,
            )
        elif trade_id in self.trades:
            self._retrade(self.trades[trade_id], sold, bought)

    def book_by_hand(self, bought: BookByHand) -> None:
        """Count units of ours as bought back by somebody else.

        Raises:
            InvalidTransition: They are more than is open.
        """
        position = self.positions.get(bought.symbol)
        if position is None:
            raise InvalidTransition(f"{bought.symbol}: bought by hand, and nothing is open")
        self._note(bought.symbol, bought.quantity, bought.value)
        position = replace(position, orders=position.orders + 1)
        self._bought(position.buy(bought.quantity, bought.value), bought.at, "by_hand")

    def adopt(self, sold: AdoptPosition) -> None:
        """Take over what somebody else has sold."""
        self._note(sold.symbol, -sold.quantity, sold.value)
        position = self.positions.get(sold.symbol) or Position(
            sold.symbol, sold.trade_id, "", sold.points, sold.stop, sold.at
        )
        position = replace(position, orders=position.orders + 1)
        self.positions[sold.symbol] = position.sell(sold.quantity, sold.value)

    def _note(self, symbol: str, quantity: int, value: Paise) -> None:
        self.by_hand[symbol] = self.by_hand.get(symbol, HandTrades()).plus(quantity, value)

    def _without_surplus(self, symbol: str, quantity: int, value: Paise) -> tuple[int, Paise]:
        # somebody else bought back what a stop of ours then bought, too: the rest is their long
        position = self.positions.get(symbol)
        counted = min(quantity, -position.quantity if position is not None else 0)
        worth = value * counted // quantity
        if counted < quantity:
            self._note(symbol, counted - quantity, value - worth)
        return counted, worth

    def _opened(self, order: Order, at: datetime, stop: Paise) -> Position:
        intent = order.intent
        trip, again = order.order_id, 1
        while trip in self.trades:  # the rest of an entry filled after its first part was closed
            again += 1
            trip = f"{order.order_id}.{again}"
        return Position(intent.symbol, trip, intent.level, intent.points, stop, at)

    def _counted(self, position: Position, order: Order) -> Position:
        # an order is charged for once, however many fills and round trips it has
        if order.order_id in self._trip_of:
            return position
        return replace(position, orders=position.orders + 1)

    def _bought(self, position: Position, at: datetime, reason: str) -> None:
        if position.quantity:
            self.positions[position.symbol] = position
            return
        del self.positions[position.symbol]
        trade = Trade(
            trade_id=position.trade_id,
            symbol=position.symbol,
            level=position.level,
            quantity=position.sold,
            sold_value=position.sold_value,
            bought_value=position.bought_value,
            points=position.points,
            stop=position.stop,
            charges=self.charge(position.sold_value, position.bought_value, position.orders),
            orders=position.orders,
            opened_at=position.opened_at,
            closed_at=at,
            exit_reason=reason,
        )
        self.trades[trade.trade_id] = trade
        self.realised += trade.net

    def _retrade(self, old: Trade, sold: Paise, bought: Paise) -> None:
        sold_value, bought_value = old.sold_value + sold, old.bought_value + bought
        new = replace(
            old,
            sold_value=sold_value,
            bought_value=bought_value,
            charges=self.charge(sold_value, bought_value, old.orders),
        )
        self.trades[old.trade_id] = new
        self.realised += new.net - old.net
