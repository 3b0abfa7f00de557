"""Whether a day's decisions use what comes later: every prefix of it must decide as the whole."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from swingbreak.runtime.differences import Parting, compared

__all__ = ["Decide", "Prefix", "prefixes"]

# Runs a day as it was known at an instant, or the whole of it; returns its decision lines.
Decide: TypeAlias = Callable[[datetime | None], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A day cut short.

    Attributes:
        ends: The last instant of which all is known.
        alike: How many decisions had been taken by then.
        parting: Where it decides otherwise than the whole; ``None`` where it does not.
    """

    ends: datetime
    alike: int
    parting: Parting | None


def prefixes(decide: Decide, cuts: Iterable[datetime]) -> Iterator[Prefix]:
    """Cut a day behind each of *cuts* and yield whether *decide* comes to the same till then."""
    whole = decide(None)
    for ends in cuts:
        before = [line for line in whole if _at(line) <= ends]
        known = [line for line in decide(ends) if _at(line) <= ends]
        yield Prefix(ends, len(before), compared(before, known))


def _at(line: str) -> datetime:
    return datetime.fromisoformat(line.partition(" ")[0])
