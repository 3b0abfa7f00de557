"""``swingbreak signals``: what the strategy sees in a file of bars."""

from pathlib import Path
from typing import Annotated

import typer

from swingbreak.cli.output import print_table, print_text
from swingbreak.domain.errors import DataError

__all__ = ["signals"]


def signals(
    bars: Annotated[
        Path, typer.Argument(help="CSV or Parquet: ts, symbol, open … volume; rupees.")
    ],
    config: Annotated[Path | None, typer.Option("--config", help="Configuration file.")] = None,
    rule: Annotated[
        str | None, typer.Option(help="Swing rule: watch2 or watch2-alternating.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Print the swings, the levels and the best candidate of each minute in a file of bars."""
    import json  # noqa: PLC0415 - not needed for --help

    from swingbreak.bootstrap import read_signals  # noqa: PLC0415 - as above

    rows = read_signals(bars, config, {"swing_rule": rule})
    if as_json:
        for row in rows:
            print_text(json.dumps(row))
        return
    shown = [row for row in rows if row["event"] != "best" or row["symbol"] is not None]
    if not shown:
        raise DataError(f"{bars}: no swing in these bars; try a day with more minutes")
    columns = ("day", "event", "bar/minute", "symbol", "what", ">price")
    print_table(columns, ([*map(str, _cells(row))] for row in shown))


def _cells(row: dict[str, str | int | float | None]) -> tuple[object, ...]:
    if row["event"] == "swing":
        what = f"{row['kind']} {row['type']} on bar {row['index']}"
    elif row["event"] == "level":
        what = f"{row['state']} {row['reason']}".strip()
    else:
        what = (
            f"{row['right']}: sell {row['quantity']} at {row['trigger']}/{row['limit']}, "
            f"stop {row['stop']}"
        )
    at = row["bar"] if "bar" in row else row["minute"]
    return row["day"], row["event"], at, row["symbol"], what, row["price"]
