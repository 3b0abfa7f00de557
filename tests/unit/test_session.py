from datetime import UTC, datetime, time, timedelta

import pytest

from swingbreak.domain.session import ist_clock, ist_stamp
from tests.builders import DAY, SESSION, at


def test_the_session_is_the_day_in_india() -> None:
    assert datetime(2026, 11, 20, 3, 45, tzinfo=UTC) == SESSION.opens
    assert SESSION.minutes == 385
    assert SESSION.at(time(15, 15)) == at(360)
    assert ist_clock(at(1, 5)) == "09:16:05"
    assert ist_stamp(at()) == f"{DAY} 09:15:00"


@pytest.mark.parametrize(
    ("second", "minute"),
    [(0, 0), (59.999, 0), (60, 1), (-0.001, -1), (385 * 60, 385)],
)
def test_a_minute_starts_on_its_first_instant(second: float, minute: int) -> None:
    assert SESSION.minute_of(at(0, second)) == minute


def test_open_is_in_and_close_is_out() -> None:
    assert SESSION.is_open(SESSION.opens)
    assert not SESSION.is_open(SESSION.closes)
    assert not SESSION.is_open(SESSION.opens - timedelta(microseconds=1))
    assert SESSION.start_of(384) + timedelta(minutes=1) == SESSION.closes
