"""Two runs side by side: their numbers, and which days and trades differ."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.session import ist_clock
from swingbreak.reporting.run_statistics import Totals, totals_of
from swingbreak.reporting.run_view import RunDay, RunTrade, RunView
from swingbreak.reporting.wording import (
    average,
    counted,
    plain_r,
    price,
    r_text,
    ratio_text,
    share_text,
    signed_money,
)

__all__ = ["DayApart", "RunComparison", "compare_runs", "comparison_rows"]

_Deal: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class DayApart:
    """One day that came out otherwise.

    Attributes:
        day: The day.
        first: Net in the first run, paise; ``None`` where the run does not have the day.
        second: Net in the second run.
        only_first: Trades of the first run that the second did not make so.
        only_second: And the other way round.
        same_decisions: Whether the hashes of the decisions are known and equal.
    """

    day: date
    first: Paise | None
    second: Paise | None
    only_first: tuple[RunTrade, ...]
    only_second: tuple[RunTrade, ...]
    same_decisions: bool

    def told(self) -> Iterator[str]:
        """Yield the difference in words, a line each."""
        if self.first is None or self.second is None:
            yield f"{self.day}: only in the {'first' if self.second is None else 'second'} run"
            return
        yield (
            f"{self.day}: net {rupees(self.first)} and {rupees(self.second)}"
            + (", though the decisions are the same" if self.same_decisions else "")
        )
        for name, trades in (("first", self.only_first), ("second", self.only_second)):
            yield from (f"  only in the {name} run: {_told(each)}" for each in trades)


@dataclass(frozen=True, slots=True)
class RunComparison:
    """What two runs have in common, and what not.

    Attributes:
        first: Numbers of the first run on the days that both have; ``second`` of the second.
        r_values: One R of each, paise.
        days: Days that both have; ``apart`` are those, and days of only one, that differ.
    """

    first: Totals
    second: Totals
    r_values: tuple[Paise, Paise]
    days: int
    apart: tuple[DayApart, ...]

    @property
    def is_same(self) -> bool:
        """Whether there is no difference in any trade."""
        return not self.apart


def compare_runs(first: RunView, second: RunView) -> RunComparison:
    """Return how *first* and *second* differ under their headlines' fills.

    Trades are the same where they were made in the same contract at the same times for the same
    money; ids and levels may differ.
    """
    ours = {day.day: day for day in first.days}
    theirs = {day.day: day for day in second.days}
    common = sorted(ours.keys() & theirs.keys())
    apart = [_apart(day, ours.get(day), theirs.get(day)) for day in sorted({*ours, *theirs})]
    return RunComparison(
        first=totals_of([ours[day] for day in common], first.r_value),
        second=totals_of([theirs[day] for day in common], second.r_value),
        r_values=(first.r_value, second.r_value),
        days=len(common),
        apart=tuple(each for each in apart if each is not None),
    )


def comparison_rows(found: RunComparison) -> tuple[tuple[str, str, str], ...]:
    """Return the numbers of both side by side: name, first, second."""
    pairs = zip((found.first, found.second), found.r_values, strict=True)
    columns = [dict(_figures(totals, r_value)) for totals, r_value in pairs]
    return tuple((name, columns[0][name], columns[1][name]) for name in columns[0])


def _figures(totals: Totals, r_value: Paise) -> Iterator[tuple[str, str]]:
    mean = totals.expectancy_r
    yield "net", signed_money(totals.net)
    yield "R of the account", r_text(totals.net, r_value)
    yield "gross", signed_money(totals.costs.gross)
    yield "charges", signed_money(-totals.costs.charges)
    yield "slippage", signed_money(-totals.costs.slippage)
    yield "trades", counted(totals.trades, "trade")
    yield "won", "\u2013" if totals.win_rate is None else share_text(totals.win_rate)
    yield "mean R of a trade", "\u2013" if mean is None else plain_r(mean)
    yield "profit factor", ratio_text(totals.profit_factor)
    yield "deepest drawdown", r_text(-totals.drawdown.depth, r_value)
    yield "Sharpe, by the year", ratio_text(totals.sharpe)


def _apart(day: date, ours: RunDay | None, theirs: RunDay | None) -> DayApart | None:
    if ours is None or theirs is None:
        first, second = (None if each is None else each.net for each in (ours, theirs))
        return DayApart(day, first, second, (), (), same_decisions=False)
    only_first, only_second = _only(ours.trades, theirs.trades), _only(theirs.trades, ours.trades)
    if not only_first and not only_second:
        return None
    return DayApart(
        day=day,
        first=ours.net,
        second=theirs.net,
        only_first=only_first,
        only_second=only_second,
        same_decisions=bool(ours.decisions) and ours.decisions == theirs.decisions,
    )


def _only(these: Sequence[RunTrade], those: Iterable[RunTrade]) -> tuple[RunTrade, ...]:
    left, kept = Counter(map(_deal, those)), list[RunTrade]()
    for each in these:
        if left[_deal(each)]:
            left[_deal(each)] -= 1
        else:
            kept.append(each)
    return tuple(kept)


def _deal(each: RunTrade) -> _Deal:
    trade = each.trade
    return (
        trade.symbol,
        trade.quantity,
        trade.opened_at,
        trade.closed_at,
        trade.sold_value,
        trade.bought_value,
        trade.charges,
        trade.exit_reason,
    )


def _told(each: RunTrade) -> str:
    trade = each.trade
    return (
        f"{trade.quantity} {trade.symbol} sold {ist_clock(trade.opened_at)} at "
        f"{price(average(trade.sold_value, trade.quantity))}, bought {ist_clock(trade.closed_at)} "
        f"at {price(average(trade.bought_value, trade.quantity))} ({trade.exit_reason}), net "
        f"{rupees(trade.net)}"
    )
