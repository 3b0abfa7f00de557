"""How often a trade made how much, in R."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from swingbreak.reporting.axes import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Scale,
    round_step,
    rounds,
    value_grid,
)
from swingbreak.reporting.drawing import chart, line, text
from swingbreak.reporting.markup import Markup, joined, tag
from swingbreak.reporting.wording import counted, grouped, plain_r

__all__ = ["histogram"]

_PLOT = 180
_STEP: Final = 25  # hundredths of an R, the width of a bar
_LOWEST, _HIGHEST = -300, 600  # hundredths of an R; what lies beyond has one bar at either end
_BELOW = 24  # clear of the label of no trade, on a phone too
_MOST_LABELS = 10
_MOST_COUNTS = 4


def histogram(results: Iterable[float]) -> Markup:
    """Return the distribution of *results*, R of trades; there is at least one."""
    values = tuple(results)
    bars = Counter(_bar_of(value) for value in values)
    low, high = min(*bars, -100) - _STEP, max(*bars, 75) + _STEP
    step = round_step(max(bars.values()), _MOST_COUNTS, 1)
    counts = Scale(0, -(-max(bars.values()) // step) * step, TOP + _PLOT, TOP)
    across = Scale(low, high, LEFT, RIGHT)
    mean = sum(values) / len(values)
    return chart(
        "distribution",
        "How often a trade made how much",
        _summary(values, mean),
        TOP + _PLOT + BOTTOM,
        value_grid(counts, "", [(n, grouped(n)) for n in rounds(0, counts.high, step)]),
        text(LEFT, TOP - 22, "trades", "tick"),
        _labels(across, bars),
        text(RIGHT + 12, TOP + _PLOT + _BELOW, "R", "tick"),
        tag("g", *_bars(bars, across, counts, range(low, 0, _STEP)), class_="fell"),
        tag("g", *_bars(bars, across, counts, range(0, high, _STEP)), class_="gained"),
        _mean(mean, across),
    )


def _bar_of(value: float) -> int:
    inside = min(max(round(100 * value), _LOWEST - 1), _HIGHEST)
    return inside // _STEP * _STEP


def _bars(
    bars: Mapping[int, int], across: Scale, counts: Scale, lows: Iterable[int]
) -> list[Markup]:
    drawn = []
    for low in lows:
        count = bars.get(low, 0)
        if count:
            top, start, end = counts.at(count), across.at(low), across.at(low + _STEP)
            told = f"{_reach(low)}: {counted(count, 'trade')}"
            drawn.append(
                tag(
                    "rect",
                    tag("title", told),
                    x=start + 0.5,
                    y=top,
                    width=end - start - 1,
                    height=counts.start - top,
                )
            )
    return drawn


def _reach(low: int) -> str:
    if low < _LOWEST:
        return f"below {_LOWEST / 100:+.2f} R"
    if low == _HIGHEST:
        return f"{_HIGHEST / 100:+.2f} R and more"
    return f"{low / 100:+.2f} to {(low + _STEP) / 100:+.2f} R"


def _labels(across: Scale, bars: Mapping[int, int]) -> Markup:
    step = round_step(across.high - across.low, _MOST_LABELS, 100)
    y = TOP + _PLOT + _BELOW
    return joined(
        *(
            text(across.at(value), y, _beyond(value, bars) + _r_label(value), "tick", "middle")
            for value in rounds(across.low, across.high, step)
        )
    )


def _beyond(value: int, bars: Mapping[int, int]) -> str:
    """Return the sign of an end whose bar holds all that lies beyond."""
    if value == _LOWEST and min(bars) < _LOWEST:
        return "<"
    return "\u2265" if value == max(bars) == _HIGHEST else ""


def _r_label(value: int) -> str:
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return f"{sign}{abs(value) // 100}"


def _mean(mean: float, across: Scale) -> Markup:
    x = across.at(round(100 * mean))
    beside = (x + 5, "start") if x < (LEFT + RIGHT) / 2 else (x - 5, "end")
    return joined(
        line(x, TOP - 4, x, TOP + _PLOT, "mean"),
        text(beside[0], TOP - 6, f"mean {plain_r(mean)}", "mean mark", beside[1]),
    )


def _summary(values: tuple[float, ...], mean: float) -> str:
    return (
        f"{counted(len(values), 'trade')} from {plain_r(min(values))} to {plain_r(max(values))}, "
        f"on average {plain_r(mean)}."
    )
