"""What a set of settings comes to on a day: by the engine, or by the kernel where that is exact.

Rules of this file:

1. Both ways make the same :class:`DayScore`, hash of the trades included. What the kernel does not
   model exactly it leaves, with the reason, and the engine runs it.
2. The kernel is there where numba is; nothing of it is imported before it is used.
"""

from array import array
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from importlib.util import find_spec
from typing import NamedTuple
from zlib import crc32

from swingbreak.bootstrap.backtest.prepared import Prepared, run_prepared
from swingbreak.domain.parameters import Parameters
from swingbreak.reporting.run_view import RunDay
from swingbreak.reporting.sweep_view import DayScore
from swingbreak.simulation.bar_day import BarSheet
from swingbreak.simulation.fills import FillModel

__all__ = ["Fast", "can_run_fast", "run_by_engine", "run_by_kernel", "score_of"]

_SECOND = timedelta(seconds=1)
_NO_BARS = "a day that is not of bars"
_MOVES = "a day on which the window of strikes moves"


class Fast(NamedTuple):
    """What the kernel made of some sets.

    Attributes:
        scores: By the number of the set.
        left: Why the others are the engine's, likewise.
    """

    scores: dict[int, DayScore]
    left: dict[int, str]


def can_run_fast(model: FillModel) -> bool:
    """Whether there is a kernel for *model* here."""
    return model is FillModel.PESSIMISTIC and all(map(find_spec, ("numba", "numpy")))


def run_by_engine(
    prepared: Prepared, parameters: Parameters, model: FillModel = FillModel.PESSIMISTIC
) -> DayScore:
    """Return what the engine makes of *prepared*."""
    return score_of(prepared, run_prepared(prepared, parameters, model).run)


def score_of(prepared: Prepared, ran: RunDay) -> DayScore:
    """Return the score of a day that the engine ran."""
    places = {contract.symbol: place for place, contract in enumerate(prepared.contracts)}
    opens, trades = prepared.source.session.opens, [each.trade for each in ran.trades]
    deals = sorted(
        (
            places[trade.symbol],
            (trade.opened_at - opens) // _SECOND,
            trade.quantity,
            trade.sold_value,
            (trade.closed_at - opens) // _SECOND,
            trade.bought_value,
            crc32(trade.exit_reason.encode()),
        )
        for trade in trades
    )
    return DayScore(
        net=ran.net,
        charges=sum(trade.charges for trade in trades),
        trades=len(trades),
        wins=sum(trade.net > 0 for trade in trades),
        ambiguous=sum(each.ambiguous for each in ran.trades),
        stake=sum(each.stake for each in ran.trades),
        deals=_hash(array("q", [value for deal in deals for value in deal]).tobytes()),
    )


def run_by_kernel(prepared: Prepared, sets: Mapping[int, Parameters]) -> Fast:
    """Return what the kernel makes of *prepared* under each of *sets*, pessimistic fills."""
    from swingbreak.research.running import Costs, run_fast  # noqa: PLC0415 - numba

    if not isinstance(prepared.source, BarSheet):
        return Fast({}, dict.fromkeys(sets, _NO_BARS))
    if prepared.moves:
        return Fast({}, dict.fromkeys(sets, _MOVES))
    costs = Costs(
        prepared.charges, prepared.spreads, prepared.prices, prepared.margin, prepared.headroom_bp
    )
    scores: dict[int, DayScore] = {}
    left: dict[int, str] = {}
    for number, came_to in run_fast(prepared.source, costs, sets):
        if came_to.left:
            left[number] = came_to.left
        else:
            scores[number] = DayScore(**came_to.sums, deals=_hash(came_to.deals))
    return Fast(scores, left)


def _hash(deals: bytes) -> str:
    return sha256(deals).hexdigest()[:16]
