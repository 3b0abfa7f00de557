"""Many simulated days, on one core or several, and what they add up to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from swingbreak.bootstrap.sharing import shared
from swingbreak.faults.day import DayReport, simulate_day

__all__ = ["Totals", "reproduction", "simulate_days"]

_CHUNK: Final = 10  # days that one process is given at a time


@dataclass(slots=True)
class Totals:
    """What days add up to.

    Attributes:
        fired: How often each fault struck.
        days_with: Days on which each struck.
        violations: Reports of the days with one, by day.
        unprotected: Every span without an order that closes a position, seconds.
        messages: Most order messages in any second of any day.
        journals: Of every day, in order: equal for runs that went alike.
    """

    days: int = 0
    starts: int = 0
    orders: int = 0
    fills: int = 0
    trades: int = 0
    steps: int = 0
    messages: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    days_with: Counter[str] = field(default_factory=Counter)
    violations: list[DayReport] = field(default_factory=list)
    unprotected: list[float] = field(default_factory=list)
    journals: dict[int, str] = field(default_factory=dict)

    def add(self, report: DayReport) -> None:
        """Count one day."""
        self.days += 1
        self.starts += report.starts
        self.orders += report.orders
        self.fills += report.fills
        self.trades += report.trades
        self.steps += report.steps
        self.messages = max(self.messages, report.messages)
        self.fired.update(report.fired)
        self.days_with.update(report.fired.keys())
        self.unprotected.extend(report.unprotected)
        self.journals[report.day] = f"{report.trace} {report.journal}"
        if report.violation is not None:
            self.violations.append(report)
            self.violations.sort(key=lambda each: each.day)

    def unprotected_at(self, share: float) -> float:
        """Return the seconds that *share* of the spans stay within; 0 where there is none."""
        spans = sorted(self.unprotected)
        return spans[min(len(spans) - 1, int(share * len(spans)))] if spans else 0.0


def simulate_days(
    seed: int,
    days: Iterable[int],
    faults: tuple[str, ...] = (),
    *,
    jobs: int = 1,
    told: Callable[[Totals], None] = lambda _: None,
) -> Totals:
    """Run *days* of the run with *seed*; *told* hears of every few.

    Args:
        seed: Of the run.
        days: Their numbers.
        faults: Faults each day has; by default each draws its own.
        jobs: Processes to share the work between.
        told: Given the totals so far.
    """
    totals = Totals()
    for reports in _reports(seed, tuple(days), faults, jobs):
        for report in reports:
            totals.add(report)
        told(totals)
    return totals


def reproduction(report: DayReport, asked: tuple[str, ...]) -> str:
    """Return the command that runs *report*'s day again; *asked* are the faults that were named."""
    command = f"swingbreak simulate --seed {report.seed} --day {report.day}"
    return f"{command} --faults {','.join(asked)}" if asked else command


def _reports(
    seed: int, days: tuple[int, ...], faults: tuple[str, ...], jobs: int
) -> Iterator[list[DayReport]]:
    chunks = [days[n : n + _CHUNK] for n in range(0, len(days), _CHUNK)]
    if jobs == 1:
        for chunk in chunks:
            yield _some(seed, chunk, faults=faults)
        return
    yield from shared(partial(_some, seed, faults=faults), chunks, jobs)


def _some(seed: int, days: tuple[int, ...], *, faults: tuple[str, ...]) -> list[DayReport]:
    return [simulate_day(seed, day, faults) for day in days]
