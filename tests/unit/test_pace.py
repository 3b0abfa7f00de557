from datetime import timedelta

import pytest

from swingbreak.domain.errors import Livelock
from swingbreak.engine.pace import Pace
from tests.builders import at, entry, stop

SLOT = entry().slot


def test_a_slot_may_have_150_commands_in_a_minute() -> None:
    pace = Pace()
    for _ in range(150):
        pace.count(at(), SLOT)
    with pytest.raises(Livelock, match=r"entry:CE: 150 commands since 2026-11-20T03:45:00"):
        pace.count(at(0, 60), SLOT)


def test_each_slot_has_its_own() -> None:
    pace = Pace()
    for _ in range(150):
        pace.count(at(), SLOT)
    pace.count(at(), stop().slot)


def test_a_new_minute_counts_afresh() -> None:
    pace = Pace()
    for _ in range(150):
        pace.count(at(), SLOT)
    later = at(0, 60) + timedelta(microseconds=1)
    for _ in range(150):
        pace.count(later, SLOT)
    with pytest.raises(Livelock):
        pace.count(later, SLOT)


def test_the_slices_of_an_order_do_not_count_against_each_other() -> None:
    pace = Pace()
    for number in range(1, 31):
        for _ in range(150):
            pace.count(at(), SLOT._replace(number=number))
    with pytest.raises(Livelock, match=r"entry:CE#7: 150"):
        pace.count(at(), SLOT._replace(number=7))
