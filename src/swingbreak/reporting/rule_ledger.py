"""What each rule adds: the run with all of them against one that lacks it, day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from swingbreak.domain.money import Paise
from swingbreak.reporting.resampling import SEED, Interval, sum_interval
from swingbreak.reporting.run_statistics import Totals, totals_of
from swingbreak.reporting.run_view import RunDay, RunView

__all__ = ["RuleLine", "rule_ledger"]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What one rule adds.

    Attributes:
        rule: Its name.
        added: Net of the whole run less net without the rule, on days that both have; paise.
        interval: Between what that lies with 95 %, days drawn again; ``None`` for less than two.
        days: Days that both have, and ``apart`` how many of them came out otherwise.
        whole: Numbers of these days with the rule; ``without`` the same without it.
    """

    rule: str
    added: Paise
    interval: Interval | None
    days: int
    apart: int
    whole: Totals
    without: Totals

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


def rule_ledger(
    run: RunView, without: Mapping[str, RunView], *, seed: int = SEED
) -> tuple[RuleLine, ...]:
    """Return a line per rule, the one that adds most first.

    Args:
        run: With all rules.
        without: The same run without one rule, by the rule's name.
        seed: Of the draws.
    """
    lines = [_line(rule, run, each, seed) for rule, each in without.items()]
    return tuple(sorted(lines, key=lambda line: (-line.added, line.rule)))


def _line(rule: str, run: RunView, without: RunView, seed: int) -> RuleLine:
    whole, lacking = _by_date(run.days), _by_date(without.days)
    common = sorted(whole.keys() & lacking.keys())
    added = [whole[day].net - lacking[day].net for day in common]
    return RuleLine(
        rule=rule,
        added=sum(added),
        interval=sum_interval(added, seed=seed),
        days=len(common),
        apart=sum(value != 0 for value in added),
        whole=totals_of([whole[day] for day in common], run.r_value),
        without=totals_of([lacking[day] for day in common], without.r_value),
    )


def _by_date(days: Sequence[RunDay]) -> dict[date, RunDay]:
    return {day.day: day for day in days}
