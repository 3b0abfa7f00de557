"""The command that looks at every claim on the days of a store, itself looked at."""

import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from swingbreak.runtime.day_record import DayRecord
from tests.bar_days import made_up_bars
from tests.stores import made_store
from tests.whole_days import proving
from tests.whole_days.test_repricing import prepared_of


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_store(tmp_path_factory.mktemp("store") / "data", days=1, strikes=1)


def proved(root: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["proving", "--store", str(root)])
    return proving.main()


def test_a_stored_day_is_as_claimed(
    stored: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert proved(stored, monkeypatch) == 0
    told = capsys.readouterr().out
    assert "3 runs" in told
    assert " 0 wrong" in told


def test_what_is_not_as_claimed_is_told(
    stored: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = DayRecord.digest
    monkeypatch.setattr(DayRecord, "digest", lambda record: digest(record)[::-1])
    assert proved(stored, monkeypatch) == 1
    told = capsys.readouterr().out
    assert "wrong: the replay comes to another hash\n  2026-03-02 pessimistic" in told
    assert " 3 wrong" in told


def test_a_day_of_bars_cut_at_every_bar_decides_as_the_whole() -> None:
    seen: Counter[str] = Counter()
    for seed in range(5):
        bars = made_up_bars(Random(seed))  # noqa: S311 - the same as the prepared day's
        seen += proving.check_prefixes(prepared_of(seed)[0], bars)
    assert seen["cuts"] > 50
    assert seen["decisions"]
