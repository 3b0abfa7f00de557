"""The program as other processes see it: started, watched, asked over REST, always ended."""

import asyncio
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import aiohttp

from swingbreak.adapters.openalgo.market_time import gateway_time
from tests.e2e.nursery import Start, nursery

SOURCE = str(Path(__file__).parents[2] / "src")
COMMAND = (sys.executable, "-m", "swingbreak")
PATIENCE_S = 90.0
_GLANCE_S = 0.02
_GOODBYE_S = 20.0
_OURS = (
    *("OPENALGO_", "TELEGRAM_", "APPRISE_", "R_VALUE", "MAX_", "PAPER_TRADING"),
    *("HOST_SERVER", "WEBSOCKET_"),
)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Ended:
    """How a process ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> dict[str, Any]:
        """The one JSON object that a command with ``--json`` reports an error with."""
        said: dict[str, Any] = json.loads(self.err.strip().splitlines()[-1])
        return said


class Process(Protocol):
    """What of ``subprocess.Popen`` is used."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Return its exit code, ``None`` while it runs."""

    def wait(self, timeout: float = ..., /) -> int:
        """Wait for its exit code."""

    def send_signal(self, number: int, /) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """End it at once."""


class Running:
    """A process whose output goes to files, so that it never waits for a reader."""

    def __init__(self, process: Process, out: Path, err: Path) -> None:
        self.process = process
        self._out = out
        self._err = err

    @property
    def said(self) -> str:
        """Its standard output so far."""
        return self._out.read_text(encoding="utf-8")

    @property
    def complained(self) -> str:
        """Its standard error so far."""
        return self._err.read_text(encoding="utf-8")

    def ended(self, seconds: float = PATIENCE_S) -> Ended:
        """Wait for its end."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"runs for more than {seconds} s: {self.complained}") from None
        return Ended(code, self.said, self.complained)

    def signalled(self, number: int) -> Ended:
        """Send it a signal and wait for its end."""
        self.process.send_signal(number)
        return self.ended(_GOODBYE_S)

    def until(self, seen: Callable[[], _T | None], seconds: float = PATIENCE_S) -> _T:
        """Return what *seen* returns once that is something, looking often while this lives."""
        deadline = monotonic() + seconds
        while not (value := seen()):
            over = self.process.poll() is not None
            if over or monotonic() > deadline:
                why = "ended first" if over else f"not in {seconds} s"
                raise AssertionError(f"{why}: {self.said}\n{self.complained}")
            self.glance()
        return value

    def glance(self, seconds: float = _GLANCE_S) -> None:
        """Let a moment pass, less if it ends."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def stop(self) -> None:
        """End it, whatever it is doing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(_GOODBYE_S)


@contextmanager
def running(
    folder: Path,
    *arguments: str,
    name: str = "run",
    env: Mapping[str, str] | None = None,
    fresh: bool = not hasattr(os, "fork"),
    reaper: tuple[int, str, str] | None = None,
) -> Iterator[Running]:
    """Run ``swingbreak`` with *arguments* in *folder*; it is stopped in the end.

    Args:
        folder: Where it runs; made where there is none.
        arguments: Its command line.
        name: Of the files with its output.
        env: What is around it, besides what is around us and would not set it.
        fresh: Whether it is a new interpreter, and not a copy of one that has imported it.
        reaper: The durable write to die at, its phase, and a file for the trace; never *fresh*.
    """
    folder.mkdir(parents=True, exist_ok=True)
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    out.write_bytes(b"")
    err.write_bytes(b"")
    around = environment(env or {})
    if fresh:
        process: Process = _interpreter(folder, arguments, around, out, err)
    else:
        start = Start(arguments, str(folder), around, str(out), str(err), reaper)
        process = nursery().start(start)
    one = Running(process, out, err)
    try:
        yield one
    finally:
        one.stop()


def _interpreter(
    folder: Path, arguments: Sequence[str], env: Mapping[str, str], out: Path, err: Path
) -> Process:
    with out.open("wb") as said, err.open("wb") as complained:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=complained,
        )


def ended(folder: Path, *arguments: str, **how: Any) -> Ended:
    """Run ``swingbreak`` with *arguments* in *folder* to its end; *how* as :func:`running`."""
    with running(folder, *arguments, **how) as one:
        return one.ended()


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return what a child inherits: nothing that would set our program but *more*."""
    around = os.environ  # noqa: TID251 - a child inherits it, but for what would set our program
    kept = {name: text for name, text in around.items() if not name.startswith(_OURS)}
    return {**kept, "PYTHONPATH": SOURCE, "PYTHONIOENCODING": "utf-8", **more}


