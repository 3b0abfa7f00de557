"""What ``margin_check`` asks a gateway, asked of a simulated account in the same process."""

from datetime import datetime

from swingbreak.domain.commands import CancelOrder, OrderCommand
from swingbreak.domain.events import OrderEvent
from swingbreak.ports import Funds
from swingbreak.runtime.entry_margin import EntryMargin, refused
from swingbreak.simulation.cash import Cash

__all__ = ["LocalCheck"]


class LocalCheck:
    """Lets entries out that the account can carry.

    Args:
        cash: The account.
        margins: Decides.
    """

    def __init__(self, cash: Cash, margins: EntryMargin) -> None:
        self._cash = cash
        self._margins = margins
        self.heard = margins.heard

    def refusal(self, at: datetime, command: OrderCommand) -> OrderEvent | None:
        """Return what becomes of *command* if it may not leave at *at*."""
        question = self._margins.question(command)
        if isinstance(command, CancelOrder):
            return None
        if late := self._margins.too_late(at, command):
            return refused(at, command, late, final=False)
        if question is None:
            return None
        required = self._margins.known(at, question)
        if required is None:
            legs = ((question.intent.symbol, -question.units),)
            required = self._cash.required(at, legs).total
            self._margins.keep(at, question, required)
        funds = Funds(*self._cash.balance(at))
        why = self._margins.refusal(command.order_id, question, required, funds)
        return refused(at, command, why, final=True) if why else None
