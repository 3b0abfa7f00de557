"""Orders sent to find out what becomes of them, at a gateway where they cost nothing.

Rules of this file:

1. Before the first order the gateway itself says that orders go to its sandbox, or that it is our
   own server; an answer from anywhere else ends the probes.
2. What may have been sent is known by its id, or by being in the order book where it was not
   before, with the terms that were sent.
3. Whatever happens, ``clean_up`` cancels what works and sells what was bought.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from swingbreak.adapters.certification.asking import Asker, Said
from swingbreak.adapters.certification.reading import Leg
from swingbreak.adapters.openalgo import wire
from swingbreak.adapters.openalgo.books import OrderTerms, OrderUpdate, Traded
from swingbreak.domain.errors import DataError, ModeMismatch
from swingbreak.domain.money import Paise, ceil_to_tick, floor_to_tick

__all__ = ["OWN_BROKER", "PATIENCE_LOOKS", "Orders", "Placed"]

OWN_BROKER: Final = "simulated"
PATIENCE_LOOKS: Final = 12
_LOOK_S: Final = 0.2
_LABEL: Final = "certify"
_NEAR_PERCENT: Final = 2  # through the spread
_CLEAN_LOOKS, _DOUBTFUL_LOOKS = 30, 12
_SIGNS: Final = {"BUY": 1, "SELL": -1}


@dataclass(slots=True)
class Placed:
    """An order of ours.

    Attributes:
        terms: As sent, or as last changed.
        said: The answer to it.
        row: As the order book showed it last.
    """

    terms: OrderTerms
    said: Said
    orderid: str = ""
    row: dict[str, Any] | None = None

    @property
    def is_queued(self) -> bool:
        """Whether it waits for a person's approval."""
        return "pending_order_id" in self.said.body

    @property
    def may_exist(self) -> bool:
        """Whether it was taken, or no answer says that it was not."""
        return bool(self.orderid) or not (self.is_queued or self.said.is_refusal)

    @property
    def seen(self) -> OrderUpdate | None:
        """What the book's row says."""
        return None if self.row is None else _update(self.row)

    @property
    def is_over(self) -> bool:
        """Whether the book has shown its end."""
        return self.seen is not None and self.seen.state.is_over


