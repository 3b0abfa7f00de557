"""``swingbreak run``: trade a day, or day after day, through an OpenAlgo server."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["run"]

_Service = Annotated[bool, typer.Option("--service", help="Stay, and trade day after day.")]


def run(  # noqa: PLR0913, PLR0917 - one argument per option
    mode: Annotated[str | None, typer.Option(help="paper or live.")] = None,
    host: Annotated[str | None, typer.Option(help="OpenAlgo's address.")] = None,
    ws_url: Annotated[str | None, typer.Option(help="OpenAlgo's WebSocket URL.")] = None,
    expiry: Annotated[str | None, typer.Option(help="26DEC24, or auto.")] = None,
    atm: Annotated[str | None, typer.Option(help="Strike at the money, or auto.")] = None,
    state_dir: Annotated[Path | None, typer.Option(help="Folder of database, logs, CSVs.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Configuration file.")] = None,
    live: Annotated[bool, typer.Option("--live", help="Second key to live trading.")] = False,  # noqa: FBT002 - an option
    service: _Service = False,  # noqa: FBT002 - an option
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Trade one day, waiting for its open, and end with its report.

    The key comes from OPENALGO_API_KEY.
    """
    from swingbreak.bootstrap.running import run_settings  # noqa: PLC0415 - heavy
    from swingbreak.cli.attending import Attending  # noqa: PLC0415 - as above
    from swingbreak.cli.day_output import exit_code  # noqa: PLC0415 - as above
    from swingbreak.cli.progress import Progress  # noqa: PLC0415 - as above

    given = {
        "mode": mode,
        "openalgo_host": host,
        "openalgo_ws_url": ws_url,
        "expiry": expiry,
        "atm": atm,
        "state_dir": state_dir and str(state_dir),
    }
    with Attending(as_json=as_json) as attendant:
        outcome, ended_by = run_settings(
            config,
            given,
            live_flag=live,
            attendant=attendant,
            progress=None if as_json else Progress,
            stays=service,
        )
    raise typer.Exit(exit_code(outcome, ended_by))
