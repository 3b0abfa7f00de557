"""The ``swingbreak`` command.

Nothing heavy is imported here: of the commands only the one that was asked for is made, for making
them all takes several times as long as ``version`` itself.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from swingbreak import __version__
from swingbreak.cli.output import print_json, print_text, run_reporting

__all__ = ["application", "main"]

# In the order of the help: each command and the module of this package that has it, as a function
# of the command's name or, where it has commands of its own, as ``app``.
_MODULES = {
    "demo": "demo",
    "check": "check",
    "run": "run",
    "serve": "serve",
    "backtest": "backtest",
    "sweep": "sweep",
    "walkforward": "walkforward",
    "signals": "signals",
    "status": "state",
    "positions": "state",
    "orders": "state",
    "trades": "state",
    "dashboard": "dashboard",
    "metrics": "metrics",
    "replay": "forensics",
    "explain": "explain",
    "verify": "forensics",
    "compare": "forensics",
    "charges": "charges",
    "report": "report",
    "simulate": "simulate",
    "contracts": "contracts",
    "pause": "controls",
    "resume": "controls",
    "flatten": "controls",
    "stop": "controls",
    "kill": "controls",
    "notify": "notify",
    "watchdog": "watchdog",
    "certify": "certify",
    "data": "data",
    "backup": "backup",
    "restore": "backup",
    "config": "config",
    "version": "main",
}


def application(asked: str = "") -> typer.Typer:
    """Return the command line, with the one command *asked* for or, where that is none, all."""
    app = typer.Typer(
        help="Intraday index-option selling through OpenAlgo: one core for backtest, paper and "
        "live.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for name in [asked] if asked in _MODULES else _MODULES:
        module = import_module(f"swingbreak.cli.{_MODULES[name]}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def version(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Print the version."""
    if as_json:
        print_json({"version": __version__, "python": sys.version.split()[0]})
    else:
        print_text(f"swingbreak {__version__}")


def main() -> None:
    """Run the command line and exit with its code."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # a service may be started with its streams closed
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    sys.exit(run_reporting(application(first)))


def _options() -> None:
    # with a callback typer keeps the command's name on the line, be it the only one
    pass
