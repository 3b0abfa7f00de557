"""Who may look, and who may act.

Rules of this file:

1. The host is checked before anything else: a name that a foreign page made resolve to this machine
   is refused (DNS rebinding).
2. The address that is printed carries a random token once; from then on it is a cookie that no
   script can read and no other site can send.
3. Whatever changes something needs an origin that is ours and a form's token, which is good once.
4. A scraper has a token of its own, which outlives this process and is good for metrics alone.
"""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

__all__ = ["COOKIE_PREFIX", "Access", "FormTokens"]

COOKIE_PREFIX: Final = "swingbreak_"
_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OURS: Final = frozenset({"same-origin", "none"})
_MOST_FORMS: Final = 200
_FORM_S: Final = 600.0


class Access:
    """Judges requests by their headers.

    Args:
        scraper: The token of who may read metrics; empty where nobody may.

    Attributes:
        token: What the printed address carries.
        cookie: What the browser is given for it.
    """

    def __init__(self, scraper: str = "") -> None:
        self.token = secrets.token_urlsafe(32)
        self.cookie = secrets.token_urlsafe(32)
        self._scraper = scraper

    def refusal(self, headers: Mapping[str, str], *, acts: bool) -> str:
        """Return why a request with *headers* is refused, whoever sends it; empty if it is not.

        Args:
            headers: Of the request, with names as HTTP writes them.
            acts: Whether it may change something.
        """
        host = headers.get("Host", "")
        if _name(host) not in _HOSTS:
            return f"{host!r} is not this machine: open the dashboard as 127.0.0.1 or localhost"
        origin = headers.get("Origin", "")
        if origin and origin != f"http://{host}":
            return f"a page of {origin} may not use the dashboard"
        if acts and not origin:
            return "the request does not say which page it comes from"
        if acts and headers.get("Sec-Fetch-Site", "same-origin") not in _OURS:
            return "a page of another site may not use the dashboard"
        return ""

    def knows_token(self, token: str) -> bool:
        """Whether *token* is the one that was printed."""
        return _same(token, self.token)

    def knows_cookie(self, cookie: str) -> bool:
        """Whether *cookie* is the one that was given."""
        return _same(cookie, self.cookie)

    def knows_scraper(self, authorization: str) -> bool:
        """Whether the header *authorization* is that of who may read metrics."""
        kind, _, token = authorization.partition(" ")
        return bool(self._scraper) and kind.lower() == "bearer" and _same(token, self._scraper)


class FormTokens:
    """Tokens of forms: each is for one action, good once, and not for long."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._given: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def give(self, action: str) -> str:
        """Return a token for a form that does *action*."""
        token = secrets.token_urlsafe(16)
        self._given[token] = (action, self._clock() + _FORM_S)
        while len(self._given) > _MOST_FORMS:
            self._given.popitem(last=False)
        return token

    def take(self, action: str, token: str) -> bool:
        """Use *token* up; return whether it was good for *action*."""
        given, until = self._given.pop(token, ("", 0.0))
        return given == action and self._clock() < until


def _same(given: str, ours: str) -> bool:
    # a header may hold any bytes
    return hmac.compare_digest(given.encode(errors="surrogateescape"), ours.encode())


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
