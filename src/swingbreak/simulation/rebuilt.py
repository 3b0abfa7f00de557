"""A chain made up around a real index: the day's own minutes and India VIX, made-up premiums.

Rules of this file:

1. The index goes through each recorded minute as a tape of bars does: open, the extremes at 20 and
   40 seconds, close, and straight between. A minute that is missing stands still.
2. At-the-money volatility wanders around what VIX implies for the nearest weekly: VIX over 1.1,
   the ratio that the generator publishes VIX by.
3. Premiums, spreads and volumes are the generator's: what a strategy earns on such a day says how
   it takes the index's moves, not what it would have earned.
"""

from dataclasses import replace
from itertools import pairwise
from math import exp

from swingbreak.domain.errors import DataError
from swingbreak.domain.money import rupees
from swingbreak.market.day_bars import IndexColumns
from swingbreak.simulation.generator import DaySpec, chain_on
from swingbreak.simulation.spot_path import SpotPath, intraday_shape
from swingbreak.simulation.tape import ArrayTape

__all__ = ["path_of_minutes", "rebuild_day"]

_TURNS_S = (0, 20, 40, 59)
_VIX_OVER_WEEKLY = 1.1


def rebuild_day(spec: DaySpec, index: IndexColumns, vix: int, source: str) -> ArrayTape:
    """Return the day of *index* with a chain around it.

    Args:
        spec: Day, contracts and seed; where the index opens is *index*'s.
        index: Its minutes.
        vix: India VIX, hundredths of a point: 1350 is 13.5 % a year.
        source: Where the index comes from, for the label.

    Raises:
        DataError: No minute lies in the session, or VIX is none.
    """
    if vix <= 0:
        raise DataError(f"{source}: VIX {rupees(vix)} is no volatility")
    path = path_of_minutes(index, spec.session.minutes)
    label = (
        f"rebuilt {spec.terms.underlying} {spec.session.day} from {source}, VIX {rupees(vix)} "
        f"seed {spec.seed}"
    )
    # the index is as it was published, pauses and all
    real = replace(spec, spot=round(path.price[0]), index_stands=None)
    return chain_on(real, path, vix / 100 / 100 / _VIX_OVER_WEEKLY, label)


def path_of_minutes(index: IndexColumns, minutes: int) -> SpotPath:
    """Return the path through *index*, a price for each second of *minutes*.

    Raises:
        DataError: None of them lies in the session.
    """
    rows = zip(index.minute, index.open, index.high, index.low, index.close, strict=True)
    known = {minute: prices for minute, *prices in rows if 0 <= minute < minutes}
    if not known:
        raise DataError("no minute of the index lies in the session")
    last = known[min(known)][0]
    price: list[float] = []
    for minute in range(minutes):
        turns = _turns(known[minute]) if minute in known else (last,) * len(_TURNS_S)
        price += _between(turns)
        last = turns[-1]
    seconds = minutes * 60
    # nothing is known of how busy the chain was: the usual day's shape
    stress = [1 + 2 * exp(-s / 120) for s in range(seconds)]
    return SpotPath(price, intraday_shape(seconds, 2.6, 0.6), stress, ())


def _turns(prices: list[int]) -> tuple[int, ...]:
    open_, high, low, close = prices
    return (open_, low, high, close) if close >= open_ else (open_, high, low, close)


def _between(turns: tuple[int, ...]) -> list[float]:
    """Return the 60 seconds of a minute that goes through *turns*."""
    path: list[float] = []
    for (start, a), (end, b) in pairwise(zip(_TURNS_S, turns, strict=True)):
        path += [a + (b - a) * n / (end - start) for n in range(end - start)]
    return [*path, float(turns[-1])]
