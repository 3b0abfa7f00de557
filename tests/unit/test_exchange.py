"""Rules 1 to 8, what is turned away at the door, and the books."""

from dataclasses import replace
from datetime import timedelta

import pytest

from swingbreak.domain.errors import OrderRefused
from swingbreak.simulation.exchange import Exchange
from swingbreak.simulation.venue import NewOrder, PriceType, VenuePosition
from tests.venue_builders import (
    BUY,
    CE,
    CONTRACTS,
    LOT,
    OPEN,
    PE,
    PENDING,
    PROMPT,
    REJECTED,
    SELL,
    SESSION,
    at,
    contract,
    limit,
    prompt_exchange,
    stop,
    tick,
)


def refusal(new: NewOrder, when=None, last: int = 200_00) -> str:
    exchange = prompt_exchange(tick(-1, last))
    with pytest.raises(OrderRefused) as caught:
        exchange.submit(when or at(), new)
    assert exchange.orders() == ()
    return str(caught.value)


def test_rule_1_an_unknown_symbol_is_refused():
    assert refusal(limit(BUY, 200_00, symbol="NOPE")) == "Symbol NOPE not found"


@pytest.mark.parametrize(
    "when",
    [SESSION.opens - timedelta(microseconds=1), SESSION.closes],
    ids=["before the open", "at the close"],
)
def test_rule_1_outside_the_session_is_refused(when):
    assert "Options trade from 09:15 to 15:40 IST" in refusal(limit(BUY, 200_00), when)


def test_rule_1_delivery_is_refused():
    assert "CNC is not allowed" in refusal(replace(limit(BUY, 200_00), product="CNC"))


def test_rule_2_sl_m_is_refused():
    assert refusal(NewOrder(CE, BUY, LOT, PriceType.SL_M, 0, 210_00)).startswith("16052 ")


def test_rule_3_market_is_refused():
    assert refusal(NewOrder(CE, BUY, LOT, PriceType.MARKET, 0, 0)).startswith("17182 ")


@pytest.mark.parametrize("quantity", [0, -LOT, 1, LOT + 1])
def test_rule_4_quantity_is_whole_lots(quantity):
    assert "multiple of lot size 65" in refusal(limit(BUY, 200_00, quantity))


def test_rule_4_the_freeze_quantity_is_the_most():
    assert "freeze quantity 1800" in refusal(limit(BUY, 200_00, 28 * LOT))
    order, _ = prompt_exchange().submit(at(), limit(BUY, 200_00, 27 * LOT))
    assert order.status is OPEN


@pytest.mark.parametrize(
    ("new", "text"),
    [
        (limit(BUY, 0), "above 0"),
        (limit(BUY, 200_03), "Price 200.03 is not a multiple of the tick size 0.05"),
        (stop(BUY, 0, 210_00), "above 0"),
        (stop(BUY, 205_01, 210_00), "Price 205.01"),
    ],
    ids=["no price", "off tick", "no trigger", "trigger off tick"],
)
def test_rule_5_prices_are_on_the_grid(new, text):
    assert text in refusal(new)


def test_rule_5_a_limit_order_ignores_its_trigger():
    order, _ = prompt_exchange().submit(at(), replace(limit(BUY, 200_00), trigger=1))
    assert order.status is OPEN


@pytest.mark.parametrize(
    ("new", "text"),
    [
        (stop(BUY, 210_00, 209_95), "Trigger price can't be higher than price"),
        (stop(SELL, 190_00, 190_05), "Trigger price can't be lesser than price"),
    ],
    ids=["buy", "sell"],
)
def test_rule_6_the_limit_lies_beyond_the_trigger(new, text):
    assert refusal(new) == text


