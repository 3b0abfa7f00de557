"""The curves of a run: its result from day to day, its drawdown, its fill models, its bands."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from swingbreak.domain.money import Paise
from swingbreak.reporting.axes import BOTTOM, RIGHT, TOP, Frame, spread
from swingbreak.reporting.day_axis import day_grid, day_scale
from swingbreak.reporting.drawing import chart, dot, line, text
from swingbreak.reporting.markup import Markup, joined, number, tag
from swingbreak.reporting.r_axis import RAxis, r_axis
from swingbreak.reporting.resampling import Bands
from swingbreak.reporting.run_statistics import Totals, equity_of
from swingbreak.reporting.run_view import RunDay, RunView
from swingbreak.reporting.wording import counted, day_text, r_text

__all__ = [
    "bands_chart",
    "course",
    "drawdown_chart",
    "equity_chart",
    "fall_text",
    "model_kinds",
    "models_chart",
]

_PLOT, _SHALLOW = 250, 120
_ENDING = 120  # how far the label at the end reaches back on a phone
_LEADER = 12


def equity_chart(run: RunView, totals: Totals) -> Markup:
    """Return the curve of the headline; it has at least one day."""
    values = equity_of(run.days)
    frame, axis = _frame(values, run)
    return chart(
        "equity",
        "Result of the run in R",
        course(run, totals),
        frame.bottom + BOTTOM,
        _days(run, frame),
        axis.grid(),
        _curve(values, frame, "curve"),
        _ending(values, frame, run.r_value),
    )


def course(run: RunView, totals: Totals) -> str:
    """Return in words how the curve of the headline ran."""
    values = equity_of(run.days)
    high, low = max(range(len(values)), key=values.__getitem__), values.index(min(values))
    return (
        f"Highest {r_text(values[high], run.r_value)} {_after(run.days, high)}, lowest "
        f"{r_text(values[low], run.r_value)} {_after(run.days, low)}, at the end "
        f"{r_text(totals.net, run.r_value)}."
    )


def drawdown_chart(run: RunView, totals: Totals) -> Markup:
    """Return how far below its highest close the headline was; it fell at least once."""
    values = equity_of(run.days)
    below = [value - high for value, high in zip(values, accumulate(values, max), strict=True)]
    axis = r_axis(below, run.r_value, _SHALLOW, least=(-1, 0), most=4)
    frame = Frame(day_scale(len(run.days)), axis.scale)
    bottom = below.index(min(below))
    x, y = frame.x.at(bottom), frame.y.at(below[bottom])
    area = f"{_path(below, frame)}V{number(frame.y.at(0))}H{number(frame.x.start)}Z"
    return chart(
        "drawdown",
        "Drawdown in R",
        fall_text(totals, run.r_value),
        frame.bottom + BOTTOM,
        _days(run, frame),
        axis.grid(),
        tag("path", d=area, class_="under"),
        dot(x, y, 4, "fell"),
    )


def fall_text(totals: Totals, r_value: Paise) -> str:
    """Return the deepest drawdown in words."""
    fall = totals.drawdown
    if not fall.depth or fall.bottom is None:
        return "The result never fell below an earlier close."
    since = "from the beginning" if fall.since is None else f"from {day_text(fall.since)}"
    after = (
        "not made good by the end"
        if fall.recovered is None
        else f"made good on {day_text(fall.recovered)}"
    )
    depth = r_text(-fall.depth, r_value)
    length = counted(fall.days, "trading day")
    return f"Deepest {depth}, {since} to {day_text(fall.bottom)}, {after}: {length}."


def models_chart(run: RunView) -> Markup:
    """Return the curves of all fill models; there are at least two."""
    models = {run.fills: run.days, **run.others}
    curves = {name: equity_of(days) for name, days in models.items()}
    frame, axis = _frame([value for each in curves.values() for value in each], run)
    kinds = dict(zip(curves, model_kinds(len(curves)), strict=True))
    return chart(
        "models",
        "Result of each fill model in R",
        "; ".join(f"{name} {r_text(each[-1], run.r_value)}" for name, each in curves.items()),
        frame.bottom + BOTTOM,
        _days(run, frame),
        axis.grid(with_rupees=False),
        *(_curve(curves[name], frame, kinds[name]) for name in reversed(curves)),
        _named(curves, kinds, frame, run.r_value),
    )


def model_kinds(count: int) -> list[str]:
    """Return how the lines of *count* fill models look, the headline's first."""
    return ["curve", *("other-1" if place % 2 == 0 else "other-2" for place in range(count - 1))]


