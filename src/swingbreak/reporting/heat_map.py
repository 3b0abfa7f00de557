"""A plane of two settings, drawn: the fuller a cell, the better; and as a table."""

from typing import Final

from swingbreak.reporting.drawing import WIDTH, chart, dot, text
from swingbreak.reporting.markup import Markup, joined, number, tag
from swingbreak.reporting.plane import Cell, Plane
from swingbreak.reporting.tables import table
from swingbreak.reporting.wording import counted, ratio_text

__all__ = ["HEAT_KEY", "heat_map", "heat_table"]

HEAT_KEY: Final = (
    ("gained", "above nothing; the fuller, the more, in quarters of the best or worst cell"),
    ("fell", "below nothing, with a bar across it, shaded likewise"),
    ("idle", "nothing at all"),
    ("fill", "framed: best together with its neighbours, the plateau; with a dot: the best set"),
)

_TOP, _ROW, _RIGHT = 34, 26, WIDTH - 12
_LETTER = 7  # width of one, about
_LEAST_LEFT, _MOST_LEFT = 46, 190
_GAP = 1.5
_QUARTERS: Final = ((0.25, " shade-1"), (0.5, " shade-2"), (0.75, " shade-3"))
_MOST_LABELS = 8


def heat_map(plane: Plane, number_of_it: int, objective: str) -> Markup:
    """Return the drawing of *plane*."""
    longest = max(map(len, (*plane.rows, plane.down)))
    left = min(max(_LEAST_LEFT, longest * _LETTER + 12), _MOST_LEFT)
    side = (_RIGHT - left) / len(plane.columns)
    bottom = _TOP + _ROW * len(plane.rows)
    title = f"{objective} by {plane.across} and {plane.down}"
    return chart(
        f"plane-{number_of_it}",
        title,
        _summary(plane),
        bottom + 48,
        text(0, _TOP - 12, plane.down, "tick"),
        *(
            text(left - 6, _TOP + (row + 0.5) * _ROW, label, "tick middle", "end")
            for row, label in enumerate(plane.rows)
        ),
        *(
            text(left + (column + 0.5) * side, bottom + 18, label, "tick", "middle")
            for column, label in enumerate(plane.columns)
            if len(plane.columns) <= _MOST_LABELS or column % 2 == 0
        ),
        text(_RIGHT, bottom + 38, plane.across, "tick", "end"),
        *(_cell(plane, cell, left, side) for cell in plane.worth),
        _minuses(plane, left, side),
        _marks(plane, left, side),
    )


def heat_table(plane: Plane, objective: str) -> Markup:
    """Return the numbers of *plane*."""
    rows = (
        tag(
            "tr",
            tag("th", label, scope="row"),
            *(
                tag("td", _worth_text(plane, (column, row)), class_="number")
                for column in range(len(plane.columns))
            ),
        )
        for row, label in enumerate(plane.rows)
    )
    names = (plane.down, *(f">{label}" for label in plane.columns))
    return table(f"{objective}, {plane.across} across", names, rows)


def _worth_text(plane: Plane, cell: Cell) -> str:
    return ratio_text(plane.worth.get(cell))


def _place(plane: Plane, cell: Cell) -> str:
    column, row = cell
    return f"{plane.across} {plane.columns[column]}, {plane.down} {plane.rows[row]}"


def _summary(plane: Plane) -> str:
    return (
        f"Best with its neighbours: {_place(plane, plane.plateau)}, "
        f"{_worth_text(plane, plane.plateau)}; the best set is at {_place(plane, plane.best)}, "
        f"{_worth_text(plane, plane.best)}."
    )


def _cell(plane: Plane, cell: Cell, left: float, side: float) -> Markup:
    column, row = cell
    told = f"{_place(plane, cell)}: {_worth_text(plane, cell)}, {counted(plane.sets[cell], 'set')}"
    return tag(
        "rect",
        tag("title", told),
        x=left + column * side,
        y=_TOP + row * _ROW,
        width=side - _GAP,
        height=_ROW - _GAP,
        class_=_kind(plane, plane.worth[cell]),
    )


def _kind(plane: Plane, worth: float) -> str:
    if not worth:
        return "idle"
    share = abs(worth) / max(map(abs, plane.worth.values()))
    shade = next((kind for most, kind in _QUARTERS if share <= most), "")
    return ("gained" if worth > 0 else "fell") + shade


def _minuses(plane: Plane, left: float, side: float) -> Markup:
    inside = side * 0.3  # a loss is told by more than its colour
    path = "".join(
        f"M{number(left + column * side + inside)} {number(_TOP + (row + 0.5) * _ROW)}"
        f"H{number(left + (column + 1) * side - inside)}"
        for (column, row), worth in plane.worth.items()
        if worth < 0
    )
    return tag("path", d=path, class_="minus") if path else joined()


def _marks(plane: Plane, left: float, side: float) -> Markup:
    column, row = plane.plateau
    frame = tag(
        "rect",
        x=left + column * side,
        y=_TOP + row * _ROW,
        width=side - _GAP,
        height=_ROW - _GAP,
        class_="curve",
    )
    column, row = plane.best
    return joined(frame, dot(left + (column + 0.5) * side, _TOP + (row + 0.5) * _ROW, 4, "point"))
