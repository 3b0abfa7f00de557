"""A gateway may repeat the key it was sent, in an error or a reason; none of it goes further.

What it says ends in the ledger, the tables, the board and reports, which unlike the log do not look
for secrets.
"""

from typing import Final

__all__ = ["Echo"]

_HIDDEN: Final = "[hidden]"
_SHORTEST_KEY: Final = 16  # OpenAlgo's have 64 characters; a short text might be a number of ours


class Echo:
    """Takes one key out of what comes."""

    def __init__(self, api_key: str) -> None:
        self._key = api_key if len(api_key) >= _SHORTEST_KEY else ""
        self._raw_key, self._raw_hidden = self._key.encode(), _HIDDEN.encode()

    def text(self, said: str) -> str:
        """Return *said* without the key."""
        return said.replace(self._key, _HIDDEN) if self._key else said

    def body(self, said: bytes) -> bytes:
        """Return *said* without the key."""
        return said.replace(self._raw_key, self._raw_hidden) if self._key else said
