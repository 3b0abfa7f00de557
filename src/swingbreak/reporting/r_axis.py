"""The axis of a result: R on the left, rupees on the right."""

from collections.abc import Iterable
from dataclasses import dataclass

from swingbreak.domain.money import Paise
from swingbreak.reporting.axes import RIGHT, TOP, Scale, round_step, rounds, value_grid
from swingbreak.reporting.drawing import text
from swingbreak.reporting.markup import Markup, joined
from swingbreak.reporting.wording import short

__all__ = ["RAxis", "r_axis"]

_MOST_LABELS = 8
_THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class RAxis:
    """A scale of paise whose labels count R.

    Attributes:
        scale: From a multiple of ``step`` to another.
        step: Between two labels, paise.
        r_value: One R of the account, paise.
    """

    scale: Scale
    step: Paise
    r_value: Paise

    def grid(self, *, with_rupees: bool = True) -> Markup:
        """Return lines with their labels."""
        values = rounds(self.scale.low, self.scale.high, self.step)
        labels = [(value, _whole_r(value // self.r_value)) for value in values]
        beside = [
            text(RIGHT + 6, TOP - 22, "\u20b9", "tick"),
            *(
                text(RIGHT + 6, self.scale.at(value), short(value), "tick middle")
                for value in values
            ),
        ]
        return joined(value_grid(self.scale, "R", labels), *(beside if with_rupees else ()))


def r_axis(
    values: Iterable[Paise],
    r_value: Paise,
    height: float,
    *,
    least: tuple[int, int] = (-1, 1),
    most: int = _MOST_LABELS,
) -> RAxis:
    """Return the axis of a plot.

    Args:
        values: Paise that it must show.
        r_value: One R of the account, paise.
        height: Of the plot.
        least: R that it shows in any case.
        most: Steps that it is cut into at most.
    """
    shown = (*values, least[0] * r_value, least[1] * r_value)
    low, high = min(shown), max(shown)
    step = round_step(high - low, most, r_value)
    return RAxis(
        Scale(low // step * step, -(-high // step) * step, TOP + height, TOP), step, r_value
    )


def _whole_r(count: int) -> str:
    sign = "+" if count > 0 else ""
    if abs(count) < _THOUSAND:
        return f"{sign}{short(100 * count)}"
    return f"{sign}{short(100 * count // _THOUSAND)}k"  # as narrow as the margin
