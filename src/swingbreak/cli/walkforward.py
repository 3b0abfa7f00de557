"""``swingbreak walkforward``: settings chosen on past days, judged on the days that follow."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Json
from swingbreak.cli.output import print_facts, print_json, print_table, print_text

if TYPE_CHECKING:  # all import the data layer's neighbours
    from swingbreak.reporting.run_view import RunView
    from swingbreak.reporting.sweep_view import SweepView
    from swingbreak.reporting.walk_forward import Step, Walk

__all__ = ["walkforward"]

_ROOT = Path("swingbreak-data")
_Anchored = Annotated[bool, typer.Option("--anchored", help="Choose on all days before.")]
_Sweep = Annotated[Path, typer.Argument(metavar="SWEEP", help="Folder of a finished sweep.")]


def walkforward(  # noqa: PLR0913, PLR0917 - one argument per option
    sweep: _Sweep,
    train: Annotated[int, typer.Option(min=2, help="Days to choose on.")] = 40,
    test: Annotated[int, typer.Option(min=1, help="Days to judge before the next choice.")] = 10,
    anchored: _Anchored = False,  # noqa: FBT002 - an option
    root: Annotated[Path, typer.Option("--data", metavar="DIR", help="The sweep's data.")] = _ROOT,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Run folder of the judged days.")
    ] = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Choose settings on past days, judge them on the days that follow, and make a run of these."""
    from swingbreak.bootstrap.run_folder import write_run  # noqa: PLC0415 - heavy
    from swingbreak.bootstrap.sweep.folder import write_page  # noqa: PLC0415 - as above
    from swingbreak.bootstrap.sweep.walking import walk_forward  # noqa: PLC0415 - as above

    view, walk, run = walk_forward(sweep, root, train, test, anchored=anchored)
    folder = out or sweep / "walkforward"
    write_run(folder, run)
    write_page(sweep, view, walk)
    if as_json:
        print_json(_as_json(walk, run, folder))
    else:
        _print(walk, run, view, folder)


def _print(walk: "Walk", run: "RunView", view: "SweepView", folder: Path) -> None:
    columns = ("chosen on", ">days", *view.keys, ">R a day", "judged on", ">days", ">R a day")
    print_table((*columns, ">rank"), (_row(step, view) for step in walk.steps))
    print_facts(dict(_facts(walk, run, len(view.tried))))
    print_text(f"run of the judged days: {folder}")


def _row(step: "Step", view: "SweepView") -> tuple[str, ...]:
    return (
        f"{step.chosen_on[0]} to {step.chosen_on[-1]}",
        str(len(step.chosen_on)),
        *(step.chosen.point[key] for key in view.keys),
        f"{step.before:+.3f}",
        f"{step.judged_on[0]} to {step.judged_on[-1]}",
        str(len(step.judged_on)),
        f"{step.after:+.3f}",
        f"{step.rank} of {len(view.tried)}",
    )


def _facts(walk: "Walk", run: "RunView", sets: int) -> Iterator[tuple[str, str]]:
    net = sum(day.net for day in run.days)
    yield "judged days", f"{len(run.days)}, {net / run.r_value:+.2f} R"
    if walk.efficiency is not None:
        yield "efficiency", f"{walk.efficiency:.0%} of what the days of choice had made a day"
    middle = (sets + 1) / 2
    ahead = sum(step.rank < middle for step in walk.steps)
    yield "ahead", f"the choice beats half of the sets in {ahead} of {len(walk.steps)} steps"
    for key, share in walk.steady.items():
        yield f"steady {key}", f"the same value in {share:.0%} of the steps"


def _as_json(walk: "Walk", run: "RunView", folder: Path) -> dict[str, object]:
    return {
        "out": str(folder),
        "net_paise": sum(day.net for day in run.days),
        "r_value_paise": run.r_value,
        "efficiency": walk.efficiency,
        "steady": walk.steady,
        "steps": [
            {
                "chosen_on": [step.chosen_on[0].isoformat(), step.chosen_on[-1].isoformat()],
                "judged_on": [step.judged_on[0].isoformat(), step.judged_on[-1].isoformat()],
                "set": step.chosen.number,
                "point": dict(step.chosen.point),
                "r_a_day_before": step.before,
                "r_a_day_after": step.after,
                "rank": step.rank,
            }
            for step in walk.steps
        ],
    }
