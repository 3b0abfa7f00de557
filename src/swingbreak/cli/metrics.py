"""``swingbreak metrics``: the board as Prometheus reads it, for a collector of text files."""

from pathlib import Path
from typing import Annotated

import typer

from swingbreak.cli.options import Config, Json, StateDir, state_folder
from swingbreak.cli.output import print_json, print_text

__all__ = ["metrics"]

_WRITE = "Put them into this file, as a whole, instead of printing them."


def metrics(
    write: Annotated[Path | None, typer.Option(help=_WRITE)] = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Print the running day's numbers in Prometheus' text format; it needs no engine."""
    from swingbreak.adapters.clock import WallClock  # noqa: PLC0415 - `version` is fast
    from swingbreak.adapters.exposition import exposition  # noqa: PLC0415 - as above
    from swingbreak.adapters.whole_files import replace_text  # noqa: PLC0415 - as above
    from swingbreak.bootstrap.measuring import metrics_of  # noqa: PLC0415 - as above
    from swingbreak.bootstrap.viewing import view_of  # noqa: PLC0415 - as above

    view = view_of(state_folder(state_dir, config), WallClock().now(), events=0)
    found = [each for each in metrics_of(view) if each.samples]
    if write is not None:
        replace_text(write, exposition(found))
    if as_json:
        samples = [
            {"name": each.name, "labels": labels, "value": value}
            for each in found
            for labels, value in each.samples
        ]
        print_json(samples)
    elif write is None:
        print_text(exposition(found).rstrip("\n"))
