"""Every number of a run, reckoned once for page, terminal and programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from swingbreak.reporting.breakdowns import Breakdown, breakdowns_of
from swingbreak.reporting.remarks import Remark, remarks_of
from swingbreak.reporting.resampling import Bands, Interval, bands_of, expectancy_interval
from swingbreak.reporting.rule_ledger import RuleLine
from swingbreak.reporting.run_statistics import Totals, totals_by_model
from swingbreak.reporting.run_view import RunView

__all__ = ["RunNumbers", "numbers_of"]


@dataclass(frozen=True, slots=True)
class RunNumbers:
    """What a report of a run tells.

    Attributes:
        totals: Of the headline.
        models: Of every fill model, the headline's first.
        breakdowns: Of the headline's trades.
        interval: Between what the mean R of a trade lies with 95 %.
        bands: What runs drawn from the same days come to.
        remarks: What a careful reader would say; warnings first.
        rules: What each rule adds, where runs without them were made.
    """

    totals: Totals
    models: Mapping[str, Totals]
    breakdowns: tuple[Breakdown, ...]
    interval: Interval | None
    bands: Bands | None
    remarks: tuple[Remark, ...]
    rules: tuple[RuleLine, ...] = ()


def numbers_of(run: RunView, rules: Sequence[RuleLine] = ()) -> RunNumbers:
    """Return the numbers of *run*, with its rule ledger where there is one."""
    models = totals_by_model(run)
    totals, interval = models[run.fills], expectancy_interval(run.days)
    return RunNumbers(
        totals=totals,
        models=models,
        breakdowns=breakdowns_of(run.days),
        interval=interval,
        bands=bands_of(run.days),
        remarks=remarks_of(run, totals, interval),
        rules=tuple(rules),
    )
