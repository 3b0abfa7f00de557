from dataclasses import replace

import pytest

from swingbreak.domain.account import HandTrades
from swingbreak.domain.commands import AdoptPosition, BookByHand
from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.engine.holdings import Holdings
from swingbreak.risk.account import no_charge
from tests.builders import CE, at, entry, stop

ENTRY = Order("o1", entry(), OrderStatus.ACCEPTED)
STOP = Order("o2", stop(), OrderStatus.ACCEPTED)


def sold(quantity: int = 650, price: int = 17495) -> Holdings:
    holdings = Holdings(no_charge)
    holdings.fill(ENTRY, at(10), quantity, quantity * price, 18500)
    return holdings


def closed(charge: int = 0) -> Holdings:
    holdings = sold()
    holdings.charge = lambda _sold, _bought, orders: charge * orders
    holdings.fill(STOP, at(20), 650, 650 * 18510, 0)
    return holdings


def test_the_first_fill_opens_with_the_stop_of_that_time() -> None:
    position = sold().positions[CE.symbol]
    assert (position.trade_id, position.level, position.points) == ("o1", "L1", 1000)
    assert (position.stop, position.opened_at, position.quantity) == (18500, at(10), -650)


def test_more_fills_add_to_it_and_leave_its_stop() -> None:
    holdings = sold(195)
    holdings.fill(ENTRY, at(11), 65, 65 * 17490, 19900)
    position = holdings.positions[CE.symbol]
    assert (position.quantity, position.stop, position.opened_at) == (-260, 18500, at(10))
    assert position.sold_value == 195 * 17495 + 65 * 17490


def test_a_part_bought_back_leaves_the_rest_open() -> None:
    holdings = sold()
    holdings.fill(STOP, at(20), 195, 195 * 18510, 0)
    assert holdings.positions[CE.symbol].quantity == -455
    assert holdings.trades == {}
    assert holdings.realised == 0


def test_the_last_part_makes_a_trade() -> None:
    holdings = closed(charge=50)
    trade = holdings.trades["o1"]
    assert holdings.positions == {}
    assert (trade.quantity, trade.stop, trade.exit_reason) == (650, 18500, "stop")
    assert (trade.opened_at, trade.closed_at) == (at(10), at(20))
    assert (trade.orders, trade.charges) == (2, 100)
    assert holdings.realised == trade.net == 650 * (17495 - 18510) - 100


def test_what_is_realised_is_the_sum_of_all_trades() -> None:
    holdings = closed(charge=50)
    holdings.fill(replace(ENTRY, order_id="o3"), at(30), 65, 65 * 17000, 18000)
    holdings.fill(replace(STOP, order_id="o4"), at(31), 65, 65 * 16000, 0)
    first, second = holdings.trades.values()
    assert second.net == 65 * 1000 - 100
    assert holdings.realised == first.net + second.net


def test_the_reason_is_that_of_the_latest_terms_asked_for() -> None:
    leaving = replace(stop(trigger=None), reason="force_exit")
    holdings = sold()
    holdings.fill(replace(STOP, replacement=leaving), at(20), 650, 650 * 18000, 0)
    assert holdings.trades["o1"].exit_reason == "force_exit"


def test_nothing_may_be_bought_that_is_not_open() -> None:
    with pytest.raises(InvalidTransition, match="nothing open: a long"):
        Holdings(no_charge).fill(STOP, at(), 65, 1, 0)
    with pytest.raises(InvalidTransition, match="a long"):
        sold(195).fill(STOP, at(), 260, 1, 0)


def test_each_trip_of_one_entry_has_its_own_name() -> None:
    holdings = sold(195)
    for order_id in ("o2", "o3"):
        quantity = -holdings.positions[CE.symbol].quantity
        holdings.fill(replace(STOP, order_id=order_id), at(20), quantity, 1, 0)
        holdings.fill(ENTRY, at(21), 65, 65 * 18500, 18600)
    assert list(holdings.trades) == ["o1", "o1.2"]
    assert holdings.positions[CE.symbol].trade_id == "o1.3"


@pytest.mark.parametrize("stop_at", [18500, 18600])
def test_the_stop_moves_to_where_it_was_sent(stop_at: int) -> None:
    holdings = sold()
    holdings.move_stop(CE.symbol, stop_at)
    assert holdings.positions[CE.symbol].stop == stop_at
    holdings.move_stop("OTHER", stop_at)
    assert list(holdings.positions) == [CE.symbol]


