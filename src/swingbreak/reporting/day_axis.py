"""The axis of days: trading days side by side, labelled by day or by month."""

from collections.abc import Sequence
from datetime import date

from swingbreak.reporting.axes import LEFT, RIGHT, TOP, Scale
from swingbreak.reporting.drawing import line, text
from swingbreak.reporting.markup import Content, Markup, joined
from swingbreak.reporting.wording import MONTHS

__all__ = ["day_grid", "day_scale"]

_BELOW = 24  # clear of the labels of the lowest value, on a phone too
_GAP = 74  # least distance of two labels
_FEW_DAYS = 45  # that are labelled by day
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


def day_scale(days: int) -> Scale:
    """Return the scale of *days* closes: 0 is before the first day, 1 its close."""
    return Scale(0, max(days, 1), LEFT, RIGHT)


def day_grid(days: Sequence[date], scale: Scale, bottom: float) -> Markup:
    """Return vertical lines where months or days begin, with labels below *bottom*."""
    marks: list[Content] = []
    for place, label in _labels(days, scale):
        x = scale.at(place)
        marks += [
            line(x, TOP, x, bottom, "grid"),
            text(x, bottom + _BELOW, label, "tick", "middle"),
        ]
    return joined(*marks)


def _labels(days: Sequence[date], scale: Scale) -> list[tuple[int, str]]:
    if len(days) <= _FEW_DAYS:
        text_of = _day_text if days[0].year == days[-1].year else _whole_day_text
        return _apart([(place, text_of(day)) for place, day in enumerate(days, 1)], scale)
    firsts = [
        (place, day)
        for place, day in enumerate(days)
        if place and (day.year, day.month) != (days[place - 1].year, days[place - 1].month)
    ]
    if any(_months(days[place - 1], day) > 1 for place, day in firsts):
        return _around_holes(days, firsts, scale)
    for step in _MONTH_STEPS:
        chosen = [(p, _month_text(d)) for p, d in firsts if (12 * d.year + d.month - 1) % step == 0]
        if len(_apart(chosen, scale)) == len(chosen):
            return chosen
    return []


def _around_holes(
    days: Sequence[date], firsts: Sequence[tuple[int, date]], scale: Scale
) -> list[tuple[int, str]]:
    # without one behind the last hole, a reader takes the days for one stretch
    holes = [(place, day) for place, day in firsts if _months(days[place - 1], day) > 1]
    kept: dict[int, str] = {}
    for place, day in (*reversed(holes), *firsts):
        if all(abs(scale.at(place) - scale.at(other)) >= _GAP for other in kept):
            kept[place] = _month_text(day)
    return sorted(kept.items())


def _months(early: date, late: date) -> int:
    return 12 * (late.year - early.year) + late.month - early.month


def _apart(labels: Sequence[tuple[int, str]], scale: Scale) -> list[tuple[int, str]]:
    kept: list[tuple[int, str]] = []
    for place, label in labels:
        if not kept or scale.at(place) - scale.at(kept[-1][0]) >= _GAP:
            kept.append((place, label))
    return kept


def _day_text(day: date) -> str:
    return f"{day.day}\u00a0{MONTHS[day.month - 1][:3]}"


def _whole_day_text(day: date) -> str:
    return f"{_day_text(day)}\u00a0\u2019{day.year % 100:02d}"


def _month_text(day: date) -> str:
    return f"{MONTHS[day.month - 1][:3]}\u00a0\u2019{day.year % 100:02d}"
