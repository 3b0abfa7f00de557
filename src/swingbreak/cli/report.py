"""``report``: what a run came to, in the terminal and as a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json
from swingbreak.cli.output import (
    amount,
    currency,
    plain,
    print_facts,
    print_json,
    print_table,
    print_text,
)

if TYPE_CHECKING:
    from swingbreak.bootstrap.reporting import Reported
    from swingbreak.domain.money import Paise
    from swingbreak.reporting.breakdowns import Group
    from swingbreak.reporting.rule_ledger import RuleLine
    from swingbreak.reporting.run_statistics import Totals

__all__ = ["report"]

_Run = Annotated[Path, typer.Argument(metavar="RUN", help="Run folder or state folder.")]
_Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where the page goes; default: the folder.")
]
_Data = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Data store to draw notable trades from.")
]


def report(
    run: _Run,
    out: _Out = None,
    data: _Data = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Print what a run came to, and write report.html and metrics.json."""
    from swingbreak.bootstrap.reporting import report_run  # noqa: PLC0415 - `version` is fast
    from swingbreak.reporting.run_metrics import metrics_of  # noqa: PLC0415 - as above

    found = report_run(run, config, page=out, data=data)
    if as_json:
        print_json({**metrics_of(found.run, found.numbers), "page": str(found.page)})
    else:
        _show(found)


def _show(found: "Reported") -> None:
    run, numbers = found.run, found.numbers
    print_facts(dict(_facts(found)))
    for remark in numbers.remarks:
        print_text(f"{'WARNING: ' if remark.is_warning else ''}{plain(remark.text)}")
    _tables(found)
    for text in run.notes:
        print_text(f"Note: {text}")
    print_text(f"page: {found.page}")


def _tables(found: "Reported") -> None:
    r_value, numbers, sign = found.run.r_value, found.numbers, currency()
    if len(numbers.models) > 1:
        print_table(
            ("fills", f">net {sign}", ">R", ">trades", ">won %", ">mean R", ">drawdown R"),
            (_model(name, each, r_value) for name, each in numbers.models.items()),
        )
    for parts in numbers.breakdowns:
        if len(parts.groups) > 1:
            print_table(
                (parts.title, ">trades", ">won %", ">mean R", f">net {sign}", ">R"),
                (_group(group, r_value) for group in parts.groups),
            )
    if numbers.rules:
        print_table(
            ("rule", ">adds R", ">from", ">to", "", ">R without it", ">trades", ">days apart"),
            (_rule(line, r_value) for line in numbers.rules),
        )


def _facts(found: "Reported") -> Iterator[tuple[str, str]]:
    run, totals, sign = found.run, found.numbers.totals, currency()
    costs, fall = totals.costs, totals.drawdown
    made = sum(day.synthetic for day in run.days)
    first = f", {run.days[0].day} to {run.days[-1].day}" if run.days else ""
    yield "run", f"{run.kind}, {run.label}"
    yield "days", f"{totals.days}{first}" + (f"; SYNTHETIC, made up: {made}" if made else "")
    yield "net", f"{sign} {amount(costs.net)} = {totals.r:+.2f} R"
    yield "gross", f"{sign} {amount(costs.gross)}, after {sign} {amount(costs.slippage)} slippage"
    yield "charges", f"{sign} {amount(costs.charges)}"
    yield "trades", f"{totals.trades}, {totals.wins} with a profit"
    if totals.trades:
        yield "a trade", f"{_number(totals.expectancy_r, '+.2f')} R on average{_interval(found)}"
        yield "profit factor", _number(totals.profit_factor, ".2f")
    depth = f"{-fall.depth / run.r_value:+.2f} R, {fall.days} days"
    yield "drawdown", depth if fall.depth else "none from day to day"
    yield "Sharpe, Sortino", f"{_number(totals.sharpe, '.2f')}, {_number(totals.sortino, '.2f')}"
    if totals.ambiguous:
        stake = totals.stake / run.r_value
        yield "ambiguous", f"{totals.ambiguous} trades, {stake:.2f} R at stake"


def _interval(found: "Reported") -> str:
    ends = found.numbers.interval
    return "" if ends is None else f", {ends[0]:+.2f} to {ends[1]:+.2f} in 95 of 100 draws"


def _model(name: str, totals: "Totals", r_value: "Paise") -> tuple[str, ...]:
    return (
        name,
        amount(totals.net),
        f"{totals.r:+.2f}",
        str(totals.trades),
        _number(None if totals.win_rate is None else 100 * totals.win_rate, ".1f"),
        _number(totals.expectancy_r, "+.2f"),
        f"{-totals.drawdown.depth / r_value or 0:+.2f}",
    )


def _group(group: "Group", r_value: "Paise") -> tuple[str, ...]:
    return (
        group.name,
        str(group.trades),
        f"{100 * group.wins / group.trades:.1f}",
        f"{group.mean_r:+.2f}",
        amount(group.net),
        f"{group.net / r_value:+.2f}",
    )


def _rule(line: "RuleLine", r_value: "Paise") -> tuple[str, ...]:
    ends = ("-", "-") if line.interval is None else line.interval
    return (
        line.rule,
        f"{line.added / r_value:+.2f}",
        *(end if isinstance(end, str) else f"{end / r_value:+.2f}" for end in ends),
        "" if line.is_clear else "may be luck",
        f"{line.without.r:+.2f}",
        str(line.without.trades),
        f"{line.apart} of {line.days}",
    )


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
