"""`run --service` and `serve` as processes: day after day while the gateway comes and goes.

Between two days the gateway is gone, then back without a broker session, which it says as OpenAlgo
does: HTTP 403, "Invalid openalgo apikey". Only then is the next day there.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from swingbreak.adapters.pulse import Stage, pulse_in, read_pulse
from swingbreak.cli.output import ExitCode
from tests.e2e.books_audit import Books, agree, audited
from tests.e2e.processes import Running, Server, ended, running, serving, settings_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

# Tuesday is a holiday
WEEK = tuple(date(2026, 11, day) for day in (20, 23, 25, 26, 27))
DAY_S = 600.0  # that a whole day may take at most
SEEDS = ("22", "23", "29", "24", "25")
SETTLED_MB, SETTLED_FILES = 12, 4  # that a process may have more after a week than after a day


@dataclass(frozen=True)
class Place:
    """Where the gateway is to be found every day."""

    folder: Path
    ports: tuple[str, ...]

    @contextmanager
    def open(self, day: date, seed: str, *others: str) -> Iterator[Server]:
        """Serve *day* there."""
        what = ("--date", f"{day}", "--generate", seed, *self.ports, *others)
        with serving(self.folder / f"{day}{len(others)}", *what) as server:
            yield server


class Size(NamedTuple):
    """What a process has."""

    resident_mb: float
    files: int


def size_of(pid: int) -> Size:
    """Look it up."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Size(int(resident.split()[1]) / 1024, files)


def place_of(server: Server, folder: Path) -> Place:
    http, ws = urlsplit(server.host).port, urlsplit(server.ws_url).port
    return Place(folder, ("--port", f"{http}", "--ws-port", f"{ws}"))


def summaries(run: Running) -> int:
    return run.said.count("\nended ") + run.said.startswith("ended ")


def waits(state: Path) -> bool:
    pulse = read_pulse(pulse_in(state))
    return pulse is not None and pulse.stage is Stage.WAITS


def traded(run: Running, server: Server, state: Path, day: date, count: int) -> int:
    """Wait for the end of *day*, the *count*-th one; everybody's books agree. Return fills."""
    run.until(lambda: summaries(run) == count and waits(state), DAY_S)
    books = Books.of(server)
    assert (books.held, books.working) == ({}, [])
    agree(audited(state, date_=day), books, state, date_=day)
    return len(books.trades)


def comes_back(run: Running, place: Place, day: date) -> None:
    """The gateway has been away over night, and nobody has logged in yet."""
    away = "no OpenAlgo WebSocket answers there"
    run.until(lambda: run.complained.count(away) >= WEEK.index(day))
    seen = run.complained.count("Log in to the broker in OpenAlgo first")
    with place.open(day, "1", "--api-key", "another"):
        again = "Log in to the broker in OpenAlgo first"
        run.until(lambda: run.complained.count(again) > seen)


@contextmanager
def service(folder: Path, server: Server, state: Path, **settings: object) -> Iterator[Running]:
    """Run day after day; the settings are those of a test."""
    flags = (*settings_file(folder, **settings), "--state-dir", str(state))
    with running(folder, "run", "--service", *server.addresses, *flags, env=server.env) as run:
        yield run


def test_a_signal_ends_what_waits_and_nobody_else_begins_beside_it(tmp_path: Path) -> None:
    """Without a gateway it waits, be it for a session or, within one, for the gateway."""
    state = tmp_path / "state"
    nowhere = ("--host", "http://127.0.0.1:9", "--ws-url", "ws://127.0.0.1:9")
    arguments = ("run", "--service", *nowhere, "--state-dir", str(state))
    key = {"OPENALGO_API_KEY": "k" * 32}
    with running(tmp_path, *arguments, env=key) as run:
        run.until(lambda: waits(state))
        second = ended(tmp_path, *arguments, name="second", env=key)
        end = run.signalled(signal.SIGTERM)
    assert (second.code, end.code) == (ExitCode.LOCKED, ExitCode.TERMINATED), second.err
    pulse = read_pulse(pulse_in(state))
    assert pulse is not None
    assert pulse.stage is Stage.LEFT


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="handles are counted in /proc")
def test_a_week_without_anybody_there(tmp_path: Path) -> None:
    """Five whole days: each is traded, nothing is left over, and the process does not grow."""
    state, sizes = tmp_path / "state", list[Size]()
    with ExitStack() as stack:
        server = stack.enter_context(serving(tmp_path, "--generate", SEEDS[0]))
        place = place_of(server, tmp_path)
        run = stack.enter_context(service(tmp_path, server, state))
        fills = [traded(run, server, state, WEEK[0], 1)]
        sizes.append(size_of(run.process.pid))
        server.running.stop()
        for count, (day, seed) in enumerate(zip(WEEK[1:], SEEDS[1:], strict=True), 2):
            comes_back(run, place, day)
            with place.open(day, seed) as server:
                fills.append(traded(run, server, state, day, count))
                sizes.append(size_of(run.process.pid))
        end = run.signalled(signal.SIGTERM)
    assert end.code == ExitCode.TERMINATED, end.err
    assert "Traceback" not in end.err
    assert all(count > 0 for count in fills), fills
    print(fills, sizes)  # noqa: T201 - the figures, for the page of proofs
    first, last = sizes[0], sizes[-1]
    assert last.files <= first.files + SETTLED_FILES, sizes
    assert last.resident_mb <= first.resident_mb + SETTLED_MB, sizes
