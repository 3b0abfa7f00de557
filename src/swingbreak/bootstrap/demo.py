"""The whole thing on one machine: a simulated OpenAlgo server as a process, and a day traded."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from swingbreak.adapters.runlock import folder_lock
from swingbreak.bootstrap.day import DayOutcome, DayPlan, run_day
from swingbreak.domain.errors import DataError, GatewayUnreachable, SwingbreakError
from swingbreak.engine.engine import Engine
from swingbreak.runtime.trader import Onlooker
from swingbreak.settings import GatewayAddress, Settings

__all__ = ["DemoServer", "demo_folder", "run_demo"]

_GOODBYE_S = 5.0


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A server that has said it is ready.

    Attributes:
        cadence_s: Longest ordinary silence of its market, seconds.
    """

    address: GatewayAddress
    label: str
    synthetic: bool
    cadence_s: int


def demo_folder(settings: Settings) -> Path:
    """Return where the demo's files go: a folder of its own in the state folder."""
    return settings.state_dir / "demo"


def run_demo(
    settings: Settings,
    serve: Sequence[str],
    ready: Callable[[DemoServer], None],
    progress: Callable[[Engine], Onlooker],
) -> DayOutcome:
    """Serve a day as the arguments *serve* say, trade it as fast as it goes, return how it ended.

    Raises:
        SwingbreakError: The server could not start, or the day could not be run.
    """
    return asyncio.run(_run(settings, serve, ready, progress))


async def _run(
    settings: Settings,
    serve: Sequence[str],
    ready: Callable[[DemoServer], None],
    progress: Callable[[Engine], Onlooker],
) -> DayOutcome:
    async with _server(serve) as server:
        _clear(settings.state_dir)
        ready(server)
        parameters = replace(
            settings.parameters,
            feed_stale_after_s=max(settings.parameters.feed_stale_after_s, server.cadence_s),
            stale_after_s=max(settings.parameters.stale_after_s, 3 * server.cadence_s),
        )
        adapted = replace(settings, gateway=server.address, parameters=parameters)
        plan = DayPlan(adapted, label=server.label, synthetic=server.synthetic, progress=progress)
        return await run_day(plan)


def _clear(folder: Path) -> None:
    """Remove what an earlier demo left in *folder*, unless one is running there."""
    lock = folder_lock(folder)
    with lock:
        for path in folder.iterdir():
            if path == lock.path:
                continue
            try:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            except OSError as error:
                raise DataError(
                    f"{path}: the last demo's file cannot be removed ({error.strerror}); close it "
                    "in other programs, or choose another --state-dir"
                ) from error


@asynccontextmanager
async def _server(arguments: Sequence[str]) -> AsyncIterator[DemoServer]:
    command = ["-m", "swingbreak", "serve", "--json", "--speed", "max", "--port", "0"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        *("--ws-port", "0", "--with-parent", *arguments),
        stdin=asyncio.subprocess.PIPE,  # its end tells the server that we are gone
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield await _readiness(process)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _readiness(process: asyncio.subprocess.Process) -> DemoServer:
    line = await process.stdout.readline() if process.stdout else b""
    if not line:
        _, complaint = await process.communicate()
        raise _failure(complaint.decode(errors="replace"))
    ready = json.loads(line)
    return DemoServer(
        GatewayAddress(ready["host"], ready["ws_url"], ready["api_key"]),
        ready["label"],
        ready["synthetic"],
        ready["cadence_s"],
    )


def _failure(complaint: str) -> SwingbreakError:
    # the server reports errors as one JSON object, its last line
    with suppress(ValueError, IndexError):
        said: dict[str, Any] = json.loads(complaint.strip().splitlines()[-1])
        if said["error"] in {"DataError", "UnknownFact", "NeedsExtra"}:
            return DataError(said["message"])
        return GatewayUnreachable(said["message"])
    return GatewayUnreachable(f"the simulated server did not start: {complaint.strip()}")
