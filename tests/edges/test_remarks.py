from collections.abc import Mapping
from dataclasses import replace

import pytest

from swingbreak.reporting.remarks import Remark
from swingbreak.reporting.run_numbers import numbers_of
from swingbreak.reporting.run_view import RunDay, RunView
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
DAY = trading_days(1)[0]
STEADY = netting_days(*[R, R, -R // 2] * 40)  # an edge that nobody would doubt


def said(run: RunView) -> Mapping[str, Remark]:
    return {remark.kind: remark for remark in numbers_of(run).remarks}


def warned(run: RunView) -> set[str]:
    return {kind for kind, remark in said(run).items() if remark.is_warning}


def changed(days: tuple[RunDay, ...], count: int, **changes: object) -> tuple[RunDay, ...]:
    return tuple(
        replace(day, **changes) if place < count else day  # type: ignore[arg-type]
        for place, day in enumerate(days)
    )


def test_nothing_is_wrong_with_a_steady_run() -> None:
    assert warned(run_view(STEADY)) == set()


@pytest.mark.parametrize(
    ("run", "kind", "number", "words"),
    [
        (run_view(()), "no_trades", 0, "No trade"),
        (run_view(STEADY[:99]), "few_trades", 99, "Only 99 trades"),
        (run_view(netting_days(*[R, -R] * 60)), "expectancy_interval", None, "not tell it from ze"),
        (run_view(changed(STEADY, 3, synthetic=True)), "synthetic", 3, "3 of 120 days had a mark"),
        (run_view(changed(STEADY, 2, grade="D")), "poor_data", 2, "2 days is graded C or D"),
        (
            run_view(netting_days(*[-R // 10] * 60, *[R // 10] * 59, 20 * R)),
            "lucky_days",
            1,
            "without Friday, 13 November 2026",
        ),
        (
            run_view(netting_days(*[-R // 10] * 97, 5 * R, 5 * R, 5 * R)),
            "lucky_days",
            2,
            "Without its 2 best days of 100",
        ),
        (
            run_view(netting_days(*[-R] * 50, *[3 * R] * 50)),
            "halves_disagree",
            150,
            "\u221250.00\u00a0R until",
        ),
        (
            run_view(STEADY, others={"optimistic": netting_days(-R)}),
            "fills_change_sign",
            -1,
            "\u22121.00\u00a0R with optimistic ones",
        ),
    ],
)
def test_doubt_is_told_with_its_number(
    run: RunView, kind: str, number: float | None, words: str
) -> None:
    remark = said(run)[kind]
    assert remark.is_warning
    assert number is None or remark.number == pytest.approx(number)
    assert words in remark.text


def test_days_that_carry_the_result_are_counted() -> None:
    # 11 - 5 - 4 - 2 = 0: three days carry it
    few = said(run_view(netting_days(5 * R, 4 * R, 3 * R, -R)))["lucky_days"]
    assert (few.number, few.is_warning) == (3, True)
    many = said(run_view(STEADY))["lucky_days"]
    assert (many.number, many.is_warning) == (60, False)


def test_a_loss_is_not_carried_by_luck() -> None:
    assert "lucky_days" not in said(run_view(netting_days(R, -2 * R)))
    assert "lucky_days" not in said(run_view(netting_days(R)))


@pytest.mark.parametrize(
    ("doubtful", "stake", "is_warning"),
    [(1, R, False), (30, R, True), (1, 200 * R, True)],
    ids=["few and little", "many", "more at stake than made"],
)
def test_ambiguous_fills_are_told_and_doubted_where_they_matter(
    doubtful: int, stake: int, *, is_warning: bool
) -> None:
    days = tuple(
        run_day(day.day, tuple(replace(t, ambiguous=True, stake=stake) for t in day.trades))
        if place < doubtful
        else day
        for place, day in enumerate(STEADY)
    )
    remark = said(run_view(days))["ambiguous"]
    assert remark.is_warning is is_warning
    assert remark.number == pytest.approx(doubtful / 120)


def test_costs_are_told_with_their_share() -> None:
    trade = lone_trade(DAY, 1.0)
    made = trade.trade.gross
    cheap, dear = replace(trade, slippage=0), replace(trade, slippage=2 * made)
    for each, is_much in ((cheap, False), (dear, True)):
        remark = said(run_view((run_day(DAY, (each,)),)))["costs"]
        taken = each.slippage + trade.trade.charges
        assert remark.number == pytest.approx(taken / (made + each.slippage))
        assert remark.is_warning is is_much
    assert "costs" not in said(run_view((run_day(DAY, (lone_trade(DAY, -1.0),)),)))


def test_what_is_unknown_is_told_without_a_warning() -> None:
    idle = (run_day(DAY, halted_reason="", grade=""),)
    found = said(run_view(idle))
    assert not found["ungraded_data"].is_warning
    assert not found["idle_days"].is_warning


def test_warnings_come_first() -> None:
    remarks = numbers_of(made_run(60, with_curves=False)).remarks
    flags = [remark.is_warning for remark in remarks]
    assert flags == sorted(flags, reverse=True)
    assert all(remark.text.endswith(".") for remark in remarks)
