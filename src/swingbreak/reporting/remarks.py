"""What a careful reader would say about a run, said by itself and with its number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.reporting.resampling import Interval
from swingbreak.reporting.run_statistics import Totals
from swingbreak.reporting.run_view import RunDay, RunView
from swingbreak.reporting.wording import (
    counted,
    day_text,
    money,
    plain_r,
    r_text,
    share_text,
    signed_money,
)

__all__ = ["Remark", "remarks_of"]

_FEW_TRADES: Final = 100
_FEW_DAYS_SHARE, _FEW_DAYS = 0.05, 3  # of the days, or so many, that carry a result
_MUCH_AMBIGUOUS: Final = 0.05  # of the trades
_MUCH_COST: Final = 0.5  # of the result at the triggers
_POOR_GRADES: Final = ("C", "D")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a reader should know before believing a run.

    Attributes:
        kind: Its name for programs.
        text: For people, with the number.
        number: The number.
        is_warning: Whether the result means less than it seems to.
    """

    kind: str
    text: str
    number: float
    is_warning: bool = True


def remarks_of(
    run: RunView, totals: Totals, interval: Interval | None = None
) -> tuple[Remark, ...]:
    """Return what there is to say of *run*, warnings first.

    Args:
        run: The run.
        totals: Of its headline.
        interval: Between what the mean R of a trade lies with 95 %.
    """
    found = [
        *_synthetic(run),
        *_trades(totals, interval),
        *_other_models(run, totals),
        *_ambiguous(run, totals),
        *_luck(run, totals),
        *_halves(run),
        *_costs(run, totals),
        *_grades(run),
        *_idle(run),
    ]
    return tuple(sorted(found, key=lambda remark: not remark.is_warning))


def _synthetic(run: RunView) -> Iterator[Remark]:
    made = sum(day.synthetic for day in run.days)
    if made:
        text = (
            f"{made} of {counted(len(run.days), 'day')} had a market that was made up: they show "
            "how the engine behaves, not what it would earn."
        )
        yield Remark("synthetic", text, made)


def _trades(totals: Totals, interval: Interval | None) -> Iterator[Remark]:
    if not totals.trades:
        yield Remark("no_trades", "No trade was made and closed.", 0)
        return
    if totals.trades < _FEW_TRADES:
        text = f"Only {counted(totals.trades, 'trade')}: too few to tell an edge from luck."
        yield Remark("few_trades", text, totals.trades)
    if interval is not None and totals.expectancy_r is not None:
        low, high = interval
        is_open = low <= 0 <= high
        text = (
            f"A trade made {plain_r(totals.expectancy_r)} on average; drawn again from the same "
            f"days, between {plain_r(low)} and {plain_r(high)} in 95 of 100 cases"
        )
        ending = ", which does not tell it from zero." if is_open else "."
        yield Remark("expectancy_interval", text + ending, low, is_warning=is_open)


def _other_models(run: RunView, totals: Totals) -> Iterator[Remark]:
    nets = {name: sum(day.net for day in days) for name, days in run.others.items()}
    if any(net * totals.net < 0 for net in nets.values()):
        told = (f"{r_text(net, run.r_value)} with {name} ones" for name, net in nets.items())
        text = (
            f"The sign hangs on the fills: {r_text(totals.net, run.r_value)} with {run.fills} "
            f"ones, {', '.join(told)}."
        )
        farthest = max(nets.values(), key=lambda net: abs(net - totals.net))
        yield Remark("fills_change_sign", text, farthest / run.r_value)


def _ambiguous(run: RunView, totals: Totals) -> Iterator[Remark]:
    if not totals.ambiguous:
        return
    share = totals.ambiguous / totals.trades
    text = (
        f"{totals.ambiguous} of {counted(totals.trades, 'trade')} ({share_text(share)}) hang on "
        f"the order of prices within a bar; {_unsigned_r(totals.stake, run.r_value)} are at stake, "
        f"the result is {r_text(totals.net, run.r_value)}."
    )
    is_much = share > _MUCH_AMBIGUOUS or totals.stake > abs(totals.net)
    yield Remark("ambiguous", text, share, is_warning=is_much)


def _luck(run: RunView, totals: Totals) -> Iterator[Remark]:
    if totals.net <= 0 or totals.best_day is None or len(run.days) <= 1:
        return
    carrying = _days_that_carry(run.days, totals.net)
    best_day, best = totals.best_day
    few = max(_FEW_DAYS, int(_FEW_DAYS_SHARE * len(run.days)))
    if carrying == 1:
        text = (
            f"One day carries the result: without {day_text(best_day)} "
            f"({signed_money(best)}) it is {r_text(totals.net - best, run.r_value)}."
        )
    else:
        text = (
            f"Without its {carrying} best days of {len(run.days)} the run made nothing; the best, "
            f"{day_text(best_day)}, made {share_text(best / totals.net)} of the result."
        )
    yield Remark("lucky_days", text, carrying, is_warning=carrying <= few)


def _days_that_carry(days: Iterable[RunDay], net: Paise) -> int:
    best = sorted((day.net for day in days), reverse=True)
    return next(count for count, taken in enumerate(accumulate(best), 1) if taken >= net)


def _halves(run: RunView) -> Iterator[Remark]:
    middle = len(run.days) // 2
    first, second = (sum(d.net for d in half) for half in (run.days[:middle], run.days[middle:]))
    if first * second < 0:
        text = (
            f"The halves disagree: {r_text(first, run.r_value)} until "
            f"{day_text(run.days[middle - 1].day)}, {r_text(second, run.r_value)} after."
        )
        yield Remark("halves_disagree", text, second / run.r_value)


def _costs(run: RunView, totals: Totals) -> Iterator[Remark]:
    costs = totals.costs
    taken, made = costs.slippage + costs.charges, costs.at_triggers
    if not totals.trades or made <= 0:
        return
    share = taken / made
    text = (
        f"Costs took {share_text(share)} of what the trades made at their triggers: "
        f"{money(costs.slippage)} slippage and {money(costs.charges)} charges, "
        f"{_unsigned_r(taken, run.r_value)}."
    )
    yield Remark("costs", text, share, is_warning=share > _MUCH_COST)


def _grades(run: RunView) -> Iterator[Remark]:
    poor = sum(day.grade in _POOR_GRADES for day in run.days)
    unknown = sum(not day.grade for day in run.days)
    if poor:
        text = f"The market data of {counted(poor, 'day')} is graded C or D."
        yield Remark("poor_data", text, poor)
    if unknown:
        text = f"Nobody graded the market data of {counted(unknown, 'day')}."
        yield Remark("ungraded_data", text, unknown, is_warning=False)


def _idle(run: RunView) -> Iterator[Remark]:
    idle = sum(not day.halted_reason and not day.trades for day in run.days)
    if idle:
        text = f"{counted(idle, 'day')} did not begin or did not end: nothing of them is counted."
        yield Remark("idle_days", text, idle, is_warning=False)


def _unsigned_r(amount: Paise, r_value: Paise) -> str:
    return r_text(amount, r_value).removeprefix("+")
