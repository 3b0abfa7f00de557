"""The auditor of whole days finds what is wrong, and not what a process had to wait for."""

import pytest

from swingbreak.domain.commands import SubmitOrder
from swingbreak.domain.events import OrderAccepted, OrderFilled
from tests.builders import at, entry, stop
from tests.e2e.books_audit import Wait, replay

TOLD, COVERED = at(3, 58.8), at(3, 59)


@pytest.mark.parametrize(
    ("waits", "faults"),
    [
        pytest.param([], 1, id="no process began"),
        pytest.param([Wait(at(3, 53), COVERED)], 0, id="one has not seen the account yet"),
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
