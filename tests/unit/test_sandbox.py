"""The sandbox fills as OpenAlgo's analyzer was measured to, flaws included."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from swingbreak.domain.errors import OrderRefused
from swingbreak.domain.money import paise_of_wire
from swingbreak.domain.orders import Side
from swingbreak.domain.session import MINUTE
from swingbreak.simulation.sandbox import Sandbox
from swingbreak.simulation.venue import NewOrder, PriceType, VenuePosition
from tests.venue_builders import (
    BUY,
    CANCELLED,
    CE,
    COMPLETE,
    CONTRACTS,
    LOT,
    OPEN,
    PE,
    PENDING,
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

BLOCKED = SESSION.opens + 360 * MINUTE
SQUARE_OFF = BLOCKED + timedelta(seconds=1)
TRANSCRIPTS = Path(__file__).parents[3] / "shared" / "transcripts"


def sandbox_of(*ticks, **options) -> Sandbox:
    sandbox = Sandbox(CONTRACTS, SESSION, **options)
    for one in ticks:
        sandbox.on_tick(one)
    return sandbox


def market(side: Side, quantity: int = LOT, symbol: str = CE) -> NewOrder:
    return NewOrder(symbol, side, quantity, PriceType.MARKET, 0, 0)


def stop_market(side: Side, trigger: int) -> NewOrder:
    return NewOrder(CE, side, LOT, PriceType.SL_M, 0, trigger)


# The recorded behaviour


def recorded(name: str) -> list[dict[str, Any]]:
    path = TRANSCRIPTS / name
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [row for row in rows if "order" in row]


def cases() -> list[Any]:
    files = {"event": 0, "polling": 5}
    found = [
        pytest.param(row, poll_s, id=f"{name}-{row['case']}")
        for name, poll_s in files.items()
        for row in recorded(f"fill-behaviour-{name}.jsonl")
    ]
    missing = pytest.mark.skip(reason="the recorded exchanges are not beside the checkout")
    return found or [pytest.param({}, 0, id="none", marks=missing)]


def tick_of(seconds: float, quote: dict[str, float]):
    prices = {name: paise_of_wire(price) for name, price in quote.items()}
    return quoted(seconds, prices["ltp"], prices["bid"], prices["ask"])


def order_of(sent: dict[str, Any]) -> NewOrder:
    return NewOrder(
        symbol=CE,
        side=Side(sent["action"]),
        quantity=sent.get("quantity", LOT),
        pricetype=PriceType(sent.get("pricetype", "MARKET")),
        price=paise_of_wire(sent.get("price", 0)),
        trigger=paise_of_wire(sent.get("trigger_price", 0)),
    )


def shown(sandbox: Sandbox, orderid: str) -> list[Any]:
    order = now(sandbox, orderid)
    average = order.value / order.filled / 100 if order.filled else 0.0
    return [order.status, pytest.approx(average), order.filled]


@pytest.mark.parametrize(("row", "poll_s"), cases())
def test_fills_as_recorded(row, poll_s):
    sandbox = sandbox_of(tick_of(0, row["market_at_place"]), poll_s=poll_s)
    order, updates = sandbox.submit(at(1), order_of(row["order"]))
    statuses = [event["status"] for event in row["events_after_place"]]
    assert [update.order.status for update in updates] == statuses
    assert shown(sandbox, order.orderid) == row["status_after_place"]
    for n, move in enumerate(row["moves"], 1):
        sandbox.on_tick(tick_of(10 * n, move["tick"]))
        sandbox.advance(at(10 * n + 9))
        assert shown(sandbox, order.orderid) == move["status"]


# Rules that the recording does not show, or shows only where it is at hand


@pytest.mark.parametrize(
    ("new", "price"),
    [
        (market(BUY), 200_50),
        (market(SELL), 199_50),
        (limit(BUY, 210_00), 200_00),
        (limit(BUY, 200_03), 200_00),
        (stop_market(BUY, 190_00), 200_00),
        (stop(SELL, 210_00, 190_00), 200_00),
        (limit(BUY, 200_00, 28 * LOT), 200_00),
    ],
    ids=[
        "market buys at the ask",
        "market sells at the bid",
        "limit at the last price",
        "price step unchecked",
        "stop-market on the wrong side",
        "stop on the wrong side",
        "above freeze",
    ],
)
def test_rules_1_to_5_fill_inside_the_request(new, price):
    sandbox = sandbox_of(quoted(0, 200_00, 199_50, 200_50, size=LOT))
    order, updates = sandbox.submit(at(1), new)
    assert [update.order.status for update in updates] == [OPEN, COMPLETE]
    assert fills(sandbox) == [(order.quantity, price)]


def test_rule_2_market_shows_the_last_price_as_its_price():
    sandbox = sandbox_of(quoted(0, 200_00, 199_50, 200_50))
    order, _ = sandbox.submit(at(1), market(BUY))
    assert (order.price, order.value) == (200_00, LOT * 200_50)


def test_rule_2_market_without_a_quote_is_refused():
    with pytest.raises(OrderRefused, match="unable to fetch current price"):
        sandbox_of().submit(at(), market(BUY))


def test_rule_3_before_the_first_tick_a_limit_rests_and_then_fills_at_its_limit():
    sandbox = sandbox_of()
    order, _ = sandbox.submit(at(), limit(BUY, 200_00))
    assert order.status is OPEN
    sandbox.on_tick(tick(1, 180_00))
    assert fills(sandbox) == [(LOT, 200_00)]


def test_rule_4_a_released_stop_strands():
    sandbox = sandbox_of(tick(0, 200_00))
    order, _ = sandbox.submit(at(), stop(SELL, 195_00, 194_00))
    assert order.status is PENDING
    for seconds, price, status in [
        (1, 195_05, PENDING),
        (2, 180_00, OPEN),
        (3, 196_00, OPEN),
        (4, 194_50, COMPLETE),
    ]:
        sandbox.on_tick(tick(seconds, price))
        assert now(sandbox, order.orderid).status is status
    assert fills(sandbox) == [(LOT, 194_50)]


def test_rule_6_a_change_keeps_zeros_ignores_the_price_type_and_is_silent():
    sandbox = sandbox_of(tick(0, 200_00))
    order, _ = sandbox.submit(at(), stop(BUY, 210_00, 212_00))
    order, updates = sandbox.modify(
        at(1), order.orderid, quantity=0, price=211_00, trigger=0, pricetype=PriceType.LIMIT
    )
    assert updates == []
    assert (order.pricetype, order.price, order.trigger) == (PriceType.SL, 211_00, 210_00)
    assert (order.quantity, order.status) == (LOT, PENDING)


def test_rule_6_a_change_through_the_market_fills_at_the_next_tick_at_its_limit():
    sandbox = sandbox_of(tick(0, 200_00))
    order, _ = sandbox.submit(at(), limit(BUY, 190_00))
    order, updates = sandbox.modify(
        at(1),
        order.orderid,
        quantity=2 * LOT,
        price=205_00,
        trigger=0,
        pricetype=PriceType.LIMIT,
    )
    assert (order.status, updates) == (OPEN, [])
    sandbox.on_tick(tick(2, 201_00))
    assert fills(sandbox) == [(2 * LOT, 205_00)]


def test_rule_7_a_poll_misses_what_lasts_less():
    sandbox = sandbox_of(tick(0, 200_00), poll_s=5)
    order, _ = sandbox.submit(at(0.5), limit(BUY, 195_00))
    assert sandbox.next_due() == at(5)
    sandbox.on_tick(tick(1, 194_00))
    sandbox.on_tick(tick(2, 200_00))
    assert sandbox.advance(at(5)) == []
    assert sandbox.next_due() == at(10)
    sandbox.on_tick(tick(7, 194_00))
    (update,) = sandbox.on_tick(tick(11, 200_00))
    assert (update.at, update.order.status) == (at(10), COMPLETE)
    assert now(sandbox, order.orderid).value == LOT * 195_00


def test_rule_7_polls_go_on_only_while_there_are_orders():
    sandbox = sandbox_of(tick(0, 200_00), poll_s=5)
    assert sandbox.next_due() == SQUARE_OFF
    order, _ = sandbox.submit(at(1), limit(BUY, 195_00, symbol=PE))
    sandbox.cancel(at(2), order.orderid)
    assert sandbox.advance(at(5)) == []
    assert sandbox.next_due() == SQUARE_OFF


@pytest.mark.parametrize("action", ["modify", "cancel"])
def test_rule_7_a_poll_that_was_due_goes_before_the_request(action):
    sandbox = sandbox_of(tick(0, 200_00), poll_s=5)
    order, _ = sandbox.submit(at(1), limit(BUY, 195_00))
    sandbox.on_tick(tick(2, 195_00))
    if action == "cancel":
        order, updates = sandbox.cancel(at(6), order.orderid)
    else:
        order, updates = sandbox.modify(
            at(6), order.orderid, quantity=LOT, price=1_00, trigger=0, pricetype=PriceType.LIMIT
        )
    assert (order.status, order.price) == (COMPLETE, 195_00)
    assert [update.order for update in updates] == [order]


def test_rule_8_square_off_cancels_and_closes_what_is_intraday():
    sandbox = sandbox_of(quoted(0, 200_00, 199_50, 200_50), tick(0, 150_00, symbol=PE))
    sandbox.submit(at(1), market(SELL))
    sandbox.submit(at(1), market(BUY, 2 * LOT, PE))
    guard, _ = sandbox.submit(at(1), stop(BUY, 210_00, 213_00))
    kept, _ = sandbox.submit(at(1), replace(limit(BUY, 100_00), product="NRML"))
    sandbox.submit(at(1), replace(market(BUY), product="NRML"))
    assert sandbox.next_due() == SQUARE_OFF
    assert sandbox.advance(BLOCKED) == []
    updates = sandbox.advance(SQUARE_OFF)
    assert [update.order.status for update in updates] == [
        CANCELLED,
        OPEN,
        COMPLETE,
        OPEN,
        COMPLETE,
    ]
    assert {update.order.strategy for update in updates[1:]} == {"AUTO_SQUARE_OFF"}
    assert now(sandbox, guard.orderid).status is CANCELLED
    assert now(sandbox, kept.orderid).status is OPEN
    quantities = {key: row.quantity for key, row in sandbox.positions().items()}
    assert quantities == {(CE, "MIS"): 0, (PE, "MIS"): 0, (CE, "NRML"): LOT}
    assert sandbox.trades()[-2].price == 200_50
    assert sandbox.next_due() is None


@pytest.mark.parametrize(
    "when",
    [BLOCKED, SESSION.opens - 16 * MINUTE],
    ids=["from square-off", "before nine"],
)
def test_rule_8_intraday_orders_are_refused_outside_the_day(when):
    sandbox = sandbox_of(tick(0, 200_00))
    with pytest.raises(OrderRefused) as caught:
        sandbox.submit(when, limit(SELL, 200_00))
    assert str(caught.value) == (
        "MIS orders cannot be placed after square-off time (15:15 IST). "
        "Trading resumes at 09:00 AM IST."
    )
    order, _ = sandbox.submit(when, replace(limit(SELL, 200_00), product="NRML"))
    assert order.status is COMPLETE


@pytest.mark.parametrize(("side", "other"), [(BUY, SELL), (SELL, BUY)])
def test_rule_8_only_a_reducing_order_passes_from_square_off(side, other):
    sandbox = sandbox_of(tick(0, 200_00))
    sandbox.submit(at(1), market(other))
    with pytest.raises(OrderRefused, match="square-off"):
        sandbox.submit(BLOCKED, market(other))
    order, _ = sandbox.submit(BLOCKED, market(side))
    assert order.status is COMPLETE
    with pytest.raises(OrderRefused, match="square-off"):
        sandbox.submit(BLOCKED, market(side))
    assert sandbox.advance(SQUARE_OFF) == []


# What is turned away, in OpenAlgo's words


@pytest.mark.parametrize(
    ("new", "text"),
    [
        (limit(BUY, 200_00, symbol="NOPE"), "Symbol NOPE not found on NFO"),
        (limit(BUY, 200_00, 70), "Quantity must be in multiples of lot size 65"),
        (limit(BUY, 200_00, 0), "Quantity must be positive"),
        (limit(BUY, 0), "LIMIT orders require price"),
        (limit(BUY, -1), "Price must be positive"),
        (stop(BUY, 205_00, 0), "SL orders require price"),
        (stop(BUY, 0, 205_00), "SL orders require trigger_price"),
        (stop(BUY, -1, 205_00), "Trigger price must be positive"),
        (stop_market(BUY, 0), "SL-M orders require trigger_price"),
        (
            replace(limit(BUY, 200_00), product="CNC"),
            (
                "CNC product not allowed for NFO derivatives segment. "
                "Use NRML for carryforward or MIS for intraday."
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refuses_in_openalgos_words(new, text):
    sandbox = sandbox_of(tick(0, 200_00))
    with pytest.raises(OrderRefused) as caught:
        sandbox.submit(at(), new)
    assert str(caught.value) == text
    assert sandbox.orders() == ()


def test_margin_may_refuse():
    sandbox = sandbox_of(
        tick(0, 200_00), margin=lambda _, new: f"Insufficient funds for {new.symbol}"
    )
    with pytest.raises(OrderRefused, match="Insufficient funds"):
        sandbox.submit(at(), limit(BUY, 200_00))


@pytest.mark.parametrize(
    ("new", "terms", "text"),
    [
        (limit(BUY, 190_00), {"quantity": 70}, "Quantity must be in multiples of lot size 65"),
        (limit(BUY, 190_00), {"trigger": 1_00}, "LIMIT orders do not accept a trigger_price"),
        (stop_market(BUY, 210_00), {"price": 1_00}, "SL-M orders do not accept a price"),
    ],
    ids=["lot", "trigger on limit", "price on stop-market"],
)
def test_refuses_terms_that_do_not_fit(new, terms, text):
    sandbox = sandbox_of(tick(0, 200_00))
    order, _ = sandbox.submit(at(), new)
    wanted = {"quantity": LOT, "price": 0, "trigger": 0, "pricetype": new.pricetype} | terms
    with pytest.raises(OrderRefused) as caught:
        sandbox.modify(at(1), order.orderid, **wanted)
    assert str(caught.value) == text


def test_refuses_to_change_what_has_ended():
    sandbox = sandbox_of(tick(0, 200_00))
    done, _ = sandbox.submit(at(), limit(BUY, 200_00))
    gone, _ = sandbox.submit(at(), limit(BUY, 190_00))
    gone, updates = sandbox.cancel(at(1), gone.orderid)
    assert [update.order for update in updates] == [gone]
    for orderid, text in [
        (done.orderid, "Cannot cancel order in complete status"),
        (gone.orderid, "Cannot cancel order in cancelled status"),
        ("999", "Order 999 not found"),
    ]:
        with pytest.raises(OrderRefused) as caught:
            sandbox.cancel(at(2), orderid)
        assert str(caught.value) == text
    with pytest.raises(OrderRefused, match="Cannot modify order in complete status"):
        sandbox.modify(
            at(2), done.orderid, quantity=LOT, price=1_00, trigger=0, pricetype=PriceType.LIMIT
        )


def test_the_books_are_those_of_every_venue():
    sandbox = sandbox_of(tick(0, 200_00))
    order, _ = sandbox.submit(at(), market(SELL))
    assert sandbox.last(CE) == tick(0, 200_00)
    assert sandbox.last(PE) is None
    assert sandbox.order(order.orderid) == order
    assert sandbox.positions() == {(CE, "MIS"): VenuePosition(sold=LOT, sold_value=LOT * 200_00)}
