"""Which rules a run can do without, and what is left of its settings."""

from dataclasses import replace
from datetime import time

from swingbreak.bootstrap.backtest.rules import RULES, without_each
from swingbreak.domain.parameters import Parameters

WHOLE = Parameters()


def test_each_lacks_its_own_rule_and_nothing_else() -> None:
    lacking = without_each(WHOLE)
    assert lacking.keys() == RULES.keys()
    for name, each in lacking.items():
        assert each == replace(WHOLE, **{key: getattr(each, key) for key in RULES[name]})
        assert all(getattr(each, key) != getattr(WHOLE, key) for key in RULES[name])


def test_a_rule_that_binds_nothing_is_none() -> None:
    early = replace(WHOLE, last_entry=time(14, 30), stop_buffer=0)
    lacking = without_each(early)
    assert "stop-buffer" not in lacking
    assert lacking["last-entry"] == replace(early, last_entry=WHOLE.force_exit)
