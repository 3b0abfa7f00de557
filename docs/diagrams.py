"""Draws the diagrams that documents show of the code.

    python docs/diagrams.py

writes them anew.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from swingbreak.domain.orders import TRANSITIONS, OrderStatus
from swingbreak.strategy.levels import TRANSITIONS as LEVEL_TRANSITIONS

HERE = Path(__file__).parent
PAGE = HERE / "reference" / "order-life.md"
_BLOCK = "```mermaid\n{}\n```"


def orders() -> str:
    """Return the life of an order: every event that may reach it in every status."""
    lines = ["stateDiagram-v2", f"    [*] --> {OrderStatus.SUBMITTED}: SubmitOrder is durable"]
    for before, events in TRANSITIONS.items():
        after: dict[OrderStatus, list[str]] = {}
        for event, status in events.items():
            after.setdefault(status, []).append(event.__name__)
        lines += [f"    {before} --> {status}: {', '.join(n)}" for status, n in after.items()]
    lines += [
        f"    {OrderStatus.ACCEPTED} --> {OrderStatus.PENDING_CANCEL}: CancelOrder is durable",
        f"    {OrderStatus.ACCEPTED} --> {OrderStatus.PENDING_REPLACE}: ReplaceOrder is durable",
    ]
    lines += [f"    {status} --> [*]" for status in OrderStatus if not status.is_live]
    return "\n".join(lines)


def levels() -> str:
    """Return the life of a level."""
    return _states(LEVEL_TRANSITIONS)


def _states(transitions: Mapping[StrEnum, frozenset[StrEnum]]) -> str:
    lines = ["stateDiagram-v2"]
    for before, after in transitions.items():
        lines += [f"    {before} --> {status}" for status in sorted(after)]
    return "\n".join(lines)


def drawn(page: str) -> str:
    """Return *page* with each diagram after its marker drawn anew."""
    for name, draw in (("orders", orders), ("levels", levels)):
        marker = f"<!-- diagram: {name} -->\n"
        pattern = re.escape(marker) + r"```mermaid\n.*?\n```"
        page = re.sub(pattern, lambda _: marker + _BLOCK.format(draw()), page, flags=re.DOTALL)  # noqa: B023 - used at once
    return page


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
