"""HTML and SVG text made of values, so that no value can become markup.

Rules of this file:

1. Text enters a page only through :func:`tag`, which escapes it; a :class:`Markup` is made nowhere
   else, except of text this project wrote.
2. What no document may hold is replaced: control characters, those that turn the direction of
   writing, halves of surrogate pairs.
3. Coordinates carry one decimal: finer is not seen and a page has ten thousand of them.
"""

import html
import re
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Content", "Markup", "joined", "number", "tag"]

_EMPTY = frozenset({"meta", "path", "circle", "line", "rect", "input", "link"})
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Markup:
    """Text that is markup already."""

    text: str


Content: TypeAlias = str | Markup


def tag(name: str, /, *content: Content, **attributes: str | float | None) -> Markup:
    """Return an element.

    Args:
        name: Of the element.
        content: What it holds; a plain string is text and is escaped.
        attributes: An underscore in a name stands for a hyphen, one at its end for nothing
            (``class_``); ``None`` leaves the attribute out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not content and name in _EMPTY:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{joined(*content).text}</{name}>")


def joined(*content: Content) -> Markup:
    """Return *content* one after the other."""
    return Markup("".join(c.text if isinstance(c, Markup) else _escaped(c) for c in content))


def number(value: float) -> str:
    """Return *value* with at most one decimal."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _value(value: str | float) -> str:
    return _escaped(value) if isinstance(value, str) else number(value)


def _escaped(text: str) -> str:
    return html.escape(_UNPRINTABLE.sub("\ufffd", text))