@pytest.mark.parametrize(
    ("trigger", "gap", "allowed"),
    [
        (210_00, 42_00, True),
        (210_00, 42_05, False),
        (50_05, 10_00, True),
        (50_05, 10_05, False),
        (50_00, 10_00, True),
        (50_00, 10_05, False),
        (20_00, 10_00, True),
    ],
)
def test_rule_6_the_gap_between_trigger_and_limit(trigger, gap, allowed):
    last = trigger - 5_00
    new = stop(BUY, trigger, trigger + gap)
    if allowed:
        order, _ = prompt_exchange(tick(-1, last)).submit(at(), new)
        assert order.status is PENDING
    else:
        assert refusal(new, last=last).startswith("16448 ")


@pytest.mark.parametrize(
    ("new", "last", "word"),
    [
        (stop(SELL, 190_00, 187_00), 190_00, "sell orders should be lower"),
        (stop(SELL, 190_00, 187_00), 189_00, "sell orders should be lower"),
        (stop(BUY, 210_00, 213_00), 210_00, "buy orders should be higher"),
    ],
    ids=["sell at", "sell beyond", "buy at"],
)
def test_rule_7_a_reached_trigger_is_refused(new, last, word):
    assert word in refusal(new, last=last)


def test_rule_7_a_trigger_reached_on_the_way_is_rejected():
    rules = replace(PROMPT, latency_ms=(100, 100))
    exchange = Exchange(CONTRACTS, SESSION, rules)
    exchange.on_tick(tick(-1, 200_00))
    order, _ = exchange.submit(at(), stop(SELL, 190_00, 187_00))
    assert order.status is PENDING
    exchange.on_tick(tick(0.05, 189_00))
    (update,) = exchange.advance(at(0.1))
    assert update.order.status is REJECTED
    assert "lower than the last traded price (189.00)" in update.order.reason


def test_rule_7_without_a_last_price_a_stop_waits():
    order, _ = prompt_exchange().submit(at(), stop(SELL, 190_00, 187_00))
    assert order.status is PENDING


def test_rule_8_margin_may_refuse():
    exchange = Exchange(
        CONTRACTS, SESSION, PROMPT, margin=lambda _, new: f"no funds for {new.symbol}"
    )
    with pytest.raises(OrderRefused, match=f"no funds for {CE}"):
        exchange.submit(at(), limit(BUY, 200_00))


def test_the_books_count_ids_and_sum_positions():
    exchange = prompt_exchange(tick(0, 200_00), tick(0, 150_00, symbol=PE))
    first, _ = exchange.submit(at(), limit(SELL, 200_00, 2 * LOT))
    exchange.submit(at(1), limit(BUY, 200_00))
    exchange.submit(at(2), replace(limit(BUY, 150_00, symbol=PE), product="NRML"))
    assert [order.orderid for order in exchange.orders()] == [
        "26112300000001",
        "26112300000002",
        "26112300000003",
    ]
    assert exchange.trades()[0].tradeid == "TRADE-20261123-092500-00000001"
    assert exchange.trades()[0].orderid == first.orderid
    assert exchange.positions() == {
        (CE, "MIS"): VenuePosition(LOT, LOT * 200_00, 2 * LOT, 2 * LOT * 200_00),
        (PE, "NRML"): VenuePosition(bought=LOT, bought_value=LOT * 150_00),
    }
    assert exchange.positions()[CE, "MIS"].quantity == -LOT


def test_ticks_of_other_instruments_are_remembered():
    exchange = prompt_exchange(tick(0, 24_500_00, symbol="NIFTY"))
    assert exchange.last("NIFTY") == tick(0, 24_500_00, symbol="NIFTY")
    assert exchange.last(CE) is None
    with pytest.raises(OrderRefused):
        exchange.submit(at(), limit(BUY, 24_500_00, symbol="NIFTY"))


def test_a_contract_has_its_own_lot_and_freeze():
    exchange = Exchange([contract(CE, lot=75, freeze=150)], SESSION, PROMPT)
    order, _ = exchange.submit(at(), limit(BUY, 200_00, 150))
    assert order.pending == 150
    with pytest.raises(OrderRefused, match="freeze quantity 150"):
        exchange.submit(at(), limit(BUY, 200_00, 225))
