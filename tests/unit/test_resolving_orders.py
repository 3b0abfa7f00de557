"""What the engine does about orders that differ, and before and without a look at the account."""

from dataclasses import replace

import pytest

from swingbreak.domain.account import (
    Discrepancy,
    OrderAltered,
    OrderLives,
    OrderMissing,
    PositionDiffers,
)
from swingbreak.domain.commands import (
    BookByHand,
    CancelOrder,
    CancelStray,
    HaltDay,
    ReplaceOrder,
    SubmitOrder,
)
from swingbreak.domain.orders import OrderStatus
from swingbreak.domain.parameters import Foreign
from tests.builders import CE, at
from tests.discrepancies import FLAT, LONG, STRANGER, by, told
from tests.engine_bench import CE_CLOSE, CE_ENTRY, Bench, armed, morning, protected, resting, short

# orders of ours


@pytest.mark.parametrize("policy", Foreign)
def test_an_order_that_had_ended_is_cancelled_whatever_the_policy(policy: Foreign) -> None:
    bench = by(policy)
    lives = OrderLives(CE.symbol, "o9", "b9")
    assert bench.see(lives)[0] == CancelStray("b9", CE.symbol, "o9 had ended")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (OrderLives(CE.symbol, "o9", "b9"), "stray_order"),
        (STRANGER, "foreign_order"),
        (OrderMissing(CE.symbol, "o9"), "order_missing"),
        (LONG, "foreign_position"),
        (PositionDiffers(CE.symbol, 0, 1), "foreign_position"),
    ],
)
def test_why_a_symbol_may_not_be_entered(seen: Discrepancy, why: str) -> None:
    bench = by(Foreign.REPORT)
    bench.see(seen)
    assert bench.engine.view.barred() == {CE.symbol: why}


def test_an_order_that_is_being_changed_is_not_put_right_as_well() -> None:
    bench = short()  # its stop is in flight
    assert bench.see(OrderAltered(CE.symbol, "o2", 65, 188_00, 185_00)) == []


def test_an_order_that_somebody_altered_is_put_right_once() -> None:
    bench = protected()
    altered = OrderAltered(CE.symbol, "o2", 65, 188_00, 185_00)
    (change,) = bench.see(altered)
    assert isinstance(change, ReplaceOrder)
    assert (change.intent.quantity, change.intent.trigger) == (650, 185_00)
    assert bench.see(altered) == [], "in flight"
    bench.replaced("o2")
    assert bench.see(altered) == [], "a book may lag"
    order = bench.live(CE_CLOSE)
    assert order is not None
    assert order.status is OrderStatus.ACCEPTED


def test_a_missing_order_is_told_and_its_position_keeps_it() -> None:
    bench = protected()
    assert bench.see(OrderMissing(CE.symbol, "o2")) == []
    assert told(bench) == ["account.order_missing"]


def test_what_is_missing_elsewhere_bars_nothing() -> None:
    bench = armed()
    bench.see(OrderMissing("OTHER", "o9"))
    assert bench.engine.state.foreign == {}


# not being able to look


def test_while_the_account_cannot_be_read_nothing_is_entered_and_stops_stay() -> None:
    bench = resting()
    (cancel,) = bench.see(unread="the position book cannot be read")
    assert cancel == CancelOrder("o1", "account_unread")
    bench.canceled("o1")
    bench.tick(183_00)
    assert bench.live(CE_ENTRY) is None
    (again,) = bench.see()
    assert isinstance(again, SubmitOrder)
    assert told(bench) == ["account.unread", "account.unread"]
    stopped = protected()
    assert stopped.see(unread="no") == []


# before the first look


def test_nothing_is_done_before_the_first_look() -> None:
    bench = short().again()
    bench.engine.await_look(bench.now)
    bench.reject("o2", sent=False)
    assert bench.tick(176_00, ask=176_10) == []
    assert bench.see(FLAT) == [BookByHand(bench.now, CE.symbol, 650, 650 * 180_00)]
    assert bench.wait(60) == []


def test_a_position_waits_for_it_only_so_long() -> None:
    bench = short().again()
    bench.engine.await_look(bench.now)
    bench.reject("o2", sent=False)
    assert bench.wait(14) == []
    (stop,) = bench.wait(1)
    assert isinstance(stop, SubmitOrder)
    assert stop.intent.quantity == 650


def test_an_entry_waits_for_it_however_long() -> None:
    bench = armed()
    fresh = Bench(parameters=bench.parameters)
    fresh.engine.await_look(fresh.now)
    fresh.hold()
    assert fresh.load({CE.symbol: morning()}) == []
    assert fresh.wait(100) == []
    fresh.see(unread="no")
    assert fresh.wait(100) == []
    (entry,) = fresh.see()
    assert isinstance(entry, SubmitOrder)


def test_an_entry_waits_for_the_first_good_look_only() -> None:
    fresh = Bench()
    fresh.engine.await_look(fresh.now)
    fresh.hold()
    assert fresh.load({CE.symbol: morning()}) == []
    (entry,) = fresh.see()
    assert isinstance(entry, SubmitOrder)


def test_the_end_of_the_day_does_not_wait() -> None:
    bench = armed()
    bench.engine.await_look(bench.now)
    assert isinstance(bench.until(at(360))[0], HaltDay)


# what people are told


@pytest.mark.parametrize(
    ("seen", "kind", "words"),
    [
        (
            OrderAltered(CE.symbol, "o1", 65, 188_00, 185_00),
            "account.order_altered",
            "o1 works as 65 limit 188.00 trigger 185.00",
        ),
        (OrderLives(CE.symbol, "o9", "b9"), "account.stray_order", "o9 (b9) works"),
        (STRANGER, "account.foreign_order", "order x1 to sell 65"),
        (replace(STRANGER, buys=True), "account.foreign_order", "order x1 to buy 65"),
        (LONG, "account.position_differs", "ours 0, the account's 65"),
    ],
)
def test_a_discrepancy_is_told_with_what_it_is_about(
    seen: Discrepancy, kind: str, words: str
) -> None:
    bench = by(Foreign.REPORT)
    bench.see(seen)
    (tell,) = [each for each in bench.told if each.kind.startswith("account.")]
    assert (tell.kind, tell.subject) == (kind, CE.symbol)
    assert words in tell.detail


def test_that_the_account_cannot_be_read_is_told_with_the_reason_and_so_is_its_end() -> None:
    bench = by(Foreign.REPORT)
    bench.see(unread="the position book cannot be read")
    bench.see()
    texts = [(each.subject, each.detail) for each in bench.told if each.kind == "account.unread"]
    assert texts == [
        ("account", "the position book cannot be read"),
        ("account", "can be read again"),
    ]
