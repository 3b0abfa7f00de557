from collections.abc import Iterator

import pytest

from swingbreak.domain.commands import CancelOrder, OrderCommand, ReplaceOrder, SubmitOrder
from swingbreak.domain.instrument import Right
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus, Slot
from swingbreak.engine.reconcile import reconcile
from swingbreak.risk.gate import Approved
from tests.builders import PE, entry, stop

WORKING = OrderStatus.ACCEPTED
IN_FLIGHT = [s for s in OrderStatus if s.is_live and s is not WORKING]


def ids() -> Iterator[str]:
    yield from (f"o{n}" for n in range(10, 20))


def reconciled(
    desired: list[OrderIntent], live: list[Order], paused: tuple[Slot, ...] = ()
) -> list[OrderCommand]:
    by_slot = {order.intent.slot: order for order in live}
    new_id = ids()
    wanted = [Approved(intent) for intent in desired]
    return reconcile(wanted, by_slot, lambda: next(new_id), paused)


def order(intent: OrderIntent, *, filled: int = 0, stubborn: bool = False) -> Order:
    return Order("o1", intent, WORKING, filled, stubborn=stubborn)


@pytest.mark.parametrize(
    ("desired", "live", "commands"),
    [
        ([], [], []),
        ([entry()], [], [SubmitOrder("o10", entry())]),
        ([entry()], [order(entry())], []),
        ([], [order(entry())], [CancelOrder("o1", "not wanted")]),
        (
            [entry(quantity=390)],
            [order(entry())],
            [ReplaceOrder("o1", entry(quantity=390), 0)],
        ),
        ([entry(quantity=455)], [order(entry(), filled=195)], []),
        (
            [entry(quantity=390)],
            [order(entry(), filled=195)],
            [ReplaceOrder("o1", entry(quantity=390), 195)],
        ),
        ([entry("OTHER")], [order(entry())], [CancelOrder("o1", "switch")]),
        (
            [entry(quantity=390)],
            [order(entry(), stubborn=True)],
            [CancelOrder("o1", "terms")],
        ),
        ([entry(level="L2")], [order(entry())], [ReplaceOrder("o1", entry(level="L2"), 0)]),
        ([entry(level="L2")], [order(entry(), stubborn=True)], []),
        (
            [stop(trigger=None)],
            [order(stop())],
            [ReplaceOrder("o1", stop(trigger=None), 0)],
        ),
        (
            [stop(), entry(PE.symbol, Right.PE), entry()],
            [],
            [
                SubmitOrder("o10", stop()),
                SubmitOrder("o11", entry(PE.symbol, Right.PE)),
                SubmitOrder("o12", entry()),
            ],
        ),
    ],
    ids=[
        "nothing",
        "wanted",
        "rests",
        "not wanted",
        "other size",
        "what still rests is compared, not the total",
        "other size of the rest",
        "other symbol",
        "other size, but no change is taken",
        "other level",
        "other level, but no change is taken",
        "the stop becomes the exit",
        "in the order they are wanted",
    ],
)
def test_want_against_have(
    desired: list[OrderIntent], live: list[Order], commands: list[OrderCommand]
) -> None:
    assert reconciled(desired, live) == commands


@pytest.mark.parametrize("status", IN_FLIGHT)
@pytest.mark.parametrize("desired", [[], [entry()], [entry("OTHER")], [entry(quantity=65)]])
def test_a_slot_in_flight_is_left_alone(status: OrderStatus, desired: list[OrderIntent]) -> None:
    assert reconciled(desired, [Order("o1", entry(), status)]) == []


@pytest.mark.parametrize("desired", [[], [entry("OTHER")], [entry(quantity=65)]])
def test_a_paused_slot_is_left_alone(desired: list[OrderIntent]) -> None:
    assert reconciled(desired, [order(entry())], (entry().slot,)) == []
