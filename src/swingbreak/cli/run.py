"""``swingbreak run``: trade a day, or day after day, through an OpenAlgo server."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["run"]


def run(  # noqa: PLR0913, PLR0917 - one argument per option
    mode: Annotated[str | None, typer.Option(help="paper or live.")] = None,
    host: Annotated[str | None, typer.Option(help="OpenAlgo's address.")] = None,
    ws_url: Annotated[str | None, typer.Option(help="OpenAlgo's WebSocket URL.")] = None,
    expiry: Annotated[str | None, typer.Option(help="26DEC24, or auto.")] = None,
    atm: Annotated[str | None, typer.Option(help="Strike at the money, or auto.")] = None,
    state_dir: Annotated[Path | None, typer.Option(help="Folder of database, logs, CSVs.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Configuration file.")] = None,
    live: Annotated[bool, typer.Option("--live", help="Second key to live trading.")] = False,  # noqa: FBT002 - an option
    service: Annotated[  # noqa: FBT002 - an option
        bool, typer.Option("--service", help="Stay, and trade day after day.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Trade one day, waiting for its open, and end with its report.

    The key comes from OPENALGO_API_KEY.
    """
    from swingbreak.bootstrap.running import run_settings  # noqa: PLC0415 - heavy
    from swingbreak.cli.attending import Attending  # noqa: PLC0415 - as above
    from swingbreak.cli.day_output import exit_code  # noqa: PLC0415 - as above
    from swingbreak.cli.progress import Progress  # noqa: PLC0415 - as above

    overrides = {
        "mode": mode,
        "openalgo_host": host,
        "openalgo_ws_url": ws_url,
        "expiry": expiry,
        "atm": atm,
        "state_dir": state_dir and str(state_dir),
    }
    outcome, ended_by = run_settings(
        config,
        overrides,
        live_flag=live,
        attendant=Attending(as_json=as_json),
        progress=None if as_json else Progress,
        stays=service,
    )
    raise typer.Exit(exit_code(outcome, ended_by))
