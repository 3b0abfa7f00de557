"""Messages that have been decided and not delivered everywhere.

Rules of this file:

1. A message leaves here when everybody has it or will never take it.
2. An attempt is noted before it is made. One without an answer may have arrived: the message is
   sent again, and says so, for twice is better than never.
3. Each receiver gets its messages in order and waits for nobody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Parcel", "Undelivered"]

_MOST_OF_ONE: Final = 300
_ROOM_BELOW: Final = 40
_REPEATED: Final = "(this may have reached you before)"


@dataclass(slots=True)
class Parcel:
    """One message.

    Attributes:
        number: Counted, never used twice.
        left: Who has not got it yet.
        tried: Whose attempt has no answer.
    """

    number: int
    text: str
    left: list[str]
    tried: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Undelivered:
    """What is still to be delivered, the oldest first.

    Attributes:
        missed: How many messages a receiver that was out of reach for long will never get.
    """

    parcels: list[Parcel] = field(default_factory=list)
    numbered: int = 0
    missed: dict[str, int] = field(default_factory=dict)

    def room(self, receivers: Iterable[str]) -> bool:
        """Whether some receiver keeps up, so that it is worth deciding on further messages."""
        return any(self._waiting(each) < _ROOM_BELOW for each in receivers)

    def put(self, text: str, receivers: Iterable[str]) -> None:
        """Take a message for all *receivers*."""
        self.numbered += 1
        self.parcels.append(Parcel(self.numbered, text, list(receivers)))
        for receiver in self.parcels[-1].left:
            self._bound(receiver)

    def known(self, receivers: Iterable[str]) -> None:
        """Forget whoever is no receiver any more."""
        there = set(receivers)
        for parcel in self.parcels:
            parcel.left = [each for each in parcel.left if each in there]
        self._clear()

    def next_of(self, receiver: str) -> Parcel | None:
        """Return what *receiver* gets next, ``None`` where it has everything."""
        return next((each for each in self.parcels if receiver in each.left), None)

    def begin(self, parcel: Parcel, receiver: str) -> str:
        """Note an attempt, and return the text to send."""
        text = parcel.text
        if receiver in parcel.tried:
            text = f"{text}\n{_REPEATED}"
        else:
            parcel.tried.append(receiver)
        if missed := self.missed.get(receiver):
            text = f"{missed} older messages were dropped on the way to you.\n{text}"
        return text

    def not_sent(self, parcel: Parcel, receiver: str) -> None:
        """Note that the attempt has certainly not arrived."""
        parcel.tried = [each for each in parcel.tried if each != receiver]

    def done(self, parcel: Parcel, receiver: str) -> None:
        """Note that *receiver* has it."""
        self.missed.pop(receiver, None)
        self.refused(parcel, receiver)

    def refused(self, parcel: Parcel, receiver: str) -> None:
        """Note that *receiver* will never take it."""
        parcel.left = [each for each in parcel.left if each != receiver]
        self._clear()

    def _waiting(self, receiver: str) -> int:
        return sum(receiver in parcel.left for parcel in self.parcels)

    def _bound(self, receiver: str) -> None:
        if self._waiting(receiver) > _MOST_OF_ONE:
            oldest = next(each for each in self.parcels if receiver in each.left)
            self.missed[receiver] = self.missed.get(receiver, 0) + 1
            self.refused(oldest, receiver)

    def _clear(self) -> None:
        self.parcels = [parcel for parcel in self.parcels if parcel.left]
