"""Rules 12 to 16: how orders and stops fill."""

import pytest

from swingbreak.simulation.book import ladder
from swingbreak.simulation.venue import PriceType
from tests.venue_builders import (
    BUY,
    COMPLETE,
    LOT,
    OPEN,
    PENDING,
    SELL,
    at,
    fills,
    limit,
    now,
    prompt_exchange,
    quoted,
    stop,
    tick,
)


def test_rule_12_a_marketable_limit_walks_the_displayed_levels_and_rests():
    one = quoted(0, 200_00, 199_50, 200_50, size=2 * LOT)
    exchange = prompt_exchange(one)
    order, updates = exchange.submit(at(), limit(BUY, 201_00, 10 * LOT))
    shown = [level for level in ladder(one, SELL) if level[0] <= 201_00]
    assert fills(exchange) == [(size, price) for price, size in shown]
    assert order.filled == sum(size for _, size in shown) < order.quantity
    assert order.status is OPEN
    assert order.value == sum(size * price for price, size in shown)
    assert [update.order.filled for update in updates] == [0, order.filled]


def test_rule_12_the_rest_fills_at_its_limit_when_the_market_comes():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50, size=LOT))
    order, _ = exchange.submit(at(), limit(BUY, 200_50, 2 * LOT))
    exchange.on_tick(quoted(1, 200_00, 199_00, 200_00, size=LOT))
    assert fills(exchange) == [(LOT, 200_50), (LOT, 200_50)]
    assert now(exchange, order.orderid).status is COMPLETE


def test_rule_12_a_size_that_is_not_told_is_no_bound():
    exchange = prompt_exchange(tick(0, 200_00, bid=199_50, ask=200_50))
    exchange.submit(at(), limit(BUY, 201_00, 20 * LOT))
    assert fills(exchange) == [(20 * LOT, 200_50)]


def test_rule_12_an_empty_side_fills_nothing():
    exchange = prompt_exchange(tick(0, 200_00, bid=199_50, bid_size=LOT))
    order, _ = exchange.submit(at(), limit(BUY, 210_00))
    assert order.status is OPEN


@pytest.mark.parametrize(
    ("side", "price", "filled"),
    [(BUY, 195_00, 0), (BUY, 194_95, LOT), (SELL, 205_00, 0), (SELL, 205_05, LOT)],
    ids=["buy touched", "buy passed", "sell touched", "sell passed"],
)
def test_rule_13_only_a_print_through_a_resting_limit_fills_it(side, price, filled):
    exchange = prompt_exchange(tick(0, 200_00))
    order, _ = exchange.submit(at(), limit(side, 195_00 if side is BUY else 205_00))
    exchange.on_tick(tick(1, price))
    assert now(exchange, order.orderid).filled == filled
    assert {trade.price for trade in exchange.trades()} <= {order.price}


def test_rule_13_a_print_fills_no_more_than_traded():
    exchange = prompt_exchange(tick(0, 200_00, volume=10 * LOT))
    older, _ = exchange.submit(at(), limit(BUY, 195_00, 2 * LOT))
    better, _ = exchange.submit(at(), limit(BUY, 196_00, 2 * LOT))
    exchange.on_tick(tick(1, 190_00, volume=13 * LOT))
    assert now(exchange, better.orderid).filled == 2 * LOT
    assert now(exchange, older.orderid).filled == LOT
    exchange.on_tick(tick(2, 190_00, volume=13 * LOT))
    assert now(exchange, older.orderid).filled == LOT
    exchange.on_tick(tick(3, 190_00, volume=12 * LOT))
    assert now(exchange, older.orderid).filled == LOT


def test_rule_13_less_than_a_lot_is_not_traded():
    exchange = prompt_exchange(tick(0, 200_00, volume=10 * LOT))
    order, _ = exchange.submit(at(), limit(BUY, 195_00, 10 * LOT))
    exchange.on_tick(tick(1, 190_00, volume=17 * LOT + LOT // 2))
    assert fills(exchange) == [(7 * LOT, 195_00)]
    assert now(exchange, order.orderid).pending == 3 * LOT


def test_rule_13_the_first_tick_brings_the_volume_so_far():
    exchange = prompt_exchange()
    order, _ = exchange.submit(at(), limit(SELL, 195_00, 2 * LOT))
    exchange.on_tick(tick(1, 196_00, volume=LOT))
    assert now(exchange, order.orderid).filled == LOT


def test_rule_13_a_displayed_offer_at_the_limit_fills_a_resting_bid():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50))
    order, _ = exchange.submit(at(), limit(BUY, 199_00))
    exchange.on_tick(quoted(1, 200_00, 198_00, 199_00))
    assert now(exchange, order.orderid).status is COMPLETE
    assert fills(exchange) == [(LOT, 199_00)]


