"""Small bars in the cells of a table."""

from swingbreak.reporting.drawing import bar
from swingbreak.reporting.markup import Markup, tag

__all__ = ["mini_bar"]

_WIDTH, _HEIGHT = 100, 12


def mini_bar(start: float, end: float, low: float, high: float, kind: str) -> Markup:
    """Return a cell with a bar from *start* to *end* on a scale from *low* to *high*.

    The cell says nothing that the numbers beside it do not say: readers of the page skip it.
    """
    scale = _WIDTH / (high - low) if high > low else 0
    left, right = (sorted((start, end))[place] for place in (0, 1))
    x1, x2, zero = (
        (left - low) * scale,
        max((right - low) * scale, (left - low) * scale + 1),
        -low * scale,
    )
    drawn = tag(
        "svg",
        bar(x1, x2, 1, _HEIGHT - 2, kind),
        tag("path", d=f"M{zero:.1f} 0V{_HEIGHT}", class_="zero"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        class_="mini",
        aria_hidden="true",
    )
    return tag("td", drawn)
