"""JSON as Python's own writer leaves it: with ``NaN`` and ``Infinity``, which JSON does not know.

A reader that keeps to the standard refuses the whole text for one of them, and with it every other
row of a book. They mean that there is no number, which JSON calls ``null``.

Source: Python's ``json.dumps``, which OpenAlgo answers and streams with, read 2026-11-29.
"""

import re
from typing import Final

__all__ = ["NO_TEXT", "as_standard", "is_text"]

# stands for bytes that were no UTF-8
NO_TEXT: Final = "\ufffd"

_NO_NUMBER: Final = re.compile(r"(?<=[:,\[])(\s*)-?(?:NaN|Infinity)(?=\s*[,}\]])")


def as_standard(text: str) -> str:
    """Return *text* with ``null`` for what is no number."""
    if "NaN" in text or "Infinity" in text:  # hardly ever, and this is asked of every frame
        return _NO_NUMBER.sub(r"\1null", text)
    return text


def is_text(*names: str | int | None) -> bool:
    """Whether all *names* came as text: one that did not may be anybody's."""
    return not any(NO_TEXT in str(name) for name in names)
