"""Rules 17 and 18: changes, cancels and the close."""

from dataclasses import replace
from datetime import timedelta

import pytest

from swingbreak.domain.errors import OrderRefused
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
    SELL,
    SESSION,
    at,
    fills,
    limit,
    now,
    prompt_exchange,
    quoted,
    stop,
    tick,
)


def test_rule_17_a_waiting_stop_moves():
    exchange = prompt_exchange(tick(0, 200_00))
    order, _ = exchange.submit(at(), stop(BUY, 205_00, 208_00))
    order, updates = exchange.modify(
        at(1),
        order.orderid,
        quantity=2 * LOT,
        price=206_00,
        trigger=203_00,
        pricetype=PriceType.SL,
    )
    assert [update.order for update in updates] == [order]
    assert (order.status, order.quantity) == (PENDING, 2 * LOT)
    exchange.on_tick(tick(2, 203_00))
    assert fills(exchange) == [(2 * LOT, 203_00)]


def test_rule_17_a_waiting_stop_becomes_the_exit():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50))
    order, _ = exchange.submit(at(), stop(BUY, 205_00, 208_00))
    order, _ = exchange.modify(
        at(1), order.orderid, quantity=LOT, price=203_00, trigger=0, pricetype=PriceType.LIMIT
    )
    assert (order.status, fills(exchange)) == (COMPLETE, [(LOT, 200_50)])


def test_rule_17_a_resting_limit_becomes_a_stop():
    exchange = prompt_exchange(tick(0, 200_00))
    order, _ = exchange.submit(at(), limit(BUY, 190_00))
    order, _ = exchange.modify(
        at(1), order.orderid, quantity=LOT, price=208_00, trigger=205_00, pricetype=PriceType.SL
    )
    assert order.status is PENDING


def test_rule_17_a_change_to_what_has_traded_is_refused():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50, size=LOT))
    order, _ = exchange.submit(at(), limit(BUY, 200_50, 3 * LOT))
    with pytest.raises(OrderRefused, match="more than the 65 already traded"):
        exchange.modify(
            at(1), order.orderid, quantity=LOT, price=200_50, trigger=0, pricetype=PriceType.LIMIT
        )


def test_rule_17_a_change_overtaken_by_fills_is_refused_and_says_why():
    exchange = Exchange(CONTRACTS, SESSION, replace(PROMPT, latency_ms=(100, 100)))
    exchange.on_tick(quoted(-1, 200_00, 199_50, 200_50, size=LOT))
    order, _ = exchange.submit(at(), limit(BUY, 200_50, 3 * LOT))
    exchange.modify(
        at(0.05), order.orderid, quantity=LOT, price=200_50, trigger=0, pricetype=PriceType.LIMIT
    )
    exchange.advance(at(1))
    order = now(exchange, order.orderid)
    assert (order.quantity, order.filled, order.status) == (3 * LOT, LOT, OPEN)
    assert "more than the 65 already traded" in order.reason


def refused_change(new) -> tuple[Exchange, str]:
    """A slow exchange with *new* in the book, whose last change was refused on arrival."""
    exchange = Exchange(CONTRACTS, SESSION, replace(PROMPT, latency_ms=(100, 100)))
    exchange.on_tick(tick(-1, 200_00))
    order, _ = exchange.submit(at(), new)
    exchange.advance(at(1))
    exchange.modify(
        at(1), order.orderid, quantity=LOT, price=300_00, trigger=0, pricetype=PriceType.LIMIT
    )
    exchange.advance(at(2))
    assert now(exchange, order.orderid).reason
    return exchange, order.orderid


def test_rule_11_the_reason_goes_with_the_next_change():
    exchange, orderid = refused_change(limit(BUY, 190_00))
    order, updates = exchange.modify(
        at(3), orderid, quantity=LOT, price=191_00, trigger=0, pricetype=PriceType.LIMIT
    )
    assert (order.reason, order.price, updates) == ("", 190_00, [])


