"""Bytes that are no text, as a crash or a broker may leave them: refused by name."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from swingbreak.adapters.archive import unpack
from swingbreak.adapters.board import SCHEMA, read_board
from swingbreak.adapters.certification.asking import _said
from swingbreak.adapters.controls import Controls
from swingbreak.adapters.course import CourseReader
from swingbreak.adapters.event_tape import _item
from swingbreak.adapters.notify_file import NotifyFile
from swingbreak.adapters.openalgo.capabilities import load_profile
from swingbreak.adapters.openalgo.frames import decode
from swingbreak.bootstrap.backtest.keeping import Keeper
from swingbreak.bootstrap.run_folder import read_pictures, read_run
from swingbreak.domain.errors import DataError

DAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Case:
    """A file of a folder, what is in it, and who reads it there."""

    name: str
    content: bytes
    read: Callable[[Path], object]


CASES = {
    "board": Case(
        "board.json",
        b'{"schema":%d,"process":{"mode":"\xff"}}' % SCHEMA,
        lambda folder: read_board(folder / "board.json"),
    ),
    "course": Case(
        "course.jsonl",
        b'{"bars":{"\xff":[]}}\n',
        lambda folder: CourseReader(folder / "course.jsonl").read(),
    ),
    "kill lock": Case(
        "KILLED.json", b'{"reason":"\xff"}', lambda folder: Controls(folder).locked()
    ),
    "memory of notify": Case(
        "notify.json", b'{"log":"\xff"}', lambda folder: NotifyFile(folder).load()
    ),
    "profile": Case(
        "profile.json", b'{"broker":"\xff"}', lambda folder: load_profile(folder / "profile.json")
    ),
    "run": Case("run.json", b'{"swingbreak":"\xff"}', read_run),
    "pictures of a run": Case("charts.json", b'[{"trade":{"symbol":"\xff"}}]', read_pictures),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_by_name(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    (tmp_path / case.name).write_bytes(case.content)
    with pytest.raises(DataError, match=case.name):
        case.read(tmp_path)


def test_an_archive_is_none_of_ours(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as packed:
        packed.writestr("manifest.json", b'{"swingbreak":"\xff"}')
    with pytest.raises(DataError, match=r"one\.zip: is no archive"):
        unpack(tmp_path / "one.zip", tmp_path / "state")


def test_a_finished_day_is_run_again(tmp_path: Path) -> None:
    path = tmp_path / "finished" / f"{DAY}.json"
    path.parent.mkdir()
    path.write_bytes(b'{"fingerprint":"\xff"}')
    assert Keeper(tmp_path).load(DAY, "") is None


def test_an_item_of_a_tape_is_refused_with_its_place() -> None:
    with pytest.raises(DataError, match=r"day\.tape"):
        _item("day.tape", b"\x92\xa1\xff\xc0")  # the name "\xff", and nothing


def test_a_frame_and_an_answer_are_not_believed() -> None:
    with pytest.raises(DataError, match="cannot be read"):
        decode(b'{"type":"\xff"}')
    assert _said(200, b'{"status":"\xff"}').body == {}
