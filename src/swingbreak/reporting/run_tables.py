"""The tables of a run's page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.reporting.breakdowns import Breakdown, Group
from swingbreak.reporting.markup import Markup, joined, tag
from swingbreak.reporting.mini_bars import mini_bar
from swingbreak.reporting.resampling import DEPTHS, Bands
from swingbreak.reporting.rule_ledger import RuleLine
from swingbreak.reporting.run_statistics import Costs, Totals
from swingbreak.reporting.run_view import RunDay
from swingbreak.reporting.tables import cell, gain, table
from swingbreak.reporting.wording import (
    MONTHS,
    grouped,
    money,
    plain_r,
    r_text,
    ratio_text,
    share_text,
    signed_money,
)

__all__ = [
    "breakdown_table",
    "costs_table",
    "depths_table",
    "models_table",
    "months_table",
    "rules_table",
    "settings_table",
]

_DASH: Final = "\u2013"
_SHORT_NAME: Final = 15


def models_table(totals: Mapping[str, Totals], r_value: Paise) -> Markup:
    """Return the fill models side by side."""
    names = (
        *("Fills", ">Net", ">Trades", ">Won", ">Mean R", ">Profit factor"),
        *(">Drawdown", ">Slippage"),
    )
    return table("Fill models", names, (_model_row(*each, r_value) for each in totals.items()))


def costs_table(costs: Costs, r_value: Paise) -> Markup:
    """Return the way from the result at the triggers to the net one, with bars."""
    steps = (
        ("Made at the triggers", costs.at_triggers, 0, costs.at_triggers),
        ("Slippage", -costs.slippage, costs.at_triggers, costs.gross),
        ("Gross", costs.gross, 0, costs.gross),
        ("Charges", -costs.charges, costs.gross, costs.net),
        ("Net", costs.net, 0, costs.net),
    )
    ends = [0, costs.at_triggers, costs.gross, costs.net]
    names = ("", "", ">Amount", ">R", ">Share")
    rows = (
        tag(
            "tr",
            tag("th", name, scope="row"),
            mini_bar(start, end, min(ends), max(ends), _colour(amount)),
            cell(gain(amount, signed_money(amount))),
            cell(r_text(amount, r_value)),
            cell(share_text(amount / costs.at_triggers) if costs.at_triggers > 0 else _DASH),
        )
        for name, amount, start, end in steps
    )
    return table("From gross to net", names, rows)


def breakdown_table(breakdowns: Iterable[Breakdown], r_value: Paise) -> Markup:
    """Return every breakdown that has more than one group, one below another."""
    names = ("", "", ">Net", ">Mean R", ">Won", ">Trades")
    rows: list[Markup] = []
    for each in breakdowns:
        if len(each.groups) > 1:
            rows.append(tag("tr", tag("th", each.title, colspan="6", class_="group")))
            ends = [0, *(group.net for group in each.groups)]
            rows += [_group_row(group, min(ends), max(ends), r_value) for group in each.groups]
    return table("Where it was made", names, rows)


def months_table(days: Sequence[RunDay], r_value: Paise) -> Markup:
    """Return the result of every month in R of the account, a row per year.

    A month that no year has has no column.
    """
    nets: dict[int, dict[int, Paise]] = {}
    for day in days:
        year = nets.setdefault(day.day.year, {})
        year[day.day.month] = year.get(day.day.month, 0) + day.net
    months = sorted(set().union(*nets.values()))
    names = ("R", *(f">{MONTHS[month - 1][:3]}" for month in months), ">Year")
    rows = (_year_row(year, net, months, r_value) for year, net in nets.items())
    return table("Months, in R", names, rows)


def depths_table(bands: Bands, totals: Totals, r_value: Paise) -> Markup:
    """Return how deep drawdowns of such runs are."""
    names = ("Drawdown not deeper in", ">Depth")
    rows = [
        _depth_row(f"{100 * share:.0f} of 100 runs", depth, r_value)
        for share, depth in zip(DEPTHS, bands.depths, strict=True)
    ]
    own = _depth_row("This run", totals.drawdown.depth, r_value)
    return table("Drawdowns", names, rows, own)


def rules_table(lines: Sequence[RuleLine], r_value: Paise) -> Markup:
    """Return what each rule adds, with its interval."""
    names = ("Rule", "", ">Adds", ">95 of 100", ">Days apart", ">Without it", ">Trades without")
    ends: list[float] = [0]
    for each in lines:
        ends += [each.added, *(each.interval or ())]
    rows = (_rule_row(each, min(ends), max(ends), r_value) for each in lines)
    return table("What each rule adds", names, rows)


def settings_table(settings: Mapping[str, str]) -> Markup:
    """Return what was set."""
    rows = (
        tag("tr", tag("th", name, scope="row"), tag("td", value))
        for name, value in settings.items()
    )
    return table("Settings", ("Setting", "Value"), rows)


def _model_row(name: str, totals: Totals, r_value: Paise) -> Markup:
    return tag(
        "tr",
        tag("th", name or "the gateway's", scope="row"),
        _net(totals.net, r_value),
        cell(grouped(totals.trades)),
        cell(_DASH if totals.win_rate is None else share_text(totals.win_rate)),
        cell(_mean(totals.expectancy_r)),
        cell(ratio_text(totals.profit_factor)),
        cell(r_text(-totals.drawdown.depth, r_value)),
        cell(money(totals.costs.slippage)),
    )


def _group_row(group: Group, low: float, high: float, r_value: Paise) -> Markup:
    return tag(
        "tr",
        tag("th", _unbroken(group.name), scope="row", class_="part"),
        mini_bar(0, group.net, low, high, _colour(group.net)),
        _net(group.net, r_value),
        cell(_mean(group.mean_r)),
        cell(share_text(group.wins / group.trades)),
        cell(grouped(group.trades)),
    )


def _unbroken(name: str) -> str:
    return name.replace(" ", "\u00a0") if len(name) <= _SHORT_NAME else name


def _year_row(
    year: int, nets: Mapping[int, Paise], months: Iterable[int], r_value: Paise
) -> Markup:
    total = sum(nets.values())
    return tag(
        "tr",
        tag("th", str(year), scope="row"),
        *(_month_cell(nets.get(month), r_value) for month in months),
        _month_cell(total, r_value),
    )


def _month_cell(net: Paise | None, r_value: Paise) -> Markup:
    if net is None:
        return cell("")
    return cell(gain(net, plain_r(net / r_value, digits=1).partition("\u00a0")[0]))


def _depth_row(name: str, depth: Paise, r_value: Paise) -> Markup:
    amount = cell(r_text(-depth, r_value), tag("small", money(-depth)))
    return tag("tr", tag("th", name, scope="row"), amount)


def _rule_row(each: RuleLine, low: float, high: float, r_value: Paise) -> Markup:
    between = (
        joined(*(tag("div", r_text(round(end), r_value)) for end in each.interval))
        if each.interval
        else _DASH
    )
    start, end = each.interval or (each.added, each.added)
    return tag(
        "tr",
        tag("th", each.rule, scope="row"),
        mini_bar(start, end, low, high, _colour(each.added) if each.is_clear else "part"),
        cell(
            gain(each.added, r_text(each.added, r_value)),
            tag("small", "" if each.is_clear else "may be luck"),
        ),
        cell(between),
        cell(grouped(each.apart), tag("small", f"of {grouped(each.days)}")),
        _net(each.without.net, r_value),
        cell(grouped(each.without.trades)),
    )


def _net(net: Paise, r_value: Paise) -> Markup:
    return cell(gain(net, r_text(net, r_value)), tag("small", signed_money(net)))


def _mean(mean_r: float | None) -> str:
    return _DASH if mean_r is None else plain_r(mean_r)


def _colour(amount: float) -> str:
    return "gained" if amount > 0 else "fell"
