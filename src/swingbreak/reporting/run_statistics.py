"""What a run of many days came to, as numbers.

Rules of this file:

1. Sums are paise and exact. Ratios are floats: statistics, never booked.
2. A day without a trade counts as a day that made nothing; R of a day is R of the account, R of a
   trade is its net over the risk it was sized with.
3. A number that cannot be had, the win rate of no trades, is ``None``, not 0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import fsum, sqrt
from statistics import fmean, stdev
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.reporting.run_view import RunDay, RunTrade, RunView

__all__ = [
    "DAYS_A_YEAR",
    "Costs",
    "Drawdown",
    "Totals",
    "costs_of",
    "deepest_drawdown",
    "equity_of",
    "totals_by_model",
    "totals_of",
    "trades_of",
]

DAYS_A_YEAR: Final = 250  # trading days, for ratios that people know by the year


@dataclass(frozen=True, slots=True)
class Costs:
    """From the result at the triggers to the result that was booked, paise."""

    slippage: Paise
    charges: Paise
    gross: Paise

    @property
    def at_triggers(self) -> Paise:
        """What the same trades had come to, filled at their triggers and free of charge."""
        return self.gross + self.slippage

    @property
    def net(self) -> Paise:
        """What is left."""
        return self.gross - self.charges


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall of the result, measured from one day's close to another's.

    Attributes:
        depth: From the highest close before, paise; 0 where it never fell.
        since: Day of that close; ``None`` where it is the run's beginning.
        bottom: Day of the lowest close.
        recovered: First day that closed as high again; ``None`` where there is none.
        days: Trading days from the high to that day, or to the end.
    """

    depth: Paise
    since: date | None = None
    bottom: date | None = None
    recovered: date | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """A run in numbers; amounts in paise.

    Attributes:
        days: Days of the run; ``traded_days`` are those with a trade.
        trades: Closed round trips; ``wins`` have a net profit.
        costs: Gross, charges and slippage.
        r: Net in R of the account.
        expectancy: Mean net of a trade, paise; ``expectancy_r`` is the mean R of a trade.
        profit_factor: Net of the winners over that of the others; ``None`` where none lost.
        average_win: Mean net of the winners, ``average_loss`` of the others.
        average_win_r: The same as mean R of a trade.
        losing_streak: Most trades in a row that did not win, and ``losing_days`` most days in a row
            that lost.
        best_day: Day and net of the best, ``worst_day`` of the worst.
        sharpe: Mean net of a day over its standard deviation, for a year of 250 days; no interest
            is subtracted.
        sortino: The same over the root of the mean squared loss of a day, gains counted as 0.
        ambiguous: Trades whose outcome depends on the path within a bar; ``stake`` hangs on them.
    """

    days: int
    traded_days: int
    trades: int
    wins: int
    costs: Costs
    r: float
    win_rate: float | None
    expectancy: float | None
    expectancy_r: float | None
    profit_factor: float | None
    average_win: float | None
    average_loss: float | None
    average_win_r: float | None
    average_loss_r: float | None
    losing_streak: int
    losing_days: int
    best_day: tuple[date, Paise] | None
    worst_day: tuple[date, Paise] | None
    drawdown: Drawdown
    sharpe: float | None
    sortino: float | None
    ambiguous: int
    stake: Paise

    @property
    def net(self) -> Paise:
        """Net P&L."""
        return self.costs.net

    @property
    def recovery(self) -> float | None:
        """Net over the deepest drawdown."""
        return self.net / self.drawdown.depth if self.drawdown.depth else None


