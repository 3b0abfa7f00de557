"""Ctrl-C reaches every process of a simulation at once, also those that are only beginning."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from swingbreak.cli.output import ExitCode


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see processes")
def test_ctrl_c_while_processes_begin_ends_it_quietly() -> None:
    command = [sys.executable, "-m", "swingbreak", "simulate", "--days", "500", "--jobs", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as started:
        while started.poll() is None and not _children(started.pid):
            with suppress(subprocess.TimeoutExpired):  # they are there soon, and import then
                started.wait(0.01)
        os.killpg(started.pid, signal.SIGINT)
        _, errors = started.communicate(timeout=60)
    assert started.returncode == ExitCode.INTERRUPTED
    assert errors == b""


def _children(pid: int) -> bool:
    return len(Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()) > 2  # + tracker
