"""The backtest trades as a naive day does that shares no code with it: every trade of every day."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.oracle import naive
from tests.oracle.compare import compare, random_case

# A level that is broken by the first price after the bar that confirms it.
TELLING = (3352,)


def traded(seed: int) -> Counter[str]:
    """Compare one day; return how many trades it had, and why they were closed."""
    ours, expected = compare(random_case(seed))
    assert ours == expected, seed
    return Counter(trades=len(ours)) + Counter(trade.reason for trade in ours)


def test_it_trades_as_the_naive_day() -> None:
    seen = sum(map(traded, (*range(1, 31), *TELLING)), Counter[str]())
    assert seen["trades"] >= 25
    assert min(seen[why] for why in ("stop", "force_exit", "daily_stop", "daily_target")) > 0


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_it_trades_as_the_naive_day_on_many_days(block: int) -> None:
    first = 10_000 + 100 * block
    seen = sum(map(traded, range(first, first + 100)), Counter[str]())
    assert seen["trades"] >= 50


def test_the_naive_day_is_short_and_shares_nothing_with_the_program() -> None:
    source = Path(naive.__file__).read_text("utf-8")
    assert len(source.splitlines()) <= 300
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    ours = {node.module for node in imported if str(node.module).startswith(("tests", "swing"))}
    assert ours == {"tests.oracle.values"}
