"""``swingbreak demo``: a whole paper day on one machine."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.output import ExitCode, print_text
from swingbreak.simulation.spot_path import Regime

if TYPE_CHECKING:  # pydantic takes 0.2 s to import
    from swingbreak.settings import Settings

__all__ = ["demo"]


def demo(  # noqa: PLR0913, PLR0917 - one argument per option
    seed: Annotated[int | None, typer.Option(help="Made-up day to trade.")] = None,
    regime: Annotated[Regime | None, typer.Option(help="Kind of day to make up.")] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Trade a recorded day instead.")
    ] = None,
    underlying: Annotated[
        str | None, typer.Option(help="Index of the made-up day; default: the setting.")
    ] = None,
    state_dir: Annotated[Path | None, typer.Option(help="Folder for the day's files.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Configuration file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Run a whole paper day over HTTP and WebSocket against the built-in exchange."""
    from swingbreak.bootstrap.demo import demo_folder  # noqa: PLC0415 - heavy
    from swingbreak.settings import load  # noqa: PLC0415 - as above

    if replay is not None and any(given is not None for given in (seed, regime, underlying)):
        raise typer.BadParameter(
            "--replay trades a recorded day: leave --seed, --regime and --underlying out"
        )
    serve = ["--generate", str(seed)] if seed is not None else []
    serve += ["--regime", regime] if regime else []
    serve += ["--replay", str(replay)] if replay else []
    overrides = {
        "state_dir": state_dir and str(state_dir),
        "mode": "paper",
        "underlying": underlying and underlying.upper(),
    }
    settings = load(config, overrides=overrides)
    serve += [] if replay else ["--underlying", settings.underlying]
    serve += [word for path in settings.facts_files for word in ("--facts", str(path))]
    settings = replace(settings, state_dir=demo_folder(settings))
    raise typer.Exit(_trade(settings, serve, as_json=as_json))


def _trade(settings: "Settings", serve: Sequence[str], *, as_json: bool) -> ExitCode:
    from swingbreak.bootstrap.demo import DemoServer, run_demo  # noqa: PLC0415 - heavy
    from swingbreak.bootstrap.pages import write_page  # noqa: PLC0415 - as above
    from swingbreak.cli.day_output import exit_code, print_day  # noqa: PLC0415 - as above
    from swingbreak.cli.progress import Progress  # noqa: PLC0415 - as above

    def say(text: str) -> None:
        if not as_json:
            print_text(text)

    def ready(server: DemoServer) -> None:
        kind = "made up" if server.synthetic else "recorded"
        say(f"Market data: {server.label} ({kind}), served at {server.address.host}")

    started = time.monotonic()
    say("Starting the simulated exchange ...")
    outcome = run_demo(settings, serve, ready, Progress)
    page = write_page(outcome.view, settings.state_dir)
    print_day(outcome, page, as_json=as_json)
    say(f"took {time.monotonic() - started:.1f} s")
    code = exit_code(outcome)
    # a demonstration that ends at its loss limit has shown what it should
    return ExitCode.OK if code is ExitCode.RISK_HALT else code
