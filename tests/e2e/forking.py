"""Processes of the program that need not import it first; POSIX only.

Each is a process of its own, with its own files, folder and environment, and dies like any other.
It is a copy of this one, which has imported the program and done nothing with it, and that saves
most of the time of a short run.
"""

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Final, NoReturn

from tests.e2e.processes import Running, environment

__all__ = ["forking", "preload"]

_NEEDED: Final = (
    *("swingbreak.cli.run", "swingbreak.cli.serve", "swingbreak.cli.progress"),
    *("swingbreak.cli.day_output", "swingbreak.bootstrap.pages", "swingbreak.bootstrap.running"),
    *("swingbreak.gateway.server", "swingbreak.gateway.broker_quirks"),
    *("swingbreak.adapters.facts_file", "swingbreak.adapters.dayfiles"),
)
_GLANCE_S: Final = 0.002


class Forked:
    """What of ``subprocess.Popen`` the tests use."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; ``None`` while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end.

        Raises:
            TimeoutExpired: It runs on.
        """
        deadline = monotonic() + timeout
        while self.poll() is None:
            if monotonic() > deadline:
                raise subprocess.TimeoutExpired("swingbreak", timeout)
            Event().wait(_GLANCE_S)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it is over."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def preload() -> None:
    """Import what the processes need."""
    for name in _NEEDED:
        import_module(name)


@contextmanager
def forking(
    folder: Path,
    *arguments: str,
    name: str = "run",
    env: Mapping[str, str] | None = None,
    first: Callable[[], None] = lambda: None,
) -> Iterator[Running]:
    """Run ``swingbreak`` with *arguments* in *folder*, *first* before it; stopped in the end."""
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    for path in (out, err):
        path.touch()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        _become(partial(_prepare, folder, out, err, env or {}, first), arguments)
    one = Running(Forked(pid), out, err)
    try:
        yield one
    finally:
        one.stop()


def _become(prepare: Callable[[], None], arguments: tuple[str, ...]) -> NoReturn:
    code = 1
    try:
        prepare()
        sys.argv[1:] = arguments
        main = import_module("swingbreak.cli.main").main
        main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - nothing of this process may go on in the child
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _prepare(
    folder: Path, out: Path, err: Path, env: Mapping[str, str], first: Callable[[], None]
) -> None:
    for number, path, flags in (
        (0, Path(os.devnull), os.O_RDONLY),
        (1, out, os.O_WRONLY),
        (2, err, os.O_WRONLY),
    ):
        os.dup2(os.open(path, flags), number)
    # whoever tests us may have put something else there
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    os.chdir(folder)
    around = environment(env)
    os.environ.clear()  # noqa: TID251 - as a shell would start it
    os.environ.update(around)  # noqa: TID251 - as above
    first()
