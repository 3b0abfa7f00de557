"""What systemd hears of a day, over a real socket."""

import socket
import sys
from pathlib import Path

import pytest

from swingbreak.adapters.systemd import Systemd

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no systemd")


def test_it_hears_that_all_is_well_and_that_it_ends(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(path)
        systemd = Systemd(path)
        systemd.well()
        systemd.ending("the day is over")
        systemd.well()  # too late
        assert heard.recv(100) == b"READY=1\nWATCHDOG=1"
        assert heard.recv(100) == b"STOPPING=1\nSTATUS=the day is over"
        heard.setblocking(False)
        with pytest.raises(BlockingIOError):
            heard.recv(100)


@pytest.mark.skipif(sys.platform != "linux", reason="abstract names are Linux's")
def test_an_abstract_name(tmp_path: Path) -> None:
    name = f"swingbreak-test-{tmp_path.name}-{tmp_path.parent.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"\0{name}")
        systemd = Systemd(f"@{name}")
        systemd.well()
        systemd.ending("")
        assert heard.recv(100).startswith(b"READY=1")


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_where_nobody_listens_nothing_happens(address: str) -> None:
    systemd = Systemd(address)
    systemd.well()
    systemd.ending("over")


def test_a_full_queue_holds_up_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(path)
        systemd = Systemd(path)
        for _ in range(10_000):
            systemd.well()
        systemd.ending("over")
        assert heard.recv(100).startswith(b"READY=1")
