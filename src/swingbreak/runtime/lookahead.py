"""Whether a day's decisions use what comes later: every prefix of it must decide as the whole."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from swingbreak.runtime.differences import Parting, compared
from swingbreak.simulation.tape import ArrayTape

__all__ = ["Decide", "Prefix", "prefixes"]

# Runs a day; returns its decision lines.
Decide: TypeAlias = Callable[[ArrayTape], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A day cut short.

    Attributes:
        minute: The last one of which all is known.
        alike: How many decisions had been taken by then.
        parting: Where it decides otherwise than the whole; ``None`` where it does not.
    """

    minute: int
    alike: int
    parting: Parting | None


def prefixes(
    tape: ArrayTape, decide: Decide, minutes: Iterable[int], grace_ms: int
) -> Iterator[Prefix]:
    """Cut *tape* behind each of *minutes* and yield whether *decide* comes to the same till then.

    Args:
        tape: The whole day.
        decide: Runs it.
        minutes: Where to cut: when the bar of the minute has closed.
        grace_ms: How long after its minute a bar closes.
    """
    whole = decide(tape)
    for minute in minutes:
        ends = tape.session.start_of(minute + 1) + timedelta(milliseconds=grace_ms)
        before = [line for line in whole if _at(line) <= ends]
        known = [line for line in decide(tape.until(ends)) if _at(line) <= ends]
        yield Prefix(minute, len(before), compared(before, known))


def _at(line: str) -> datetime:
    return datetime.fromisoformat(line.partition(" ")[0])
