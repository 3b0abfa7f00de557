"""Every trade of a run, by month."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.domain.session import ist_clock
from swingbreak.reporting.markup import Markup, joined, tag
from swingbreak.reporting.run_view import RunDay, RunTrade
from swingbreak.reporting.tables import cell, gain, table
from swingbreak.reporting.wording import (
    MONTHS,
    average,
    closed_because,
    counted,
    grouped,
    price,
    r_text,
    signed_money,
)

__all__ = ["trade_list"]

_FEW_TRADES: Final = 60  # are shown at once, not month by month on request
_NAMES: Final = (
    *("Day", "Contract", ">Net", ">R", ">Sold", ">Bought back"),
    "Closed because",
)


def trade_list(days: Sequence[RunDay], r_value: Paise) -> Markup:
    """Return a list per month, closed where there are many trades."""
    is_open = "" if sum(len(day.trades) for day in days) <= _FEW_TRADES else None
    traded = (day for day in days if day.trades)
    months = groupby(traded, key=lambda day: (day.day.year, day.day.month))
    return joined(*(_month(tuple(each), r_value, is_open) for _, each in months))


def _month(days: Sequence[RunDay], r_value: Paise, is_open: str | None) -> Markup:
    first = days[0].day
    name = f"{MONTHS[first.month - 1]} {first.year}"
    net = sum(day.net for day in days)
    count = sum(len(day.trades) for day in days)
    rows = (_row(day.day, each) for day in days for each in day.trades)
    return tag(
        "details",
        tag(
            "summary",
            tag("b", name),
            tag("span", counted(count, "trade")),
            gain(net, f"{r_text(net, r_value)}, {signed_money(net)}"),
        ),
        table(f"Trades of {name}", _NAMES, rows),
        open=is_open,
    )


def _row(day: date, each: RunTrade) -> Markup:
    trade = each.trade
    reason = closed_because(trade.exit_reason)
    return tag(
        "tr",
        tag("td", f"{day.day}\u00a0{MONTHS[day.month - 1][:3]}"),
        tag("th", trade.symbol, tag("small", f"{grouped(trade.quantity)} units"), scope="row"),
        cell(gain(trade.net, signed_money(trade.net))),
        cell(r_text(trade.net, trade.points * trade.quantity)),
        cell(_at(trade.sold_value, trade.quantity), _clock(ist_clock(trade.opened_at))),
        cell(_at(trade.bought_value, trade.quantity), _clock(ist_clock(trade.closed_at))),
        tag("td", reason, tag("small", "within a bar") if each.ambiguous else joined()),
    )


def _at(value: Paise, quantity: int) -> str:
    return price(average(value, quantity))


def _clock(text: str) -> Markup:
    return tag("small", text)
