"""Words to a running day, and the lock that a kill leaves."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Answer, Controls, KillLock
from swingbreak.bootstrap.obeying import obey
from swingbreak.domain.control import Control
from swingbreak.domain.errors import DataError, LedgerError
from swingbreak.runtime.inbox import Item, Word

NOW = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def controls(tmp_path: Path) -> Controls:
    return Controls(tmp_path / "state")


def test_nothing_waits_where_nothing_was_given(controls: Controls) -> None:
    assert list(controls.waiting()) == []
    assert controls.locked() is None


def test_words_wait_in_the_order_they_were_given(controls: Controls) -> None:
    second = controls.give(Control.RESUME, "news is over", by="cli", at=at(1))
    first = controls.give(Control.PAUSE, "news", by="telegram", at=NOW)
    assert list(controls.waiting()) == [first, second]


def test_another_process_reads_what_was_given(controls: Controls, tmp_path: Path) -> None:
    given = controls.give(Control.FLATTEN, "gap", by="cli", at=NOW)
    assert list(Controls(tmp_path / "state").waiting()) == [given]


def test_what_is_answered_waits_no_more(controls: Controls) -> None:
    given = controls.give(Control.PAUSE, "", by="cli", at=NOW)
    assert controls.answered(given) is None
    answer = Answer(at(0.3), done=True, text="paused")
    controls.answer(given, answer)
    assert controls.answered(given) == answer
    assert list(controls.waiting()) == []


def test_what_is_withdrawn_waits_no_more(controls: Controls) -> None:
    given = controls.give(Control.PAUSE, "", by="cli", at=NOW)
    controls.withdraw(given)
    controls.withdraw(given)
    assert list(controls.waiting()) == []


def test_a_file_that_is_half_written_is_not_seen(controls: Controls, tmp_path: Path) -> None:
    given = controls.give(Control.PAUSE, "", by="cli", at=NOW)
    (tmp_path / "state" / "controls" / "20261120T050001.000000-7.given.77.tmp").write_bytes(b"{")
    assert list(controls.waiting()) == [given]


def test_a_file_that_is_none_of_ours_is_named(controls: Controls, tmp_path: Path) -> None:
    folder = tmp_path / "state" / "controls"
    folder.mkdir(parents=True)
    (folder / "x.given.json").write_text("pause")
    with pytest.raises(DataError, match=r"x\.given\.json: cannot be read"):
        list(controls.waiting())


@pytest.mark.parametrize("content", [b"pause", b'{"word_id":"\xff"}', b""])
async def test_a_file_that_cannot_be_read_keeps_no_word_from_the_day(
    controls: Controls, tmp_path: Path, content: bytes
) -> None:
    folder = tmp_path / "state" / "controls"
    folder.mkdir(parents=True)
    (folder / "1.given.json").write_bytes(content)
    controls.give(Control.KILL, "runaway", by="cli", at=WallClock().now())
    words: list[Item] = []
    with capture_logs() as logs:
        task = asyncio.create_task(obey(controls, words.append, lambda _: None, look_s=0))
        for _ in range(9):
            await asyncio.sleep(0)
        task.cancel()
    assert [word.control for word in words if isinstance(word, Word)] == [Control.KILL]
    assert [line["event"] for line in logs].count("control.unreadable") == 1


@pytest.mark.parametrize(("age_s", "is_obeyed"), [(59, True), (61, False), (-61, True)])
async def test_a_word_of_long_ago_is_not_obeyed(
    controls: Controls, age_s: int, is_obeyed: bool
) -> None:
    """Whoever gave it has gone before it was answered, and may have said something else since."""
    given = controls.give(Control.RESUME, "", by="cli", at=WallClock().now() - timedelta(0, age_s))
    words: list[Item] = []
    task = asyncio.create_task(obey(controls, words.append, lambda _: None))
    await asyncio.sleep(0)
    task.cancel()
    assert bool(words) == is_obeyed
    if not is_obeyed:
        answer = controls.answered(given)
        assert answer is not None
        assert (answer.done, answer.text) == (False, "it was given too long ago: give it again")


def test_what_cannot_be_written_was_not_given(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(LedgerError, match="cannot be written"):
        Controls(tmp_path / "state").give(Control.KILL, "", by="cli", at=NOW)


def test_the_lock_holds_until_a_person_gives_a_reason(controls: Controls, tmp_path: Path) -> None:
    lock = KillLock(NOW, "runaway", "cli")
    controls.lock(lock)
    assert Controls(tmp_path / "state").locked() == lock
    controls.unlock("checked the account by hand", at(60))
    assert controls.locked() is None
    (kept,) = (tmp_path / "state" / "controls").glob("*.unlocked.json")
    assert "runaway" in kept.read_text()
    assert "checked the account by hand" in kept.read_text()


def test_a_damaged_lock_still_locks(controls: Controls, tmp_path: Path) -> None:
    controls.lock(KillLock(NOW, "", "cli"))
    (tmp_path / "state" / "KILLED.json").write_text("")
    with pytest.raises(DataError, match=r"KILLED\.json"):
        controls.locked()
