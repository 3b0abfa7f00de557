import re

import pytest

from swingbreak import __version__
from swingbreak.facts.charges import Dealings
from swingbreak.reporting.day_view import DayView
from swingbreak.reporting.page import render
from tests.builders import CE, PE, at, bar, position
from tests.charging import rates_of
from tests.day_views import Element, closed_trade, day_view, minute_bars, read_page

NBSP = "\u00a0"
MOST_BYTES = 600_000


def page_of(view: DayView) -> Element:
    return read_page(render(view))


def figures(page: Element) -> dict[str, str]:
    names, values = page.one("dl").all("dt"), page.one("dl").all("dd")
    return {name.text: value.text for name, value in zip(names, values, strict=True)}


def test_page_has_a_curve_and_a_chart_per_trade() -> None:
    page = page_of(day_view())
    assert len(page.all("svg")) == 1 + 2
    for svg in page.all("svg"):
        names = svg.attributes["aria-labelledby"].split()
        told = [e.text for e in svg.walk() if e.attributes.get("id") in names]
        assert len(told) == 2
        assert all(told)


def test_page_needs_nothing_but_itself() -> None:
    text = render(day_view())
    page = read_page(text)
    assert not re.search(r"https?:|//|url\(|@import|\bsrc=|<script|\bon\w+=", text)
    assert {e.attributes["href"][0] for e in page.walk() if "href" in e.attributes} == {"#"}
    policy = [m.attributes["content"] for m in page.all("meta") if "http-equiv" in m.attributes]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    page = page_of(day_view())
    ids = [e.attributes["id"] for e in page.walk() if "id" in e.attributes]
    links = [a.attributes["href"].removeprefix("#") for a in page.all("a")]
    assert len(ids) == len(set(ids))
    assert links == ["chart-1", "chart-2"]
    assert set(links) <= set(ids)


def test_figures_say_how_the_day_went() -> None:
    # (174.95 - 164.90) * 650 = 6532.50 won, (174.95 - 185.25) * 650 = 6695.00 lost, 330.00 each
    assert figures(page_of(day_view())) == {
        "Net": "\u2212₹822.50",
        "Result": f"\u22120.13{NBSP}R",
        "Gross": "\u2212₹162.50",
        "Charges": "₹660.00",
        "Trades": "2: 1 won, 1 lost",
        "The day ended because": "the daily target was reached",
        "Margin blocked at most": "₹52,49,000.00",
        "Protection": "1.5 s without a stop at the exchange in all, 0.9 s at most",
        "Order messages": "53",
        "Decisions": "e623678ef2a5348e",
    }


def test_charges_are_split_by_component_up_to_the_contract_note() -> None:
    table = next(t for t in page_of(day_view()).all("table") if t.one("caption").text == "Charges")
    rows = [[cell.text for cell in row.content] for row in table.one("tbody").all("tr")]  # type: ignore[union-attr]
    # together 633.69: the three that lose most by rounding down, stamp duty first, are rounded up
    assert rows == [
        ["Brokerage", "80.00", "80.00", "Rs 20.00", "4 orders"],
        ["Securities transaction tax (STT)", "341.15", "341.00", "0.15 %", "2,27,435.00"],
        ["Transaction charge of the exchange", "161.63", "161.63", "0.03552 %", "4,55,032.50"],
        ["Investor protection fund (IPFT)", "0.05", "0.05", "0.00001 %", "4,55,032.50"],
        ["SEBI turnover fee", "0.45", "0.45", "0.0001 %", "4,55,032.50"],
        ["Stamp duty", "6.83", "6.83", "0.003 %", "2,27,597.50"],
        ["Goods and services tax (GST)", "43.58", "43.58", "18 %", "242.13"],
    ]
    assert table.one("tfoot").text == "All charges₹633.69₹633.54"