@pytest.mark.parametrize("price", [205_00, 209_00], ids=["trades", "triggers"])
def test_rule_11_the_reason_goes_with_the_next_event(price):
    exchange, orderid = refused_change(stop(BUY, 205_00, 208_00))
    updates = exchange.on_tick(tick(3, price))
    assert {update.order.reason for update in updates} == {""}
    assert now(exchange, orderid).reason == ""


def test_rule_17_a_change_on_its_way_to_an_ended_order_leaves_it_alone():
    exchange, orderid = refused_change(limit(BUY, 190_00))
    exchange.cancel(at(3), orderid)
    order, updates = exchange.modify(
        at(3.2), orderid, quantity=LOT, price=191_00, trigger=0, pricetype=PriceType.LIMIT
    )
    assert [update.order for update in updates] == [order]
    assert order.status is CANCELLED


def test_rule_17_a_changed_order_goes_to_the_back():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50))
    first, _ = exchange.submit(at(), limit(BUY, 199_00))
    second, _ = exchange.submit(at(), limit(BUY, 199_00))
    exchange.modify(
        at(1), first.orderid, quantity=2 * LOT, price=199_00, trigger=0, pricetype=PriceType.LIMIT
    )
    exchange.on_tick(quoted(2, 199_00, 198_50, 199_00, size=LOT))
    assert now(exchange, second.orderid).status is COMPLETE
    assert now(exchange, first.orderid).filled == 0


@pytest.mark.parametrize("action", ["modify", "cancel"])
@pytest.mark.parametrize("known", [False, True], ids=["unknown", "ended"])
def test_only_a_live_order_can_be_changed(action, known):
    exchange = prompt_exchange(tick(0, 200_00))
    orderid = exchange.submit(at(), limit(BUY, 200_00))[0].orderid if known else "999"
    text = "it is complete" if known else "Order 999 not found"
    terms = {"quantity": LOT, "price": 190_00, "trigger": 0, "pricetype": PriceType.LIMIT}
    with pytest.raises(OrderRefused, match=text):
        exchange.modify(at(1), orderid, **terms) if action == "modify" else exchange.cancel(
            at(1), orderid
        )


def test_a_cancel_ends_the_order_and_what_has_traded_stays():
    exchange = prompt_exchange(quoted(0, 200_00, 199_50, 200_50, size=LOT))
    order, _ = exchange.submit(at(), limit(BUY, 200_50, 3 * LOT))
    order, updates = exchange.cancel(at(1), order.orderid)
    assert (order.status, order.filled, order.reason) == (CANCELLED, LOT, "")
    assert [update.order for update in updates] == [order]
    assert exchange.on_tick(tick(2, 150_00)) == []


def test_rule_18_at_the_close_what_is_left_is_cancelled():
    exchange = prompt_exchange(tick(0, 200_00))
    exchange.submit(at(), limit(BUY, 190_00))
    exchange.submit(at(), stop(SELL, 190_00, 187_00))
    assert exchange.next_due() == SESSION.closes
    updates = exchange.advance(SESSION.closes)
    assert [update.order.status for update in updates] == [CANCELLED, CANCELLED]
    assert {update.order.reason for update in updates} == {
        "Day order cancelled by the exchange at the close"
    }
    assert exchange.next_due() is None
    assert exchange.on_tick(tick(8 * 3600, 150_00)) == []


def test_rule_18_an_order_under_way_at_the_close_is_rejected():
    exchange = Exchange(CONTRACTS, SESSION, replace(PROMPT, latency_ms=(100, 100)))
    order, _ = exchange.submit(SESSION.closes - timedelta(milliseconds=50), limit(BUY, 190_00))
    exchange.advance(SESSION.closes + timedelta(seconds=1))
    order = now(exchange, order.orderid)
    assert order.status is REJECTED
    assert order.reason.startswith("Markets are closed")
