"""Killed at any durable write, a day started again comes to its end with all books in agreement."""

import signal
import sys
from datetime import timedelta

import pytest

from swingbreak.domain.commands import CancelOrder
from swingbreak.domain.events import OrderCanceled
from tests.e2e.books_audit import ledger_of
from tests.e2e.kill_sweep import SCENARIOS, Kill, Scenario, day_of, kill, kills_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL, no fork")

ONE = SCENARIOS[0]


@pytest.mark.parametrize(
    ("number", "phase", "did"),
    [
        pytest.param(9, "before", "began", id="the first order, not durable"),
        pytest.param(9, "after", "went on", id="the first order, not sent"),
        pytest.param(10, "before", "went on", id="sent, the answer not durable"),
        pytest.param(19, "after", "went on", id="flat, the exact price not known"),
        pytest.param(20, "after", "over already", id="over, and nobody was shown"),
    ],
)
def test_killed_at(number: int, phase: str, did: str) -> None:
    assert kill(ONE, Kill(number, phase)) == did


def test_a_locked_day_is_still_told_its_last_exact_price() -> None:
    locked = next(one for one in SCENARIOS if one.name == "told to kill")
    assert kill(locked, Kill(12, "after")) == "went on"


def test_a_cancel_that_had_not_left_leaves_at_once() -> None:
    bought_back = next(one for one in SCENARIOS if one.name == "bought back by hand")
    with day_of(bought_back) as day:
        day.begin()
        code, writes = day.watched(4, "after", "killed")
        assert (code, writes[-1]) == (-signal.SIGKILL, "BookByHand+CancelOrder")
        died_at, _ = ledger_of(day.state)[-1]
        assert day.again().code == 0
        day.audit()
        kept = ledger_of(day.state)
    (gone,) = [at for at, record in kept if isinstance(record, OrderCanceled)]
    assert gone - died_at < timedelta(seconds=1)
    assert sum(isinstance(record, CancelOrder) for _, record in kept) == 1


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.name for one in SCENARIOS])
def test_killed_at_every_durable_write(scenario: Scenario) -> None:
    places = kills_of(scenario)
    assert len(places) > 10
    for place in places:
        kill(scenario, place)
