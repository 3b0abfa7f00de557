"""Whose a request is: on the wire equal orders look alike."""

__all__ = ["Requests"]


class Requests:
    """What was sent under which of our order ids, and whose it turned out to be."""

    def __init__(self) -> None:
        self._meant: dict[str, str] = {}
        self._turned_away: set[str] = set()  # what they were sent as

    def meant(self, sent_as: str) -> str:
        """Return our id of the order whose request was sent as *sent_as*."""
        return self._meant.get(sent_as, sent_as)

    def swap(self, one: str, other: str) -> None:
        """Let two of ours have each other's, those on their way too."""
        meant, pair = self._meant, {one: other, other: one}
        for sent_as in {*meant, one, other}:
            now = self.meant(sent_as)
            meant[sent_as] = pair.get(now, now)

    def turn_away(self, sent_as: str) -> None:
        """Note that a request was refused for its rate."""
        self._turned_away.add(sent_as)

    def were_turned_away(self, order_id: str) -> bool:
        """Whether a request for our order *order_id* was refused for its rate."""
        return any(self.meant(sent_as) == order_id for sent_as in self._turned_away)
