from swingbreak.reporting.rule_ledger import rule_ledger
from tests.run_views import R_VALUE, made_run, netting_days, run_view

R = R_VALUE


def test_rule_adds_the_difference_of_the_days_that_both_have() -> None:
    whole = run_view(netting_days(R, R, R, 5 * R))
    lacking = run_view(netting_days(-R, R, 0))
    (line,) = rule_ledger(whole, {"filter": lacking})
    assert (line.rule, line.added, line.days, line.apart) == ("filter", 3 * R, 3, 2)
    assert (line.whole.net, line.without.net) == (3 * R, 0)
    assert (line.whole.trades, line.without.trades) == (3, 2)


def test_rules_are_ranked_by_what_they_add() -> None:
    whole = run_view(netting_days(R, R))
    without = {
        "good": run_view(netting_days(-R, -R)),
        "bad": run_view(netting_days(3 * R, R)),
        "idle": whole,
    }
    lines = rule_ledger(whole, without)
    assert [(line.rule, line.added) for line in lines] == [
        ("good", 4 * R),
        ("idle", 0),
        ("bad", -2 * R),
    ]
    assert [line.is_clear for line in lines] == [True, False, False]


def test_interval_is_of_paired_days() -> None:
    # both runs swing by the same market; the rule adds a tenth of an R every day
    market = [3 * R, -3 * R] * 20
    whole = run_view(netting_days(*(net + R // 10 for net in market)))
    (line,) = rule_ledger(whole, {"steady": run_view(netting_days(*market))})
    assert line.interval == (4 * R, 4 * R)
    assert line.is_clear


def test_runs_without_a_common_day_say_nothing() -> None:
    whole = run_view(netting_days(R))
    (line,) = rule_ledger(whole, {"filter": run_view(())})
    assert (line.days, line.added, line.interval, line.is_clear) == (0, 0, None, False)


def test_ledger_is_the_same_every_time() -> None:
    whole = made_run(30, with_curves=False)
    without = {"filter": made_run(30, seed=8, with_curves=False)}
    assert rule_ledger(whole, without) == rule_ledger(whole, without)
    assert rule_ledger(whole, without) != rule_ledger(whole, without, seed=2)
