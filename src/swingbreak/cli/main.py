"""The ``swingbreak`` command.

Nothing heavy is imported here: a command imports what it needs when it runs.
"""

import sys
from typing import Annotated

import typer

from swingbreak import __version__
from swingbreak.cli import config, demo, run, serve, signals, state
from swingbreak.cli.output import print_json, print_text, run_reporting

__all__ = ["app", "main"]

app = typer.Typer(
    help="Intraday index-option selling through OpenAlgo: one core for backtest, paper and live.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def version(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Print the version."""
    if as_json:
        print_json({"version": __version__, "python": sys.version.split()[0]})
    else:
        print_text(f"swingbreak {__version__}")


app.command()(demo.demo)
app.command()(run.run)
app.command()(serve.serve)
app.command()(signals.signals)
app.command()(state.status)
app.command()(state.positions)
app.command()(state.orders)
app.command()(state.trades)
app.add_typer(config.app, name="config")


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run_reporting(app))
