"""The auditor of whole days finds what is wrong, and not what a process had to wait for."""

import pytest

from swingbreak.domain.commands import BookByHand, CancelOrder, PauseDay, SubmitOrder
from swingbreak.domain.events import OrderAccepted, OrderCancelRefused, OrderFilled
from tests.builders import CE, at, entry, stop
from tests.e2e.books_audit import Wait, replay

TOLD, COVERED = at(3, 58.8), at(3, 59)


@pytest.mark.parametrize(
    ("waits", "faults"),
    [
        pytest.param([], 1, id="no process began"),
        pytest.param([Wait(at(3, 53), COVERED)], 0, id="one has not seen the account yet"),
        pytest.param([Wait(at(3, 53), TOLD)], 0, id="its look tells more than one thing"),
        pytest.param([Wait(at(3, 50), at(3, 55))], 1, id="it had seen it before"),
        pytest.param([Wait(COVERED, at(4, 14))], 1, id="it began afterwards"),
    ],
)
def test_a_fill_is_covered_at_once_but_for_a_first_look(waits: list[Wait], faults: int) -> None:
    records = [
        SubmitOrder("o1", entry()),
        OrderAccepted(at(1), "o1", "b1"),
        OrderFilled(TOLD, "o1", "f1", 650, 650 * 185_00),
        SubmitOrder("o2", stop()),
    ]
    kept = zip((at(1), at(1), TOLD, COVERED), records, strict=True)
    assert len(replay(kept, waits).faults) == faults


@pytest.mark.parametrize(("seconds", "faults"), [(2, 0), (3, 1)])
def test_the_stop_of_what_was_bought_back_by_hand_goes_if_not_at_once(
    seconds: int, faults: int
) -> None:
    """A cancel that did not come through is sent again at the next beat; until then it works."""
    records = [
        (at(1), SubmitOrder("o1", entry())),
        (at(1), OrderAccepted(at(1), "o1", "b1")),
        (at(2), OrderFilled(at(2), "o1", "f1", 650, 650 * 185_00)),
        (at(2), SubmitOrder("o2", stop())),
        (at(2), OrderAccepted(at(2), "o2", "b2")),
        (at(3), BookByHand(at(3), CE.symbol, 650, 650 * 180_00)),
        (at(3), CancelOrder("o2", "flat")),
        (at(4), OrderCancelRefused(at(4), "o2", "works still")),
        (at(4, seconds), PauseDay("a later step")),
    ]
    assert len(replay(records).faults) == faults
