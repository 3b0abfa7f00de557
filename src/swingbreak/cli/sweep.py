"""``swingbreak sweep``: many settings over the same days, and how far the best of them is luck."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.asking import day_of, fill_models
from swingbreak.cli.counting import counting, no_count
from swingbreak.cli.options import Config, Json
from swingbreak.cli.output import currency, print_facts, print_json, print_table, print_text
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.money import rupees

if TYPE_CHECKING:  # all import the data layer's neighbours
    from swingbreak.bootstrap.sweep.space import Axis, Point
    from swingbreak.bootstrap.sweep.units import Workers
    from swingbreak.reporting.sweep_view import Doubt, SweepView, Tried

__all__ = ["sweep"]

_SHOWN = 10
_Root = Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of the data store.")]
_Grid = Annotated[
    list[str] | None,
    typer.Option("--grid", metavar="KEY=V,V", help="Values of a setting; repeat it."),
]
_Range = Annotated[
    list[str] | None,
    typer.Option("--range", metavar="KEY=LO..HI:STEP", help="Values of a setting; repeat it."),
]
_Random = Annotated[
    int | None, typer.Option("--random", min=1, metavar="N", help="Try N of the combinations.")
]
_Optuna = Annotated[
    int | None, typer.Option("--optuna", min=1, metavar="N", help="Let optuna choose N sets.")
]
_Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="Run on a Dask cluster; local for our own."),
]
_Underlying = Annotated[str | None, typer.Option(help="Index.")]
_Since = Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day.")]
_Until = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day.")]
_Exact = Annotated[bool, typer.Option("--exact", help="Run every set by the engine.")]
_ROOT = Path("swingbreak-data")


def sweep(  # noqa: PLR0913, PLR0917 - one argument per option
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the sweep.")],
    values: _Grid = None,
    ranges: _Range = None,
    random: _Random = None,
    optuna: _Optuna = None,
    seed: Annotated[int, typer.Option(help="Of --random and --optuna.")] = 1,
    objective: Annotated[str, typer.Option(help="sharpe, net_r or worst_day.")] = "sharpe",
    root: _Root = _ROOT,
    underlying: _Underlying = None,
    since: _Since = None,
    until: _Until = None,
    fills: Annotated[str, typer.Option(help="Fill model.")] = "pessimistic",
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 1,
    cluster: _Cluster = None,
    exact: _Exact = False,  # noqa: FBT002 - an option
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Run many settings over the same stored days; what was broken off goes on."""
    from swingbreak.bootstrap.sweep.folder import sweep_into  # noqa: PLC0415 - heavy
    from swingbreak.bootstrap.sweep.running import SweepAsked  # noqa: PLC0415 - as above
    from swingbreak.bootstrap.sweep.searching import Search  # noqa: PLC0415 - as above

    if random and optuna:
        raise ConfigError("--random and --optuna choose sets in two ways: give one of them")
    axes = _axes(values or (), ranges or ())
    asked = SweepAsked(
        settings=config,
        overrides={"underlying": underlying and underlying.upper()},
        points=() if optuna else _points(axes, random, seed),
        root=root,
        out=out,
        objective=_objective(objective),
        model=fill_models(fills)[0],
        first=day_of(since, "--from") or date.min,
        last=day_of(until, "--to") or date.max,
        jobs=jobs,
        exact=exact,
    )
    wanted = Search(axes, optuna, seed) if optuna else None
    with _workers(cluster, jobs) as workers:
        view, doubt = sweep_into(asked, counting("units"), workers, wanted)
    no_count()
    if as_json:
        print_json(_as_json(view, doubt, out))
    else:
        _print(view, doubt, out)


def _objective(name: str) -> str:
    from swingbreak.reporting.sweep_view import OBJECTIVES  # noqa: PLC0415 - loaded by now

    if name not in OBJECTIVES:
        raise ConfigError(f"--objective {name!r}: there are {', '.join(OBJECTIVES)}")
    return name


def _workers(cluster: str | None, jobs: int) -> "AbstractContextManager[Workers | None]":
    if cluster is None:
        return nullcontext()
    from swingbreak.bootstrap.sweep.clustering import cluster_workers  # noqa: PLC0415 - as above

    return cluster_workers(cluster, jobs)


def _axes(values: Sequence[str], ranges: Sequence[str]) -> "tuple[Axis, ...]":
    from swingbreak.bootstrap.sweep.space import listed, ranged  # noqa: PLC0415 - heavy

    axes = (*map(listed, values), *map(ranged, ranges))
    if not axes:
        raise ConfigError("nothing to sweep: name a setting with --grid KEY=V,V or --range")
    return axes


def _points(axes: "Sequence[Axis]", number: int | None, seed: int) -> "tuple[Point, ...]":
    from swingbreak.bootstrap.sweep.space import grid, sampled  # noqa: PLC0415 - heavy

    return grid(axes) if number is None else sampled(axes, number, seed)


def _print(view: "SweepView", doubt: "Doubt", out: Path) -> None:
    from swingbreak.bootstrap.sweep.folder import PAGE  # noqa: PLC0415 - loaded by now
    from swingbreak.reporting.sweep_view import best_first  # noqa: PLC0415 - as above

    print_text(f"{view.label}, {len(view.days)} days, {view.fills} fills, by {view.objective}")
    sign = currency()
    print_table(
        (
            *view.keys,
            *(">trades", f">net {sign}", ">R", ">R a day", ">Sharpe a day", ">drawdown R"),
        ),
        (_row(view, each) for each in best_first(view)[:_SHOWN]),
    )
    print_facts(dict(_doubts(doubt)))
    for note in view.notes:
        print_text(f"Note: {note}")
    print_text(f"{len(view.tried)} sets: {out}, page: {out / PAGE}")


def _row(view: "SweepView", tried: "Tried") -> tuple[str, ...]:
    return (
        *(tried.point[key] for key in view.keys),
        str(tried.trades),
        rupees(tried.net),
        f"{tried.net_r:+.2f}",
        f"{tried.net_r / len(view.days):+.3f}",
        f"{tried.sharpe:+.3f}",
        f"{tried.drawdown_r:.2f}",
    )


def _doubts(doubt: "Doubt") -> Iterator[tuple[str, str]]:
    if doubt.deflated is not None:
        yield (
            "better than luck",
            f"{doubt.deflated:.0%}: deflated Sharpe ratio of the best of {doubt.trials}",
        )
    if doubt.overfitting is not None:
        probability, halves, losing = doubt.overfitting
        yield (
            "overfitted",
            (
                f"{probability:.0%}: the best of one half of the days is no better than the median "
                f"in the other, {halves} ways; it loses there in {losing:.0%}"
            ),
        )


def _as_json(view: "SweepView", doubt: "Doubt", out: Path) -> dict[str, object]:
    from swingbreak.reporting.sweep_view import best_first  # noqa: PLC0415 - loaded by now

    return {
        "label": view.label,
        "out": str(out),
        "fills": view.fills,
        "objective": view.objective,
        "days": [day.isoformat() for day in view.days],
        "deflated_sharpe": doubt.deflated,
        "overfitting": doubt.overfitting._asdict() if doubt.overfitting else None,
        "sets": [
            {
                "set": each.number,
                "point": dict(each.point),
                "trades": each.trades,
                "net_paise": each.net,
                "net_r": each.net_r,
                "sharpe_a_day": each.sharpe,
                "drawdown_r": each.drawdown_r,
            }
            for each in best_first(view)
        ],
        "notes": list(view.notes),
    }
