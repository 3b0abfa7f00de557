"""Processes of the program that need not import it first; POSIX only.

A process that is started by :class:`Nursery` is a copy of one that has imported the program and has
done nothing with it: a process of its own, with its own files, folder and environment, which lives
and dies like any other. What it saves is most of the time of a short run: Python's start, imports,
and made-up days, each of which is made once.
"""

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from math import inf
from pathlib import Path
from time import monotonic
from typing import IO, Any, Final

from swingbreak.cli.main import main
from swingbreak.simulation import generator
from tests.e2e.reaper import Reaper, watch

__all__ = ["Child", "Nursery", "Start", "nursery"]

ROOT: Final = Path(__file__).parents[2]
# Nothing that starts threads, which a copy would lack: no numpy, no polars.
_NEEDED: Final = (
    *("swingbreak.cli.run", "swingbreak.cli.serve", "swingbreak.cli.progress"),
    *("swingbreak.cli.day_output", "swingbreak.bootstrap.pages", "swingbreak.bootstrap.running"),
    *("swingbreak.gateway.server", "swingbreak.gateway.broker_quirks"),
    *("swingbreak.adapters.facts_file", "swingbreak.adapters.dayfiles"),
    *("swingbreak.bootstrap.preflight", "swingbreak.config_file", "swingbreak.cli.state"),
)
_GLANCE_S: Final = 0.002


@dataclass(frozen=True)
class Start:
    """What a process is to be.

    Attributes:
        arguments: Of ``swingbreak``.
        folder: Where it runs.
        env: All that is around it.
        out: The file that its standard output goes to.
        err: The file that its standard error goes to.
        reaper: The durable write to die at, its phase, and a file for the trace.
    """

    arguments: Sequence[str]
    folder: str
    env: Mapping[str, str]
    out: str
    err: str
    reaper: tuple[int, str, str] | None = None


class Child:
    """A process that a nursery has started: what of ``subprocess.Popen`` the tests use."""

    def __init__(self, home: "Nursery", pid: int) -> None:
        self.pid = pid
        self._home = home
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; ``None`` while it runs."""
        if self._code is None:
            self._code = self._home.ask(poll=self.pid)
        return self._code

    def wait(self, timeout: float = inf) -> int:
        """Wait for its end.

        Raises:
            TimeoutExpired: It runs on.
        """
        deadline, glance = monotonic() + timeout, _GLANCE_S
        while (code := self.poll()) is None:
            if monotonic() > deadline:
                raise subprocess.TimeoutExpired("swingbreak", timeout)
            threading.Event().wait(glance)
            glance = min(2 * glance, 10 * _GLANCE_S)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it is over."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that the others are copies of, and the way to ask it."""

    def __init__(self) -> None:
        around = os.environ  # noqa: TID251 - a child inherits it
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            env={**around, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._one_at_a_time = threading.Lock()
        atexit.register(self.close)

    def start(self, start: Start) -> Child:
        """Start ``swingbreak``."""
        return Child(self, self.ask(start=asdict(start)))

    def ask(self, **request: object) -> Any:
        """Return its answer."""
        with self._one_at_a_time:
            return _asked(self._process, request)

    def close(self) -> None:
        """Let it go; who was started by it goes on."""
        self._process.communicate()


def _asked(process: "subprocess.Popen[str]", request: dict[str, object]) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@cache
def nursery() -> Nursery:
    """Return the one of this process."""
    return Nursery()


def _become(start: Start) -> None:
    """Go on as a shell would have started us."""
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, start.out, os.O_WRONLY | os.O_CREAT),
        (2, start.err, os.O_WRONLY | os.O_CREAT),
    ):
        os.dup2(os.open(path, flags), number)
    os.chdir(start.folder)
    os.environ.clear()  # noqa: TID251 - as a shell would start it
    os.environ.update(start.env)  # noqa: TID251 - as above
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["swingbreak", *start.arguments]
    if start.reaper is not None:
        number, phase, trace = start.reaper
        watch(Reaper(number, phase, Path(trace)))


def _attended(requests: IO[str], answers: IO[str]) -> Start | None:
    """Do what is asked for; return only in a copy, with what that one has to do, or at the end."""
    for line in requests:
        match json.loads(line):
            case {"start": request}:
                pid = os.fork()
                if not pid:
                    return Start(**request)
                answer: int | None = pid
            case {"poll": pid}:
                ended, status = os.waitpid(pid, os.WNOHANG)
                answer = os.waitstatus_to_exitcode(status) if ended else None
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return None


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # that is for whoever started us
    for name in _NEEDED:
        import_module(name)
    generator.generate_day = cache(generator.generate_day)  # nobody writes to a tape
    tasks = Path("/proc/self/task")
    assert not tasks.exists() or len(list(tasks.iterdir())) == 1, "a copy would lack its threads"
    gc.collect()
    gc.freeze()
    start = _attended(sys.stdin, sys.stdout)
    if start is not None:
        _become(start)
        main()


if __name__ == "__main__":
    _main()
