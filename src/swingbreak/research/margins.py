"""What shorts of a day need at most, wherever its index stands.

A short's cost in a scenario is convex in the index, and so is what shorts need together: in a
stretch of the index, that is highest at one of its ends. Only exposure jumps, where an option
becomes far out of the money, and is taken at its highest.
"""

from math import ceil
from typing import NamedTuple

import numpy as np

from swingbreak.domain.money import Paise
from swingbreak.research.tables import Numbers
from swingbreak.risk.margin import MarginModel, MarginRates
from swingbreak.simulation.bar_day import BarSheet
from swingbreak.simulation.funded import yesterdays_volatility

__all__ = ["Needs", "needs_of"]


class Needs(NamedTuple):
    """What a unit sold needs, paise, rounded up.

    Attributes:
        together: By symbol and scenario, of both ends of the day's index: what shorts need together
            is not above the highest of their sums.
        alone: By symbol: the highest of these.
    """

    together: Numbers
    alone: Numbers


def needs_of(source: BarSheet, rates: MarginRates) -> Needs:
    """Return what a unit of each followed contract needs at most on the day of *source*."""
    model, volatility = MarginModel(source.session.day, rates), yesterdays_volatility(source)
    opens = source.previous_close(source.spot_symbol)
    index = [opens, *(price for _, price in source.index)]
    ends = min(index), max(index)
    rows = []
    for contract in source.contracts:
        low, high = (model.per_unit(contract, spot, volatility) for spot in ends)
        dues = max(high.dues, low.dues * _ratio(*ends))
        rows.append([ceil(cost + dues) for cost in (*low.costs, *high.costs)])
    together = np.array(rows, np.int64)
    return Needs(together, together.max(axis=1))


def _ratio(low: Paise, high: Paise) -> float:
    return high / low if low else 1.0
