"""The page of a run: its parts, its figures and tables, and what may not break it."""

import re
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.reporting.run_view import RunView
from tests.day_views import Element, points_of, read_page
from tests.run_pages import MINUS, NBSP, SMALL, figures, headings, page_of, tables, text_of
from tests.run_views import (
    R_VALUE as R,
)
from tests.run_views import (
    lone_trade,
    made_run,
    netting,
    netting_days,
    run_day,
    run_view,
    trading_days,
)

DAYS = trading_days(3)
MOST_BYTES, MOST_SECONDS = 3_000_000, 2.0


def test_page_has_every_part() -> None:
    assert headings(page_of(SMALL, filter=made_run(30, seed=9, with_curves=False))) == [
        "Remarks",
        "Result",
        "Fill models",
        "Luck",
        "Calendar",
        "Distribution of trades",
        "Where it was made",
        "Costs",
        "What each rule adds",
        "Trades",
        "Settings",
        "Notes",
    ]


def test_page_needs_nothing_but_itself() -> None:
    text = text_of(SMALL)
    page = read_page(text)
    assert not re.search(r"https?:|//|url\(|@import|\bsrc=|<script|\bon\w+=", text)
    policy = [m.attributes["content"] for m in page.all("meta") if "http-equiv" in m.attributes]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert [e.attributes["id"] for e in page.all("input")] == [
        "colours-auto",
        "colours-light",
        "colours-dark",
    ]


def test_ids_are_unique_and_drawings_are_told() -> None:
    page = page_of(SMALL)
    ids = [e.attributes["id"] for e in page.walk() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for svg in page.all("svg"):
        if svg.attributes.get("aria-hidden") != "true":
            told = [
                e.text
                for e in page.walk()
                if e.attributes.get("id") in svg.attributes["aria-labelledby"].split()
            ]
            assert len(told) == 2
            assert all(told)


def test_figures_say_how_the_run_went() -> None:
    assert figures(page_of(run_view(netting_days(2 * R, -R, 0, R)))) == {
        "Result": f"+2.00{NBSP}R+₹13,000.00",
        "Deepest drawdown": f"{MINUS}1.00{NBSP}R{MINUS}₹6,500.00",
        "Mean of a trade": f"+0.67{NBSP}R+₹4,333.33",
        "Won": f"66.7{NBSP}%of 3 trades",
        "Average win": f"+1.50{NBSP}R+₹9,750.00",
        "Average loss": f"{MINUS}1.00{NBSP}R{MINUS}₹6,500.00",
        "Profit factor": "3.00net / drawdown 2.00",
        "Sharpe, by the year": "6.12Sortino 15.81",
        "Best day": f"+2.00{NBSP}R1{NBSP}Jun{NBSP}2026",
        "Worst day": f"{MINUS}1.00{NBSP}R2{NBSP}Jun{NBSP}2026",
        "Longest losing streak": "1 trade1 day",
        "Within a bar": f"0 trades0.00{NBSP}R at stake",
    }


def test_head_says_what_ran_and_when() -> None:
    page = page_of(run_view(netting_days(R, R), label="a < b"))
    assert page.one("h1").text == "a < b"
    told = "2 trading days, Monday, 1 June 2026 to Tuesday, 2 June 2026 \u00b7 backtest"
    assert page.one("header").one("p").text == f"{told} \u00b7 pessimistic fills"
    assert page.one("head").one("title").text == f"a < b \u00b7 backtest \u00b7 +2.00{NBSP}R"


@pytest.mark.parametrize(
    ("made", "told"), [(1, "1 of 2 days' market was"), (2, "Every day's market was"), (0, "")]
)
def test_made_up_market_is_told_before_everything(made: int, told: str) -> None:
    days = netting_days(R, R)
    run = run_view(tuple(replace(day, synthetic=place < made) for place, day in enumerate(days)))
    page = page_of(run)
    banners = [e.text for e in page.all("p") if e.attributes.get("class") == "banner"]
    assert [text.startswith(f"SYNTHETIC {told}") for text in banners] == [True] * bool(made)
    assert page.one("head").one("title").text.startswith("SYNTHETIC") is bool(made)


def test_costs_lead_from_the_triggers_to_net() -> None:
    trade = lone_trade(DAYS[0], 2.0, slippage=500_00)
    found = tables(page_of(run_view((run_day(DAYS[0], (trade,)),))))["From gross to net"]
    assert [row[0] for row in found[1:]] == [
        "Made at the triggers",
        "Slippage",
        "Gross",
        "Charges",
        "Net",
    ]
    assert found[1][2] == "+₹13,500.00"
    assert found[2][2:] == [f"{MINUS}₹500.00", f"{MINUS}0.08{NBSP}R", f"{MINUS}3.7{NBSP}%"]
    assert found[3][2] == "+₹13,000.00"


def test_one_group_is_no_breakdown() -> None:
    found = tables(page_of(run_view(netting_days(R, R))))["Where it was made"]
    assert [row[0] for row in found if len(row) == 1] == ["Weekday", "Time to expiry"]


def test_months_are_told_in_r() -> None:
    days = (
        run_day(DAYS[0], (netting(DAYS[0], R),)),
        run_day(trading_days(30)[-1], (netting(trading_days(30)[-1], -3 * R),)),
    )
    assert tables(page_of(run_view(days)))["Months, in R"] == [
        ["R", "Jun", "Jul", "Year"],
        ["2026", "+1.0", f"{MINUS}3.0", f"{MINUS}2.0"],
    ]


def test_rule_that_may_be_luck_is_told_so() -> None:
    whole = run_view(netting_days(R, R, R))
    clear, doubtful = run_view(netting_days(-R, -R, -R)), run_view(netting_days(2 * R, -R, R))
    found = tables(page_of(whole, clear=clear, doubtful=doubtful))["What each rule adds"]
    assert [(row[0], row[2]) for row in found[1:]] == [
        ("clear", f"+6.00{NBSP}R"),
        ("doubtful", f"+1.00{NBSP}Rmay be luck"),
    ]


def test_trades_stand_by_month_and_are_closed_where_there_are_many() -> None:
    whole = made_run(60, with_curves=False, settings={})
    few, many = page_of(run_view(netting_days(*[R] * 30), settings={})), page_of(whole)
    assert [e.attributes.get("open") for e in few.all("details")] == ["", ""]
    assert {e.attributes.get("open") for e in many.all("details")} == {None}
    listed = [len(table.all("tr")) - 1 for table in many.all("details")]
    assert sum(listed) == sum(len(day.trades) for day in whole.days)


def test_trade_is_told_whole() -> None:
    doubtful = lone_trade(DAYS[0], 2.0, ambiguous=True)
    rows = tables(page_of(run_view((run_day(DAYS[0], (doubtful,)),))))["Trades of June 2026"]
    assert rows[1] == [
        f"1{NBSP}Jun",
        "NIFTY02JUN2624500CE650 units",
        "+₹12,793.75",
        f"+1.97{NBSP}R",
        "150.0012:00:00",
        "130.0012:20:00",
        "the force-exit time camewithin a bar",
    ]


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (run_view(()), "The run has no day."),
        (run_view((run_day(DAYS[0]),)), "No trade was made and closed."),
        (run_view(netting_days(R)), "Only 1 trade"),
        (run_view(netting_days(*[-R] * 5)), "Only 5 trades"),
    ],
    ids=["no day", "no trade", "one day", "only losses"],
)
def test_poor_runs_have_a_page_too(run: RunView, told: str) -> None:
    assert told in page_of(run).one("main").text


