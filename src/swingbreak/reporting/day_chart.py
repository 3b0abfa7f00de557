"""The curve of a day's result in R, and below it how long each trade was open."""

from bisect import bisect_right
from datetime import datetime

from swingbreak.domain.money import Paise
from swingbreak.domain.position import Trade
from swingbreak.domain.session import ist_clock
from swingbreak.reporting.axes import (
    BOTTOM,
    LEFT,
    MINUTE_MS,
    RIGHT,
    Frame,
    Scale,
    minute_grid,
    ms_of,
)
from swingbreak.reporting.day_view import DayView
from swingbreak.reporting.drawing import bar, chart, text, triangle
from swingbreak.reporting.markup import Markup, joined, number, tag
from swingbreak.reporting.r_axis import r_axis
from swingbreak.reporting.wording import money, r_text

__all__ = ["course", "day_chart"]

_PLOT = 250
_LANE, _LANE_BAR, _LANE_GAP = 22, 10, 14
_LANE_LABEL = 30  # what a trade's number takes behind its bar
_ENDING = 80  # how far the label at the end reaches back on a phone
_WINDOW_STEP, _ROOM = 30 * MINUTE_MS, 5 * MINUTE_MS  # it ends on a half hour, after some room


def day_chart(view: DayView) -> Markup:
    """Return the curve of *view*; it has at least one point."""
    values = [value for _, value in view.curve]
    axis = r_axis(values, view.r_value, _PLOT)
    frame = Frame(_time_scale(view), axis.scale)
    lanes = _lanes(view, frame.x)
    bottom = frame.bottom + (_LANE_GAP + _LANE * (max(lanes) + 1) if lanes else 0)
    return chart(
        "curve",
        "Result over the day in R",
        course(view),
        bottom + BOTTOM,
        minute_grid(view.session, frame.x, bottom),
        axis.grid(),
        _steps(view, frame),
        *(_fills(view, frame, index) for index in range(len(lanes))),
        _ending(view, frame),
        *(_stay(view, frame, index, lane) for index, lane in enumerate(lanes)),
    )


def course(view: DayView) -> str:
    """Return in words how the curve of *view* ran."""
    last_at, last = view.curve[-1]
    best_at, best = max(view.curve, key=lambda point: point[1])
    worst_at, worst = min(view.curve, key=lambda point: point[1])
    return (
        f"Highest {r_text(best, view.r_value)} at {ist_clock(best_at)}, lowest "
        f"{r_text(worst, view.r_value)} at {ist_clock(worst_at)}, at the end "
        f"{r_text(last, view.r_value)} ({money(last)}) at {ist_clock(last_at)}."
    )


def _time_scale(view: DayView) -> Scale:
    # the day until nothing happened any more, not an empty afternoon
    ends = [view.curve[-1][0], *(trade.closed_at for trade in view.trades)]
    last = ms_of(view.session, max(ends))
    return Scale(0, max(-(-(last + _ROOM) // _WINDOW_STEP), 1) * _WINDOW_STEP, LEFT, RIGHT)


def _steps(view: DayView, frame: Frame) -> Markup:
    path = f"M{number(frame.x.start)} {number(frame.y.at(0))}" + "".join(
        f"H{number(frame.x.at(ms_of(view.session, at)))}V{number(frame.y.at(value))}"
        for at, value in view.curve
    )
    return tag("path", d=path, class_="curve")


def _fills(view: DayView, frame: Frame, index: int) -> Markup:
    trade = view.trades[index]
    return joined(
        *(
            triangle(
                frame.x.at(ms_of(view.session, at)),
                frame.y.at(_value_at(view, at)),
                f"{ist_clock(at)} trade {index + 1}: {what} {trade.symbol}",
                down=what == "sold",
            )
            for at, what in ((trade.opened_at, "sold"), (trade.closed_at, "bought back"))
        )
    )


def _value_at(view: DayView, at: datetime) -> Paise:
    points = bisect_right(view.curve, at, key=lambda point: point[0])
    return view.curve[points - 1][1] if points else 0


def _ending(view: DayView, frame: Frame) -> Markup:
    # beyond what the curve was up to just before, so that it does not run through the label
    places = [(frame.x.at(ms_of(view.session, at)), frame.y.at(v)) for at, v in view.curve]
    end, value = places[-1][0], view.curve[-1][1]
    near = [y for x, y in places if x > end - _ENDING]
    y = min(near) - 14 if value >= 0 else min(max(near) + 26, frame.bottom - 4)
    return text(end - 6, y, r_text(value, view.r_value), "mark strong", "end")


def _lanes(view: DayView, scale: Scale) -> list[int]:
    # each trade in the first lane in which neither its bar nor its number touches another's
    spans = [_span(view, scale, trade) for trade in view.trades]
    lanes, free_from = [0] * len(spans), list[float]()
    for index in sorted(range(len(spans)), key=spans.__getitem__):
        start, end = spans[index]
        lane = next((i for i, free in enumerate(free_from) if free <= start), len(free_from))
        free_from[lane : lane + 1] = [end + _LANE_LABEL]  # a new lane where there was none
        lanes[index] = lane
    return lanes


def _span(view: DayView, scale: Scale, trade: Trade) -> tuple[float, float]:
    start = scale.at(ms_of(view.session, trade.opened_at))
    return start, max(start + 2, scale.at(ms_of(view.session, trade.closed_at)))


def _stay(view: DayView, frame: Frame, index: int, lane: int) -> Markup:
    trade = view.trades[index]
    start, end = _span(view, frame.x, trade)
    middle = frame.bottom + _LANE_GAP + _LANE * (lane + 0.5)
    return joined(
        bar(start, end, middle - _LANE_BAR / 2, _LANE_BAR, "won" if trade.net > 0 else "lost"),
        text(end + 6, middle, str(index + 1), "mark middle"),
    )
