"""What came of sending a message, and how long to wait before the next attempt."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["Delivery", "Outcome", "pause_s"]

_FIRST_S: Final = 1.0
_LONGEST_S: Final = 60.0
_MOST_DOUBLINGS: Final = 6


class Outcome(StrEnum):
    """Whether a message has arrived."""

    DELIVERED = "delivered"
    NOT_SENT = "not sent"  # certainly not taken: it may be sent again
    UNSURE = "unsure"  # sent, and no answer: it may have been taken
    REFUSED = "refused"  # this message will never be taken
    BARRED = "barred"  # no message is taken until a person changes something


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one attempt ended.

    Attributes:
        why: What went wrong, with the remedy; empty where nothing did. It never names a secret.
        wait_s: What the service asks to wait at least.
    """

    outcome: Outcome
    why: str = ""
    wait_s: float = 0.0


def pause_s(failures: int, delivery: Delivery) -> float:
    """Return how long to wait after so many *failures* in a row, the last being *delivery*."""
    if delivery.outcome is Outcome.BARRED:
        return _LONGEST_S
    doubled = _FIRST_S * 2.0 ** min(max(failures - 1, 0), _MOST_DOUBLINGS)
    return max(min(doubled, _LONGEST_S), delivery.wait_s)
