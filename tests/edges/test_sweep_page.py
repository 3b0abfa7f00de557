"""The page of a sweep: planes of two settings, the walk, and how far the best set is luck."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product
from xml.etree import ElementTree as ET

import pytest

from swingbreak.reporting.plane import planes_of
from swingbreak.reporting.sweep_page import render_sweep
from swingbreak.reporting.sweep_view import DayScore, SweepView, Tried, doubt_of
from swingbreak.reporting.walk_forward import walk

R = 6500_00
FIRST = date(2026, 3, 2)


def view(
    sets: Sequence[tuple[dict[str, str], Sequence[float]]], objective: str = "net_r"
) -> SweepView:
    days = tuple(FIRST + timedelta(days=n) for n in range(len(sets[0][1])))
    tried = tuple(
        Tried(n, point, R, tuple(DayScore(round(r * R), 0, 1, 0, 0, 0, "") for r in results))
        for n, (point, results) in enumerate(sets)
    )
    return SweepView(
        "a <sweep>", "pessimistic", objective, tuple(sets[0][0]), days, tried, ("said",)
    )


def square(worth: Sequence[Sequence[float]]) -> SweepView:
    """A sweep of two settings, a row of *worth* for each value of the second."""
    return view(
        [
            ({"a": str(column), "b": str(row)}, (value,))
            for row, values in enumerate(worth)
            for column, value in enumerate(values)
        ]
    )


def test_a_plane_has_a_cell_for_each_pair_of_values() -> None:
    (plane,) = planes_of(square([[1, 2], [3, 4], [5, 6]]))
    assert (plane.across, plane.down) == ("a", "b")
    assert (plane.columns, plane.rows) == (("0", "1"), ("0", "1", "2"))
    assert plane.worth == {(c, r): 1 + c + 2 * r for c, r in product(range(2), range(3))}
    assert plane.best == (1, 2)


def test_a_lone_peak_is_no_plateau() -> None:
    worth = [
        [9, -3, 0, 0, 0, 0],
        [-3, -3, 2, 3, 2, 0],
        [0, 0, 3, 4, 3, 0],
        [0, 0, 2, 3, 2, 0],
        [0, 0, 0, 0, 0, 0],
    ]
    (plane,) = planes_of(square(worth))
    assert plane.best == (0, 0)
    assert plane.plateau == (3, 2)


def test_good_neighbours_make_no_bad_cell_a_plateau() -> None:
    (plane,) = planes_of(square([[-1, 8, -9], [5, 5, 5]]))
    assert plane.worth[plane.plateau] > 0


def test_a_cell_is_the_median_of_its_sets() -> None:
    sets = [({"a": a, "b": "1", "c": c}, (r,)) for (a, c), r in
            zip(product("12", "xyz"), (1, 2, 90, 4, 5, 6), strict=True)]  # fmt: skip
    planes = {(each.across, each.down): each for each in planes_of(view(sets))}
    assert set(planes) == {("a", "c")}, "what has one value spans no plane"
    sets += [({"a": "1", "b": "2", "c": "x"}, (9.0,)), ({"a": "1", "b": "3", "c": "x"}, (3.0,))]
    plane = next(each for each in planes_of(view(sets)) if (each.across, each.down) == ("a", "c"))
    assert plane.worth[0, 0] == 3.0
    assert plane.sets[0, 0] == 3


def test_numbers_are_in_order_and_many_are_taken_together() -> None:
    sets = [({"a": str(n), "b": b}, (1.0,)) for n in (30, *range(1, 30)) for b in ("yes", "no")]
    (plane,) = planes_of(view(sets))
    assert plane.columns[:2] == ("1\u20133", "4\u20136")
    assert plane.columns[-1] == "28\u201330"
    assert plane.rows == ("yes", "no")
    assert set(plane.sets.values()) == {3}


def page_of(sweep: SweepView, days: tuple[int, int] | None = None) -> ET.Element:
    forward = walk(sweep, *days) if days else None
    text = render_sweep(sweep, doubt_of(sweep), forward)
    return ET.fromstring(text.removeprefix("<!DOCTYPE html>\n"))  # noqa: S314 - our own page


def words(page: ET.Element) -> str:
    return " ".join(" ".join(page.itertext()).split())


def many(days: int) -> SweepView:
    return view(
        [
            ({"a": str(a), "b": str(b)}, [((a * b + day * day) % 7 - 3) / 2 for day in range(days)])
            for a, b in product(range(3), range(4))
        ],
        "sharpe",
    )


def test_the_page_tells_of_doubt_planes_and_days_out_of_sample() -> None:
    page = page_of(many(40), (20, 10))
    told = words(page)
    assert "deflated Sharpe ratio" in told
    assert "probability of backtest overfitting" in told
    assert "said" in told
    drawn = [each for each in page.iter("svg") if each.get("role") == "img"]
    assert len(drawn) == 1
    cells = [rect for rect in drawn[0].iter("rect") if rect.find("title") is not None]
    assert len(cells) == 12
    tables = {table.findtext("caption"): table for table in page.iter("table")}
    steps = tables["Out of sample"].findall("tbody/tr")
    assert len(steps) == 2
    kinds = {span.get("class") for span in steps[0].findall("th/span")}
    assert kinds == {"number"}, "a date may be cut in two"
    assert len(tables["The best 12 of 12 sets"].findall("tbody/tr")) == 12
    assert [*page.iter("script")] == [*page.iter("link")] == []


@pytest.mark.parametrize("days", [1, 3])
def test_few_days_are_said_to_be_few(days: int) -> None:
    told = words(page_of(many(days)))
    assert "too few, or too alike" in told or "deflated" in told
    assert "There are too few days to choose on 40" in told
    assert "overfitted" not in told


def test_one_set_has_a_page_too() -> None:
    page = page_of(view([({"a": "1"}, (1.0, 0.0))]))
    assert "Two settings at a time" not in words(page)


def test_losses_are_told_by_more_than_their_colour() -> None:
    page = page_of(square([[-1, 2], [0, 1]]))
    kinds = [rect.get("class") for rect in page.iter("rect") if rect.find("title") is not None]
    assert sorted(map(str, kinds)) == ["fell shade-2", "gained", "gained shade-2", "idle"]
    assert len([each for each in page.iter("path") if each.get("class") == "minus"]) == 1
