"""Positions by average cost, margin and cash, from the books; and where the money ends."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from swingbreak.domain.money import rupees
from swingbreak.domain.orders import Side
from swingbreak.gateway.account import Account, Funds
from swingbreak.gateway.sandbox_funds import SandboxFunds
from swingbreak.risk.margin import Leg, MarginModel
from swingbreak.simulation.cash import CAPITAL, Cash, Market
from swingbreak.simulation.venue import (
    NewOrder,
    PriceType,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueTrade,
)
from tests.gateway_fakes import CE, CONTRACTS, DAY, PE, at

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
        symbol: str = CE,
    ) -> str:
        orderid = str(len(self.entered) + 1)
        self.entered.append(
            VenueOrder(
                orderid, symbol, side, quantity, pricetype, "NRML", price, 0, status, 0, 0, "",
                at(0), at(0), "S",
            )
        )  # fmt: skip
        return orderid

    def trade(self, side: Side, quantity: int, price: int, symbol: str = CE) -> None:
        orderid = self.enter(side, quantity, price, VenueStatus.COMPLETE, symbol=symbol)
        self.traded.append(VenueTrade("T", orderid, symbol, side, quantity, price, at(0)))


VOLATILITY = 0.12
BUY, SELL = Side.BUY, Side.SELL


def cash(books: FakeBooks, capital: int = CAPITAL, last: int = 150_00) -> Cash:
    market = Market(lambda _: SPOT, lambda _: last, VOLATILITY)
    return Cash(books, CONTRACTS, MarginModel(DAY), market, capital)


def sandbox(books: FakeBooks, capital: int = CAPITAL, last: int = 150_00) -> SandboxFunds:
    return SandboxFunds(books, capital, lambda _: last)


def account(books: FakeBooks) -> Account:
    broker = cash(books)
    return Account(books, broker, broker, lambda _: 150_00, lambda: at(0))


def margin_of(**quantities: int) -> int:
    """The margin of these units, held together."""
    symbols = {"ce": CE, "pe": PE}
    contracts = {contract.symbol: contract for contract in CONTRACTS}
    legs = [Leg(contracts[symbols[name]], quantity) for name, quantity in quantities.items()]
    return MarginModel(DAY).required(legs, SPOT, VOLATILITY).total


ONE = margin_of(ce=-65)


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
    worth = sum(units * price * (1 if side is SELL else -1) for side, units, price in trades)
    assert held.realised + held.open_pnl(150_00) == worth + quantity * 150_00
    assert account(books).realised() == realised
    assert account(books).open_pnl() == held.open_pnl(150_00)


def test_a_short_blocks_its_margin_and_a_long_its_premium() -> None:
    books = FakeBooks()
    books.trade(SELL, 65, 150_00)
    assert account(books).blocked() == ONE == pytest.approx(0.113 * SPOT * 65, rel=0.01)
    assert account(books).available() == CAPITAL - ONE
    assert sandbox(books).blocked(at(0)) == 65 * 150_00
    books = FakeBooks()
    books.trade(BUY, 65, 150_00)
    assert account(books).blocked() == 65 * 150_00
    assert sandbox(books).blocked(at(0)) == 65 * 150_00


def test_what_was_realised_is_cash() -> None:
    books = FakeBooks()
    books.trade(SELL, 65, 150_00)
    books.trade(BUY, 65, 140_00)
    assert cash(books).available(at(0)) == CAPITAL + 65 * 10_00
    assert sandbox(books).available(at(0)) == CAPITAL + 65 * 10_00


def test_a_held_pair_blocks_less_than_its_legs_but_two_entries_block_two_margins() -> None:
    books = FakeBooks()
    books.enter(SELL, 65, 150_00)
    books.enter(SELL, 65, 150_00, symbol=PE)
    resting = cash(books).blocked(at(0))
    assert resting == ONE + margin_of(pe=-65)
    books = FakeBooks()
    books.trade(SELL, 65, 150_00)
    books.trade(SELL, 65, 150_00, symbol=PE)
    held = cash(books).blocked(at(0))
    assert held == margin_of(ce=-65, pe=-65) < 0.65 * resting


@pytest.mark.parametrize("funds", [cash, sandbox])
def test_an_order_that_reduces_blocks_nothing_but_only_once(
    funds: Callable[[FakeBooks], Funds],
) -> None:
    books = FakeBooks()
    books.trade(SELL, 65, 150_00)
    alone = funds(books).blocked(at(0))
    books.enter(BUY, 65, 170_00)
    assert funds(books).blocked(at(0)) == alone
    books.enter(BUY, 65, 170_00)
    assert funds(books).blocked(at(0)) == alone + 65 * 170_00


def test_a_working_entry_blocks_its_margin_and_an_ended_one_none() -> None:
    books = FakeBooks()
    books.enter(SELL, 65, 150_00, VenueStatus.TRIGGER_PENDING)
    books.enter(SELL, 65, 150_00, VenueStatus.CANCELLED)
    assert cash(books).blocked(at(0)) == ONE
    assert cash(books).balance(at(0)) == (CAPITAL - ONE, ONE)


def new(side: Side, quantity: int, pricetype: PriceType = PriceType.LIMIT) -> NewOrder:
    price = 0 if pricetype is PriceType.MARKET else 150_00
    return NewOrder(CE, side, quantity, pricetype, price, 151_00, "NRML")


@pytest.mark.parametrize(
    ("order", "need"),
    [
        (new(BUY, 6500), 6500 * 150_00),
        (new(BUY, 6500, PriceType.MARKET), 6500 * 140_00),
        (new(BUY, 6500, PriceType.SL), 6500 * 150_00),
        (new(SELL, 65), ONE),
    ],
    ids=["limit", "market", "stop", "short"],
)
def test_an_order_beyond_the_cash_says_what_it_needs(order: NewOrder, need: int) -> None:
    why = cash(FakeBooks(), 5_000_00, last=140_00).refusal(at(0), order)
    assert why == (
        f"Insufficient funds. Required margin is {rupees(need)} but available margin is 5000.00. "
        "Check the orderbook for open orders."
    )
    assert cash(FakeBooks(), need, last=140_00).refusal(at(0), order) == ""


@pytest.mark.parametrize(
    ("order", "price"),
    [
        (new(BUY, 65), 150_00),
        (new(SELL, 65, PriceType.MARKET), 140_00),
        (new(BUY, 65, PriceType.SL), 151_00),
    ],
    ids=["limit", "market", "stop"],
)
def test_the_sandbox_wants_the_premium_of_either_side(order: NewOrder, price: int) -> None:
    why = sandbox(FakeBooks(), 5_000_00, last=140_00).refusal(at(0), order)
    sign = "\N{INDIAN RUPEE SIGN}"
    assert why == (
        f"Insufficient funds. Required: {sign}{65 * price / 100}, Available: {sign}5000.00, "
        f"Shortage: {sign}{rupees(65 * price - 5_000_00)}"
    )
    assert sandbox(FakeBooks(), 65 * price, last=140_00).refusal(at(0), order) == ""


@pytest.mark.parametrize("funds", [cash, sandbox])
def test_an_order_that_closes_is_never_turned_away(
    funds: Callable[[FakeBooks, int], Funds],
) -> None:
    books = FakeBooks()
    books.trade(SELL, 65, 150_00)
    assert funds(books, 0).available(at(0)) < 0
    assert funds(books, 0).refusal(at(0), new(BUY, 65)) == ""


def test_a_second_exit_looks_like_a_long() -> None:
    books = FakeBooks()
    books.trade(SELL, 65, 150_00)
    books.enter(BUY, 65, 150_00)
    books.enter(SELL, 65, 150_00, VenueStatus.CANCELLED)
    assert cash(books, ONE).refusal(at(0), new(BUY, 65)).startswith("Insufficient funds.")
