"""Rule 11: the price protection, on entry, on a change and when a stop triggers."""

from dataclasses import replace

import pytest

from swingbreak.domain.errors import OrderRefused
from swingbreak.facts.order_rules import PriceBand, PriceRules
from swingbreak.simulation.exchange import Exchange
from swingbreak.simulation.venue import PriceType
from tests.venue_builders import (
    BUY,
    CANCELLED,
    COMPLETE,
    CONTRACTS,
    LOT,
    OPEN,
    PENDING,
    PROMPT,
    REJECTED,
    SESSION,
    at,
    fills,
    limit,
    now,
    prompt_exchange,
    stop,
    tick,
)


def test_rule_11_the_reference_is_the_average_of_the_last_window_that_traded():
    exchange = prompt_exchange(tick(1, 100_00), tick(2, 200_00))
    far = limit(BUY, 210_05)
    order, _ = exchange.submit(at(31), far)  # 150 + 40 % is 210
    assert order.status is REJECTED
    assert "limit price protection range: 210.05 against a reference of 150.00" in order.reason
    order, _ = exchange.submit(at(3600), far)
    assert order.status is REJECTED, "the reference stays while nothing trades"


def test_rule_11_each_window_counts_alone():
    exchange = prompt_exchange(tick(1, 100_00), tick(31, 200_00))
    order, _ = exchange.submit(at(61), limit(BUY, 280_00))
    assert order.status is COMPLETE


def test_rule_11_a_window_ends_before_what_arrives_after_it():
    exchange = Exchange(CONTRACTS, SESSION, replace(PROMPT, latency_ms=(100, 100)))
    exchange.on_tick(tick(1, 100_00))
    exchange.on_tick(tick(29, 200_00))
    order, _ = exchange.submit(at(29.95), limit(BUY, 215_00))
    exchange.advance(at(60))
    assert "against a reference of 150.00" in now(exchange, order.orderid).reason


def test_rule_11_messages_without_a_trade_do_not_count():
    exchange = prompt_exchange(
        tick(1, 100_00, volume=LOT),
        tick(2, 200_00, volume=2 * LOT),
        tick(3, 200_00, volume=2 * LOT),
    )
    order, _ = exchange.submit(at(31), limit(BUY, 210_05))
    assert order.status is REJECTED


@pytest.mark.parametrize(
    ("last", "price", "status"),
    [
        (200_00, 280_00, COMPLETE),
        (200_00, 280_05, REJECTED),
        (200_00, 119_95, REJECTED),
        (200_00, 120_00, OPEN),
        (50_00, 70_00, COMPLETE),
        (50_00, 70_05, REJECTED),
        (50_05, 70_05, COMPLETE),
        (50_05, 70_10, REJECTED),
    ],
)
def test_rule_11_the_band_around_the_last_price_before_a_window_has_ended(last, price, status):
    exchange = prompt_exchange(tick(0, last))
    order, _ = exchange.submit(at(), limit(BUY, price))
    assert order.status is status


def test_rule_11_a_change_beyond_the_band_is_refused_and_says_why():
    exchange = prompt_exchange(tick(0, 200_00))
    order, _ = exchange.submit(at(), limit(BUY, 190_00))
    order, updates = exchange.modify(
        at(1),
        order.orderid,
        quantity=LOT,
        price=300_00,
        trigger=0,
        pricetype=PriceType.LIMIT,
    )
    assert (order.status, order.price) == (OPEN, 190_00)
    assert "limit price protection range" in order.reason
    assert [update.order for update in updates] == [order]


def test_rule_11_a_stop_beyond_the_band_when_it_triggers_is_cancelled():
    # the reference before the jump is 95, so that a limit above 133 is out of range
    exchange = prompt_exchange(tick(0, 100_00))
    order, _ = exchange.submit(at(1), stop(BUY, 138_00, 140_00))
    assert order.status is PENDING
    exchange.on_tick(tick(31, 95_00))
    exchange.on_tick(tick(61, 95_00))
    (update,) = exchange.on_tick(tick(62, 139_00))
    assert update.order.status is CANCELLED
    assert update.order.reason.startswith("The order was cancelled by the exchange")
    assert fills(exchange) == []
    assert exchange.on_tick(tick(63, 139_00)) == []


def exchange_with(rules: PriceRules) -> Exchange:
    exchange = Exchange(CONTRACTS, SESSION, replace(PROMPT, prices=rules))
    exchange.on_tick(tick(1, 100_00))
    return exchange


def test_rule_6_is_that_of_the_traded_day():
    exchange = exchange_with(PriceRules(None, PriceBand(50, 10_00)))
    order, _ = exchange.submit(at(2), stop(BUY, 110_00, 165_00))
    assert order.status is PENDING
    with pytest.raises(OrderRefused, match="16448"):
        exchange.submit(at(2), stop(BUY, 110_00, 165_05))
    order, _ = exchange_with(PriceRules(None, None)).submit(at(2), stop(BUY, 110_00, 500_00))
    assert order.status is PENDING


def test_rule_11_is_that_of_the_traded_day():
    exchange = exchange_with(PriceRules(PriceBand(60, 30_00), None))
    for price, status in ((160_00, COMPLETE), (160_05, REJECTED)):
        order, _ = exchange.submit(at(2), limit(BUY, price))
        assert order.status is status
    order, _ = exchange_with(PriceRules(None, None)).submit(at(2), limit(BUY, 500_00))
    assert order.status is COMPLETE
