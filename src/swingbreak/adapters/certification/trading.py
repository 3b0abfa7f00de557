"""Probes that send orders, and what their answers mean."""

from collections.abc import Callable
from typing import Final

from swingbreak.adapters.certification.asking import Said
from swingbreak.adapters.certification.notes import Notes, Verdict
from swingbreak.adapters.certification.orders import Orders, Placed
from swingbreak.adapters.openalgo.books import OrderState, Traded
from swingbreak.adapters.openalgo.capabilities import Changes
from swingbreak.domain.money import ceil_to_tick, floor_to_tick, rupees

__all__ = ["Trading"]

_FAR_PERCENT: Final = 25  # from the market, and inside price protection
_TRIGGER_OFF: Final = 35  # paise beside a whole rupee: a rounded trigger shows
_LIMIT_OFF: Final = 3_00
_BURST: Final = 4  # order requests at once: far below any limit seen
_SERVER: Final = "check the OpenAlgo server and its log"
_LATER: Final = "read the text; certify again while the market is open"
_POLLED: Final = "the books are read every second instead; a stop follows its fill later"


class Trading:
    """Places, changes, fills and cancels orders of one lot.

    Args:
        orders: Sends them.
        notes: Takes the findings.
        told: How many order updates of an order have come, by its id.
    """

    def __init__(self, orders: Orders, notes: Notes, told: Callable[[str], int]) -> None:
        self._orders = orders
        self._notes = notes
        self._told = told

    async def resting(self) -> None:
        """Place a limit far below the market; look, change, look, cancel, look."""
        far = await self._orders.price("bid") * (100 - _FAR_PERCENT) // 100
        limit = floor_to_tick(far, self._orders.tick)
        order = await self._orders.place("BUY", "LIMIT", limit)
        if not self._was_taken(order):
            return
        named = order.said.body.get("orderid") is not None
        self._notes.learn(names_orders=named)
        meaning = "known at once" if named else "every order is looked up in the book"
        verdict = Verdict.OK if named else Verdict.HANDLED
        self._notes.add("place", verdict, f"{order.said}, order {order.orderid}", meaning)
        self._judge_change(*await self._orders.change(order, limit - 2 * self._orders.tick))
        await self._cancel(order)

    async def stop(self) -> None:
        """Place a stop-limit far above the market, read its terms back and cancel it."""
        far = await self._orders.price("ask") * (100 + _FAR_PERCENT) // 100
        tick = self._orders.tick
        trigger = ceil_to_tick(far // 100 * 100 + _TRIGGER_OFF, tick)
        limit = ceil_to_tick(trigger + _LIMIT_OFF, tick)
        order = await self._orders.place("BUY", "SL", limit, trigger)
        if not self._was_taken(order):
            return
        kept = order.seen is not None and order.terms.shown_as(order.seen.terms)
        self._notes.learn(keeps_stops=kept)
        shown = str(order.seen.terms) if order.seen is not None else "nothing in the book"
        if kept:
            self._notes.add("stop-limit", Verdict.OK, shown, "stops rest as they are sent")
        else:
            found = f"sent {order.terms}; shown {shown}"
            meaning = "no position can be protected here"
            remedy = "report it to OpenAlgo, or use another broker"
            self._notes.add("stop-limit", Verdict.MISSING, found, meaning, remedy)
        if not order.is_over:
            await self._orders.ask_to_cancel(order)

    async def traded(self) -> None:
        """Buy one lot at the offer, and see how the fill is told; the end sells it."""
        order = await self._orders.place("BUY", "LIMIT", await self._orders.through("BUY"))
        if not self._was_taken(order):
            return
        await self._orders.shows(order, lambda seen: seen.state.is_over)
        self._judge_fill(order, await self._orders.traded(order))
        if order.is_over:
            self._judge_late_cancel(await self._orders.ask_to_cancel(order))

    async def burst(self) -> None:
        """Ask for a few cancels of an ended order in one go."""
        ended = next((order for order in self._orders.sent if order.is_over), None)
        if ended is None:
            return
        said = [await self._orders.ask_to_cancel(ended, at_once=True) for _ in range(_BURST)]
        through = sum(one.status not in {0, 429} for one in said)
        self._notes.learn(orders_per_s=through)
        verdict = Verdict.OK if through == _BURST else Verdict.HANDLED
        found = f"{through} of {_BURST} order requests at once were let through"
        self._notes.add("rate", verdict, found, "orders are paced; who is turned away waits")

    async def clean_up(self) -> None:
        """Take everything back, and say so."""
        clean, orders = await self._orders.clean_up(), self._orders.sent
        self._notes.learn(with_orders=True)
        if clean:
            found = f"{len(orders)} orders sent; none works, nothing is held"
            self._notes.add("clean-up", Verdict.OK, found, "the account is as it was")
            return
        left = ", ".join(order.orderid or str(order.terms) for order in orders if not order.is_over)
        found = f"not proved to be gone: {left or 'what was bought'}"
        remedy = "look at the order and position book, and close it by hand"
        self._notes.add("clean-up", Verdict.MISSING, found, "the account is not as it was", remedy)

    def _was_taken(self, order: Placed) -> bool:
        if order.orderid:
            return True
        probe = f"place {order.terms.pricetype}"
        if order.is_queued:
            remedy = "reject it there, and set OpenAlgo's order mode to auto"
            meaning = "orders wait for a person's approval"
            self._notes.add(probe, Verdict.MISSING, str(order.said), meaning, remedy)
        else:
            self._notes.add(probe, Verdict.MISSING, str(order.said), "orders are not taken", _LATER)
        return False

    def _judge_change(self, said: Said, made: bool) -> None:  # noqa: FBT001 - whether it was made
        changes = Changes.IGNORED if said.is_yes else Changes.REFUSED
        if made:
            changes = Changes.MADE
        self._notes.learn(changes=changes)
        meaning = "orders are cancelled and placed anew; a stop is away for that moment"
        if made:
            self._notes.add("change", Verdict.OK, f"made: {said}", "a stop is moved in place")
        else:
            self._notes.add("change", Verdict.HANDLED, f"{changes}: {said}", meaning)

    async def _cancel(self, order: Placed) -> None:
        said = await self._orders.ask_to_cancel(order)
        gone = await self._orders.shows(order, lambda seen: seen.state is OrderState.CANCELLED)
        word = repr(order.row.get("order_status")) if order.row else "nothing"
        if gone:
            self._notes.add("cancel", Verdict.OK, f"then shown {word}", "orders can be taken back")
        else:
            found = f"{said}; then shown {word}"
            self._notes.add(
                "cancel", Verdict.MISSING, found, "orders cannot be taken back", _SERVER
            )

    def _judge_fill(self, order: Placed, traded: Traded) -> None:
        units = traded.quantity
        if not units:
            meaning = "how fills are told is not known"
            self._notes.add("fill", Verdict.UNCLEAR, "none came", meaning, _LATER)
            return
        found = f"{units} units at {rupees(traded.value // units)} in the trade book"
        self._notes.add("fill", Verdict.OK, found, "the trade book is the source of prices")
        shown = order.seen.value if order.seen is not None else 0
        right = shown == 0 or abs(shown - traded.value) <= units  # to the paisa
        self._notes.learn(averages_right=right)
        average = rupees(shown // units) if shown else "none"
        good = right and shown > 0
        meaning = "prices are known with the fill" if good else "the trade book is read for it"
        verdict = Verdict.OK if good else Verdict.HANDLED
        self._notes.add("average price", verdict, f"{average} in the order book", meaning)
        if self._notes.profile.order_stream:
            self._judge_stream(self._told(order.orderid))

    def _judge_stream(self, count: int) -> None:
        self._notes.learn(order_stream=count > 0)
        if count:
            found = f"{count} updates of the order"
            self._notes.add("order stream", Verdict.OK, found, "a stop follows its fill at once")
        else:
            self._notes.add("order stream", Verdict.HANDLED, "confirmed, but mute", _POLLED)

    def _judge_late_cancel(self, said: Said) -> None:
        self._notes.learn(cancel_tells_end=said.is_refusal)
        told = said.is_refusal
        meaning = "a fill that crosses a cancel is told" if told else "the book is read instead"
        verdict = Verdict.OK if told else Verdict.HANDLED
        self._notes.add("cancel of a filled order", verdict, str(said), meaning)
