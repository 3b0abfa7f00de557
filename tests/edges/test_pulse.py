"""A sign of life is on the disk before the day begins, and is read by others while it beats."""

import os
from pathlib import Path

import pytest

from swingbreak.adapters.pulse import Pulse, PulseWriter, Stage, pulse_in, read_pulse
from swingbreak.domain.errors import LedgerError


def test_it_beats_and_keeps_its_last_word(tmp_path: Path) -> None:
    path = pulse_in(tmp_path)
    assert read_pulse(path) is None
    with PulseWriter(path) as pulse:
        assert read_pulse(path) == Pulse(os.getpid(), 0, Stage.BEGINS)
        for beats in range(1, 12):
            pulse.beat()
            assert read_pulse(path) == Pulse(os.getpid(), beats, Stage.RUNS)
        pulse.end(Stage.LEFT)
    assert read_pulse(path) == Pulse(os.getpid(), 11, Stage.LEFT)
    pulse.beat()  # late: it has ended
    assert read_pulse(path) == Pulse(os.getpid(), 11, Stage.LEFT)


@pytest.mark.parametrize("text", ["", " " * 64, "12 runs", "12 x runs", "12 3 sleeps", "\udcff"])
def test_what_is_none_is_none(tmp_path: Path, text: str) -> None:
    path = pulse_in(tmp_path)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert read_pulse(path) is None


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be written"), PulseWriter(tmp_path / "a" / "b"):
        pass
