"""The page of a run in a browser: one start for every run, size and colour."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from swingbreak.reporting.day_view import LevelMark
from swingbreak.reporting.notable import notable_trades
from swingbreak.reporting.rule_ledger import rule_ledger
from swingbreak.reporting.run_numbers import numbers_of
from swingbreak.reporting.run_page import render_run
from swingbreak.reporting.trade_picture import picture_of
from tests.browsing import (
    DESK,
    GROUND,
    HORIZONTAL,
    LABEL_SIZES,
    OUTSIDE,
    OVERLAPS,
    PHONE,
    SMALLEST_LABEL,
    sync_api,
)
from tests.day_views import minute_bars
from tests.run_views import (
    R_VALUE,
    lone_trade,
    made_run,
    netting_days,
    run_day,
    run_view,
    session,
    trading_days,
)

pytestmark = pytest.mark.browser

# text that reaches over the edge of its figure or the page, but in a table, which scrolls
TEXT_OUTSIDE = """() => [...document.querySelectorAll('dd, dt, dd small, li, h1, h2, p')]
    .filter(element => element.scrollWidth > element.clientWidth + 1
        && getComputedStyle(element).display !== 'inline'
        || element.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map(element => element.textContent)"""


def pages() -> Mapping[str, str]:
    half = made_run(123, with_curves=False, label="NIFTY weekly options, every stored day of 2026")
    rules = rule_ledger(half, {"vwap-filter": made_run(123, seed=9, with_curves=False)})
    shown = notable_trades(half)[:2]
    pictures = tuple(
        picture_of(
            number, session(day.day), each.trade, LevelMark(149_00, 60, 62), minute_bars(300)
        )
        for number, (day, each) in enumerate(shown, 1)
    )
    first = trading_days(1)[0]
    runs = {
        "years": made_run(300, with_curves=False),
        "one day": run_view((run_day(first, (lone_trade(first, 2.0),)),)),
        "no trade": run_view((run_day(first),)),
        "only losses": run_view(netting_days(*[-25 * R_VALUE] * 40)),
        "down to the edge": run_view(netting_days(-27 * R_VALUE // 10, 6 * R_VALUE)),
        "years apart": run_view(
            tuple(
                run_day(day, (lone_trade(day, -1),))
                for day in (*trading_days(60, date(2019, 5, 17)), date(2021, 6, 11), first)
            )
        ),
    }
    return {
        "half a year": render_run(half, numbers_of(half, rules), pictures),
        **{name: render_run(run, numbers_of(run)) for name, run in runs.items()},
    }


def faults(page: "sync_api.Page", scheme: str) -> list[str]:
    red, green, blue = map(int, page.evaluate(GROUND)[4:-1].split(", "))
    found = [f"outside: {text}" for text in page.evaluate(OUTSIDE) + page.evaluate(TEXT_OUTSIDE)]
    found += [f"overlap: {text}" for text in page.evaluate(OVERLAPS)]
    found += [
        f"small: {label:.1f}" for label in page.evaluate(LABEL_SIZES) if label < SMALLEST_LABEL
    ]
    found += ["wider than the screen"] if page.evaluate(HORIZONTAL) else []
    found += [] if (min(red, green, blue) > 200) is (scheme == "light") else ["wrong ground"]
    return found


def test_every_page_is_readable_on_every_screen_and_on_paper(
    browser: "sync_api.Browser", tmp_path: Path
) -> None:
    asked, said, wrong = list[str](), list[str](), dict[str, list[str]]()
    written = dict[str, Path]()
    for name, text in pages().items():
        written[name] = tmp_path / f"{name}.html"
        written[name].write_text(text, encoding="utf-8")
    for size, scheme in ((PHONE, "dark"), (DESK, "light")):
        with browser.new_context(viewport=size, color_scheme=scheme) as context:
            page = context.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda message: said.append(message.text))
            for name, path in written.items():
                page.goto(path.as_uri())
                wrong[f"{name} {scheme}"] = faults(page, scheme)
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(written["half a year"].as_uri())
        page.get_by_text("June 2026", exact=True).click()
        assert page.get_by_role("table", name="Trades of June 2026").is_visible()
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
        assert page.pdf(format="A4").startswith(b"%PDF")
    assert {name: found for name, found in wrong.items() if found} == {}
    assert set(asked) == {path.as_uri() for path in written.values()}
    assert said == []
