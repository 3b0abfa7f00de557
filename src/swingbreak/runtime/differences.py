"""Compares what two runs of a day decided, line by line, and says in words where they part."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from swingbreak.domain.session import ist_clock

__all__ = ["Parting", "compared"]

_CONTEXT: Final = 3
# What the words of a line mean, by its first word; see ``day_record.decision_line``.
_TERMS: Final = (
    *("decision", "slot", "side", "quantity", "symbol", "", "trigger", "", "limit"),
    *("reason", "level"),
)
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "place": _TERMS,
    "modify": (*_TERMS[:10], "level", "", "units traded before"),
    "cancel": ("decision", "order", "reason"),
    "halt": ("decision", "reason"),
    "pause": ("decision", "reason"),
}


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two runs part.

    Attributes:
        alike: How many decisions they share before.
        before: The last of these.
        ours: What the first run decides there; empty for nothing more.
        theirs: What the second one does.
        only_ours: Decisions of the first that the second does not take at that time, in all.
        only_theirs: The same the other way round.
    """

    alike: int
    before: tuple[str, ...]
    ours: str
    theirs: str
    only_ours: int
    only_theirs: int

    @property
    def what(self) -> str:
        """What the difference is, in words."""
        if not self.ours or not self.theirs:
            ends, goes_on = ("A", "B") if not self.ours else ("B", "A")
            return f"{ends} decides nothing more, {goes_on} does"
        (at, mine), (when, yours) = _split(self.ours), _split(self.theirs)
        named = _named(mine, yours)
        if mine == yours:
            return f"the time differs: {at} in A, {when} in B"
        if named and at == when:
            return "; ".join(f"the {name} differs: {a} in A, {b} in B" for name, a, b in named)
        return (
            f"A decides one thing at {at}, B another at {when}"
            if at != when
            else (f"A and B decide different things at {at}")
        )


def compared(ours: Sequence[str], theirs: Sequence[str]) -> Parting | None:
    """Return where the decision lines *ours* and *theirs* part; ``None`` if they are equal."""
    if list(ours) == list(theirs):
        return None
    shorter = min(len(ours), len(theirs))
    alike = next((n for n in range(shorter) if ours[n] != theirs[n]), shorter)
    mine, yours = Counter(ours), Counter(theirs)
    return Parting(
        alike,
        tuple(ours[max(0, alike - _CONTEXT) : alike]),
        ours[alike] if alike < len(ours) else "",
        theirs[alike] if alike < len(theirs) else "",
        (mine - yours).total(),
        (yours - mine).total(),
    )


def _split(line: str) -> tuple[str, list[str]]:
    at, _, rest = line.partition(" ")
    return ist_clock(datetime.fromisoformat(at)), rest.split(" ")


def _named(mine: list[str], yours: list[str]) -> list[tuple[str, str, str]]:
    names = _NAMES.get(mine[0], ())
    if mine[0] != yours[0] or len(mine) != len(yours) or len(mine) > len(names):
        return []
    trios = zip(names, mine, yours, strict=False)
    return [(name, a, b) for name, a, b in trios if a != b]
