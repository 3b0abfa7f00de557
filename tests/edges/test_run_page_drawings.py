"""What is drawn on the page of a run: every point where its number says."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from swingbreak.reporting.day_view import LevelMark
from swingbreak.reporting.notable import notable_trades
from swingbreak.reporting.run_view import RunView
from swingbreak.reporting.trade_picture import TradePicture, picture_of
from tests.day_views import minute_bars, read_page
from tests.run_pages import (
    MINUS,
    NBSP,
    SMALL,
    drawing,
    drawn,
    headings,
    height_of,
    page_of,
    text_of,
)
from tests.run_views import R_VALUE as R
from tests.run_views import netting, netting_days, run_day, run_view, session, trading_days

DAYS = trading_days(3)


def test_curve_passes_through_every_close() -> None:
    svg = drawing(page_of(run_view(netting_days(2 * R, -3 * R, R))), "equity")
    y = height_of(svg)
    points = drawn(svg, "curve")
    assert [height for _, height in points] == pytest.approx([y(v) for v in (0, 2, -1, 0)], abs=0.2)
    gaps = {round(late - early) for (early, _), (late, _) in pairwise(points)}
    assert len(gaps) == 1


def test_drawdown_hangs_from_the_highest_close() -> None:
    page = page_of(run_view(netting_days(2 * R, -3 * R, 4 * R)))
    svg = drawing(page, "drawdown")
    y = height_of(svg)
    heights = [height for _, height in drawn(svg, "under")][:4]
    assert heights == pytest.approx([y(v) for v in (0, 0, -3, 0)], abs=0.2)
    caption = page.all("figcaption")[1].text
    assert caption == (
        f"Deepest {MINUS}3.00{NBSP}R, from Monday, 1 June 2026 to Tuesday, 2 June 2026, made good "
        "on Wednesday, 3 June 2026: 2 trading days."
    )


def test_run_that_never_fell_has_no_drawdown() -> None:
    page = page_of(run_view(netting_days(R, R)))
    assert "Drawdown" not in [e.text for e in page.all("h3")]


def test_days_of_the_calendar_tell_their_result() -> None:
    svg = drawing(page_of(run_view(netting_days(3 * R, -R, 0))), "calendar")
    kinds = {
        square.one("title").text: group.attributes["class"]
        for group in svg.all("g")
        for square in group.all("rect")
    }
    assert kinds == {
        f"Monday, 1 June 2026: +3.00{NBSP}R, +₹19,500.00": "gained",
        f"Tuesday, 2 June 2026: {MINUS}1.00{NBSP}R, {MINUS}₹6,500.00": "fell shade-2",
        "Wednesday, 3 June 2026: no trade": "idle",
    }
    # a loss is told by more than its colour
    assert len(drawn(svg, "minus")) == 2


def test_histogram_counts_every_trade() -> None:
    results = (-9.0, -1.1, -0.1, 0.0, 0.2, 2.6, 40.0)
    trades = tuple(netting(DAYS[0], round(r * R)) for r in results)
    svg = drawing(page_of(run_view((run_day(DAYS[0], trades),))), "distribution")
    told = [e.one("title").text for e in svg.all("rect")]
    assert told == [
        "below -3.00 R: 1 trade",
        "-1.25 to -1.00 R: 1 trade",
        "-0.25 to +0.00 R: 1 trade",
        "+0.00 to +0.25 R: 2 trades",
        "+2.50 to +2.75 R: 1 trade",
        "+6.00 R and more: 1 trade",
    ]
    labels = [e.text for e in svg.all("text")]
    assert {f"<{MINUS}3", "\u2265+6", "R"} <= {*labels}


def test_histogram_with_nothing_beyond_its_ends_names_no_end() -> None:
    trades = tuple(netting(DAYS[0], round(r * R)) for r in (-3.0, 5.9))
    svg = drawing(page_of(run_view((run_day(DAYS[0], trades),))), "distribution")
    labels = [e.text for e in svg.all("text")]
    assert f"{MINUS}3" in labels
    assert not any(label.startswith(("<", "\u2265")) for label in labels)


def axis_of(*days: date) -> list[str]:
    """The labels of the axis of days of a run of *days*."""
    svg = drawing(page_of(run_view(tuple(run_day(d, (netting(d, -R),)) for d in days))), "equity")
    return [e.text for e in svg.all("text") if "\u2019" in e.text]


def test_days_far_apart_are_not_taken_for_one_stretch() -> None:
    early = trading_days(55, date(2019, 5, 17))
    later = [date(2021, 6, 11), date(2021, 6, 14), date(2025, 8, 29), date(2026, 2, 3)]
    labels = axis_of(*early, *later)
    assert labels[-1] == f"Feb{NBSP}\u201926"
    assert labels[0] == f"Jun{NBSP}\u201919"
    assert axis_of(*early[:3], *later)[-1] == f"3{NBSP}Feb{NBSP}\u201926"


def picture(number: int, run: RunView) -> TradePicture:
    day, each = notable_trades(run)[number - 1]
    level = LevelMark(149_00, 150, 152)
    return picture_of(number, session(day.day), each.trade, level, minute_bars())


def test_notable_trades_are_drawn_where_their_minutes_are_at_hand() -> None:
    pictures = tuple(picture(number, SMALL) for number in (1, 2))
    page = read_page(text_of(SMALL, pictures=pictures))
    assert "Notable trades" in headings(page)
    assert drawn(drawing(page, "trade-2"), "vwap")


def test_notable_trades_are_the_best_the_worst_and_those_at_stake() -> None:
    trades = tuple(netting(DAYS[0], net * R) for net in (1, -1, 5, 0, 4, -2, 3, -3, 2))
    staked = tuple(replace(each, stake=R if place == 3 else 0) for place, each in enumerate(trades))
    found = notable_trades(run_view((run_day(DAYS[0], staked),)))
    assert [each.trade.net // R for _, each in found] == [-1, 5, 0, 4, -2, 3, -3]
    assert notable_trades(run_view(())) == ()
