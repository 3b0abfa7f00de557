"""What an endpoint is: a name, the shape of its request, and an answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from swingbreak.gateway.desk import Desk
from swingbreak.gateway.envelope import BAD_KEY, Family, Refused, Reply, invalid
from swingbreak.gateway.limits import QUERIES, Rate
from swingbreak.gateway.schema import Field, Fields, Invalid, Shape, load, text

__all__ = ["KEY", "Endpoint"]

KEY = Field(text(1, 256), required=True)

Answer: TypeAlias = Callable[[Desk, Fields], Reply]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path below ``/api/v1``.

    Attributes:
        name: The path.
        shape: Its fields; ``None`` takes anything and needs only the key.
        answer: Makes the reply; raises ``Refused``.
        family: How it words a request that breaks its shape.
        method: ``POST`` or ``GET``; GET reads the query.
        rate: How often it may be called.
        bad_key: What a wrong key is told; ``None`` lets any key pass.
        marks_errors: Whether a broken shape is told the mode as well.
        untyped: What a request that is not typed as JSON is told; ``None`` for the usual.
    """

    name: str
    shape: Shape | None
    answer: Answer
    family: Family = Family.OBJECT
    method: str = "POST"
    rate: Rate = QUERIES
    bad_key: Reply | None = BAD_KEY
    marks_errors: bool = False
    untyped: Reply | None = None

    def reply(self, desk: Desk, payload: Fields) -> Reply:
        """Answer *payload*, or refuse it."""
        try:
            fields = payload if self.shape is None else self._load(desk, self.shape, payload)
            if self.bad_key is not None and fields.get("apikey") != desk.key:
                return self.bad_key
            books = desk.floor.venue
            return desk.quirks.answer(
                self.name, fields, partial(self.answer, desk), books, desk.now
            )
        except Refused as refused:
            return refused.reply

    def _load(self, desk: Desk, shape: Shape, payload: Fields) -> Fields:
        try:
            return load(shape, payload)
        except Invalid as error:
            messages = error.messages if isinstance(error.messages, dict) else {}
            refused = invalid(self.family, messages)
            raise desk.marked(refused) if self.marks_errors else refused from None
