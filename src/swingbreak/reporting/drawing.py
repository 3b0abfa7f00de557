"""The few shapes charts are drawn with; how they look is the style sheet's."""

from swingbreak.reporting.markup import Content, Markup, number, tag

__all__ = ["WIDTH", "bar", "chart", "dot", "line", "text", "triangle"]

WIDTH = 640  # of every chart, in units of its viewBox

_HALF, _HEIGHT = 7, 11  # of a triangle


def chart(name: str, title: str, summary: str, height: float, *content: Content) -> Markup:
    """Return a drawing that also says in words what it shows; *name* is unique on the page."""
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", summary, id=f"{name}-desc"),
        *content,
        viewBox=f"0 0 {WIDTH} {number(height)}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def text(x: float, y: float, content: Content, kind: str, anchor: str | None = None) -> Markup:
    """Return a label; *kind* names its classes in the style sheet."""
    return tag("text", content, x=x, y=y, class_=kind, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Return a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def bar(x1: float, x2: float, y: float, height: float, kind: str) -> Markup:
    """Return a rectangle between two positions from left to right."""
    return tag("rect", x=x1, y=y, width=x2 - x1, height=height, class_=kind)


def dot(x: float, y: float, radius: float, kind: str) -> Markup:
    """Return a circle."""
    return tag("circle", cx=x, cy=y, r=radius, class_=kind)


def triangle(x: float, y: float, title: str, *, down: bool) -> Markup:
    """Return a marker whose tip is at the point: it points down for sold, up for bought."""
    back = y - _HEIGHT if down else y + _HEIGHT
    path = f"M{number(x)} {number(y)}L{number(x - _HALF)} {number(back)}H{number(x + _HALF)}Z"
    return tag("path", tag("title", title), d=path, class_="fill")
