"""``swingbreak backtest``: stored days traded by the live engine on the simulated exchange."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.asking import ALL_FILLS, day_of, fill_models
from swingbreak.cli.counting import counting, no_count
from swingbreak.cli.options import Config, Json
from swingbreak.cli.output import currency, print_json, print_table, print_text
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.money import rupees

if TYPE_CHECKING:  # all import the data layer's neighbours
    from swingbreak.adapters.store.layout import Kind
    from swingbreak.bootstrap.backtest.running import Asked, Backtest
    from swingbreak.reporting.run_statistics import Totals
    from swingbreak.reporting.run_view import RunDay

__all__ = ["backtest"]

_COUNTS, _MONEY, _R = (">days", ">trades", ">won"), ("gross", "charges", "net"), (">R", ">R a day")
_LATER = (">worst day R", ">drawdown R", ">ambiguous", ">stake R")


_Root = Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of the data store.")]
_Since = Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day.")]
_Until = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day.")]
_Fills = Annotated[
    str, typer.Option(help="pessimistic, calibrated, optimistic, or all: the first leads.")
]
_Kind = Annotated[
    str | None, typer.Option(help="Read bars, snapshots or ticks; default: the finest.")
]
_Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder of the run; default: below runs/.")
]
_Rules = Annotated[
    bool, typer.Option("--rules", help="Run it without each rule too: what does each add?")
]
_ROOT = Path("swingbreak-data")
_RUNS = Path("runs")


def backtest(  # noqa: PLR0913, PLR0917 - one argument per option
    root: _Root = _ROOT,
    underlying: Annotated[str | None, typer.Option(help="Index.")] = None,
    since: _Since = None,
    until: _Until = None,
    fills: _Fills = ALL_FILLS,
    kind: _Kind = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 1,
    rules: _Rules = False,  # noqa: FBT002 - an option
    out: _Out = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Trade stored days with the live engine on the simulated exchange, and say what came of it.

    A run that was broken off goes on where it was. Ends with code 5 where no day can be used.
    """
    from swingbreak.bootstrap.backtest.running import Asked, run_backtest, run_name  # noqa: PLC0415 - heavy
    from swingbreak.bootstrap.backtest.writing import write_backtest  # noqa: PLC0415 - as above
    from swingbreak.settings import load  # noqa: PLC0415 - as above

    settings = load(config, overrides={"underlying": underlying and underlying.upper()})
    models = fill_models(fills)
    asked = Asked(
        root=root,
        out=out or _RUNS / run_name(settings, models),
        models=models,
        first=day_of(since, "--from") or date.min,
        last=day_of(until, "--to") or date.max,
        kind=_kind(kind),
        jobs=jobs,
        rules=rules,
    )
    ran = run_backtest(settings, asked, counting("days"))
    page = write_backtest(ran, asked, settings)
    no_count()
    if as_json:
        print_json({**_as_json(ran, asked), "page": str(page)})
    else:
        _print(ran, asked, page)


def _kind(kind: str | None) -> "Kind | None":
    from swingbreak.adapters.store.layout import Kind  # noqa: PLC0415 - only where it is needed

    known = {each.value: each for each in Kind if each is not Kind.SPOT}
    if kind is not None and kind not in known:
        raise ConfigError(f"--kind {kind!r}: there are {', '.join(known)}")
    return known[kind] if kind is not None else None


def _print(ran: "Backtest", asked: "Asked", page: Path) -> None:
    from swingbreak.reporting.run_statistics import totals_by_model  # noqa: PLC0415 - as above

    view = ran.view
    print_text(view.label)
    totals = totals_by_model(view)
    sign = currency()
    money = (f">{name} {sign}" for name in _MONEY)
    columns = ("fills", *_COUNTS, *money, *_R, *_LATER)
    print_table(columns, (_row(name, each, view.r_value) for name, each in totals.items()))
    if view.others:
        nets = ", ".join(f"{name} {sign} {rupees(net)}" for name, net in _repriced(ran).items())
        print_text(f"the {view.fills} run's own trades, priced by each model, net: {nets}")
    if ran.without:
        _print_rules(ran)
    for note in view.notes:
        print_text(note)
    if ran.refused:
        print_text(f"{len(ran.refused)} days left out")
    again = f", {ran.resumed} of them done before" if ran.resumed else ""
    print_text(f"{len(view.days)} days{again}: {asked.out}")
    print_text(f"page: {page}")


def _print_rules(ran: "Backtest") -> None:
    from swingbreak.reporting.rule_ledger import rule_ledger  # noqa: PLC0415 - loaded by now

    one = ran.view.r_value
    print_text("")
    print_table(
        ("rule", ">adds R", ">95 % from", ">to", ">days apart", ">trades without it"),
        (
            (
                line.rule,
                f"{line.added / one:+.2f}",
                *(f"{end / one:+.2f}" for end in line.interval or ()),
                *([""] * (0 if line.interval else 2)),
                f"{line.apart}/{line.days}",
                str(line.without.trades),
            )
            for line in rule_ledger(ran.view, ran.without)
        ),
    )
    print_text("")


def _repriced(ran: "Backtest") -> dict[str, int]:
    """Return what the headline's trades come to under each model, paise."""
    trades = [each for day in ran.ran[ran.view.fills] for each in day.repriced]
    names = trades[0].nets if trades else {}
    return {name: sum(each.nets[name] for each in trades) for name in names}


def _sums(totals: "Totals", days: "Sequence[RunDay]") -> dict[str, int]:
    return {
        "days": totals.days,
        "trades": totals.trades,
        "won": totals.wins,
        "gross": totals.costs.gross,
        "charges": totals.costs.charges,
        "net": totals.net,
        "worst_day": _worst(totals),
        "drawdown": totals.drawdown.depth,
        "ambiguous": totals.ambiguous,
        "stake": totals.stake,
        "option_bars": sum(day.option_bars for day in days),
    }


def _worst(totals: "Totals") -> int:
    return totals.worst_day[1] if totals.worst_day is not None else 0


def _row(name: str, totals: "Totals", r_value: int) -> tuple[str, ...]:
    return (
        name,
        str(totals.days),
        str(totals.trades),
        f"{totals.win_rate:.0%}" if totals.win_rate is not None else "-",
        rupees(totals.costs.gross),
        rupees(totals.costs.charges),
        rupees(totals.net),
        f"{totals.r:+.2f}",
        f"{totals.r / totals.days:+.2f}",
        f"{_worst(totals) / r_value:+.2f}",
        f"{totals.drawdown.depth / r_value:.2f}",
        str(totals.ambiguous),
        f"{totals.stake / r_value:.2f}",
    )


def _as_json(ran: "Backtest", asked: "Asked") -> dict[str, object]:
    from swingbreak.reporting.run_statistics import totals_by_model  # noqa: PLC0415 - heavy

    view = ran.view
    models = {view.fills: view.days, **view.others}
    return {
        "label": view.label,
        "out": str(asked.out),
        "r_value_paise": view.r_value,
        "headline": view.fills,
        "fills": {
            name: _sums(totals, models[name]) for name, totals in totals_by_model(view).items()
        },
        "headline_trades_net": _repriced(ran),
        "days": [
            {
                "day": day.day.isoformat(),
                "grade": day.grade,
                "synthetic": day.synthetic,
                "trades": len(day.trades),
                "net_paise": day.net,
                "halted": day.halted_reason,
                "decisions": day.decisions,
                "option_bars": day.option_bars,
            }
            for day in view.days
        ],
        "refused": {day.isoformat(): why for day, why in sorted(ran.refused.items())},
        "resumed": ran.resumed,
        "notes": list(view.notes),
    }
