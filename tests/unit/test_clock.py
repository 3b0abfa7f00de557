from datetime import UTC, datetime, timedelta

from swingbreak.adapters.clock import FeedClock, WallClock
from tests.builders import OPEN, at


def test_wall_clock_is_aware_and_passes_by_itself() -> None:
    clock = WallClock()
    before = datetime.now(UTC)
    clock.advance(before + timedelta(days=1))
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC


def test_feed_clock_follows_and_never_goes_back() -> None:
    clock = FeedClock(OPEN)
    assert clock.now() == OPEN
    clock.advance(at(2))
    clock.advance(at(1))
    assert clock.now() == at(2)
