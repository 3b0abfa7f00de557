"""Pages of runs as a test reads them: figures, tables, drawings."""

import re
from collections.abc import Callable

from swingbreak.reporting.rule_ledger import rule_ledger
from swingbreak.reporting.run_numbers import numbers_of
from swingbreak.reporting.run_page import render_run
from swingbreak.reporting.run_view import RunView
from swingbreak.reporting.trade_picture import TradePicture
from tests.day_views import Element, points_of, read_page
from tests.run_views import made_run

NBSP, MINUS = "\u00a0", "\u2212"
SMALL = made_run(30, with_curves=False)


def text_of(run: RunView, *, pictures: tuple[TradePicture, ...] = (), **without: RunView) -> str:
    return render_run(run, numbers_of(run, rule_ledger(run, without)), pictures)


def page_of(run: RunView, **without: RunView) -> Element:
    return read_page(text_of(run, **without))


def headings(page: Element) -> list[str]:
    return [element.text for element in page.all("h2")]


def figures(page: Element) -> dict[str, str]:
    first = page.all("dl")[0]
    names, values = first.all("dt"), first.all("dd")
    return {name.text: value.text for name, value in zip(names, values, strict=True)}


def tables(page: Element) -> dict[str, list[list[str]]]:
    return {
        table.one("caption").text: [
            [cell.text for cell in row.walk() if cell.name in {"th", "td"}]
            for row in table.all("tr")
        ]
        for table in page.all("table")
    }


def drawing(page: Element, name: str) -> Element:
    (found,) = (
        svg
        for svg in page.all("svg")
        if f"{name}-title" in svg.attributes.get("aria-labelledby", "")
    )
    return found


def drawn(svg: Element, kind: str) -> list[tuple[float, float]]:
    (path,) = (e for e in svg.all("path") if e.attributes.get("class") == kind)
    return list(points_of(path))


def left_labels(svg: Element) -> list[tuple[float, float]]:
    """Value and height of every label left of the plot."""
    return [
        (float(e.text.replace(MINUS, "-").replace(",", "")), float(e.attributes["y"]))
        for e in svg.all("text")
        if e.attributes.get("text-anchor") == "end" and re.fullmatch(r"[+\u2212]?\d[\d,.]*", e.text)
    ]


def height_of(svg: Element) -> Callable[[float], float]:
    (low, start), *_, (high, end) = sorted(left_labels(svg))
    return lambda value: start + (value - low) * (end - start) / (high - low)