class Orders:
    """Sends orders of one option, and takes them back.

    Attributes:
        sent: Those that may exist.
        rows: What the order book has shown of them, look by look.
        tick: Price step, paise.

    Args:
        asker: The gateway.
        leg: The option.
        exchange: Where it trades.
    """

    def __init__(self, asker: Asker, leg: Leg, exchange: str) -> None:
        self.sent: list[Placed] = []
        self.rows: list[dict[str, Any]] = []
        self.tick = max(1, round(leg.tick * 100))
        self._asker = asker
        self._leg = leg
        self._exchange = exchange
        self._is_own = False
        self._before: frozenset[str] = frozenset()

    async def begin(self) -> None:
        """Make sure that orders cost nothing here.

        Raises:
            ModeMismatch: They may.
        """
        ping, mode = await self._asker.ask("ping"), await self._asker.ask("analyzer")
        self._is_own = ping.fields.get("broker") == OWN_BROKER
        if not (self._is_own or mode.fields.get("analyze_mode") is True):
            raise ModeMismatch(
                "--orders: the gateway is not in analyzer mode, so its orders are real: switch "
                "the analyzer on in OpenAlgo, or leave --orders out; nothing has been sent"
            )
        self._before = frozenset(str(row.get("orderid")) for row in await self._book())

    async def place(
        self, side: str, pricetype: str, limit: Paise, trigger: Paise = 0, units: int = 0
    ) -> Placed:
        """Send an order, of one lot unless *units*, and look for it in the book.

        Raises:
            ModeMismatch: It was taken, and not by a sandbox.
        """
        lot = units or self._leg.lot
        terms = OrderTerms(self._leg.symbol, side, "MIS", lot, pricetype, limit, trigger)
        order = Placed(terms, Said(0, {}, "not answered"))
        self.sent.append(order)  # before it leaves: an interrupt must not lose it
        order.said = said = await self._asker.ask("placeorder", "order", **self._fields(terms))
        order.orderid = str(said.body.get("orderid") or "") if said.is_yes else ""
        if said.is_yes and not (self._is_own or said.body.get("mode") in {"analyze", "semi_auto"}):
            raise ModeMismatch("an order was taken, and not by a sandbox: no more are sent")
        if order.may_exist:
            await self.shows(order, lambda _: True)
        else:
            self.sent.remove(order)
        return order

    async def change(self, order: Placed, limit: Paise) -> tuple[Said, bool]:
        """Send a new *limit*; return the answer, and whether the book then shows it."""
        terms = replace(order.terms, limit=limit)
        fields = self._fields(terms) | {"orderid": order.orderid}
        said = await self._asker.ask("modifyorder", "order", **fields)
        made = said.is_yes and await self.shows(order, lambda seen: terms.shown_as(seen.terms))
        if made:
            order.terms = terms
        return said, made

    async def ask_to_cancel(self, order: Placed, *, at_once: bool = False) -> Said:
        """Ask for the order's end; return the answer."""
        ask = self._asker.at_once if at_once else self._asker.ask
        return await ask("cancelorder", "order", strategy=_LABEL, orderid=order.orderid)

    async def shows(self, order: Placed, fits: Callable[[OrderUpdate], bool]) -> bool:
        """Look at the book a few times; return whether it came to show the order as it *fits*."""
        for look in range(PATIENCE_LOOKS):
            if look:
                await self._asker.sleep(_LOOK_S)
            with suppress(DataError):  # a book may fail for a moment, right after an order
                await self._look(order)
            if order.seen is not None and fits(order.seen):
                return True
        return False

    async def traded(self, order: Placed) -> Traded:
        """Return what the order has traded, by the trade book."""
        said = await self._asker.ask("tradebook")
        if said.rows is None:
            raise DataError(f"tradebook: {said}")
        rows = (msgspec.Raw(msgspec.json.encode(row)) for row in said.rows)
        return wire.trade_book(rows).of(order.orderid)

    async def price(self, side: str) -> Paise:
        """Return the option's ``bid`` or ``ask``; its last price where there is none."""
        said = await self._asker.ask("quotes", symbol=self._leg.symbol, exchange=self._exchange)
        price = float(said.fields.get(side) or said.fields.get("ltp") or self._leg.last)
        if price <= 0:
            raise DataError(f"{self._leg.symbol} has no price: {said}")
        return round(price * 100)

    async def through(self, side: str) -> Paise:
        """Return a limit for *side* that trades at once."""
        if side == "BUY":
            ask = await self.price("ask")
            return ceil_to_tick(ask + ask * _NEAR_PERCENT // 100, self.tick)
        bid = await self.price("bid")
        return max(self.tick, floor_to_tick(bid - bid * _NEAR_PERCENT // 100, self.tick))

    async def clean_up(self) -> bool:
        """Cancel what works and sell what was bought; return whether that is proved."""
        for look in range(_CLEAN_LOOKS):
            if look:
                await self._asker.sleep(_LOOK_S)
            waits = look < _DOUBTFUL_LOOKS and any(not order.orderid for order in self.sent)
            with suppress(DataError):  # nothing is proved: look again
                if await self._is_clean() and not waits:
                    return True
        return False

    async def _is_clean(self) -> bool:
        for order in self.sent:
            await self._look(order)
        working = [order for order in self.sent if order.orderid and not order.is_over]
        for order in working:
            await self.ask_to_cancel(order)
        if working:
            return False
        held = 0
        for order in self.sent:
            if order.orderid:
                held += _SIGNS[order.terms.side] * (await self.traded(order)).quantity
        if held > 0:
            await self.place("SELL", "LIMIT", await self.through("SELL"), units=held)
        return held == 0

    async def _look(self, order: Placed) -> None:
        for row in await self._book():
            number = str(row.get("orderid"))
            if number == order.orderid or (not order.orderid and self._is_new(number, row, order)):
                order.orderid, order.row = number, row
                self.rows.append(row)

    def _is_new(self, number: str, row: dict[str, Any], order: Placed) -> bool:
        seen, known = _update(row), self._before | {each.orderid for each in self.sent}
        return number not in known and seen is not None and order.terms.shown_as(seen.terms)

    async def _book(self) -> list[dict[str, Any]]:
        said = await self._asker.ask("orderbook")
        if said.rows is None:
            raise DataError(f"orderbook: {said}")
        return said.rows

    def _fields(self, terms: OrderTerms) -> dict[str, str | int]:
        return {**terms.fields(), "strategy": _LABEL, "exchange": self._exchange}


def _update(row: dict[str, Any]) -> OrderUpdate | None:
    try:
        return wire.order_update(msgspec.json.encode(row))
    except DataError:
        return None
