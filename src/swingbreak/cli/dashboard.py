"""``swingbreak dashboard``: the day in a browser, from a process of its own."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json, StateDir, state_folder
from swingbreak.cli.output import ExitCode, print_json, print_text

if TYPE_CHECKING:
    from swingbreak.dashboard.server import Dashboard

__all__ = ["dashboard"]

_PORT = "Port on this machine; 0: any that is free; default: the setting."
_RUNS = "Folder of run folders, whose reports are shown with the days."
_ARMED = "Allow pause, resume, flatten and kill."


def dashboard(  # noqa: PLR0913, PLR0917 - one argument per option
    port: Annotated[int | None, typer.Option(min=0, max=65535, help=_PORT)] = None,
    armed: Annotated[bool, typer.Option("--armed", help=_ARMED)] = False,  # noqa: FBT002 - an option
    runs: Annotated[Path | None, typer.Option(help=_RUNS)] = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Show the running day and past days in a browser; only this machine can connect."""
    from swingbreak.dashboard.server import Dashboard  # noqa: PLC0415 - `version` is fast
    from swingbreak.settings import load, metrics_token  # noqa: PLC0415 - as above

    folder = state_folder(state_dir, config)
    tell = partial(_announce, folder=folder, armed=armed, as_json=as_json)
    shown = Dashboard(folder, armed=armed, runs=runs, scraper=metrics_token())
    chosen = load(config).dashboard_port if port is None else port
    raise typer.Exit(asyncio.run(_serve(shown, chosen, tell)))


async def _serve(shown: "Dashboard", port: int, tell: Callable[[str], None]) -> ExitCode:
    address = await shown.start(port)
    try:
        tell(address)
        return await _until_signal()
    finally:
        await shown.stop()


def _announce(address: str, *, folder: Path, armed: bool, as_json: bool) -> None:
    if as_json:
        print_json({"url": address, "state_dir": str(folder), "armed": armed})
        return
    print_text(f"dashboard of {folder}, {'ARMED' if armed else 'read-only'}; open")
    print_text(f"  {address}")
    print_text("The address is as good as a password while this runs. Ctrl+C ends it.")


async def _until_signal() -> ExitCode:
    ended: asyncio.Future[ExitCode] = asyncio.get_running_loop().create_future()

    def leave(code: ExitCode) -> None:
        if not ended.done():
            ended.set_result(code)

    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows: Ctrl+C raises KeyboardInterrupt instead
        loop.add_signal_handler(signal.SIGINT, leave, ExitCode.INTERRUPTED)
        loop.add_signal_handler(signal.SIGTERM, leave, ExitCode.TERMINATED)
    return await ended