def test_notes_of_days_are_counted_and_the_rarest_left_to_the_table() -> None:
    days = tuple(
        replace(day, notes=("all alike", f"number {place}"))
        for place, day in enumerate(netting_days(*[R] * 14))
    )
    notes = [e.text for e in page_of(run_view(days)).all("section")[-1].all("li")]
    assert notes[:2] == ["14 days: all alike", "Monday, 1 June 2026: number 0"]
    assert notes[12] == "3 more notes of single days: see days.csv."


def test_text_is_never_markup() -> None:
    bad = '</title><script>alert("1")</script>'
    trade = lone_trade(DAYS[0], 1.0)
    trade = replace(
        trade,
        trade=replace(trade.trade, symbol=bad, exit_reason=bad),
        contract=replace(trade.contract, underlying=bad),
    )
    day = run_day(DAYS[0], (trade, lone_trade(DAYS[0], 1.0)), notes=(bad,))
    run = run_view((day, day), label=bad, kind=bad, fills=bad, settings={bad: bad}, notes=(bad,))
    page = read_page(text_of(replace(run, others={"x<b>": run.days})))
    assert not page.all("script")
    assert {element.text for element in page.all("b")} == {"June 2026", "1 setting"}
    assert page.one("h1").text == bad


def size_of(svg: Element) -> tuple[float, float]:
    _, _, width, height = svg.attributes["viewbox"].split()
    return float(width), float(height)


@settings(deadline=None, max_examples=25)
@given(
    nets=st.lists(st.integers(-(10**9), 10**9), max_size=8),
    other=st.lists(st.integers(-(10**7), 10**7), max_size=8),
    r_value=st.integers(1, 10**9),
)
def test_never_breaks_and_never_draws_outside(
    nets: list[int], other: list[int], r_value: int
) -> None:
    run = run_view(netting_days(*nets), r_value=r_value, others={"other": netting_days(*other)})
    text = text_of(run)
    page = read_page(text)
    assert not re.search(r'="[^"]*\b(?:nan|inf|None)\b', text)
    for svg in page.all("svg"):
        width, height = size_of(svg)
        for x, y in points_of(svg):
            assert -1 <= x <= width + 1, (x, width)
            assert -1 <= y <= height + 1, (y, height)
    assert text == text_of(run)


@pytest.mark.parametrize("count", [123, pytest.param(2_000, marks=pytest.mark.slow)])
def test_long_runs_stay_small_and_quick(count: int) -> None:
    run = made_run(count, with_curves=False)
    started = process_time()
    text = text_of(run)
    taken = process_time() - started
    assert len(text.encode()) < MOST_BYTES
    assert taken < MOST_SECONDS * (1 if count == 123 else 4)
