"""Settings chosen on past days, judged on the days that follow."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from swingbreak.domain.errors import DataError
from swingbreak.reporting.sweep_view import DayScore, SweepView, Tried, best_first, doubt_of
from swingbreak.reporting.walk_forward import Window, walk, windows

R = 6500_00
FIRST = date(2026, 3, 2)


def tried(number: int, *results: float) -> Tried:
    """A set that made these R, day by day."""
    scores = tuple(DayScore(round(r * R), 0, 1, int(r > 0), 0, 0, "") for r in results)
    return Tried(number, {"max_positions": str(number)}, R, scores)


def view(*sets: Sequence[float], objective: str = "net_r") -> SweepView:
    days = tuple(FIRST + timedelta(days=n) for n in range(len(sets[0])))
    every = tuple(tried(n, *results) for n, results in enumerate(sets))
    return SweepView("of a test", "pessimistic", objective, ("max_positions",), days, every)


@pytest.mark.parametrize(
    ("days", "anchored", "expected"),
    [
        (10, False, [(0, 4, 7), (3, 7, 10)]),
        (11, False, [(0, 4, 7), (3, 7, 10), (6, 10, 11)]),
        (10, True, [(0, 4, 7), (0, 7, 10)]),
        (5, False, [(0, 4, 5)]),
    ],
)
def test_windows_follow_each_other(
    days: int, expected: list[tuple[int, int, int]], *, anchored: bool
) -> None:
    assert windows(days, 4, 3, anchored=anchored) == tuple(Window(*each) for each in expected)


def test_too_few_days_for_one_window() -> None:
    with pytest.raises(DataError, match="4 days are too few"):
        windows(4, 4, 3)


def test_the_best_of_the_past_is_judged_on_what_follows() -> None:
    found = walk(view([2, 2, -1, -1], [1, 1, 1, 1], [0, 0, 3, -3]), 2, 1)
    assert [step.chosen.number for step in found.steps] == [0, 2]
    assert [(step.before, step.after, step.rank) for step in found.steps] == [
        (2.0, -1.0, 3),
        (1.5, -3.0, 3),
    ]
    assert found.efficiency == pytest.approx(-4 / 3.5)
    assert found.steady == {"max_positions": 0.5}


def test_what_comes_later_changes_no_earlier_choice() -> None:
    one = walk(view([2, 2, -1, 5], [1, 1, 1, 1]), 2, 1)
    other = walk(view([2, 2, -1, -5], [1, 1, 1, 1]), 2, 1)
    assert [s.chosen.number for s in one.steps] == [s.chosen.number for s in other.steps]


def test_a_choice_that_gained_nothing_has_no_efficiency() -> None:
    assert walk(view([-1, -1, 2], [-2, -2, 3]), 2, 1).efficiency is None


def test_of_equals_the_first_is_best() -> None:
    equal = view([1, 2], [2, 1], [0, 0])
    assert [each.number for each in best_first(equal)] == [0, 1, 2]
    assert walk(view([1, 1, 0], [1, 1, 1]), 2, 1).steps[0].chosen.number == 0


@pytest.mark.parametrize(("objective", "best"), [("net_r", 0), ("worst_day", 1), ("sharpe", 2)])
def test_what_is_best_depends_on_the_objective(objective: str, best: int) -> None:
    sets = ([9, -3, 0], [3, 0.1, 0.1], [1, 1.1, 0])
    assert best_first(view(*sets, objective=objective))[0].number == best


def test_results_are_in_r_of_the_set() -> None:
    half = Tried(0, {}, R // 2, (DayScore(R, 0, 1, 1, 0, 0, ""), DayScore(-R, 0, 1, 0, 0, 0, "")))
    assert half.results == (2.0, -2.0)
    assert (half.net_r, half.drawdown_r) == (0.0, 2.0)


def test_the_doubt_names_the_trials() -> None:
    doubt = doubt_of(view([1, 2, -1, 3], [0, 1, 0, -1]))
    assert doubt.trials == 2
    assert doubt.overfitting is None, "four days fill no ten blocks"
    assert doubt.deflated is not None
    assert 0 < doubt.deflated < 1


def test_sets_that_never_trade_leave_no_doubt_to_measure() -> None:
    doubt = doubt_of(view([0, 0, 0], [0, 0, 0]))
    assert (doubt.deflated, doubt.overfitting) == (None, None)
