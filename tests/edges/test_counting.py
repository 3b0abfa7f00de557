"""What long work says of itself while it runs."""

import time

import pytest

from swingbreak.cli.counting import counting, no_count


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_in_a_log_it_is_a_line_a_minute(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    told = counting("days")
    for done in range(1, 6):
        clock[0] += 25
        told(done, 10, 0)
    no_count()
    assert capsys.readouterr().err == "3/10 days, 0.0 a second, 2 min 55 s left\n"


def test_on_a_terminal_it_is_drawn_over_itself(
    clock: list[float], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    told = counting("days")
    clock[0] += 2
    told(4, 10, 4)
    told(6, 10, 4)
    no_count()
    drawn = capsys.readouterr().err.split("\r\x1b[K")
    assert drawn == ["", "4/10 days", "6/10 days, 1.0 a second, 4 s left", ""]
