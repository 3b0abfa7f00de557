"""Rules 9 and 10: what happens between the broker and the exchange."""

from dataclasses import replace
from datetime import timedelta

import pytest

from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.latency import Line
from swingbreak.simulation.venue import PriceType, VenueStatus
from tests.venue_builders import (
    BUY,
    CE,
    CONTRACTS,
    LOT,
    PE,
    SELL,
    SESSION,
    at,
    fills,
    limit,
    now,
    quoted,
    stop,
    tick,
)

SLOW = ExchangeRules(latency_ms=(100, 100))


def slow_exchange(*ticks, rules=SLOW):
    exchange = Exchange(CONTRACTS, SESSION, rules)
    for one in ticks:
        exchange.on_tick(one)
    return exchange


def test_rule_9_until_it_arrives_an_order_is_shown_but_does_not_trade():
    exchange = slow_exchange(tick(-1, 200_00))
    order, updates = exchange.submit(at(), limit(BUY, 200_00))
    assert [update.order for update in updates] == [order]
    assert order.status is VenueStatus.OPEN
    assert exchange.next_due() == at(0.1)
    assert exchange.on_tick(tick(0.05, 150_00)) == []
    assert fills(exchange) == []
    (update,) = exchange.advance(at(0.1))
    assert (update.at, update.order.status) == (at(0.1), VenueStatus.COMPLETE)
    assert fills(exchange) == [(LOT, 150_00)], "the market as it was on arrival"


def test_rule_9_a_print_before_arrival_does_not_trigger():
    exchange = slow_exchange(tick(-1, 200_00))
    order, _ = exchange.submit(at(), stop(BUY, 205_00, 208_00))
    exchange.on_tick(tick(0.05, 206_00))
    exchange.on_tick(tick(0.07, 200_00))
    exchange.on_tick(tick(0.2, 201_00))
    assert now(exchange, order.orderid).status is VenueStatus.TRIGGER_PENDING


def test_rule_9_a_message_due_at_the_instant_of_a_tick_is_ahead_of_it():
    exchange = slow_exchange(tick(-1, 200_00))
    order, _ = exchange.submit(at(), limit(BUY, 195_00))
    exchange.on_tick(tick(0.1, 194_00))
    assert now(exchange, order.orderid).status is VenueStatus.COMPLETE


def test_rule_9_old_terms_work_until_the_change_arrives():
    exchange = slow_exchange(tick(-1, 200_00))
    order, _ = exchange.submit(at(), limit(BUY, 190_00))
    exchange.advance(at(1))
    order, updates = exchange.modify(
        at(1), order.orderid, quantity=LOT, price=195_00, trigger=0, pricetype=PriceType.LIMIT
    )
    assert (order.price, updates) == (190_00, [])
    exchange.on_tick(tick(1.05, 194_00))
    assert now(exchange, order.orderid).filled == 0
    exchange.advance(at(1.1))
    assert fills(exchange) == [(LOT, 194_00)]


def test_rule_9_a_fill_on_the_way_beats_the_cancel():
    exchange = slow_exchange(tick(-1, 200_00))
    order, _ = exchange.submit(at(), limit(BUY, 190_00))
    exchange.advance(at(1))
    order, updates = exchange.cancel(at(1), order.orderid)
    assert (order.status, updates) == (VenueStatus.OPEN, [])
    exchange.on_tick(tick(1.05, 189_00))
    assert exchange.advance(at(2)) == []
    assert now(exchange, order.orderid).status is VenueStatus.COMPLETE


def test_rule_9_a_change_after_the_end_does_nothing():
    exchange = slow_exchange(tick(-1, 200_00))
    order, _ = exchange.submit(at(), limit(BUY, 190_00))
    exchange.cancel(at(0.01), order.orderid)
    exchange.modify(
        at(0.02), order.orderid, quantity=LOT, price=195_00, trigger=0, pricetype=PriceType.LIMIT
    )
    updates = exchange.advance(at(1))
    assert [update.order.status for update in updates] == [VenueStatus.CANCELLED]
    assert now(exchange, order.orderid).price == 190_00


def test_rule_9_messages_about_one_symbol_keep_their_order():
    exchange = slow_exchange(tick(-1, 200_00), rules=ExchangeRules(seed=3, latency_ms=(0, 500)))
    for n in range(20):
        order, _ = exchange.submit(at(n), limit(BUY, 190_00))
        exchange.cancel(at(n), order.orderid)
    exchange.advance(at(60))
    assert {order.status for order in exchange.orders()} == {VenueStatus.CANCELLED}


def test_rule_9_calls_return_what_was_due_before_them():
    exchange = slow_exchange(tick(-1, 200_00), tick(-1, 150_00, symbol=PE))
    first, _ = exchange.submit(at(), limit(BUY, 200_00))
    _, updates = exchange.submit(at(1), limit(BUY, 150_00, symbol=PE))
    assert [update.at for update in updates] == [at(0.1), at(1)]
    assert updates[0].order.orderid == first.orderid


def test_rule_9_delays_lie_between_the_bounds_and_repeat():
    draws = [Line(7, (30, 120)).draw(CE, BUY) for _ in range(2)]
    assert draws[0] == draws[1]
    line = Line(7, (30, 120))
    delays = {line.draw(CE, BUY).delay for _ in range(500)}
    assert min(delays) == timedelta(milliseconds=30)
    assert max(delays) == timedelta(milliseconds=120)


@pytest.mark.parametrize(
    "other",
    [Line(8, (0, 1000)).draw(CE, BUY), Line(7, (0, 1000)).draw(CE, SELL)],
    ids=["seed", "side"],
)
def test_rule_9_delays_depend_on_seed_and_side(other):
    assert Line(7, (0, 1000)).draw(CE, BUY) != other


def test_rule_10_a_share_of_orders_is_rejected_on_arrival():
    rules = replace(SLOW, reject_share=0.3)
    exchange = slow_exchange(quoted(-1, 200_00, 199_50, 200_50, size=1000 * LOT), rules=rules)
    for n in range(200):
        order, _ = exchange.submit(at(n), limit(BUY, 201_00))
        assert order.status is VenueStatus.OPEN
    exchange.advance(at(1000))
    rejected = [one for one in exchange.orders() if one.status is VenueStatus.REJECTED]
    assert 40 <= len(rejected) <= 80
    assert {one.reason for one in rejected} == {
        "RMS: Rule: Check circuit limit including square off order exceeds"
    }
