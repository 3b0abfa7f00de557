"""Positions by average cost, margin and cash, from the books."""

from dataclasses import dataclass, field

import pytest

from swingbreak.domain.orders import Side
from swingbreak.gateway.account import Account, Holding
from swingbreak.gateway.personality import EXCHANGE, SANDBOX, Personality
from swingbreak.simulation.venue import (
    NewOrder,
    PriceType,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueTrade,
)
from tests.gateway_fakes import CE, at

SPOT = 24_200_00


@dataclass
class FakeBooks:
    """The books a test writes."""

    entered: list[VenueOrder] = field(default_factory=list)
    traded: list[VenueTrade] = field(default_factory=list)

    def orders(self) -> tuple[VenueOrder, ...]:
        return tuple(self.entered)

    def order(self, orderid: str) -> VenueOrder | None:
        return next((one for one in self.entered if one.orderid == orderid), None)

    def trades(self) -> tuple[VenueTrade, ...]:
        return tuple(self.traded)

    def positions(self) -> dict[tuple[str, str], VenuePosition]:
        return {}

    def enter(
        self,
        side: Side,
        quantity: int,
        price: int,
        status: VenueStatus = VenueStatus.OPEN,
        pricetype: PriceType = PriceType.LIMIT,
    ) -> str:
        orderid = str(len(self.entered) + 1)
        self.entered.append(
            VenueOrder(
                orderid, CE, side, quantity, pricetype, "NRML", price, 0, status, 0, 0, "",
                at(0), at(0), "S",
            )
        )  # fmt: skip
        return orderid

    def trade(self, side: Side, quantity: int, price: int) -> None:
        orderid = self.enter(side, quantity, price, VenueStatus.COMPLETE)
        self.traded.append(VenueTrade("T", orderid, CE, side, quantity, price, at(0)))


def account(books: FakeBooks, personality: Personality = EXCHANGE, last: int = 150_00) -> Account:
    return Account(books, personality, lambda _: last, lambda: SPOT)


BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.parametrize(
    ("trades", "quantity", "average", "realised"),
    [
        ([(SELL, 65, 150_00)], -65, 150_00, 0),
        ([(SELL, 65, 150_00), (SELL, 65, 160_00)], -130, 155_00, 0),
        ([(SELL, 130, 150_00), (BUY, 65, 140_00)], -65, 150_00, 65 * 10_00),
        ([(SELL, 65, 150_00), (BUY, 65, 160_00)], 0, 0, -65 * 10_00),
        ([(BUY, 65, 100_00), (SELL, 130, 110_00)], -65, 110_00, 65 * 10_00),
        ([(SELL, 65, 100_00), (BUY, 130, 110_00)], 65, 110_00, -65 * 10_00),
    ],
    ids=["short", "add", "reduce", "close", "turn short", "turn long"],
)
def test_a_holding_keeps_the_average_cost_of_what_is_open(
    trades: list[tuple[Side, int, int]], quantity: int, average: int, realised: int
) -> None:
    books = FakeBooks()
    for side, units, price in trades:
        books.trade(side, units, price)
    (held,) = account(books).holdings()
    assert (held.quantity, held.average, held.realised) == (quantity, average, realised)
    cash = sum(units * price * (1 if side is SELL else -1) for side, units, price in trades)
    assert held.realised + held.open_pnl(150_00) == cash + quantity * 150_00


def test_a_flat_holding_has_no_open_result() -> None:
    assert Holding(CE, "NRML").open_pnl(100_00) == 0


SHORT = 65 * SPOT * 1130 // 10_000


def test_a_short_blocks_a_share_of_the_notional_and_a_long_its_premium() -> None:
    books = FakeBooks()
    books.trade(SELL, 65, 150_00)
    assert account(books).blocked() == SHORT
    assert account(books, SANDBOX).blocked() == 65 * 150_00
    books = FakeBooks()
    books.trade(BUY, 65, 150_00)
    assert account(books).blocked() == 65 * 150_00


def test_an_order_that_reduces_blocks_nothing_but_only_once() -> None:
    books = FakeBooks()
    books.trade(SELL, 65, 150_00)
    books.enter(BUY, 65, 170_00)
    assert account(books).blocked() == SHORT
    books.enter(BUY, 65, 170_00)
    assert account(books).blocked() == SHORT + 65 * 170_00


def test_a_working_entry_blocks_its_margin_and_an_ended_one_none() -> None:
    books = FakeBooks()
    books.enter(SELL, 65, 150_00, VenueStatus.TRIGGER_PENDING)
    books.enter(SELL, 65, 150_00, VenueStatus.CANCELLED)
    assert account(books).blocked() == SHORT
    assert account(books).available() == EXCHANGE.capital - SHORT


def new(side: Side, quantity: int, pricetype: PriceType = PriceType.LIMIT) -> NewOrder:
    return NewOrder(CE, side, quantity, pricetype, 150_00, 151_00, "NRML")


@pytest.mark.parametrize(
    ("order", "need"),
    [
        (new(BUY, 6500), 6500 * 150_00),
        (new(BUY, 6500, PriceType.MARKET), 6500 * 140_00),
        (new(BUY, 6500, PriceType.SL), 6500 * 151_00),
    ],
    ids=["limit", "market", "stop"],
)
def test_an_order_beyond_the_cash_says_what_it_needs(order: NewOrder, need: int) -> None:
    poor = Personality("poor", 5_000_00, 0, False, False, False, False)
    assert account(FakeBooks(), poor, last=140_00).lacks(order) == (need, 5_000_00)
    assert account(FakeBooks()).lacks(order) is None


def test_an_order_that_closes_needs_no_cash() -> None:
    books = FakeBooks()
    books.trade(SELL, 65, 150_00)
    poor = Personality("poor", 0, 0, False, False, False, False)
    assert account(books, poor).lacks(new(BUY, 65)) == (0, -65 * 150_00)
    assert account(books).lacks(new(BUY, 65)) is None
