"""What is drawn stands where the axes of the drawing itself say it should."""

from collections.abc import Callable
from datetime import datetime

import pytest

from swingbreak.domain.market import Bar
from swingbreak.domain.session import ist_clock
from swingbreak.market.vwap import SessionVwap
from swingbreak.reporting.page import render
from tests.builders import CE, at, bar
from tests.day_views import Element, closed_trade, day_view, minute_bars, points_of, read_page

NEAR = 0.15  # positions carry one decimal


def drawings(**changes: object) -> list[Element]:
    return read_page(render(day_view(**changes))).all("svg")


def clock_minutes(clock: str) -> float:
    hours, minutes, *seconds = map(int, clock.split(":"))
    return hours * 60 + minutes + sum(seconds) / 60


def line_through(points: list[tuple[float, float]]) -> Callable[[float], float]:
    (first, start), *_, (last, end) = sorted(points)
    return lambda value: start + (value - first) * (end - start) / (last - first)


def ticks(svg: Element) -> list[tuple[str, Element]]:
    found = (text for text in svg.all("text") if text.attributes["class"].startswith("tick"))
    return [(text.text, text) for text in found]


def across(svg: Element) -> Callable[[datetime], float]:
    """Return the horizontal position of an instant, by the labels below the chart."""
    labelled = [
        (clock_minutes(label), float(text.attributes["x"]))
        for label, text in ticks(svg)
        if ":" in label
    ]
    place = line_through(labelled)
    return lambda instant: place(clock_minutes(ist_clock(instant)))


def down(svg: Element) -> Callable[[float], float]:
    """Return the vertical position of a value, by the labels left of the chart."""
    labelled = [
        (float(label.replace("\u2212", "-")), float(text.attributes["y"]))
        for label, text in ticks(svg)
        if ":" not in label and text.attributes.get("text-anchor") == "end" and len(label) > 1
    ]
    return line_through(labelled)


def drawn(svg: Element, name: str, kind: str) -> list[list[tuple[float, float]]]:
    found = (e for e in svg.all(name) if e.attributes.get("class") == kind)
    return [list(points_of(element)) for element in found]


def test_fills_stand_at_their_price_and_time() -> None:
    chart = drawings(trades=(closed_trade(),))[1]
    x, y = across(chart), down(chart)
    (sold_tip, *sold), (bought_tip, *bought) = drawn(chart, "path", "fill")
    assert sold_tip == pytest.approx((x(at(60, 5)), y(174.95)), abs=NEAR)
    assert bought_tip == pytest.approx((x(at(100, 30)), y(164.90)), abs=NEAR)
    # a sale points down to its price, a purchase up to it
    assert all(corner_y <= sold_tip[1] for _, corner_y in sold[:2])
    assert all(corner_y >= bought_tip[1] for _, corner_y in bought[:2])
    assert sold[0][1] < sold_tip[1]
    assert bought[0][1] > bought_tip[1]


def test_swing_stands_on_its_minute_and_reaches_to_the_entry() -> None:
    chart = drawings(trades=(closed_trade(),))[1]
    x, y = across(chart), down(chart)
    (dot,) = drawn(chart, "circle", "swing")
    assert dot == [pytest.approx((x(at(50, 30)), y(175)), abs=NEAR)]
    level, confirmed = drawn(chart, "line", "swing")
    assert level[1] == pytest.approx((x(at(60, 5)), y(175)), abs=NEAR)
    assert [place for place, _ in confirmed] == pytest.approx([x(at(53))] * 2, abs=NEAR)


def test_stop_reaches_from_entry_to_exit() -> None:
    chart = drawings(trades=(closed_trade(),))[1]
    x, y = across(chart), down(chart)
    ((start, end),) = drawn(chart, "line", "stop")
    assert start == pytest.approx((x(at(60, 5)), y(185)), abs=NEAR)
    assert end == pytest.approx((x(at(100, 30)), y(185)), abs=NEAR)


def test_vwap_counts_from_the_open() -> None:
    chart = drawings(trades=(closed_trade(),))[1]
    x, y = across(chart), down(chart)
    vwap = SessionVwap()
    for each in minute_bars(21):
        vwap.add(each)
    value, units = vwap.ratio
    (line,) = drawn(chart, "path", "vwap")
    assert line[0] == pytest.approx((x(at(20, 30)), y(value / units / 100)), abs=NEAR)
    assert len(line) == 96


@pytest.mark.parametrize(
    ("candle", "kind"),
    [
        pytest.param(bar(60, 170_00, 178_00, 168_00, 175_00), "up", id="closed above"),
        pytest.param(bar(60, 175_00, 178_00, 168_00, 170_00), "down", id="closed below"),
        pytest.param(bar(60, 170_00, 178_00, 168_00, 170_00), "up", id="closed where it opened"),
    ],
)
def test_candle_has_its_prices(candle: Bar, kind: str) -> None:
    chart = drawings(trades=(closed_trade(),), bars={CE.symbol: (candle,)})[1]
    x, y = across(chart), down(chart)
    (group,) = (g for g in chart.all("g") if g.all("path"))
    assert group.attributes["class"] == kind
    points = list(points_of(group.one("path")))
    heights = {round(height, 1) for _, height in points}
    prices = (candle.open, candle.high, candle.low, candle.close)
    assert sorted(heights) == pytest.approx(sorted({y(p / 100) for p in prices}), abs=NEAR)
    assert points[0][0] == pytest.approx(x(at(60, 30)), abs=NEAR)
    assert all(x(at(60)) < place < x(at(61)) for place, _ in points)


def test_curve_holds_each_value_until_the_next() -> None:
    curve = drawings(curve=((at(1), 0), (at(60, 5), -6_500_00), (at(100, 30), 9_750_00)))[0]
    x, y = across(curve), down(curve)
    (line,) = drawn(curve, "path", "curve")
    assert line[-4:] == [
        pytest.approx((x(at(60, 5)), y(0)), abs=NEAR),
        pytest.approx((x(at(60, 5)), y(-1)), abs=NEAR),
        pytest.approx((x(at(100, 30)), y(-1)), abs=NEAR),
        pytest.approx((x(at(100, 30)), y(1.5)), abs=NEAR),
    ]
    (sold_tip, sold, *_), (bought_tip, bought, *_), *_ = drawn(curve, "path", "fill")
    assert (sold_tip, bought_tip) == (line[-3], line[-1])
    assert sold[1] < sold_tip[1]
    assert bought[1] > bought_tip[1]


def test_bars_below_the_curve_span_the_trade() -> None:
    curve = drawings(trades=(closed_trade(),))[0]
    x = across(curve)
    start, end = points_of(curve.one("rect"))
    assert (start[0], end[0]) == pytest.approx((x(at(60, 5)), x(at(100, 30))), abs=NEAR)