def totals_of(days: Sequence[RunDay], r_value: Paise) -> Totals:
    """Return the numbers of *days*, oldest first."""
    trades = trades_of(days)
    won = [each for each in trades if each.trade.net > 0]
    lost = [each for each in trades if each.trade.net <= 0]
    nets = [day.net for day in days]
    ranked = sorted(days, key=lambda day: day.net)
    costs = costs_of(trades)
    return Totals(
        days=len(days),
        traded_days=sum(bool(day.trades) for day in days),
        trades=len(trades),
        wins=len(won),
        costs=costs,
        r=costs.net / r_value,
        win_rate=len(won) / len(trades) if trades else None,
        expectancy=_mean_net(trades),
        expectancy_r=_mean_r(trades),
        profit_factor=_profit_factor(won, lost),
        average_win=_mean_net(won),
        average_loss=_mean_net(lost),
        average_win_r=_mean_r(won),
        average_loss_r=_mean_r(lost),
        losing_streak=_longest_run(each.trade.net <= 0 for each in trades),
        losing_days=_longest_run(net < 0 for net in nets),
        best_day=(ranked[-1].day, ranked[-1].net) if days else None,
        worst_day=(ranked[0].day, ranked[0].net) if days else None,
        drawdown=deepest_drawdown(days),
        sharpe=_sharpe(nets),
        sortino=_sortino(nets),
        ambiguous=sum(each.ambiguous for each in trades),
        stake=sum(each.stake for each in trades),
    )


def totals_by_model(run: RunView) -> dict[str, Totals]:
    """Return the numbers of *run* under each fill model, the headline's first."""
    models = {run.fills: run.days, **run.others}
    return {name: totals_of(days, run.r_value) for name, days in models.items()}


def trades_of(days: Iterable[RunDay]) -> tuple[RunTrade, ...]:
    """Return all trades, in the order of the days."""
    return tuple(trade for day in days for trade in day.trades)


def costs_of(trades: Iterable[RunTrade]) -> Costs:
    """Return what *trades* cost and made."""
    slippage = charges = gross = 0
    for each in trades:
        slippage += each.slippage
        charges += each.trade.charges
        gross += each.trade.gross
    return Costs(slippage, charges, gross)


def equity_of(days: Iterable[RunDay]) -> tuple[Paise, ...]:
    """Return the sum of net P&L before the first day and at every day's close."""
    return tuple(accumulate((day.net for day in days), initial=0))


def deepest_drawdown(days: Sequence[RunDay]) -> Drawdown:
    """Return the deepest drawdown; of equal ones, the first."""
    equity = equity_of(days)
    high = bottom = top = 0
    for place, value in enumerate(equity):
        if value > equity[high]:
            high = place
        if equity[high] - value > equity[top] - equity[bottom]:
            top, bottom = high, place
    if top == bottom:
        return Drawdown(0)
    back = next((i for i in range(bottom, len(equity)) if equity[i] >= equity[top]), None)
    return Drawdown(
        depth=equity[top] - equity[bottom],
        since=days[top - 1].day if top else None,
        bottom=days[bottom - 1].day,
        recovered=None if back is None else days[back - 1].day,
        days=(len(days) if back is None else back) - top,
    )


def _mean_net(trades: Sequence[RunTrade]) -> float | None:
    return sum(each.trade.net for each in trades) / len(trades) if trades else None


def _mean_r(trades: Sequence[RunTrade]) -> float | None:
    return fmean(each.trade.r for each in trades) if trades else None


def _profit_factor(won: Iterable[RunTrade], lost: Iterable[RunTrade]) -> float | None:
    losses = -sum(each.trade.net for each in lost)
    return sum(each.trade.net for each in won) / losses if losses else None


def _longest_run(flags: Iterable[bool]) -> int:
    longest = length = 0
    for flag in flags:
        length = length + 1 if flag else 0
        longest = max(longest, length)
    return longest


def _sharpe(nets: Sequence[Paise]) -> float | None:
    spread = stdev(nets) if len(nets) > 1 else 0
    return fmean(nets) / spread * sqrt(DAYS_A_YEAR) if spread else None


def _sortino(nets: Sequence[Paise]) -> float | None:
    losses = fsum(net * net for net in nets if net < 0)
    return fmean(nets) / sqrt(losses / len(nets)) * sqrt(DAYS_A_YEAR) if losses else None
