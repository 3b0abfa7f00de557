"""What happened on a day, line by line: the tail for people, a digest of all of it for machines."""

import hashlib
from collections import deque
from typing import Final

__all__ = ["Trace"]

_TAIL: Final = 60


class Trace:
    """A day's story.

    Attributes:
        count: Lines so far; the number of the last one.
    """

    def __init__(self) -> None:
        self.count = 0
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._digest = hashlib.blake2b(digest_size=8)

    def say(self, seconds: float, text: str) -> None:
        """Add a line."""
        self.count += 1
        line = f"{self.count:5d} {seconds:10.3f}  {text}"
        self._tail.append(line)
        self._digest.update(line.encode())

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines."""
        return tuple(self._tail)

    def digest(self) -> str:
        """Return the digest of every line: equal for days that went alike."""
        return self._digest.hexdigest()
