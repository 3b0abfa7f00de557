from dataclasses import replace
from datetime import timedelta
from itertools import accumulate, combinations
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.instrument import Right
from swingbreak.reporting.breakdowns import Group, breakdowns_of
from swingbreak.reporting.run_statistics import (
    Costs,
    Drawdown,
    Totals,
    costs_of,
    deepest_drawdown,
    equity_of,
    totals_by_model,
    totals_of,
)
from tests.run_views import (
    R_VALUE,
    lone_trade,
    made_run,
    netting,
    netting_days,
    option,
    run_day,
    session,
    trading_days,
)

R = R_VALUE
DAYS = trading_days(12)


def totals(*nets: int) -> Totals:
    return totals_of(netting_days(*nets), R)


def test_numbers_of_a_small_run() -> None:
    found = totals(2 * R, -R, 0, -R, 4 * R, -2 * R)
    assert (found.days, found.traded_days, found.trades, found.wins) == (6, 5, 5, 2)
    assert found.net == 2 * R
    assert found.r == 2.0
    assert found.win_rate == 0.4
    assert found.expectancy == 2 * R / 5
    assert found.expectancy_r == pytest.approx(0.4)
    assert found.profit_factor == 6 / 4
    assert (found.average_win, found.average_loss) == (3 * R, -4 * R / 3)
    assert (found.average_win_r, found.average_loss_r) == pytest.approx((3, -4 / 3))
    assert found.best_day == (DAYS[4], 4 * R)
    assert found.worst_day == (DAYS[5], -2 * R)
    assert found.recovery == 1.0


def test_ratios_count_days_without_a_trade() -> None:
    found = totals(2 * R, 0, -R, 0)
    mean, squares = 1 / 4, [(x - 1 / 4) ** 2 for x in (2, 0, -1, 0)]
    assert found.sharpe == pytest.approx(mean / sqrt(sum(squares) / 3) * sqrt(250))
    assert found.sortino == pytest.approx(mean / sqrt(1 / 4) * sqrt(250))


def test_nothing_to_reckon_is_none_and_never_zero() -> None:
    found = totals_of((), R)
    assert (found.days, found.trades, found.net, found.losing_streak) == (0, 0, 0, 0)
    unknown = (
        *(found.win_rate, found.expectancy, found.expectancy_r, found.profit_factor),
        *(found.average_win, found.average_loss, found.average_win_r, found.average_loss_r),
        *(found.best_day, found.worst_day, found.sharpe, found.sortino, found.recovery),
    )
    assert set(unknown) == {None}
    assert found.drawdown == Drawdown(0)


@pytest.mark.parametrize(
    ("nets", "is_none"),
    [
        ((R,), ("sharpe", "sortino", "profit_factor")),
        ((R, R), ("sharpe", "sortino", "profit_factor")),
        ((R, 2 * R), ("sortino", "profit_factor")),
        ((-R, -R), ("sharpe", "average_win")),
    ],
    ids=["one day", "no spread", "no loss", "no win"],
)
def test_ratio_without_a_divisor_is_none(nets: tuple[int, ...], is_none: tuple[str, ...]) -> None:
    found = totals(*nets)
    names = ("sharpe", "sortino", "profit_factor", "average_win")
    assert {name for name in names if getattr(found, name) is None} == set(is_none)


def test_losing_streaks_are_of_trades_and_of_days() -> None:
    days = [
        run_day(DAYS[0], (netting(DAYS[0], R), netting(DAYS[0], -1))),
        run_day(DAYS[1], (netting(DAYS[1], -R), netting(DAYS[1], -R))),
        run_day(DAYS[2]),  # made nothing, and lost nothing
        run_day(DAYS[3], (netting(DAYS[3], -R), netting(DAYS[3], 2 * R))),
    ]
    found = totals_of(days, R)
    assert (found.losing_streak, found.losing_days) == (4, 1)