def test_table_has_every_trade() -> None:
    table = page_of(day_view()).all("table")[0]
    rows = [[cell.text for cell in row.content] for row in table.one("tbody").all("tr")]  # type: ignore[union-attr]
    assert rows == [
        [
            "1",
            f"{CE.symbol}650 units",
            f"+₹6,202.50+0.95{NBSP}R",
            "6,532.50less 330.00",
            "174.9510:15:05",
            "164.9010:55:30",
            "the daily target was reached",
        ],
        [
            "2",
            f"{PE.symbol}650 units",
            f"\u2212₹7,025.00\u22121.08{NBSP}R",
            "\u22126,695.00less 330.00",
            "174.9510:15:05",
            "185.2510:55:30",
            "its stop was hit",
        ],
    ]
    sums = [cell.text for cell in table.one("tfoot").one("tr").content]  # type: ignore[union-attr]
    assert sums == [
        "All tradesR of the account",
        f"\u2212₹822.50\u22120.13{NBSP}R",
        "\u2212162.50less 660.00",
        "",
    ]
    assert {cell.attributes["scope"] for cell in table.all("th")} == {"col", "row"}


def test_each_chart_is_told_in_words() -> None:
    page = page_of(day_view())
    captions = [caption.text for caption in page.all("figcaption")]
    assert captions == [
        (
            f"Highest 0.00{NBSP}R at 09:16:00, lowest \u22120.08{NBSP}R at 10:15:05, "
            f"at the end \u22120.03{NBSP}R (\u2212₹162.50) at 10:55:30."
        ),
        (
            "Sold 650 at 174.95 at 10:15:05 as the swing low 175.00 broke, made at 10:05 and "
            "confirmed at 10:08. Stop 185.00. Bought back at 164.90 at 10:55:30: the daily target "
            "was reached."
        ),
        (
            "Sold 650 at 174.95 at 10:15:05 as the swing low 175.00 broke, made at 09:35 and "
            "confirmed at 09:37. Stop 185.00. Bought back at 185.25 at 10:55:30: its stop was hit."
        ),
    ]


def labels(svg: Element, kind: str) -> list[str]:
    found = (text for text in svg.all("text") if kind in text.attributes["class"].split())
    return [text.text for text in found]


def test_curve_has_a_line_per_r_with_rupees_beside() -> None:
    curve = page_of(day_view()).all("svg")[0]
    ticks = labels(curve, "tick")
    assert ticks[:5] == ["09:30", "10:00", "10:30", "11:00", "R"]
    assert ticks[5:] == ["\u22121", "0", "+1", "₹", "\u22126,500", "0", "6,500"]


def test_curve_marks_every_fill() -> None:
    curve = page_of(day_view()).all("svg")[0]
    fills = [p.one("title").text for p in curve.all("path") if p.attributes["class"] == "fill"]
    assert fills == [
        f"10:15:05 trade 1: sold {CE.symbol}",
        f"10:55:30 trade 1: bought back {CE.symbol}",
        f"10:15:05 trade 2: sold {PE.symbol}",
        f"10:55:30 trade 2: bought back {PE.symbol}",
    ]


def test_curve_tells_gains_from_losses_without_colour() -> None:
    curve = page_of(day_view()).all("svg")[0]
    assert [bar.attributes["class"] for bar in curve.all("rect")] == ["won", "lost"]


def test_lanes_are_shared_by_trades_that_do_not_meet() -> None:
    trades = tuple(
        closed_trade(opened_at=at(start), closed_at=at(end))
        for start, end in ((10, 60), (20, 30), (100, 120))
    )
    curve = page_of(day_view(trades=trades)).all("svg")[0]
    heights = [float(bar.attributes["y"]) for bar in curve.all("rect")]
    assert heights[0] == heights[2] < heights[1]


def test_chart_shows_the_minutes_around_the_trade() -> None:
    chart = page_of(day_view()).all("svg")[1]
    minutes = sorted(p.one("title").text[:5] for group in chart.all("g") for p in group.all("path"))
    # from 30 minutes before the swing to 15 after the exit
    assert (minutes[0], minutes[-1], len(minutes)) == ("09:35", "11:10", 96)
    assert labels(chart, "mark") == [
        "stop 185.00",
        "VWAP",
        "low 175.00",
        "sold 174.95",
        "bought 164.90",
    ]


def test_chart_ends_with_the_day() -> None:
    bars = {CE.symbol: minute_bars(100)}
    chart = page_of(day_view(trades=(closed_trade(),), bars=bars)).all("svg")[1]
    grid_end = max(float(line.attributes["x2"]) for line in chart.all("line"))
    rect = chart.one("rect").attributes
    assert float(rect["x"]) + float(rect["width"]) > grid_end * 0.9


