"""What a person sees while a process waits: one line on a terminal, a line a minute in a log."""

import time
from datetime import timedelta

import pytest

from swingbreak.cli.attending import Attending


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_in_a_log_it_is_a_line_a_minute_and_one_for_every_reason(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    told = Attending(as_json=True)
    for left in range(3700, 3570, -1):
        told.waits("a weekend: waiting for Monday", timedelta(seconds=left))
        clock[0] += 1
    told.waits("a holiday: waiting for Tuesday", timedelta(seconds=59.6))
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "a weekend: waiting for Monday, in 1 h 01 min 40 s",
        "a weekend: waiting for Monday, in 1 h 00 min 40 s",
        "a weekend: waiting for Monday, in 59 min 40 s",
        "a holiday: waiting for Tuesday, in 1 min 00 s",
    ]
    assert said.out == ""


def test_on_a_terminal_it_counts_down_and_makes_room_for_what_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Attending(as_json=False) as told:
        for left in (2, 1, -1):
            told.waits("the open", timedelta(seconds=left))
        told.notes("2026-11-20: the day begins")
    drawn = capsys.readouterr().err.split("\r\x1b[K")
    counted = [f"the open, in 0 min {left:02} s" for left in (2, 1, 0)]
    assert drawn == ["", *counted, "2026-11-20: the day begins\n", ""]