def test_costs_lead_from_the_triggers_to_the_net_result() -> None:
    first = lone_trade(DAYS[0], 2.0, slippage=130_00)
    second = lone_trade(DAYS[0], -1.0, slippage=-65_00)
    costs = costs_of((first, second))
    gross = first.trade.gross + second.trade.gross
    charges = first.trade.charges + second.trade.charges
    assert costs == Costs(slippage=65_00, charges=charges, gross=gross)
    assert costs.at_triggers == gross + 65_00
    assert costs.net == first.trade.net + second.trade.net


@pytest.mark.parametrize(
    ("nets", "expected"),
    [
        ((), Drawdown(0)),
        ((R, R), Drawdown(0)),
        ((-R, R), Drawdown(R, None, DAYS[0], DAYS[1], 2)),
        ((R, -R, -R), Drawdown(2 * R, DAYS[0], DAYS[2], None, 2)),
        ((R, -R, 0, 2 * R), Drawdown(R, DAYS[0], DAYS[1], DAYS[3], 3)),
        ((R, -R, R, -R), Drawdown(R, DAYS[0], DAYS[1], DAYS[2], 2)),
    ],
    ids=["no day", "only gains", "at once", "never made good", "made good", "the first of equals"],
)
def test_deepest_drawdown_has_its_days(nets: tuple[int, ...], expected: Drawdown) -> None:
    assert deepest_drawdown(netting_days(*nets)) == expected


@given(st.lists(st.integers(-5, 5), max_size=12))
def test_drawdown_is_the_greatest_fall_between_any_two_closes(nets: list[int]) -> None:
    days = netting_days(*(net * R for net in nets))
    equity = list(accumulate((net * R for net in nets), initial=0))
    assert equity_of(days) == tuple(equity)
    falls = [early - late for early, late in combinations(equity, 2)]
    assert deepest_drawdown(days).depth == max(0, *falls, 0)


def test_ambiguous_trades_are_counted_with_their_stake() -> None:
    doubtful = lone_trade(DAYS[0], 1.0, ambiguous=True, stake=3 * R)
    found = totals_of((run_day(DAYS[0], (doubtful, lone_trade(DAYS[0], 1.0))),), R)
    assert (found.ambiguous, found.stake) == (1, 3 * R)


def test_models_are_reckoned_each_for_itself() -> None:
    run = made_run(10, with_curves=False)
    found = totals_by_model(run)
    assert list(found) == ["pessimistic", "calibrated", "optimistic"]
    assert found["calibrated"] == totals_of(run.others["calibrated"], R)
    assert found["pessimistic"].net <= found["calibrated"].net <= found["optimistic"].net


def test_breakdowns_part_every_trade_once() -> None:
    run = made_run(30, with_curves=False)
    whole = totals_of(run.days, R)
    for each in breakdowns_of(run.days):
        assert sum(group.trades for group in each.groups) == whole.trades
        assert sum(group.wins for group in each.groups) == whole.wins
        assert sum(group.net for group in each.groups) == whole.net


def test_trade_stands_in_its_groups() -> None:
    monday, tuesday = DAYS[0], DAYS[1]
    early = lone_trade(monday, 1.0)
    put = option(tuesday, right=Right.PE)
    opened = session(tuesday).opens + timedelta(minutes=104)  # 10:59
    late = lone_trade(tuesday, -1.0, contract=put)
    late = replace(late, trade=replace(late.trade, opened_at=opened, exit_reason="stop"))
    found = breakdowns_of((run_day(monday, (early,)), run_day(tuesday, (late,))))
    names = {each.key: [group.name for group in each.groups] for each in found}
    assert names == {
        "weekday": ["Monday", "Tuesday"],
        "days_to_expiry": ["expiry day", "1 day before"],
        "hour": ["10:00 to 11:00", "12:00 to 13:00"],
        "right": ["CE", "PE"],
        "exit_reason": ["the force-exit time came", "its stop was hit"],
        "underlying": ["NIFTY"],
    }
    (weekday, *_) = found
    assert weekday.groups[0] == Group("Monday", 1, 1, early.trade.net, early.trade.r)
