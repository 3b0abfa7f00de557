"""Every day of a run as a square: years one below another, weeks side by side."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.reporting.axes import LEFT, RIGHT
from swingbreak.reporting.drawing import chart, text
from swingbreak.reporting.markup import Markup, joined, number, tag
from swingbreak.reporting.run_view import RunDay, RunView
from swingbreak.reporting.wording import MONTHS, WEEKDAYS, day_text, r_text, signed_money

__all__ = ["calendar_chart"]

_HEAD, _GAP = 22, 12  # above a block, and below it
_LARGEST = 22  # side of a square with its margin
_SHADES: Final = (0.5, 1.0, 2.0)  # R up to which a square is lighter
_NAMED_WEEKDAYS: Final = (0, 2, 4)
_FEW_WEEKS: Final = 30


def calendar_chart(run: RunView) -> Markup:
    """Return the calendar; *run* has at least one day."""
    blocks = _blocks(run.days)
    most = max(_column(block[-1].day, block[0].day) + 1 for block in blocks)
    side = min((RIGHT + 60 - LEFT) / most, _LARGEST)
    drawn: list[Markup] = []
    top = 0.0
    for block in blocks:
        drawn.append(_block(block, run.r_value, top + _HEAD, side))
        top += _HEAD + _weekdays(block) * side + _GAP
    summary = f"{len(run.days)} days; each square tells its date and result."
    return chart("calendar", "Calendar of the results", summary, top, *drawn)


def _blocks(days: Sequence[RunDay]) -> list[list[RunDay]]:
    # half a year is one block, whichever years it lies in
    if _column(days[-1].day, days[0].day) < _FEW_WEEKS:
        return [list(days)]
    return [list(each) for _, each in groupby(days, key=lambda day: day.day.year)]


def _weekdays(days: Sequence[RunDay]) -> int:
    return max(5, *(day.day.weekday() + 1 for day in days), 0)


def _block(days: Sequence[RunDay], r_value: Paise, top: float, side: float) -> Markup:
    first = days[0].day
    squares: dict[str, list[Markup]] = {}
    for day in days:
        x = LEFT + _column(day.day, first) * side
        y = top + day.day.weekday() * side
        kind = _kind(day.net, r_value, is_idle=not day.trades)
        squares.setdefault(kind, []).append(_square(day, x, y, side, r_value))
    return joined(
        _month_names(days, top, side),
        *(
            text(LEFT - 6, top + (place + 0.5) * side, WEEKDAYS[place][:3], "tick middle", "end")
            for place in _NAMED_WEEKDAYS
        ),
        *(tag("g", *each, class_=kind) for kind, each in squares.items()),
        _minuses(days, first, top, side),
    )


def _column(day: date, first: date) -> int:
    monday = first - timedelta(days=first.weekday())
    return (day - monday).days // 7


def _kind(net: Paise, r_value: Paise, *, is_idle: bool) -> str:
    if is_idle or not net:
        return "idle"
    size = abs(net) / r_value
    shade = next((place for place, most in enumerate(_SHADES, 1) if size <= most), None)
    sign = "gained" if net > 0 else "fell"
    return sign if shade is None else f"{sign} shade-{shade}"


def _square(day: RunDay, x: float, y: float, side: float, r_value: Paise) -> Markup:
    made = f"{r_text(day.net, r_value)}, {signed_money(day.net)}" if day.trades else "no trade"
    told = tag("title", f"{day_text(day.day)}: {made}")
    return tag("rect", told, x=x, y=y, width=side - 1.5, height=side - 1.5)


def _minuses(days: Sequence[RunDay], first: date, top: float, side: float) -> Markup:
    # a loss is told by more than its colour
    inside = side * 0.22
    path = "".join(
        f"M{number(x + inside)} {number(y)}H{number(x + side - 1.5 - inside)}"
        for day in days
        if day.net < 0
        for x in [LEFT + _column(day.day, first) * side]
        for y in [top + day.day.weekday() * side + (side - 1.5) / 2]
    )
    return tag("path", d=path, class_="minus") if path else joined()


def _month_names(days: Sequence[RunDay], top: float, side: float) -> Markup:
    first = days[0].day
    columns: Mapping[tuple[int, int], int] = {
        (day.day.year, day.day.month): _column(day.day, first) for day in reversed(days)
    }
    named: list[Markup] = []
    free_from = 0.0
    for (year, month), column in sorted(columns.items()):
        x = LEFT + column * side
        label = f"{MONTHS[month - 1][:3]}" + (f"\u00a0{year}" if not named or month == 1 else "")
        if x >= free_from:
            named.append(text(x, top - 6, label, "tick"))
            free_from = x + 11 * len(label)
    return joined(*named)