def bands_chart(run: RunView, bands: Bands) -> Markup:
    """Return between what runs of the same days lie, and the run itself."""
    values = equity_of(run.days)
    frame, axis = _frame([*values, *(v for each in bands.equity for v in each)], run)
    columns = list(zip(*bands.equity, strict=True))
    ending = bands.equity[-1]
    return chart(
        "bands",
        "Results of runs drawn from the same days, in R",
        f"At the end, of 100 runs 90 lie between {r_text(ending[0], run.r_value)} and "
        f"{r_text(ending[-1], run.r_value)}, half of them between "
        f"{r_text(ending[1], run.r_value)} and {r_text(ending[3], run.r_value)}.",
        frame.bottom + BOTTOM,
        _days(run, frame),
        axis.grid(),
        _band(bands.places, columns[0], columns[4], frame, "wide"),
        _band(bands.places, columns[1], columns[3], frame, "narrow"),
        _through(bands.places, columns[2], frame, "median"),
        _curve(values, frame, "curve"),
    )


def _frame(values: Iterable[Paise], run: RunView) -> tuple[Frame, RAxis]:
    axis = r_axis(values, run.r_value, _PLOT)
    return Frame(day_scale(len(run.days)), axis.scale), axis


def _days(run: RunView, frame: Frame) -> Markup:
    return day_grid([day.day for day in run.days], frame.x, frame.bottom)


def _curve(values: Sequence[Paise], frame: Frame, kind: str) -> Markup:
    return tag("path", d=_path(values, frame), class_=kind)


def _path(values: Sequence[Paise], frame: Frame) -> str:
    return _points(range(len(values)), values, frame)


def _points(places: Iterable[int], values: Iterable[Paise], frame: Frame) -> str:
    points = zip(places, values, strict=True)
    return "M" + "L".join(
        f"{number(frame.x.at(place))} {number(frame.y.at(value))}" for place, value in points
    )


def _through(places: Sequence[int], values: Sequence[Paise], frame: Frame, kind: str) -> Markup:
    return tag("path", d=_points(places, values, frame), class_=kind)


def _band(
    places: Sequence[int], low: Sequence[Paise], high: Sequence[Paise], frame: Frame, kind: str
) -> Markup:
    there = _points(places, high, frame)
    back = _points(reversed(places), reversed(low), frame).removeprefix("M")
    return tag("path", d=f"{there}L{back}Z", class_=kind)


def _ending(values: Sequence[Paise], frame: Frame, r_value: Paise) -> Markup:
    # beyond what the curve was up to just before, so that it does not run through the label
    places = [(frame.x.at(place), frame.y.at(value)) for place, value in enumerate(values)]
    end, last = places[-1]
    near = [y for x, y in places if x > end - _ENDING]
    above, below = min(near) - 10, max(near) + 24
    is_below = below - last < last - above and below < frame.bottom
    y = below if is_below else above
    return text(end - 4, y, r_text(values[-1], r_value), "mark strong", "end")


def _named(
    curves: Mapping[str, Sequence[Paise]], kinds: Mapping[str, str], frame: Frame, r_value: Paise
) -> Markup:
    ranked = sorted(curves, key=lambda name: -curves[name][-1])
    points = [frame.y.at(curves[name][-1]) for name in ranked]
    places = spread(points, TOP, frame.bottom)
    return joined(
        *(
            joined(
                line(RIGHT, point, RIGHT + _LEADER, place, "grid"),
                text(
                    RIGHT + _LEADER + 2,
                    place,
                    r_text(curves[name][-1], r_value),
                    f"mark middle {kinds[name]}".replace(" curve", ""),
                ),
            )
            for point, place, name in zip(points, places, ranked, strict=True)
        )
    )


def _after(days: Sequence[RunDay], place: int) -> str:
    return f"on {day_text(days[place - 1].day)}" if place else "at the beginning"
