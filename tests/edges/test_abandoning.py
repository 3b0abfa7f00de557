"""When a day is given up its entries go, and its stops stay."""

import pytest
from structlog.testing import capture_logs

from swingbreak.bootstrap.abandoning import entries_withdrawn
from swingbreak.domain.errors import (
    GatewayUnreachable,
    InvalidTransition,
    LedgerError,
    ModeMismatch,
    OutcomeUnknown,
)
from swingbreak.domain.orders import Order, OrderStatus, Slot
from tests.broker_rig import Rig
from tests.builders import PE, entry, stop

FULL = LedgerError("the disk is full")


async def resting(rig: Rig) -> dict[Slot, Order]:
    """An entry and a stop, both at the gateway."""
    await rig.submit(entry(), "o1")
    await rig.submit(stop(PE.symbol), "o2")
    return {order.intent.slot: order for order in rig.orders.values()}


async def given_up(rig: Rig, live: dict[Slot, Order], error: Exception) -> list[str]:
    """Give the day up by *error*; return what the log says."""
    with capture_logs() as logs, pytest.raises(type(error)) as raised:
        async with entries_withdrawn(rig.gateway, live, "swingbreak"):  # type: ignore[arg-type]
            raise error
    assert raised.value is error
    return [line["event"] for line in logs]


def states(rig: Rig) -> list[str]:
    return [row["order_status"] for row in rig.gateway.rows.values()]


@pytest.mark.parametrize(
    "error", [FULL, InvalidTransition("a long"), ExceptionGroup("tasks", [FULL]), ValueError("bug")]
)
async def test_entries_go_and_stops_stay(error: Exception) -> None:
    rig = Rig()
    assert await given_up(rig, await resting(rig), error) == ["entry.withdrawn"]
    assert states(rig) == ["cancelled", "trigger pending"]


async def test_a_day_that_ends_well_is_left_alone() -> None:
    rig = Rig()
    async with entries_withdrawn(rig.gateway, await resting(rig), "swingbreak"):  # type: ignore[arg-type]
        pass
    assert states(rig) == ["trigger pending", "trigger pending"]


async def test_nothing_is_sent_to_a_gateway_in_another_mode() -> None:
    rig = Rig()
    live = await resting(rig)
    error = ExceptionGroup("tasks", [FULL, ExceptionGroup("more", [ModeMismatch("live now")])])
    assert await given_up(rig, live, error) == []
    assert rig.gateway.calls["cancel"] == 0


@pytest.mark.parametrize("fault", [OutcomeUnknown("no answer"), GatewayUnreachable("down")])
async def test_one_that_cannot_be_cancelled_is_named_and_holds_up_nothing(
    fault: OutcomeUnknown,
) -> None:
    rig = Rig()
    live = await resting(rig)
    rig.gateway.fail("cancel", fault)
    assert await given_up(rig, live, FULL) == ["entry.left"]


async def test_one_whose_number_is_not_known_is_named() -> None:
    rig = Rig()
    live = {entry().slot: Order("o1", entry(), OrderStatus.UNCONFIRMED)}
    assert await given_up(rig, live, FULL) == ["entry.left"]
    assert rig.gateway.calls["cancel"] == 0
