"""Time without a stop at the exchange."""

from dataclasses import replace
from datetime import timedelta

import pytest

from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Purpose, Side, Slot
from swingbreak.domain.position import Position
from swingbreak.risk.protection import Unprotected, uncovered
from tests.builders import SESSION

OPENS = SESSION.opens
SECOND = timedelta(seconds=1)
SYMBOL = "NIFTY01DEC2624500CE"
SHORT = Position(SYMBOL, "1", "level", 10_00, 190_00, OPENS, sold=650, sold_value=650 * 180_00)


def closing(status: OrderStatus, quantity: int = 650, filled: int = 0) -> Order:
    intent = OrderIntent(
        Slot(Purpose.CLOSE, SYMBOL), SYMBOL, Side.BUY, quantity, 193_00, 190_00, "stop"
    )
    return Order("2", intent, status, filled)


@pytest.mark.parametrize(
    ("status", "protects"),
    [
        (OrderStatus.SUBMITTED, False),
        (OrderStatus.UNCONFIRMED, False),
        (OrderStatus.ACCEPTED, True),
        (OrderStatus.PENDING_REPLACE, True),
        (OrderStatus.PENDING_CANCEL, True),
        (OrderStatus.CANCELED, False),
        (OrderStatus.REJECTED, False),
    ],
)
def test_only_what_the_gateway_has_accepted_protects(status: OrderStatus, protects: bool) -> None:
    assert uncovered({SYMBOL: SHORT}, [closing(status)]) == ({} if protects else {SYMBOL: 650})


def test_what_a_stop_does_not_reach_is_uncovered() -> None:
    assert uncovered({SYMBOL: SHORT}, [closing(OrderStatus.ACCEPTED, 390)]) == {SYMBOL: 260}


def test_slices_cover_together() -> None:
    slices = [closing(OrderStatus.ACCEPTED, 390), closing(OrderStatus.ACCEPTED, 260)]
    assert uncovered({SYMBOL: SHORT}, slices) == {}


def test_what_has_traded_of_a_stop_protects_nobody() -> None:
    half = replace(SHORT, bought=325)
    assert uncovered({SYMBOL: half}, [closing(OrderStatus.ACCEPTED, 650, filled=325)]) == {}
    assert uncovered({SYMBOL: SHORT}, [closing(OrderStatus.ACCEPTED, 650, filled=325)]) == {
        SYMBOL: 325
    }


def test_an_entry_protects_nobody() -> None:
    entry = closing(OrderStatus.ACCEPTED)
    entry = replace(entry, intent=replace(entry.intent, slot=Slot(Purpose.ENTRY, "CE")))
    assert uncovered({SYMBOL: SHORT}, [entry]) == {SYMBOL: 650}


def test_time_counts_from_the_loss_to_the_next_stop() -> None:
    time = Unprotected()
    time.see(OPENS, [])
    assert time.total(OPENS + SECOND) == time.longest(OPENS + SECOND) == timedelta()
    time.see(OPENS + 2 * SECOND, [SYMBOL])
    time.see(OPENS + 3 * SECOND, [SYMBOL])
    assert time.total(OPENS + 4 * SECOND) == 2 * SECOND
    assert time.since == {SYMBOL: OPENS + 2 * SECOND}
    time.see(OPENS + 5 * SECOND, [])
    assert time.spells == [3 * SECOND]
    assert time.since == {}


def test_positions_count_each_for_itself() -> None:
    time = Unprotected()
    time.see(OPENS, [SYMBOL, "other"])
    time.see(OPENS + SECOND, ["other"])
    at = OPENS + 3 * SECOND
    assert time.total(at) == 4 * SECOND
    assert time.longest(at) == 3 * SECOND
