"""The frame of a chart: scales, round steps, grid lines and their labels.

Rules of this file:

1. A scale never leads out of its frame: what lies outside is drawn at the edge.
2. Scales take integers (paise, milliseconds), so an absurd value is drawn, not an overflow.
3. Lengths are units of the viewBox. Margins hold labels nearly twice their usual size: on a phone
   the whole chart is half as wide, and the style sheet makes up for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from swingbreak.domain.money import Paise
from swingbreak.domain.session import IST, Session
from swingbreak.reporting.drawing import line, text
from swingbreak.reporting.markup import Content, Markup, joined
from swingbreak.reporting.wording import minute_clock

__all__ = [
    "BOTTOM",
    "LEFT",
    "MINUTE_MS",
    "RIGHT",
    "TOP",
    "Frame",
    "Scale",
    "middle_of",
    "minute_grid",
    "ms_of",
    "round_step",
    "rounds",
    "spread",
    "value_grid",
]

LEFT, RIGHT, TOP, BOTTOM = 46, 540, 34, 28  # edges of the plot; what is kept free below it
MINUTE_MS = 60_000

_LABEL_GAP = 20  # least distance of two labels: a line of text on a phone
_MS = timedelta(milliseconds=1)
_MINUTE_STEPS = (5, 10, 15, 30, 60, 120, 240)
_MOST_MINUTE_LABELS = 7
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns values into positions.

    Attributes:
        low: Value at ``start``.
        high: Value at ``end``, above ``low``.
        start: Position in the viewBox; ``end`` likewise.
    """

    low: int
    high: int
    start: float
    end: float

    def at(self, value: int) -> float:
        """Return where *value* is drawn."""
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle in which data is drawn.

    Attributes:
        x: Of milliseconds since the open.
        y: Of paise.
    """

    x: Scale
    y: Scale

    @property
    def bottom(self) -> float:
        """Where the rectangle ends."""
        return self.y.start


def ms_of(session: Session, at: datetime) -> int:
    """Return *at* in milliseconds since the open."""
    return (at - session.opens) // _MS


def middle_of(minute: int) -> int:
    """Return the middle of *minute* in milliseconds since the open."""
    return minute * MINUTE_MS + MINUTE_MS // 2


def rounds(low: int, high: int, step: int) -> range:
    """Return the multiples of *step* from *low* to *high*, both included."""
    return range(-(-low // step) * step, high + 1, step)


def round_step(span: int, most: int, unit: int) -> int:
    """Return the least 1, 2 or 5 times a power of ten of *unit* that cuts *span* into *most*."""
    power = unit
    while True:
        for digit in (1, 2, 5):
            if span <= digit * power * most:
                return digit * power
        power *= 10


def spread(points: list[float], top: float, bottom: float) -> list[float]:
    """Return where labels of *points*, from top to bottom, stand clear of one another."""
    places: list[float] = []
    for point in points:
        places.append(max(point, places[-1] + _LABEL_GAP if places else top))
    for index in reversed(range(len(places))):
        room = (len(places) - 1 - index) * _LABEL_GAP
        places[index] = min(places[index], bottom - room)
    return places


def value_grid(scale: Scale, unit: str, labels: Iterable[tuple[Paise, str]]) -> Markup:
    """Return horizontal lines with their labels on the left, under the name of their *unit*."""
    marks: list[Content] = [text(LEFT - 6, TOP - 22, unit, "tick", "end")] if unit else []
    for value, label in labels:
        y = scale.at(value)
        marks += [
            line(LEFT, y, RIGHT, y, "grid" if value else "zero"),
            text(LEFT - 6, y, label, "tick middle", "end"),
        ]
    return joined(*marks)


def minute_grid(session: Session, scale: Scale, bottom: float) -> Markup:
    """Return vertical lines at round times in India with their labels below *bottom*."""
    marks: list[Content] = []
    for minute in _round_minutes(session, scale):
        x = scale.at(minute * MINUTE_MS)
        marks += [
            line(x, TOP, x, bottom, "grid"),
            text(x, bottom + 20, minute_clock(session, minute), "tick", "middle"),
        ]
    return joined(*marks)


def _round_minutes(session: Session, scale: Scale) -> list[int]:
    first, last = -(-scale.low // MINUTE_MS), scale.high // MINUTE_MS
    opens = session.opens.astimezone(IST)
    before = opens.hour * 60 + opens.minute
    fitting = (step for step in _MINUTE_STEPS if last - first < step * _MOST_MINUTE_LABELS)
    step = next(fitting, _DAY)
    return [clock - before for clock in rounds(before + first, before + last, step)]