@dataclass(frozen=True)
class Server:
    """A ``serve`` that is ready."""

    running: Running
    host: str
    ws_url: str
    key: str

    @property
    def addresses(self) -> tuple[str, ...]:
        """The flags by which a client finds it."""
        return ("--host", self.host, "--ws-url", self.ws_url)

    @property
    def env(self) -> dict[str, str]:
        """The key, as a client is given it."""
        return {"OPENALGO_API_KEY": self.key}

    def now(self) -> datetime:
        """Its market time."""
        return asyncio.run(_time_at(self.ws_url))

    def ask(self, path: str, **fields: Any) -> Any:
        """Return the ``data`` of an answer that is a success."""
        parts = urlsplit(self.host)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            body = json.dumps({"apikey": self.key, **fields})
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/api/v1/{path}", body, headers)
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        assert answer["status"] == "success", answer
        return answer["data"]


def order_by_hand(server: Server, symbol: str, action: str, quantity: int, price: float) -> str:
    """Place a limit order as a person would; return its id."""
    parts = urlsplit(server.host)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    fields = {
        "apikey": server.key,
        "strategy": "by hand",
        "symbol": symbol,
        "exchange": "NFO",
        "action": action,
        "product": "MIS",
        "pricetype": "LIMIT",
        "quantity": quantity,
        "price": f"{round(price, 1):.2f}",
    }
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/api/v1/placeorder", json.dumps(fields), headers)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    assert answer["status"] == "success", answer
    return str(answer["orderid"])


def price_of(server: Server, symbol: str) -> float:
    """The last traded price of an option, rupees."""
    return float(server.ask("quotes", symbol=symbol, exchange="NFO")["ltp"])


@contextmanager
def serving(folder: Path, *arguments: str, speed: str = "max") -> Iterator[Server]:
    """Serve a day on free ports; the server is stopped in the end and must have kept quiet."""
    flags = ("--json", "--port", "0", "--ws-port", "0", "--speed", speed)
    with running(folder, "serve", *flags, *arguments, name="serve") as one:
        ready = json.loads(one.until(lambda: _line(one.said)))
        yield Server(one, ready["host"], ready["ws_url"], ready["api_key"])
        assert "Traceback" not in one.complained, one.complained


async def _time_at(ws_url: str) -> datetime:
    async with aiohttp.ClientSession() as session:
        return await gateway_time(session, ws_url)


def _line(text: str) -> str:
    return text.partition("\n")[0] if "\n" in text else ""


def settings_file(folder: Path, **values: object) -> tuple[str, ...]:
    """Write a configuration file; return the flags that name it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "settings.toml"
    rows = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return ("--config", str(path))


def lines_of(path: Path) -> Sequence[str]:
    """The lines of a text file."""
    return path.read_text(encoding="utf-8").splitlines()


def small_day(folder: Path, name: str = "day.csv", *, day: str = "2026-11-20") -> Path:
    """Write half an hour of bars of a few options that qualify for nothing; return the file."""
    rows = ["ts,symbol,open,high,low,close,volume"]
    for strike in range(24_100, 24_350, 50):
        for right in ("CE", "PE"):
            for minute in range(30):
                price = 40 + minute % 3
                at = f"{day}T09:{15 + minute}:00+05:30"
                symbol = f"NIFTY01DEC26{strike}{right}"
                rows.append(f"{at},{symbol},{price},{price + 1},{price - 1},{price},650")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
