"""Two settings of a sweep as a plane: what the sets of each pair of values came to.

Rules of this file:

1. A cell is worth the median of its sets: a lucky one among them does not lift it.
2. A plateau is judged by a cell together with its neighbours: of two equally good cells that one is
   better which a small error in a setting does not lead out of.
3. Too many values of a setting are taken together, neighbours with neighbours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import combinations
from statistics import fmean, median
from typing import Final, TypeAlias

from swingbreak.reporting.sweep_view import OBJECTIVES, SweepView

__all__ = ["Cell", "Plane", "planes_of"]

_MOST_VALUES: Final = 12  # of a setting, side by side
_MOST_PLANES: Final = 10

# Column and row, from 0.
Cell: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plane:
    """Two settings.

    Attributes:
        across: Key of the setting whose values are the columns; ``down`` that of the rows.
        columns: Their labels, in order; ``rows`` likewise.
        worth: By cell: the median of its sets' objective; a cell without a set is not there.
        sets: How many a cell has.
        best: The cell of the best set.
        plateau: The cell that is best together with its neighbours.
    """

    across: str
    down: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    worth: Mapping[Cell, float]
    sets: Mapping[Cell, int]
    best: Cell
    plateau: Cell


def planes_of(view: SweepView) -> Iterator[Plane]:
    """Yield the planes of *view*: every two settings of more than one value, at most ten."""
    groups = {key: _grouped([tried.point[key] for tried in view.tried]) for key in view.keys}
    varied = [key for key in view.keys if len(set(groups[key].values())) > 1]
    worth = [OBJECTIVES[view.objective](tried.results) for tried in view.tried]
    for across, down in [*combinations(varied, 2)][:_MOST_PLANES]:
        yield _plane(view, across, down, groups, worth)


def _plane(
    view: SweepView,
    across: str,
    down: str,
    groups: Mapping[str, Mapping[str, str]],
    worth_of: Sequence[float],
) -> Plane:
    columns, rows = _labels(groups[across]), _labels(groups[down])

    def cell(point: Mapping[str, str]) -> Cell:
        column, row = groups[across][point[across]], groups[down][point[down]]
        return columns.index(column), rows.index(row)

    found: dict[Cell, list[float]] = {}
    for tried, value in zip(view.tried, worth_of, strict=True):
        found.setdefault(cell(tried.point), []).append(value)
    worth = {each: median(values) for each, values in sorted(found.items())}
    return Plane(
        across,
        down,
        columns,
        rows,
        worth,
        {each: len(values) for each, values in found.items()},
        cell(view.tried[worth_of.index(max(worth_of))].point),
        max(worth, key=lambda each: _around(worth, each)),
    )


def _around(worth: Mapping[Cell, float], cell: Cell) -> float:
    column, row = cell
    near = ((column + x, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1))
    # its neighbours do not make a cell better than it is
    return min(worth[cell], fmean(worth[each] for each in near if each in worth))


def _labels(group: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(group.values()))


def _grouped(values: Sequence[str]) -> dict[str, str]:
    """Return the label of each value, in order: of numbers theirs, else that of their coming."""
    different = [*dict.fromkeys(values)]
    try:
        different.sort(key=Decimal)
    except InvalidOperation:
        return {value: value for value in different}
    size = -(-len(different) // _MOST_VALUES)
    labels = {}
    for first in range(0, len(different), size):
        some = different[first : first + size]
        label = some[0] if len(some) == 1 else f"{some[0]}\u2013{some[-1]}"
        labels.update(dict.fromkeys(some, label))
    return labels