@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [
        (BUY, 201_00, [(LOT, 200_00)]),
        (BUY, 200_00, [(LOT, 200_00)]),
        (BUY, 199_95, []),
        (SELL, 199_00, [(LOT, 200_00)]),
        (SELL, 200_05, []),
    ],
)
def test_rule_14_without_quotes_a_marketable_limit_takes_the_last_price(side, price, expected):
    exchange = prompt_exchange(tick(0, 200_00))
    exchange.submit(at(), limit(side, price))
    assert fills(exchange) == expected


def test_rule_14_before_the_first_tick_an_order_rests():
    exchange = prompt_exchange()
    order, _ = exchange.submit(at(), limit(BUY, 200_00))
    assert order.status is OPEN


def test_rule_15_displayed_size_is_taken_once_until_the_next_tick():
    one = quoted(0, 200_00, 199_50, 200_50, size=LOT)
    exchange = prompt_exchange(one)
    exchange.submit(at(), limit(BUY, 200_50))
    second, _ = exchange.submit(at(1), limit(BUY, 200_50))
    assert second.filled == 0
    third, _ = exchange.submit(at(1), limit(BUY, 201_00))
    assert third.filled == LOT, "the next level is still there"
    exchange.on_tick(quoted(2, 200_00, 199_50, 200_50, size=LOT))
    assert now(exchange, second.orderid).status is COMPLETE


def test_rule_15_part_of_a_level_may_be_taken():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50, size=3 * LOT))
    exchange.submit(at(), limit(BUY, 200_50, LOT))
    rest, _ = exchange.submit(at(), limit(BUY, 200_50, 3 * LOT))
    assert rest.filled == 2 * LOT


def test_rule_15_our_own_orders_do_not_trade_with_each_other():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50))
    bid, _ = exchange.submit(at(), limit(BUY, 200_00))
    offer, _ = exchange.submit(at(), limit(SELL, 200_00))
    assert (bid.status, offer.status) == (OPEN, OPEN)


@pytest.mark.parametrize("price", [205_00, 205_50], ids=["at", "through"])
def test_rule_16_a_stop_triggers_on_the_last_price_and_takes_the_offer(price):
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50))
    order, updates = exchange.submit(at(), stop(BUY, 205_00, 208_00))
    assert [update.order.status for update in updates] == [PENDING]
    assert exchange.on_tick(quoted(1, 204_95, 204_90, 205_10)) == []
    updates = exchange.on_tick(quoted(2, price, 205_00, 206_00))
    assert [update.order.status for update in updates] == [OPEN, COMPLETE]
    assert fills(exchange) == [(LOT, 206_00)]
    assert now(exchange, order.orderid).pricetype is PriceType.SL


def test_rule_16_bid_and_ask_do_not_trigger():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50))
    exchange.submit(at(), stop(BUY, 205_00, 208_00))
    assert exchange.on_tick(quoted(1, 200_00, 206_00, 206_50)) == []


def test_rule_16_gapped_through_its_limit_a_stop_stays_open_until_price_returns():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50))
    order, _ = exchange.submit(at(), stop(BUY, 205_00, 208_00))
    (update,) = exchange.on_tick(quoted(1, 215_00, 214_50, 215_50))
    assert update.order.status is OPEN
    assert exchange.on_tick(quoted(2, 210_00, 209_50, 210_50)) == []
    exchange.on_tick(quoted(3, 204_00, 203_50, 204_50))
    assert now(exchange, order.orderid).status is COMPLETE
    assert fills(exchange) == [(LOT, 208_00)], "it was there first: no improvement"


def test_rule_16_a_sell_entry_without_quotes_fills_at_the_print_or_not_below_its_limit():
    exchange = prompt_exchange(tick(0, 180_00), tick(1, 181_00))
    exchange.submit(at(1), stop(SELL, 174_95, 171_95, 10 * LOT))
    late, _ = exchange.submit(at(1), stop(SELL, 174_95, 173_00))
    exchange.on_tick(tick(2, 172_50))
    assert fills(exchange) == [(10 * LOT, 172_50)]
    assert now(exchange, late.orderid).status is OPEN


@pytest.mark.parametrize(
    ("pricetype", "status", "filled"),
    [(PriceType.SL, OPEN, 0), (PriceType.LIMIT, COMPLETE, LOT)],
    ids=["still below the offer", "chased as a limit"],
)
def test_rule_16_a_spent_trigger_is_not_set_again(pricetype, status, filled):
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50))
    order, _ = exchange.submit(at(), stop(BUY, 205_00, 208_00))
    exchange.on_tick(quoted(1, 215_00, 214_50, 215_50))
    price = 210_00 if pricetype is PriceType.SL else 216_00
    order, _ = exchange.modify(
        at(2), order.orderid, quantity=LOT, price=price, trigger=205_00, pricetype=pricetype
    )
    assert (order.status, order.filled, order.pricetype) == (status, filled, pricetype)
