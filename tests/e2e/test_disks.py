"""State folders on disks that take nothing, or nothing more."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.books_audit import Books, agree, audited, ledger_of, replay
from tests.e2e.processes import Ended, Server, ended, serving, settings_file, small_day


def run(folder: Path, server: Server, *flags: str) -> Ended:
    return ended(folder, "run", *server.addresses, *flags, env=server.env)


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Path]:
    """A disk of its own at *folder*; skips where we may not make one."""
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or sys.platform != "linux":
        pytest.skip("only Linux can make a small disk")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", options, "swingbreak", str(folder)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("only root may make a small disk")
    try:
        yield folder
    finally:
        subprocess.run([umount, str(folder)], check=True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("ro", ("run.lock", "Read-only file system", "another folder")),
        ("size=64k", ("live_state.db", "disk is full", "free some space")),
    ],
    ids=["read-only", "full"],
)
def test_a_disk_that_takes_nothing(tmp_path: Path, options: str, says: tuple[str, ...]) -> None:
    data = str(small_day(tmp_path))
    with disk(tmp_path / "disk", options) as full, serving(tmp_path, "--replay", data) as server:
        end = run(tmp_path, server, "--state-dir", str(full / "state"))
    assert end.code == 5, end
    assert [text for text in says if text not in end.err] == []
    assert "Traceback" not in end.err


@pytest.mark.slow
def test_a_disk_that_fills_up_in_the_middle_of_the_day(tmp_path: Path) -> None:
    with (
        disk(tmp_path / "disk", "size=320k") as small,
        serving(tmp_path, "--generate", "22") as server,
    ):
        flags = ("--state-dir", str(small / "state"))
        flags += settings_file(tmp_path, force_exit_ist="09:50")
        end = run(tmp_path, server, *flags)
        assert end.code == 5, end
        assert "disk is full" in end.err
        kept = ledger_of(small / "state")
        assert replay(kept).faults == []
        again = ["mount", "-o", "remount,size=16m", str(small)]
        subprocess.run(again, check=True)
        end = run(tmp_path, server, *flags)
        assert end.code == 0, end.err
        books = Books.of(server)
        assert (books.held, books.working) == ({}, [])
        agree(audited(small / "state"), books, small / "state")
