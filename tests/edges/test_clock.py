from datetime import UTC, datetime, timedelta

import time_machine

from swingbreak.adapters.clock import FeedClock, WallClock
from tests.builders import OPEN, at


@time_machine.travel(datetime(2026, 11, 20, 3, 45, tzinfo=UTC), tick=False)
def test_wall_clock_is_aware_and_passes_by_itself() -> None:
    clock = WallClock()
    clock.advance(OPEN + timedelta(days=1))
    assert clock.now() == OPEN
    assert clock.now().tzinfo is UTC


def test_feed_clock_follows_and_never_goes_back() -> None:
    clock = FeedClock(OPEN)
    assert clock.now() == OPEN
    clock.advance(at(2))
    clock.advance(at(1))
    assert clock.now() == at(2)
