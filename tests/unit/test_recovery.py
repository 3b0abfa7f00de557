from datetime import datetime

import pytest

from swingbreak.domain.commands import HaltDay, ReplaceOrder, SubmitOrder
from swingbreak.domain.errors import InvalidTransition
from swingbreak.domain.events import OrderAccepted, OrderFilled, OrderRejected
from swingbreak.domain.orders import Order, OrderStatus
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.runtime.recovery import recover
from tests.builders import CE, PE, SESSION, at, entry, stop

KEPT: list[tuple[datetime, Record]] = [
    (at(1), SubmitOrder("o1", entry())),
    (at(1, 1), OrderAccepted(at(1, 1), "o1", "b1")),
    (at(2), OrderFilled(at(2), "o1", "b1:650", 650, 650 * 174_95)),
    (at(2), SubmitOrder("o2", stop())),
    (at(2, 1), OrderAccepted(at(2, 1), "o2", "b2")),
    (at(3), ReplaceOrder("o2", stop(trigger=184_00), filled=0)),
]


class Adopter:
    """A broker that is given orders of an earlier process."""

    def __init__(self) -> None:
        self.adopted: list[tuple[Order, datetime]] = []
        self.lost: list[str] = []
        self.fills: dict[str, str] = {}

    def adopt(self, order: Order, sent_at: datetime, *, given_up: bool, fill_id: str) -> None:
        self.adopted.append((order, sent_at))
        self.fills[order.order_id] = fill_id
        if given_up:
            self.lost.append(order.order_id)


def new_engine() -> Engine:
    return Engine(SESSION, (CE, PE), Parameters())


def test_a_fresh_day_recovers_nothing() -> None:
    broker = Adopter()
    assert recover(new_engine(), broker, []) == 0
    assert broker.adopted == []


def test_the_engine_and_the_broker_are_where_the_records_end() -> None:
    engine, broker = new_engine(), Adopter()
    assert recover(engine, broker, iter(KEPT)) == 6
    assert engine.state.holdings.positions[CE.symbol].quantity == -650
    assert [(order.order_id, order.status, sent) for order, sent in broker.adopted] == [
        ("o1", OrderStatus.FILLED, at(1)),
        ("o2", OrderStatus.PENDING_REPLACE, at(2)),
    ]
    assert [order.broker_order_id for order, _ in broker.adopted] == ["b1", "b2"]
    assert broker.fills == {"o1": "b1:650", "o2": ""}
    assert engine.pinned() == {CE.symbol}


@pytest.mark.parametrize(("proof", "lost"), [(True, []), (False, ["o1"])])
def test_an_order_that_nobody_refused_may_turn_up_yet(proof: bool, lost: list[str]) -> None:
    broker = Adopter()
    kept = [KEPT[0], (at(1, 9), OrderRejected(at(1, 9), "o1", "not there", proof=proof))]
    recover(new_engine(), broker, kept)
    assert broker.lost == lost


def test_the_next_order_gets_an_id_that_is_free() -> None:
    engine = new_engine()
    recover(engine, Adopter(), KEPT)
    assert engine.state.book.new_id() == "o3"


@pytest.mark.parametrize("cut", range(len(KEPT) + 1))
def test_records_may_end_anywhere(cut: int) -> None:
    engine, broker = new_engine(), Adopter()
    assert recover(engine, broker, KEPT[:cut]) == cut
    assert {order.order_id for order, _ in broker.adopted} == engine.state.book.orders.keys()


def test_the_end_of_the_day_is_not_forgotten() -> None:
    engine = new_engine()
    recover(engine, Adopter(), [(at(9), HaltDay("daily_stop"))])
    assert engine.state.halted == "daily_stop"


def test_records_that_contradict_each_other_stop_it() -> None:
    contradiction = (at(3), OrderRejected(at(3), "o7", "who"))
    with pytest.raises(InvalidTransition, match="o7"):
        recover(new_engine(), Adopter(), [*KEPT, contradiction])
