"""Money, as the broker behind the gateway counts it.

Source: OpenAlgo 2.0.2.1, recorded exchanges, read 2026-11-22. The fields of an answer differ from
broker to broker, numbers may be text, and one broker's failure is a success without data. In
analyze mode ``margin`` still asks the live broker, while ``funds`` counts the sandbox's money.
"""

from collections.abc import Callable, Iterable

import msgspec

from swingbreak.adapters.openalgo.books import Mode, terms_of
from swingbreak.adapters.openalgo.modes import mode_of, switched
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.domain.errors import DataError, GatewayRefused
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import OrderIntent
from swingbreak.ports import Funds

__all__ = ["OpenAlgoAccount"]


class _Margin(msgspec.Struct, gc=False):
    total_margin_required: float | None = None


class _MarginReply(msgspec.Struct, gc=False):
    data: _Margin


class _Funds(msgspec.Struct, gc=False):
    availablecash: float | None = None
    utiliseddebits: float = 0.0


class _FundsReply(msgspec.Struct, gc=False):
    data: _Funds
    mode: str = ""


class OpenAlgoAccount:
    """The account port over OpenAlgo.

    Args:
        rest: The gateway.
        contracts: What may be traded.
        estimate: Gives the margin of units sold short where the broker has no calculator, paise.
        expected: Where orders must go.
        product: ``MIS`` or ``NRML``.
    """

    def __init__(
        self,
        rest: OpenAlgoRest,
        contracts: Iterable[OptionContract],
        estimate: Callable[[OptionContract, int], Paise],
        expected: Mode,
        *,
        product: str = "MIS",
    ) -> None:
        self._rest = rest
        self._expected = expected
        self._contracts = {contract.symbol: contract for contract in contracts}
        self._estimate = estimate
        self._product = product

    async def margin(self, intent: OrderIntent, units: int) -> Paise:
        """Return what *units* of *intent* would block alone; see the port.

        A gateway that refuses the question, as it does for brokers without a calculator, is
        answered for by our own estimate.
        """
        contract = self._contracts[intent.symbol]
        terms = terms_of(intent, self._product).fields()
        wanted = ("symbol", "action", "product", "pricetype", "price", "trigger_price")
        leg = {name: terms[name] for name in wanted}
        leg |= {"exchange": contract.exchange, "quantity": str(units)}  # a number is refused
        try:
            reply = await self._rest.query("margin", _MarginReply, positions=[leg])
        except GatewayRefused:
            return self._estimate(contract, units)
        total = _paise(reply.data.total_margin_required)
        if total is None or total <= 0:
            raise DataError(
                f"margin of {units} {intent.symbol}: {reply.data.total_margin_required} rupees"
            )
        return total

    async def funds(self) -> Funds:
        """Return what is free and what is blocked; see the port.

        Raises:
            ModeMismatch: It is another account's money: the gateway's mode was changed.
        """
        reply = await self._rest.query("funds", _FundsReply)
        actual = await mode_of(reply.mode, self._expected, self._rest)
        if actual is not self._expected:
            raise switched(actual, self._expected)
        free = _paise(reply.data.availablecash)
        used = _paise(reply.data.utiliseddebits)
        if free is None or used is None:
            raise DataError("funds: no cash in the answer: is the gateway's broker session alive?")
        return Funds(free, used)


def _paise(amount: float | None) -> Paise | None:
    """Return a broker's figure to the nearest paisa; ``None`` where it is no amount."""
    try:
        return None if amount is None else round(amount * 100)
    except (OverflowError, ValueError):
        return None
