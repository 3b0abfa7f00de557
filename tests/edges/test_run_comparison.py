from dataclasses import replace
from datetime import timedelta

import pytest

from swingbreak.reporting.run_comparison import compare_runs, comparison_rows
from swingbreak.reporting.run_view import RunView
from tests.run_views import (
    R_VALUE,
    lone_trade,
    made_run,
    netting_days,
    run_day,
    run_view,
    trading_days,
)

R = R_VALUE
DAY, NEXT = trading_days(2)


def with_trade(**changes: object) -> RunView:
    whole = lone_trade(DAY, 1.0)
    trade = replace(whole.trade, **changes)  # type: ignore[arg-type]
    return run_view((run_day(DAY, (replace(whole, trade=trade),)),))


def test_run_is_the_same_as_itself() -> None:
    run = made_run(20, with_curves=False)
    found = compare_runs(run, run)
    assert found.is_same
    assert found.days == 20
    assert found.first == found.second


@pytest.mark.parametrize("changes", [{"trade_id": "x"}, {"level": "x"}, {"orders": 5}])
def test_names_make_no_difference(changes: dict[str, object]) -> None:
    assert compare_runs(with_trade(), with_trade(**changes)).is_same


@pytest.mark.parametrize(
    "changes",
    [
        {"sold_value": 1},
        {"bought_value": 1},
        {"charges": 1},
        {"quantity": 65},
        {"exit_reason": "stop"},
        {"symbol": "NIFTY02JUN2624000PE"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_money_and_time_make_one(changes: dict[str, object]) -> None:
    found = compare_runs(with_trade(), with_trade(**changes))
    (apart,) = found.apart
    assert len(apart.only_first) == len(apart.only_second) == 1


def test_difference_is_told_in_words() -> None:
    later = lone_trade(DAY, 1.0).trade.closed_at + timedelta(seconds=5)
    found = compare_runs(with_trade(), with_trade(closed_at=later, bought_value=92_000_00))
    (apart,) = found.apart
    day, first, second = apart.told()
    assert day.startswith("2026-06-01: net 62")
    assert day.endswith(", though the decisions are the same")
    assert first.startswith("  only in the first run: 650 NIFTY02JUN2624500CE sold 12:00:00 at 150")
    assert "bought 12:20:05" in second


def test_day_of_one_run_alone_is_told_as_such() -> None:
    both, one = netting_days(R, R), netting_days(R)
    (apart,) = compare_runs(run_view(both), run_view(one)).apart
    assert list(apart.told()) == [f"{NEXT}: only in the first run"]
    (apart,) = compare_runs(run_view(one), run_view(both)).apart
    assert list(apart.told()) == [f"{NEXT}: only in the second run"]


def test_numbers_are_of_the_common_days_and_each_in_its_own_r() -> None:
    ours = run_view(netting_days(R, 2 * R, 5 * R))
    theirs = run_view(netting_days(R, -R), r_value=2 * R)
    found = compare_runs(ours, theirs)
    assert found.days == 2
    rows = {name: (first, second) for name, first, second in comparison_rows(found)}
    assert rows["R of the account"] == ("+3.00\u00a0R", "0.00\u00a0R")
    assert rows["trades"] == ("2 trades", "2 trades")
    assert rows["won"] == ("100.0\u00a0%", "50.0\u00a0%")


def test_repeated_trade_is_counted() -> None:
    trade = lone_trade(DAY, 1.0)
    once, twice = (run_view((run_day(DAY, (trade,) * count),)) for count in (1, 2))
    (apart,) = compare_runs(once, twice).apart
    assert (apart.only_first, apart.only_second) == ((), (trade,))


def test_runs_without_a_day_can_be_compared() -> None:
    found = compare_runs(run_view(()), run_view(()))
    assert found.is_same
    assert all(len(row) == 3 for row in comparison_rows(found))
