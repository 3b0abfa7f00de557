"""Probes that send orders, at a gateway where they cost nothing, and take back all they did.

Rules of this file:

1. Before the first order the gateway itself says that orders go to its sandbox, or that it is our
   own server; an answer from anywhere else ends the probes.
2. What may have been sent is known by its id, or by being in the order book where it was not
   before, with the terms that were sent.
3. Whatever happens, ``clean_up`` cancels what works and sells what was bought.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from swingbreak.adapters.certification.asking import Asker, Said
from swingbreak.adapters.certification.notes import Notes, Verdict
from swingbreak.adapters.certification.reading import Leg
from swingbreak.adapters.openalgo import wire
from swingbreak.adapters.openalgo.books import OrderState, OrderTerms, OrderUpdate
from swingbreak.adapters.openalgo.capabilities import Changes
from swingbreak.domain.errors import DataError, ModeMismatch
from swingbreak.domain.money import Paise, ceil_to_tick, floor_to_tick, rupees

__all__ = ["Placed", "Trading"]

LABEL: Final = "certify"
_PATIENCE_S: Final = 3.0
_LOOK_S: Final = 0.25
_FAR_PERCENT, _NEAR_PERCENT = 25, 2  # inside price protection, and through the spread
_TRIGGER_OFF: Final = 35  # paise beside a whole rupee: a rounded trigger shows
_BURST: Final = 4  # order requests at once: far below any limit seen
_CLEAN_LOOKS, _DOUBTFUL_LOOKS = 30, 12


@dataclass(slots=True)
class Placed:
    """An order of ours.

    Attributes:
        terms: As sent, or as last changed.
        row: As the order book showed it last.
        is_doubtful: Whether it may have been sent, and has not been seen.
    """

    terms: OrderTerms
    orderid: str = ""
    row: dict[str, Any] | None = None
    is_doubtful: bool = False

    @property
    def seen(self) -> OrderUpdate | None:
        """What that row says."""
        return None if self.row is None else _update(self.row)

    @property
    def is_over(self) -> bool:
        """Whether the book has shown its end."""
        return self.seen is not None and self.seen.state.is_over


class Trading:
    """Places, changes and cancels orders of one lot of one option.

    Attributes:
        rows: What the order book has shown of them, look by look.

    Args:
        asker: The gateway.
        notes: Takes the findings.
        leg: The option.
        exchange: Where it trades.
        told: How many order updates of an order have come, by its id.
    """

    def __init__(
        self, asker: Asker, notes: Notes, leg: Leg, exchange: str, told: Callable[[str], int]
    ) -> None:
        self._asker = asker
        self._notes = notes
        self._leg = leg
        self._exchange = exchange
        self._told = told
        self._tick = max(1, round(leg.tick * 100))
        self._before: frozenset[str] = frozenset()
        self._orders: list[Placed] = []
        self.rows: list[dict[str, Any]] = []

    async def begin(self) -> None:
        """Make sure that orders cost nothing here.

        Raises:
            ModeMismatch: They may.
        """
        ping, mode = await self._asker.ask("ping"), await self._asker.ask("analyzer")
        paper = mode.is_yes and mode.data.get("analyze_mode") is True
        own = ping.is_yes and ping.data.get("broker") == "simulated"
        if not (paper or own):
            raise ModeMismatch(
                "--orders: the gateway is not in analyzer mode, so its orders are real: switch "
                "the analyzer on in OpenAlgo, or leave --orders out; nothing has been sent"
            )
        rows = await self._rows()
        self._before = frozenset(str(row.get("orderid")) for row in rows)
        self._notes.learn(with_orders=True)

    async def resting(self) -> None:
        """Place a limit far below the market; look, change, look, cancel, look."""
        price = floor_to_tick(await self._price("bid") * (100 - _FAR_PERCENT) // 100, self._tick)
        order = await self._place("BUY", "LIMIT", price)
        if order is None:
            return
        await self._judge_answer(order)
        await self._change(order, price - 2 * self._tick)
        await self._cancel(order)

    async def stop(self) -> None:
        """Place a stop-limit far above the market, read its terms back and cancel it."""
        far = await self._price("ask") * (100 + _FAR_PERCENT) // 100
        trigger = ceil_to_tick(far // 100 * 100 + _TRIGGER_OFF, self._tick)
        limit = ceil_to_tick(trigger + 300, self._tick)
        order = await self._place("BUY", "SL", limit, trigger)
        if order is None:
            return
        kept = order.seen is not None and order.terms.shown_as(order.seen.terms)
        self._notes.learn(keeps_stops=kept)
        shown = str(order.seen.terms) if order.seen else "not in the book"
        if kept:
            self._notes.add("stop-limit", Verdict.OK, shown, "stops rest as they are sent")
        else:
            found = f"sent {order.terms}; shown {shown}"
            meaning = "no position can be protected here"
            self._notes.add("stop-limit", Verdict.MISSING, found, meaning, "use another broker")
        if not order.is_over:
            await self._asked_to_cancel(order)

    async def traded(self) -> None:
        """Buy one lot at the offer, see how the fill is told, and sell it again."""
        ask = await self._price("ask")
        order = await self._place("BUY", "LIMIT", self._through("BUY", ask))
        if order is None:
            return
        await self._settled(order)
        trades = await self._trades(order)
        self._judge_fill(order, trades)
        if order.is_over:
            await self._cancel_ended(order)

    async def burst(self) -> None:
        """Ask for a few cancels of an ended order in one go."""
        ended = next((order for order in self._orders if order.is_over), None)
        if ended is None:
            return
        fields = {"strategy": LABEL, "orderid": ended.orderid}
        said = [await self._asker.at_once("cancelorder", "order", **fields) for _ in range(_BURST)]
        through = sum(one.status not in {0, 429} for one in said)
        self._notes.learn(orders_per_s=through)
        verdict = Verdict.OK if through == _BURST else Verdict.HANDLED
        found = f"{through} of {_BURST} order requests at once were let through"
        self._notes.add("rate", verdict, found, "orders are paced well below the documented 10/s")

    async def clean_up(self) -> None:
        """Cancel what works, sell what was bought, and say so."""
        for look in range(_CLEAN_LOOKS):
            doubtful = any(o.is_doubtful and not o.orderid for o in self._orders)
            if await self._is_clean() and not (doubtful and look < _DOUBTFUL_LOOKS):
                found = f"{len(self._orders)} orders sent; none works, nothing is held"
                self._notes.add("clean-up", Verdict.OK, found, "the account is as it was")
                return
            await asyncio.sleep(_LOOK_S)
        working = ", ".join(o.orderid or "?" for o in self._orders if not o.is_over)
        remedy = f"look for orders {working or 'labelled certify'} and positions by hand"
        found = "not everything could be taken back"
        self._notes.add("clean-up", Verdict.MISSING, found, f"of {self._leg.symbol}", remedy)

    async def _is_clean(self) -> bool:
        try:
            for order in self._orders:
                await self._look(order)
            held = await self._held()
        except DataError:
            return False
        working = [order for order in self._orders if order.orderid and not order.is_over]
        for order in working:
            await self._asked_to_cancel(order)
        if working:
            return False
        if held > 0:
            bid = await self._price("bid")
            await self._place("SELL", "LIMIT", self._through("SELL", bid), units=held)
        return held == 0

    async def _held(self) -> int:
        said = await self._asker.ask("tradebook")
        if not said.is_yes:
            raise DataError(str(said))
        sides = {order.orderid: order.terms.side for order in self._orders if order.orderid}
        book = wire.trade_book(msgspec.Raw(msgspec.json.encode(row)) for row in said.data)
        signs = {"BUY": 1, "SELL": -1}
        return sum(signs[side] * book.of(number).quantity for number, side in sides.items())

    async def _place(
        self, side: str, pricetype: str, limit: Paise, trigger: Paise = 0, units: int = 0
    ) -> Placed | None:
        terms = OrderTerms(
            self._leg.symbol, side, "MIS", units or self._leg.lot, pricetype, limit, trigger
        )
        order = Placed(terms)
        self._orders.append(order)
        fields = {**terms.fields(), "strategy": LABEL, "exchange": self._exchange}
        said = await self._asker.ask("placeorder", "order", **fields)
        order.orderid = str(said.body.get("orderid") or "") if said.is_yes else ""
        self._prove_mode(said)
        if said.is_yes and "pending_order_id" not in said.body:
            await self._found(order)
        if not order.orderid:
            self._judge_unplaced(order, said)
            return None
        return order

    def _prove_mode(self, said: Said) -> None:
        paper = said.body.get("mode") == "analyze" or self._notes.profile.broker == "simulated"
        if said.is_yes and not paper:
            raise ModeMismatch(
                "an order was answered from outside the sandbox: nothing more is sent"
            )

    def _judge_unplaced(self, order: Placed, said: Said) -> None:
        probe = f"place {order.terms.pricetype}"
        refused = 400 <= said.status < 500  # noqa: PLR2004 - as HTTP has it
        order.is_doubtful = not refused and "pending_order_id" not in said.body
        if not order.is_doubtful:
            self._orders.remove(order)
        if said.body.get("pending_order_id") is not None:
            remedy = "reject it there, and set OpenAlgo's order mode to auto"
            meaning = "orders wait for a person's approval"
            self._notes.add(probe, Verdict.MISSING, str(said), meaning, remedy)
        else:
            remedy = "read the text; certify again while the market is open"
            self._notes.add(probe, Verdict.MISSING, str(said), "orders are not taken", remedy)

    async def _judge_answer(self, order: Placed) -> None:
        named = self._notes.profile.names_orders
        verdict = Verdict.OK if named else Verdict.HANDLED
        meaning = "known at once" if named else "every order is looked up in the book"
        found = f"order {order.orderid}, {'named in' if named else 'not named in'} the answer"
        self._notes.add("place", verdict, found, meaning)

    async def _change(self, order: Placed, limit: Paise) -> None:
        terms = replace(order.terms, limit=limit)
        fields = {**terms.fields(), "strategy": LABEL, "exchange": self._exchange}
        said = await self._asker.ask("modifyorder", "order", orderid=order.orderid, **fields)
        before, order.terms = order.terms, terms
        if said.is_yes:
            made = await self._shows(order, lambda seen: terms.shown_as(seen.terms))
            changes = Changes.MADE if made else Changes.IGNORED
        else:
            changes = Changes.REFUSED
        if changes is not Changes.MADE:
            order.terms = before
        self._notes.learn(changes=changes)
        meaning = "a stop is moved in place"
        if changes is not Changes.MADE:
            meaning = "orders are cancelled and placed anew; a stop is away for that moment"
        verdict = Verdict.OK if changes is Changes.MADE else Verdict.HANDLED
        self._notes.add("change", verdict, f"{changes}: {said}", meaning)

    async def _cancel(self, order: Placed) -> None:
        said = await self._asked_to_cancel(order)
        gone = await self._shows(order, lambda seen: seen.state is OrderState.CANCELLED)
        word = str(order.row.get("order_status")) if order.row else "not in the book"
        if gone:
            self._notes.add(
                "cancel", Verdict.OK, f"then shown {word!r}", "orders can be taken back"
            )
        else:
            remedy = "check the OpenAlgo server and its log"
            found = f"{said}; still shown {word!r}"
            self._notes.add("cancel", Verdict.MISSING, found, "orders cannot be taken back", remedy)

    async def _cancel_ended(self, order: Placed) -> None:
        said = await self._asked_to_cancel(order)
        tells = 400 <= said.status < 500  # noqa: PLR2004 - a refusal, as HTTP has it
        self._notes.learn(cancel_tells_end=tells)
        verdict = Verdict.OK if tells else Verdict.HANDLED
        meaning = "a fill that crosses a cancel is told" if tells else "the book is read instead"
        self._notes.add("cancel of a filled order", verdict, str(said), meaning)

    async def _asked_to_cancel(self, order: Placed) -> Said:
        fields = {"strategy": LABEL, "orderid": order.orderid}
        return await self._asker.ask("cancelorder", "order", **fields)

    def _judge_fill(self, order: Placed, trades: tuple[int, Paise]) -> None:
        units, value = trades
        if not units:
            found = f"not filled in {_PATIENCE_S:g} s"
            meaning = "how fills are told is not known"
            remedy = "certify again while the market is open"
            self._notes.add("fill", Verdict.UNCLEAR, found, meaning, remedy)
            return
        found = f"{units} units at {rupees(value // units)} in the trade book"
        self._notes.add("fill", Verdict.OK, found, "the trade book is the source of prices")
        shown = order.seen.value if order.seen is not None else 0
        right = shown == 0 or abs(shown - value) <= units  # to the paisa
        self._notes.learn(averages_right=right)
        told = bool(order.seen and shown)
        average = rupees(shown // units) if told else "not told"
        verdict = Verdict.OK if right and told else Verdict.HANDLED
        meaning = "prices are known with the fill" if right and told else "the trade book is read"
        self._notes.add("average price", verdict, f"{average} in the order book", meaning)
        self._judge_stream(order)

    def _judge_stream(self, order: Placed) -> None:
        if not self._notes.profile.order_stream:
            return
        count = self._told(order.orderid)
        self._notes.learn(order_stream=count > 0)
        if count:
            meaning = "a stop follows its fill at once"
            self._notes.add("order stream", Verdict.OK, f"{count} updates of the order", meaning)
        else:
            meaning = "the books are read every second instead; a stop follows its fill later"
            self._notes.add("order stream", Verdict.HANDLED, "confirmed, but mute", meaning)

    async def _settled(self, order: Placed) -> None:
        await self._shows(order, lambda seen: seen.state.is_over)

    async def _trades(self, order: Placed) -> tuple[int, Paise]:
        said = await self._asker.ask("tradebook")
        rows = said.data if said.is_yes else []
        book = wire.trade_book(msgspec.Raw(msgspec.json.encode(row)) for row in rows)
        traded = book.of(order.orderid)
        return traded.quantity, traded.value

    async def _found(self, order: Placed) -> None:
        if not order.orderid:
            self._notes.learn(names_orders=False)
        await self._shows(order, lambda _: True)

    async def _shows(self, order: Placed, fits: Callable[[OrderUpdate], bool]) -> bool:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            with suppress(DataError):  # a book may fail for a moment, right after an order
                await self._look(order)
            if order.seen is not None and fits(order.seen):
                return True
            if loop.time() - began > _PATIENCE_S:
                return False
            await asyncio.sleep(_LOOK_S)

    async def _look(self, order: Placed) -> None:
        for row in await self._rows():
            number = str(row.get("orderid"))
            if number == order.orderid or (not order.orderid and self._is_new(number, row, order)):
                order.orderid, order.row = number, row
                self.rows.append(row)

    def _is_new(self, number: str, row: dict[str, Any], order: Placed) -> bool:
        named = {each.orderid for each in self._orders}
        seen = _update(row)
        return (
            number not in self._before | named
            and seen is not None
            and order.terms.shown_as(seen.terms)
        )

    async def _rows(self) -> list[dict[str, Any]]:
        said = await self._asker.ask("orderbook")
        if not said.is_yes or not isinstance(said.data, dict):
            raise DataError(f"orderbook: {said}")
        rows: list[dict[str, Any]] = said.data.get("orders", [])
        return rows

    async def _price(self, side: str) -> Paise:
        said = await self._asker.ask("quotes", symbol=self._leg.symbol, exchange=self._exchange)
        data = said.data if said.is_yes else {}
        price = float(data.get(side) or data.get("ltp") or self._leg.last)
        if price <= 0:
            raise DataError(f"{self._leg.symbol} has no price: {said}")
        return round(price * 100)

    def _through(self, side: str, price: Paise) -> Paise:
        if side == "BUY":
            return ceil_to_tick(price + price * _NEAR_PERCENT // 100, self._tick)
        return max(self._tick, floor_to_tick(price - price * _NEAR_PERCENT // 100, self._tick))


def _update(row: dict[str, Any]) -> OrderUpdate | None:
    try:
        return wire.order_update(msgspec.json.encode(row))
    except DataError:
        return None
