"""What we want from the feed, and what it has agreed to; pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from swingbreak.adapters.openalgo.frames import Ack, Instrument

__all__ = ["Subscriptions"]


class Subscriptions:
    """The ledger of one connection: wanted, agreed, refused.

    An agreement promises no data; whether a symbol ticks is for others to see.
    """

    def __init__(self, wanted: Iterable[Instrument], optional: Iterable[Instrument] = ()) -> None:
        self._optional = {instrument.symbol: instrument for instrument in optional}
        self._wanted = {instrument.symbol: instrument for instrument in wanted}
        self._answers: dict[str, str] = {}  # empty text: agreed

    @property
    def wanted(self) -> list[Instrument]:
        """Everything wanted, in the order it was asked for."""
        return list(self._wanted.values())

    @property
    def answered(self) -> bool:
        """Whether every wanted symbol has been answered."""
        return self._wanted.keys() <= self._answers.keys()

    @property
    def missing(self) -> Mapping[str, str]:
        """Why each wanted symbol that was not agreed to is not."""
        return {
            symbol: self._answers.get(symbol, "not answered")
            for symbol in self._wanted
            if self._answers.get(symbol, "not answered")
        }

    def follow(self, symbols: AbstractSet[str]) -> tuple[list[Instrument], list[Instrument]]:
        """Want *symbols* and no other of the optional ones; return what came and what left."""
        optional, wanted = self._optional, self._wanted
        came = {s: each for s, each in optional.items() if s in symbols and s not in wanted}
        left = [each for s, each in wanted.items() if s in optional and s not in symbols]
        for each in left:
            del wanted[each.symbol]
            self._answers.pop(each.symbol, None)
        wanted |= came
        return list(came.values()), left

    def of(self, symbols: Iterable[str]) -> list[Instrument]:
        """Return the wanted instruments named *symbols*."""
        return [self._wanted[symbol] for symbol in symbols if symbol in self._wanted]

    def forget(self) -> None:
        """Note that nothing is agreed any more: a new connection, or a new log-in."""
        self._answers.clear()

    def answer(self, acks: Iterable[Ack]) -> None:
        """Note what the gateway said of each symbol."""
        for ack in acks:
            agreed = ack.status == "success"
            self._answers[ack.symbol] = "" if agreed else ack.message or "refused"
