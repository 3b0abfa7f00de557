"""A broker that lets an entry out only when the account can carry it.

Rules of this file:

1. The broker's own figure decides, asked just before the entry leaves. Entries go one at a time,
   from the question to the answer of the order itself: two never share the same free money.
2. Too little is a refusal like the broker's own: the level is done with, and people are told the
   numbers. A question without an answer is none: the entry waits and is wanted afresh.
3. Nothing else waits: orders that close a position, and cancels, go straight through.
"""

import asyncio
from collections.abc import Callable, Mapping

from swingbreak.domain.account import AccountBooks
from swingbreak.domain.commands import (
    CancelOrder,
    CancelStray,
    Outgoing,
    ReplaceOrder,
    SubmitOrder,
)
from swingbreak.domain.errors import BrokerError, DataError, ModeMismatch
from swingbreak.domain.events import OrderEvent
from swingbreak.domain.money import Paise
from swingbreak.ports import Account, Broker, Clock, Funds
from swingbreak.runtime.entry_margin import EntryMargin, Question, refused

__all__ = ["CheckedBroker"]

_PATIENCE_S = 5.0  # an entry that waits longer is judged afresh


class CheckedBroker:
    """Stands before a broker; see its port for the methods.

    Args:
        broker: Where orders go.
        account: Whom to ask about money.
        margins: Decides.
        clock: The market's time.
        emit: Takes the refusals.
    """

    def __init__(
        self,
        broker: Broker,
        account: Account,
        margins: EntryMargin,
        clock: Clock,
        emit: Callable[[OrderEvent], None],
    ) -> None:
        self._broker = broker
        self._account = account
        self._margins = margins
        self._clock = clock
        self._emit = emit
        self._turn = asyncio.Lock()

    @property
    def needs_poll(self) -> bool:
        """Whether something is open that only the books can settle."""
        return self._broker.needs_poll

    async def poll(self) -> None:
        """Read the gateway's books."""
        await self._broker.poll()

    @property
    def needs_look(self) -> bool:
        """Whether something was heard that only a look at the account can explain."""
        return self._broker.needs_look

    async def look(self) -> AccountBooks:
        """Read all the books and return what they show."""
        return await self._broker.look()

    async def positions(self) -> Mapping[str, int]:
        """Return what the gateway holds."""
        return await self._broker.positions()

    async def execute(self, command: Outgoing) -> None:
        """Send one command, or say why it was not let out.

        Raises:
            ModeMismatch: The gateway trades in another mode now.
        """
        if isinstance(command, CancelOrder | CancelStray):
            await self._broker.execute(command)
            return
        question = self._margins.question(command)
        if question is None:
            await self._let_out(command)
            return
        async with self._turn:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    required, funds = await self._answers(question)
            except ModeMismatch:
                raise
            except (BrokerError, DataError, TimeoutError) as error:
                why = f"not sent, its margin is not known: {str(error) or 'no answer in time'}"
                self._emit(refused(self._clock.now(), command, why, final=False))
                return
            why = self._margins.refusal(command.order_id, question, required, funds)
            if why:
                self._emit(refused(self._clock.now(), command, why, final=True))
            else:
                await self._let_out(command)

    async def _let_out(self, command: SubmitOrder | ReplaceOrder) -> None:
        # the day may have ended while the entry waited for its turn or its answer
        late = self._margins.too_late(self._clock.now(), command)
        if late:
            self._emit(refused(self._clock.now(), command, late, final=False))
        else:
            await self._broker.execute(command)

    async def _answers(self, question: Question) -> tuple[Paise, Funds]:
        required = self._margins.known(self._clock.now(), question)
        if required is not None:
            return required, await self._account.funds()
        # side by side: the entry waits for one round trip, not for two
        asked = self._account.margin(question.intent, question.units), self._account.funds()
        margin, funds = await asyncio.gather(*asked, return_exceptions=True)
        if isinstance(margin, BaseException):
            raise margin
        self._margins.keep(self._clock.now(), question, margin)
        if isinstance(funds, BaseException):
            raise funds
        return margin, funds
