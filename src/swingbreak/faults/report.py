"""How a simulated day went."""

from collections.abc import Mapping
from dataclasses import dataclass

from swingbreak.faults.verdict import Violation

__all__ = ["DayReport"]


@dataclass(frozen=True, slots=True)
class DayReport:
    """How a simulated day went.

    Attributes:
        fired: How often each fault struck.
        violation: What must never happen, and did.
        tail: The end of the trace, where there is a violation.
        trace: Digest of everything that happened.
        journal: Digest of what the state database holds.
        starts: Processes that ran.
        orders: Orders sent.
        trades: Round trips.
        steps: Events the engine took.
        messages: Most order messages in any second.
        unprotected: Spans, in seconds, in which a position had no order that closes it.
    """

    seed: int
    day: int
    faults: tuple[str, ...]
    fired: Mapping[str, int]
    violation: Violation | None
    tail: tuple[str, ...]
    trace: str
    journal: str
    starts: int
    orders: int
    fills: int
    trades: int
    steps: int
    messages: int
    unprotected: tuple[float, ...]
