"""Past days, from the state database, with the pages that were written of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.views import day_of, recorded_days
from swingbreak.dashboard.frame import Page, empty, told
from swingbreak.domain.money import Paise
from swingbreak.reporting.document import figure
from swingbreak.reporting.markup import Content, Markup, joined, tag
from swingbreak.reporting.tables import cell, gain, table
from swingbreak.reporting.wording import (
    average,
    closed_because,
    day_text,
    ended_because,
    grouped,
    money,
    plain_r,
    price,
    signed_money,
)

__all__ = ["day_page", "days_page", "report_of", "run_reports"]

_Row: TypeAlias = Mapping[str, Any]
_RUN_REPORT = "report.html"
_DASH = "\u2013"
_REPORT = "`swingbreak report` writes one page of all these days together."


def days_page(folder: Path, runs: Path | None) -> Page:
    """Return every recorded day, the newest first, and the runs that have a report.

    Args:
        folder: The state folder.
        runs: Where run folders are; ``None`` for nowhere.

    Raises:
        LedgerError: The database cannot be read.
    """
    content = joined(_recorded(folder), _runs(runs) if runs else joined())
    return Page("Days", "/days", content, live=False)


def run_reports(runs: Path) -> dict[str, Path]:
    """Return the reports of the run folders in *runs* by the folder's name."""
    return {path.parent.name: path for path in sorted(runs.glob(f"*/{_RUN_REPORT}"))}


def _recorded(folder: Path) -> Markup:
    path = database_in(folder)
    if not path.exists():
        return empty("No day has been recorded in this folder.")
    with open_reader(path) as database:
        tables = {day: day_of(database, day) for day in reversed(recorded_days(database))}
    rows = [_summary_row(folder, day, each["daily_summary"][0]) for day, each in tables.items()]
    names = ("Day", ">Net", ">Trades", ">Charges", "Page", "Ended")
    shown = table("Days", names, rows) if rows else empty("No day has been recorded.")
    if report_of(folder, None).exists():
        return joined(shown, tag("p", tag("a", "The report of all days", href="/report")))
    return joined(shown, tag("p", told(_REPORT), class_="lead"))


def _runs(runs: Path) -> Markup:
    found = run_reports(runs)
    links = (tag("li", tag("a", name, href=f"/runs/{quote(name, safe='')}")) for name in found)
    shown = tag("ul", *links) if found else empty(f"No run in {runs} has a report yet.")
    return tag("section", tag("h2", "Runs"), shown)


def day_page(folder: Path, day: date) -> Page | None:
    """Return the tables of *day*; ``None`` where it is not recorded.

    Raises:
        LedgerError: The database cannot be read.
    """
    path = database_in(folder)
    if not path.exists():
        return None
    with open_reader(path) as database:
        if day not in recorded_days(database):
            return None
        tables = day_of(database, day)
    (summary,) = tables["daily_summary"]
    content = joined(
        tag("p", f"{summary['mode']} \u00b7 {summary['label']}"),
        _link(folder, day, "Its page, with a chart of each trade"),
        _figures(summary),
        _section(
            "Trades",
            ("Contract", ">Net", ">Sold", ">Bought back", "Closed because"),
            map(_trade, tables["trades"]),
        ),
        _section(
            "Still open when last recorded",
            ("Contract", ">Units", ">Stop", ">Net"),
            map(_position, tables["positions"]),
        ),
        _section(
            "Orders",
            ("Contract", "Order", ">Filled", ">Trigger", ">Limit", "Status"),
            map(_order, tables["orders"]),
        ),
    )
    return Page(day_text(day), "/days", content, live=False)


def report_of(folder: Path, day: date | None) -> Path:
    """Return where the page of *day* is, or that of all days, if it has been written."""
    return folder / (_RUN_REPORT if day is None else f"day_{day:%Y%m%d}.html")


def _summary_row(folder: Path, day: date, row: _Row) -> Markup:
    ended = row["halted_reason"]
    return tag(
        "tr",
        tag(
            "th",
            tag("a", day.isoformat(), href=f"/days/{day}"),
            tag("small", row["label"]),
            scope="row",
        ),
        cell(*_net(row["net_paise"], row["r"])),
        cell(f"{row['trades']}", tag("small", f"{row['wins']} won")),
        cell(price(row["charges_paise"])),
        tag("td", _link(folder, day, "page")),
        tag("td", ended_because(ended) if ended else "goes on, or was broken off"),
    )


def _figures(row: _Row) -> Markup:
    ended = row["halted_reason"]
    return tag(
        "dl",
        figure("Net", gain(row["net_paise"], signed_money(row["net_paise"])), "big"),
        figure("Result", gain(row["net_paise"], plain_r(row["r"])), "big"),
        figure("Gross", signed_money(row["gross_paise"])),
        figure("Charges", money(row["charges_paise"])),
        figure("Trades", f"{row['trades']}, {row['wins']} with a profit"),
        figure("Ended because", ended_because(ended) if ended else "not ended"),
    )


def _section(heading: str, names: Sequence[str], rows: Any) -> Markup:
    drawn = list(rows)
    if not drawn:
        return joined()
    return tag("section", tag("h2", heading), table(heading, names, drawn))


def _trade(row: _Row) -> Markup:
    units = row["quantity"]
    return tag(
        "tr",
        _contract(row["symbol"], f"{grouped(units)} units"),
        cell(*_net(row["net_paise"], row["r"])),
        cell(price(average(row["sold_value_paise"], units)), _clock(row["opened_at"])),
        cell(price(average(row["bought_value_paise"], units)), _clock(row["closed_at"])),
        tag("td", closed_because(row["exit_reason"])),
    )


def _position(row: _Row) -> Markup:
    return tag(
        "tr",
        _contract(row["symbol"], row["trade_id"]),
        cell(str(row["quantity"])),
        cell(price(row["stop_paise"])),
        cell(*_net(row["net_paise"], row["net_r"])),
    )


def _order(row: _Row) -> Markup:
    trigger = row["trigger_paise"]
    return tag(
        "tr",
        _contract(row["symbol"], row["slot"]),
        tag("td", f"{row['side'].lower()} {row['order_id']}", _clock(row["placed_at"])),
        cell(f"{grouped(row['filled'])}/{grouped(row['quantity'])}"),
        cell(_DASH if trigger is None else price(trigger)),
        cell(price(row["limit_paise"])),
        tag("td", row["status"].replace("_", " "), tag("small", row["reason"].replace("_", " "))),
    )


def _contract(symbol: str, told: str) -> Markup:
    return tag("th", symbol, tag("small", told), scope="row")


def _net(net: Paise | None, r: float | None) -> tuple[Content, ...]:
    if net is None or r is None:
        return (_DASH,)
    return gain(net, signed_money(net)), tag("small", plain_r(r))


def _clock(stored: str) -> Markup:
    return tag("small", stored[11:19])


def _link(folder: Path, day: date, text: str) -> Content:
    if not report_of(folder, day).exists():
        return ""
    return tag("a", text, href=f"/days/{day}/report")
