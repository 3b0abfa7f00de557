"""Which trades of a run are worth looking at."""

from typing import Final

from swingbreak.reporting.run_view import RunDay, RunTrade, RunView

__all__ = ["notable_trades"]

_AT_EACH_END: Final = 3  # best and worst
_AT_STAKE: Final = 2


def notable_trades(run: RunView) -> tuple[tuple[RunDay, RunTrade], ...]:
    """Return the best, the worst and those with most at stake, each with its day, oldest first."""
    everything = [(day, each) for day in run.days for each in day.trades]
    ranked = sorted(range(len(everything)), key=lambda place: everything[place][1].trade.r)
    staked = [place for place in ranked if everything[place][1].stake]
    staked.sort(key=lambda place: -everything[place][1].stake)
    chosen = {*ranked[:_AT_EACH_END], *ranked[-_AT_EACH_END:], *staked[:_AT_STAKE]}
    return tuple(everything[place] for place in sorted(chosen))
