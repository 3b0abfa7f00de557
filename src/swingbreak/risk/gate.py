"""The gate between what a strategy wants and what may be sent."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NewType, TypeAlias

from swingbreak.domain.orders import Order, OrderIntent, Purpose, Slot
from swingbreak.domain.position import Position

__all__ = ["Approved", "Exposure", "Refused", "Rule", "review"]

# Only review() makes one, and only Approved intents can be turned into commands.
Approved = NewType("Approved", OrderIntent)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a rule may look at.

    Attributes:
        positions: Open positions by symbol.
        entries: Entry orders that may still trade in OTHER slots: live ones, even if being
            cancelled, and those approved before this one. Slices that rest beside what this
            one would change or take the place of are not others: they go together.
    """

    positions: Mapping[str, Position]
    entries: Sequence[OrderIntent]

    @property
    def symbols(self) -> set[str]:
        """Symbols in which there is or may soon be a position."""
        return {*self.positions, *(entry.symbol for entry in self.entries)}


@dataclass(frozen=True, slots=True)
class Refused:
    """An intent that a rule turned down, and why."""

    intent: OrderIntent
    rule: str
    reason: str


# Returns why the intent is refused, or "" when it may pass.
Rule: TypeAlias = tuple[str, Callable[[OrderIntent, Exposure], str]]


def review(
    intents: Iterable[OrderIntent],
    positions: Mapping[str, Position],
    live: Mapping[Slot, Order],
    rules: Sequence[Rule],
) -> tuple[list[Approved], list[Refused]]:
    """Split *intents* into approved and refused, in order.

    Orders that close a position pass unseen: no rule may trap us in one.
    """
    approved: list[Approved] = []
    refused: list[Refused] = []
    entries = {slot: o.intent for slot, o in live.items() if slot.purpose is Purpose.ENTRY}
    for intent in intents:
        if intent.slot.purpose is not Purpose.ENTRY:
            approved.append(Approved(intent))
            continue
        own, key = intent.slot, intent.slot.key
        others = [
            other
            for slot, other in entries.items()
            if slot.key != key or (slot != own and own not in live)
        ]
        verdict = _verdict(intent, Exposure(positions, others), rules)
        if verdict is None:
            entries[intent.slot] = intent
            approved.append(Approved(intent))
        else:
            refused.append(verdict)
    return approved, refused


def _verdict(intent: OrderIntent, exposure: Exposure, rules: Sequence[Rule]) -> Refused | None:
    for name, rule in rules:
        reason = rule(intent, exposure)
        if reason:
            return Refused(intent, name, reason)
    return None
