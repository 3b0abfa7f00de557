"""Whether the gateway shows an order as it was sent; pure.

Rules of this file:

1. An order is compared with the books, row by row, until one shows it as sent. What it becomes
   later is its own affair: a stop that has triggered may well look like a limit.
2. One row is not enough to call a working order altered, for a book may lag: another one, a second
   later or more, must say the same. A trigger that is not there at all is believed at once, for
   such an order trades before a second look.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from swingbreak.adapters.openalgo.books import OrderState, OrderTerms, OrderUpdate

__all__ = ["ReadBack"]

_AGAIN: Final = timedelta(seconds=1)
_NEVER_WORKED: Final = frozenset({OrderState.REJECTED, OrderState.CANCELLED})


@dataclass(slots=True)
class ReadBack:
    """What the books have shown of one order's terms.

    Attributes:
        is_agreed: Whether a row has shown what was sent, or says too little to tell.
        altered: How the gateway has it instead; empty while that is not certain.
        lost_trigger: Whether it does not wait for the trigger that was sent.
    """

    is_agreed: bool = False
    altered: str = ""
    lost_trigger: bool = False
    _differed: datetime | None = None

    def compare(self, sent: OrderTerms, seen: OrderUpdate, at: datetime) -> None:
        """Compare what was *sent* with a book's row, asked for at *at*."""
        shown = seen.terms
        if self.is_agreed or seen.state in _NEVER_WORKED:
            return
        if sent.shown_as(shown) or not sent.is_readable_in(shown):
            self.is_agreed, self.altered, self.lost_trigger = True, "", False
            return
        self.lost_trigger = sent.lost_its_trigger(shown)
        self._differed = self._differed or at
        sure = not seen.state.is_over and at - self._differed >= _AGAIN
        if sure or self.lost_trigger:
            self.altered = f"sent as {sent}, the gateway has it as {shown}"

    def settle(self) -> None:
        """Note that the gateway has been seen with the newest terms."""
        self.is_agreed, self.altered, self.lost_trigger = True, "", False
