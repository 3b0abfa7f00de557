"""``swingbreak explain``: why an order was sent, or why none was."""

from typing import Annotated

import typer

from swingbreak.cli.options import Config, Day, Json, StateDir, state_folder
from swingbreak.cli.output import print_json, print_text

__all__ = ["explain"]


def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ORDER|TRADE|SYMBOL@TIME",
            help="An id that `orders` or `trades` shows, or an option and a time in India.",
        ),
    ],
    on: Day = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Tell what led to an order or a trade, link by link, or why there was none at a time."""
    from swingbreak.bootstrap import replaying  # noqa: PLC0415 - `version` is fast
    from swingbreak.domain.session import ist_clock  # noqa: PLC0415 - as above

    folder = state_folder(state_dir, config)
    recorded, lines = replaying.explain(folder, what, on.date() if on else None)
    if as_json:
        chain = [
            {"at": each.at.isoformat(), "topic": each.topic, "text": each.text, **each.values}
            for each in lines
        ]
        print_json({"date": recorded.day.isoformat(), "what": what, "chain": chain})
        return
    print_text(f"{what} on {recorded.day}, {recorded.label}")
    for each in lines:
        print_text(f"{ist_clock(each.at)}  {each.topic:<8}  {each.text}")
