"""The numbers at the head of a run's page."""

from datetime import date
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.reporting.document import figure
from swingbreak.reporting.markup import Content, Markup, joined, tag
from swingbreak.reporting.run_statistics import Totals
from swingbreak.reporting.run_view import RunView
from swingbreak.reporting.tables import gain
from swingbreak.reporting.wording import (
    MONTHS,
    counted,
    plain_r,
    r_text,
    ratio_text,
    share_text,
    signed_money,
)

__all__ = ["run_figures"]

_DASH: Final = "\u2013"


def run_figures(run: RunView, totals: Totals) -> Markup:
    """Return the numbers that people look for first."""
    result, fall = r_text(totals.net, run.r_value), -totals.drawdown.depth
    return tag(
        "dl",
        figure("Result", _with_money(gain(totals.net, result), totals.net), "big"),
        figure("Deepest drawdown", _with_money(r_text(fall, run.r_value), fall), "big"),
        figure("Mean of a trade", _mean(totals), "big"),
        figure("Won", _won(totals), "big"),
        figure("Average win", _average(totals.average_win, totals.average_win_r)),
        figure("Average loss", _average(totals.average_loss, totals.average_loss_r)),
        figure("Profit factor", _ratios(totals.profit_factor, "net / drawdown", totals.recovery)),
        figure("Sharpe, by the year", _ratios(totals.sharpe, "Sortino", totals.sortino)),
        figure("Best day", _one_day(totals.best_day, run)),
        figure("Worst day", _one_day(totals.worst_day, run)),
        figure("Longest losing streak", _streak(totals)),
        figure("Within a bar", _within_a_bar(totals, run.r_value)),
    )


def _with_money(size: Content, amount: Paise) -> Markup:
    return joined(size, tag("small", signed_money(amount)))


def _mean(totals: Totals) -> Content:
    mean_r, mean = totals.expectancy_r, totals.expectancy
    if mean_r is None or mean is None:
        return _DASH
    return _with_money(gain(round(1e4 * mean_r), plain_r(mean_r)), round(mean))


def _won(totals: Totals) -> Content:
    if totals.win_rate is None:
        return joined(_DASH, tag("small", "no trade"))
    tally = tag("small", f"of {counted(totals.trades, 'trade')}")
    return joined(share_text(totals.win_rate), tally)


def _ratios(first: float | None, name: str, second: float | None) -> Content:
    return joined(ratio_text(first), tag("small", f"{name} {ratio_text(second)}"))


def _average(net: float | None, mean_r: float | None) -> Content:
    if net is None or mean_r is None:
        return _DASH
    return _with_money(plain_r(mean_r), round(net))


def _one_day(found: tuple[date, Paise] | None, run: RunView) -> Content:
    if found is None:
        return _DASH
    day, net = found
    name = f"{day.day}\u00a0{MONTHS[day.month - 1][:3]}\u00a0{day.year}"
    return joined(gain(net, r_text(net, run.r_value)), tag("small", name))


def _streak(totals: Totals) -> Content:
    days = tag("small", counted(totals.losing_days, "day"))
    return joined(counted(totals.losing_streak, "trade"), days)


def _within_a_bar(totals: Totals, r_value: Paise) -> Content:
    stake = r_text(totals.stake, r_value).removeprefix("+")
    return joined(counted(totals.ambiguous, "trade"), tag("small", f"{stake} at stake"))