class TestOrdersAreCounted:
    def test_once_however_many_parts_they_trade_in(self) -> None:
        holdings = sold(195)
        holdings.fill(ENTRY, at(11), 65, 65 * 17490, 19900)
        holdings.fill(STOP, at(20), 65, 1, 0)
        holdings.fill(STOP, at(21), 65, 1, 0)
        assert holdings.positions[CE.symbol].orders == 2

    def test_each_that_took_part_in_the_exit(self) -> None:
        holdings = sold()
        for order_id, quantity in (("o2", 65), ("o3", 130), ("o4", 455)):
            holdings.fill(replace(STOP, order_id=order_id), at(20), quantity, 1, 0)
        assert holdings.trades["o1"].orders == 4

    def test_with_the_first_of_several_round_trips(self) -> None:
        holdings = sold(195)
        holdings.fill(replace(STOP, order_id="o2"), at(20), 195, 1, 0)
        holdings.fill(ENTRY, at(21), 65, 65 * 18500, 18600)
        holdings.fill(replace(STOP, order_id="o3"), at(22), 65, 1, 0)
        assert [trade.orders for trade in holdings.trades.values()] == [2, 1]


class TestReprice:
    def test_of_an_open_trip(self) -> None:
        holdings = sold()
        holdings.reprice(ENTRY, 100)
        assert holdings.positions[CE.symbol].cash == 650 * 17495 + 100
        holdings.fill(STOP, at(20), 65, 65 * 18500, 0)
        holdings.reprice(STOP, 30)
        assert holdings.positions[CE.symbol].cash == 650 * 17495 + 100 - 65 * 18500 - 30

    def test_of_a_closed_trip(self) -> None:
        holdings = closed()
        before = holdings.realised
        holdings.reprice(ENTRY, 100)
        holdings.reprice(STOP, 30)
        trade = holdings.trades["o1"]
        assert (trade.sold_value, trade.bought_value) == (650 * 17495 + 100, 650 * 18510 + 30)
        assert holdings.realised == trade.net == before + 70

    def test_of_a_closed_trip_while_another_is_open_in_its_symbol(self) -> None:
        holdings = closed()
        second = replace(ENTRY, order_id="o3")
        holdings.fill(second, at(30), 65, 65 * 17000, 18000)
        holdings.reprice(STOP, 30)
        assert holdings.trades["o1"].bought_value == 650 * 18510 + 30
        assert holdings.positions[CE.symbol].cash == 65 * 17000

    def test_charges_follow(self) -> None:
        holdings = sold()
        holdings.charge = lambda sold, bought, orders: sold // 1000 + bought // 500 + orders
        holdings.fill(STOP, at(20), 650, 650 * 18510, 0)
        holdings.reprice(STOP, 5000)
        charges = 650 * 17495 // 1000 + (650 * 18510 + 5000) // 500 + 2
        assert holdings.trades["o1"].charges == charges
        assert holdings.realised == holdings.trades["o1"].net

    def test_of_an_order_without_fills_is_nothing(self) -> None:
        holdings = closed()
        before = holdings.realised
        holdings.reprice(replace(ENTRY, order_id="o9"), 100)
        assert holdings.realised == before


def test_nothing_can_be_bought_by_hand_that_is_not_open() -> None:
    holdings = Holdings(no_charge)
    with pytest.raises(InvalidTransition, match="nothing is open"):
        holdings.book_by_hand(BookByHand(at(1), CE.symbol, 65, 65 * 100_00))


def test_what_is_adopted_is_sold_by_hand_and_on_no_level() -> None:
    holdings = Holdings(no_charge)
    holdings.adopt(
        AdoptPosition(at(10), "hand1", CE.symbol, 65, 65 * 17000, 1000, 18000, leaves=False)
    )
    assert holdings.by_hand == {CE.symbol: HandTrades(sold=65, sold_value=65 * 17000)}
    position = holdings.positions[CE.symbol]
    assert (position.level, position.quantity, position.stop) == ("", -65, 18000)


def test_only_what_a_stop_buys_beyond_what_is_open_is_theirs() -> None:
    holdings = sold()
    holdings.book_by_hand(BookByHand(at(15), CE.symbol, 65, 65 * 18000))
    holdings.fill(STOP, at(20), 650, 650 * 18500, 0)
    assert holdings.by_hand[CE.symbol] == HandTrades(65, 65 * 18000, 65, 65 * 18500)
    assert holdings.trades["o1"].bought_value == 65 * 18000 + 585 * 18500


def test_what_a_stop_buys_beyond_what_is_open_is_sold_on_to_others_at_its_price() -> None:
    holdings = sold()
    holdings.book_by_hand(BookByHand(at(15), CE.symbol, 650, 650 * 18000))
    holdings.fill(STOP, at(20), 650, 650 * 18500, 0)
    assert holdings.by_hand[CE.symbol] == HandTrades(
        bought=650, bought_value=650 * 18000, sold=650, sold_value=650 * 18500
    )