def test_synthetic_is_said_in_heading_and_title() -> None:
    made_up, real = page_of(day_view()), page_of(day_view(synthetic=False, label="NIFTY"))
    assert made_up.one("head").one("title").text.startswith("SYNTHETIC · synthetic NIFTY seed 7 ·")
    assert "SYNTHETIC This market was made up." in made_up.one("header").text
    assert "SYNTHETIC" not in real.text.replace("var(--synthetic)", "")


@pytest.mark.parametrize(
    ("mode", "said"),
    [("paper", "paper: no real orders"), ("live", "live: real orders"), ("other", "other")],
)
def test_mode_is_said(mode: str, said: str) -> None:
    header = page_of(day_view(mode=mode)).one("header")
    assert f"Friday, 20 November 2026, 09:15 to 15:40 IST · {said}" in header.text


def test_open_positions_are_an_alarm() -> None:
    page = page_of(day_view(open_positions=(position(),)))
    (alarm,) = (s for s in page.all("section") if s.attributes.get("class") == "alarm")
    assert alarm.one("h2").text == "NOT FLAT: 1 position open at the end"
    assert [cell.text for cell in alarm.one("tbody").all("td")] == [
        "650",
        "174.95",
        "10:30:00",
        "185.00",
    ]
    assert page.one("head").one("title").text.startswith("NOT FLAT · ")


def test_label_may_be_anything() -> None:
    label = '</title><script>alert("1")</script>\x00\ud800 & co'
    text = render(day_view(label=label, notes=("<b>",), mode="<i>", halted_reason="<u>"))
    page = read_page(text)
    assert page.one("h1").text == label.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert not page.all("script") + page.all("b") + page.all("i")[5:] + page.all("u")
    text.encode()


def test_symbols_and_reasons_are_text_too() -> None:
    trade = closed_trade(symbol='<a">', exit_reason="<b>")
    page = page_of(day_view(trades=(trade,)))
    assert page.all("tbody")[0].one("th").text == '<a">650 units'
    assert not page.all("b")


def test_nothing_happened() -> None:
    nothing = rates_of().note(Dealings(0, 0, 0))
    view = day_view(
        trades=(), contract_note=nothing, curve=(), bars={}, levels={}, halted_reason=""
    )
    page = page_of(view)
    assert not page.all("svg") + page.all("table")
    assert "No trade was made and closed on this day." in page.text
    assert "Nothing was recorded that could be drawn." in page.text
    assert figures(page)["Trades"] == "none"
    assert figures(page)["The day ended because"] == "the session closed"


def test_curve_without_trades() -> None:
    page = page_of(day_view(trades=()))
    assert len(page.all("svg")) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"levels": {}}, "the swing low it rested on is not on record", id="level"),
        pytest.param({"bars": {}}, "no bars of this contract", id="bars"),
        pytest.param({"bars": {CE.symbol: (bar(50, 1, 1, 1, 1),)}}, "confirmed at", id="one bar"),
        pytest.param({"bars": {}, "levels": {}}, "no bars of this contract", id="both"),
    ],
)
def test_what_is_missing_is_said(changes: dict[str, object], said: str) -> None:
    page = page_of(day_view(trades=(closed_trade(),), **changes))
    assert len(page.all("svg")) == 2
    assert said in page.all("figure")[1].text


def test_trade_without_planned_risk_has_no_r() -> None:
    page = page_of(day_view(trades=(closed_trade(points=0),)))
    assert "+₹6,202.50, \u2013" in page.text


def test_notes_and_version_are_at_the_end() -> None:
    page = page_of(day_view(notes=("stamp is assumed", "the feed was lost twice")))
    notes = [item.text for item in page.all("section")[-1].all("li")]
    assert notes[:2] == ["stamp is assumed", "the feed was lost twice"]
    assert page.one("footer").text == f"swingbreak {__version__}"


def test_ten_trades_of_half_a_day_stay_small() -> None:
    # the longest ten that five positions at a time allow
    trades = tuple(
        closed_trade(opened_at=at(start), closed_at=at(start + 175))
        for start in (31, 205)
        for _ in range(5)
    )
    curve = tuple((at(minute), minute * 10_00) for minute in range(385))
    assert len(render(day_view(trades=trades, curve=curve)).encode()) < MOST_BYTES
