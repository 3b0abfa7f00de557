"""What values the keys of the configuration file take: each function refuses what is none of them.

Rules of this file:

1. A refusal is a ``ValueError``, which pydantic reports with the key; its text says what should be.
"""

import re
from datetime import time
from urllib.parse import urlsplit

from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import expiry_text, parse_expiry
from swingbreak.domain.money import paise

__all__ = [
    "AUTO",
    "atm",
    "chats",
    "clock",
    "expiry",
    "http_address",
    "in_session",
    "number",
    "sealed_address",
    "ws_address",
    "ws_address_or_none",
]

AUTO = "auto"

_FIRST_EXIT, _LAST_EXIT = time(9, 16), time(15, 40)
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def number(value: object) -> object:
    """Refuse what pydantic would take for a number: true and false."""
    if isinstance(value, bool):
        raise ValueError("should be a number")  # noqa: TRY004 - what pydantic reports
    return value


def clock(value: object) -> object:
    """Refuse what is no text of a time."""
    # pydantic would read the number 1515 as seconds since midnight
    if not isinstance(value, str | time):
        raise ValueError('should be a time like "15:15"')  # noqa: TRY004 - as above
    return value


def in_session(value: time) -> time:
    """Refuse a time outside the session of any day."""
    if value.tzinfo is not None or not _FIRST_EXIT <= value <= _LAST_EXIT:
        raise ValueError(f"should be from {_FIRST_EXIT:%H:%M} to {_LAST_EXIT:%H:%M}, without zone")
    return value


def expiry(value: str) -> str:
    """Return *value* as expiries are written."""
    try:
        return value if value == AUTO else expiry_text(parse_expiry(value))
    except DataError as error:
        raise ValueError(f'should be "auto" or a date like "26DEC24": {error}') from error


def atm(value: object) -> str:
    """Return *value* as a strike, or as it is where it says to choose."""
    text = str(value)
    try:
        if text == AUTO or paise(text) > 0:
            return text
    except DataError:
        pass
    raise ValueError('should be "auto" or a strike in rupees like 24200')


def http_address(value: str) -> str:
    """Return the address of a server."""
    return _address(value, ("http", "https"))


def ws_address(value: str) -> str:
    """Return the address of a WebSocket."""
    return _address(value, ("ws", "wss"))


def ws_address_or_none(value: str) -> str:
    """Return the address of a WebSocket, or nothing."""
    return value and ws_address(value)


def sealed_address(value: str) -> str:
    """Return an address that secrets may be sent to."""
    parts = urlsplit(http_address(value))
    if parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
        raise ValueError("should begin with https")
    return value.rstrip("/")


def chats(value: str) -> str:
    """Return the numbers of chats, separated by spaces."""
    chats = value.replace(",", " ").split()
    if not all(re.fullmatch(r"-?[0-9]{1,19}", chat) for chat in chats):
        raise ValueError("should be the numbers of chats, like 123456789")
    return " ".join(chats)


def _address(value: str, schemes: tuple[str, str]) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
        raise ValueError(f"should be an address like {schemes[0]}://127.0.0.1:5000")
    if "@" in parts.netloc:  # labels and errors name addresses, and may name no secret
        raise ValueError("should be an address without a user and a password")
    return value.rstrip("/")
