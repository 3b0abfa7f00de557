"""Answers and refusals in the shapes OpenAlgo gives them.

Source: OpenAlgo 2.0.2.1, recorded 2026-11-22. What an error's ``message`` is, text or object,
differs by endpoint, and some shapes lack ``status``.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from swingbreak.gateway.schema import Messages

__all__ = ["BAD_JSON", "BAD_KEY", "CRASHED", "Family", "Refused", "Reply", "invalid", "refusal"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on its way out.

    Attributes:
        body: JSON object, or text as it stands.
        status: HTTP status.
        ordered: Whether the keys stay as they are; else they go out sorted.
        content_type: What the body is.
    """

    body: dict[str, Any] | str
    status: int = 200
    ordered: bool = False
    content_type: str = "application/json"


class Refused(Exception):
    """The request is answered with a refusal."""

    def __init__(self, reply: Reply) -> None:
        """Keep the *reply* that goes out."""
        super().__init__(reply)
        self.reply = reply


class Family(Enum):
    """How an endpoint words a request that breaks its shape."""

    TEXT = "the messages as Python prints them"
    OBJECT = "the messages as an object"
    ERRORS = "Validation error"
    GREEKS = "Validation failed"


def refusal(status: int, message: object, **more: Any) -> Refused:
    """Return a refusal with *message* and whatever *more* the endpoint adds."""
    return Refused(Reply({"status": "error", "message": message, **more}, status))


def invalid(family: Family, messages: Messages) -> Refused:
    """Return the refusal of a request that broke its shape."""
    match family:
        case Family.TEXT:
            return refusal(400, str(messages))
        case Family.OBJECT:
            return refusal(400, messages)
        case Family.ERRORS | Family.GREEKS:
            return refusal(400, family.value, errors=messages)


BAD_KEY = Reply({"message": "Invalid openalgo apikey", "status": "error"}, 403)
BAD_JSON = Reply(
    {"message": "The browser (or proxy) sent a request that this server could not understand."},
    400,
)
CRASHED = Reply({"message": "Internal Server Error"}, 500)
