"""``swingbreak notify``: messages to a phone, and commands from there."""

from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json, StateDir
from swingbreak.cli.output import ExitCode, print_json, print_table

if TYPE_CHECKING:  # heavy
    from swingbreak.bootstrap.notifying.process import Tried

__all__ = ["notify"]


def notify(
    state_dir: StateDir = None,
    config: Config = None,
    test: Annotated[  # noqa: FBT002 - an option
        bool, typer.Option("--test", help="Send one message, say what came of it, and end.")
    ] = False,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Send alerts of the running day by Telegram and others, and obey commands, until stopped."""
    from swingbreak.bootstrap.notifying import process  # noqa: PLC0415 - heavy

    if test:
        raise typer.Exit(_show(process.try_all(config), as_json=as_json))
    from swingbreak.cli.day_output import exit_code  # noqa: PLC0415 - heavy

    raise typer.Exit(exit_code(None, process.notify(config, state_dir).signal))


def _show(tried: "list[Tried]", *, as_json: bool) -> ExitCode:
    from swingbreak.alerts.delivery import Outcome  # noqa: PLC0415 - `version` is fast

    rows = [(one.receiver, one.delivery.outcome.value, one.delivery.why) for one in tried]
    if as_json:
        print_json([dict(zip(("receiver", "outcome", "why"), row, strict=True)) for row in rows])
    else:
        print_table(("receiver", "outcome", "why"), rows)
    outcomes = {one.delivery.outcome for one in tried}
    if outcomes & {Outcome.BARRED, Outcome.REFUSED}:
        return ExitCode.CONFIGURATION
    return ExitCode.OK if outcomes == {Outcome.DELIVERED} else ExitCode.GATEWAY_UNREACHABLE
