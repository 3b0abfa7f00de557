"""What is made of what a gateway said; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, NamedTuple

from swingbreak.adapters.certification.asking import Said
from swingbreak.adapters.openalgo.books import HeldPosition, OrderBook, OrderUpdate
from swingbreak.adapters.openalgo.reference import OptionChain
from swingbreak.bootstrap.accord import is_far, wrong_size
from swingbreak.bootstrap.preflight.hearing import Heard
from swingbreak.bootstrap.preflight.verdicts import (
    Judgement,
    Verdict,
    ok,
    permanent,
    remark,
    transient,
)
from swingbreak.domain.errors import DataError, GatewayRefused
from swingbreak.domain.instrument import OptionContract, expiry_text, parse_option_symbol
from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.parameters import Foreign, Parameters
from swingbreak.facts.comparison import Difference, Finding
from swingbreak.facts.contracts import largest_order
from swingbreak.ports import Funds
from swingbreak.strategy.sizing import lots_for

__all__ = [
    "CLOSED_NOTE",
    "Left",
    "Plan",
    "agreement",
    "answers",
    "broker",
    "feed_login",
    "history",
    "index_ticks",
    "key",
    "leftover_orders",
    "leftover_positions",
    "margin",
    "option_ticks",
    "order_stream",
    "planned_units",
    "reached",
    "size",
    "standby",
    "subscriptions",
    "symbols",
]

CLOSED_NOTE: Final = "not now: the market is closed, so silence says nothing"
_FORBIDDEN, _TOO_MANY, _BROKEN = 403, 429, 500
_KEY_TEXT: Final = "invalid openalgo apikey"
_WRONG_KEY: Final = "AUTHENTICATION_ERROR"
_COPY: Final = "copy the API key from OpenAlgo again, into OPENALGO_API_KEY"
_COPY_STANDBY: Final = "copy the API key of the standby again, into OPENALGO_STANDBY_API_KEY"
_LOG_IN: Final = "log in to the broker in OpenAlgo, where the session ends every night"
_NAMED: Final = 5
_LAG: Final = 2  # minutes by which a broker's history may be behind


def reached(said: Said) -> Judgement:
    """Judge whether anything answered."""
    if not said.status:
        return transient("nothing answers", said.text)
    return ok(f"HTTP {said.status}")


def answers(said: Said) -> Judgement:
    """Judge whether it is an OpenAlgo that answered."""
    if said.status == _TOO_MANY or said.status >= _BROKEN:
        return transient(f"HTTP {said.status}", f"it answers {said.text or 'nothing'}")
    if said.body.get("status") in {"success", "error"}:
        return ok("OpenAlgo's form of answers")
    return permanent(
        f"HTTP {said.status}", f"what answers there is no OpenAlgo: {said.text[:80] or 'no text'}"
    )


def key(said: Said, code: str) -> Judgement:
    """Judge whether the key was taken; *code* is what the WebSocket answered to it.

    REST refuses a wrong key and a lost broker session alike; only the WebSocket tells them apart.
    """
    if said.is_yes:
        return ok(f"broker {said.fields.get('broker', 'not named')}")
    if said.status != _FORBIDDEN or _KEY_TEXT not in said.text.lower():
        return transient(str(said), "the gateway refuses to say who it is", _LOG_IN)
    if code == _WRONG_KEY:
        why = "OpenAlgo knows no such key"
        return permanent(str(said), why, _COPY, GatewayRefused(f"{said}: {why}"))
    if code:
        return transient(str(said), "the key is known, and there is no broker session", _LOG_IN)
    return transient(
        str(said),
        "the key is wrong, or there is no broker session; the WebSocket, which could tell, is mute",
        f"{_LOG_IN}; {_COPY}, only if that does not help",
    )


def broker(name: str, last: float | None) -> Judgement:
    """Judge the last price, rupees, that the broker gave of the index."""
    if last is None or last <= 0:
        return transient(f"{name} at {last}", "the broker has no price of the index")
    return ok(f"{name} at {last:.2f}")


def agreement(findings: Sequence[Finding]) -> Judgement:
    """Judge in what gateway and facts differ."""
    lines = [finding.line for finding in findings if isinstance(finding, Difference)]
    if lines:
        return remark(f"{len(lines)} differences", "; ".join(lines))
    untold = len(findings)
    return ok("they agree" + (f"; {untold} could not be compared" if untold else ""))


def symbols(chain: OptionChain, each_side: int) -> Judgement:
    """Judge whether all the contracts around the money are listed."""
    wanted, found = 2 * (2 * each_side + 1), len(chain.contracts)
    text = f"{found} of {expiry_text(chain.expiry)} around {rupees(chain.atm)}"
    if found < wanted:
        return remark(text, f"{wanted} were wanted: the chain ends, or strikes are missing")
    return ok(text)


class Plan(NamedTuple):
    """What is meant to be held at most.

    Attributes:
        calls: Positions in calls.
        puts: The same in puts.
    """

    calls: int
    puts: int

    @classmethod
    def of(cls, parameters: Parameters) -> "Plan":
        """Return as many as the limits allow, calls first."""
        calls = min(parameters.max_per_right, parameters.max_positions)
        return cls(calls, min(parameters.max_per_right, parameters.max_positions - calls))

    @property
    def positions(self) -> int:
        """Both together."""
        return self.calls + self.puts

    def need(self, margins: tuple[Paise, Paise], headroom_bp: int) -> Paise:
        """Return what the *margins* of one call and one put come to, the headroom with it."""
        total = self.calls * margins[0] + self.puts * margins[1]
        return total + total * headroom_bp // 10_000


def planned_units(lot: int, parameters: Parameters) -> int:
    """Return the units of a position whose stop is as far away as ranks best; one lot at least."""
    return lot * max(1, lots_for(parameters.target_points, lot, parameters))


def size(contract: OptionContract, parameters: Parameters) -> Judgement:
    """Judge the size of a planned position in *contract*."""
    if error := wrong_size(contract.lot, parameters):
        return permanent("0 lots", str(error), error=error)
    units, lot = planned_units(contract.lot, parameters), contract.lot
    orders = -(-units // largest_order(contract.freeze, lot))
    text = f"{units // lot} lots of {lot} = {units} units, in {orders} order(s)"
    if not lots_for(parameters.target_points, lot, parameters):
        points = rupees(parameters.target_points)
        return remark(text, f"at a stop of Rs {points} one lot loses more than one R")
    return ok(text)


def margin(plan: Plan, margins: tuple[Paise, Paise], headroom_bp: int, funds: Funds) -> Judgement:
    """Judge whether the *funds* carry the *plan*; *margins* are of one call and of one put."""
    need, one = plan.need(margins, headroom_bp), Plan(1, 0).need(margins, headroom_bp)
    text = (
        f"Rs {rupees(funds.free)} free, Rs {rupees(funds.used)} used; {plan.positions} positions "
        f"need Rs {rupees(need)}"
    )
    if funds.free >= need:
        return ok(text)
    if funds.free >= one:
        return remark(text, f"about {funds.free // one} of {plan.positions} can be carried")
    return transient(text, f"one position needs Rs {rupees(one)}: no entry can be carried")


class Left(NamedTuple):
    """What the state folder has of today, and whose symbols are ours.

    Attributes:
        orders: The gateway's ids of our orders.
        held: Our signed units by symbol.
        underlying: Whose options are traded.
        foreign: What is set to be done about what others trade.
    """

    orders: frozenset[str]
    held: Mapping[str, int]
    underlying: str
    foreign: Foreign


def leftover_orders(book: OrderBook, left: Left) -> Judgement:
    """Judge the orders that work in the account."""
    working = [order for order in book.orders if not order.state.is_over]
    foreign = [order for order in working if order.broker_order_id not in left.orders]
    text = f"{len(working)} working, {len(working) - len(foreign)} of them ours"
    unread = f"; {book.dropped} rows cannot be read" if book.dropped else ""
    named = list(_named(foreign))
    near = [one for one in foreign if _is_near(one.terms.symbol, left.underlying)]
    return _weighed(f"{text}{unread}", named, left, is_near=bool(near), is_unread=bool(unread))


def leftover_positions(held: Sequence[HeldPosition], left: Left) -> Judgement:
    """Judge what is open in the account; our own is what the state folder has."""
    units: dict[str, int] = {}
    for one in held:
        units[one.symbol] = units.get(one.symbol, 0) + one.quantity
    is_open = {symbol for symbol, quantity in units.items() if quantity} | {
        symbol for symbol, quantity in left.held.items() if quantity
    }
    other = sorted(s for s in is_open if units.get(s, 0) != left.held.get(s, 0))
    named = [
        f"{name or 'a symbol that is not named'} {units.get(name, 0):+d}"
        + (f", here {left.held[name]:+d}" if name in left.held else "")
        for name in other
    ]
    near = any(_is_near(name, left.underlying) for name in other)
    text = f"{len(is_open)} open, {len(is_open) - len(other)} of them ours"
    return _weighed(text, named, left, is_near=near, is_unread=False)


def _weighed(
    text: str, named: Sequence[str], left: Left, *, is_near: bool, is_unread: bool
) -> Judgement:
    cause = "; ".join(named[:_NAMED]) + (" ..." if len(named) > _NAMED else "")
    if is_near and left.foreign is Foreign.REPORT:
        return transient(text, f"not ours, in options of {left.underlying}: {cause}")
    if named:
        return remark(text, f"not ours: {cause}")
    return remark(text, "what cannot be read may be anything") if is_unread else ok(text)


def _named(orders: Sequence[OrderUpdate]) -> Iterator[str]:
    for one in orders:
        yield f"{one.terms.side} {one.terms.quantity} {one.terms.symbol} ({one.broker_order_id})"


def _is_near(symbol: str, underlying: str) -> bool:
    try:
        return parse_option_symbol(symbol)[0] == underlying
    except DataError:
        return not symbol  # what has no name may be ours


def history(
    bars: Mapping[str, Sequence[Bar]], failed: Mapping[str, str], index: str, minutes: int
) -> Judgement:
    """Judge today's bars of a few symbols, after so many closed *minutes*.

    Options make no bar in a minute without trades; the index has every one of them.
    """
    text = f"{minutes} minutes so far; " + ", ".join(f"{s} {len(b)}" for s, b in bars.items())
    if failed:
        return transient(text, "; ".join(f"{s}: {why}" for s, why in failed.items()))
    due = max(0, minutes - _LAG)
    mute = [symbol for symbol, rows in bars.items() if not rows]
    if due and mute:
        return transient(text, f"no bar of {', '.join(mute)}")
    lacking = sorted(set(range(due)) - {bar.minute for bar in bars.get(index, ())})
    if lacking:
        first = f"the first is minute {lacking[0]} of the session"
        return transient(text, f"{len(lacking)} minutes of {index} are missing; {first}")
    return ok(text)


def feed_login(heard: Heard) -> Judgement:
    """Judge whether the feed let us in."""
    if heard.refused:
        return permanent("refused", heard.refused, _COPY, GatewayRefused(heard.refused))
    if heard.lost:
        return transient("ended", heard.lost)
    return ok("logged in and subscribed")


def subscriptions(heard: Heard, wanted: Sequence[str], index: str) -> Judgement:
    """Judge which of the *wanted* symbols the feed took."""
    text = f"{len(wanted) - len(heard.missing)} of {len(wanted)} symbols"
    named = "; ".join(f"{s}: {why}" for s, why in list(heard.missing.items())[:_NAMED])
    if index in heard.missing or len(heard.missing) == len(wanted):
        return transient(text, named)
    return remark(text, f"not traded: {named}") if heard.missing else ok(text)


def index_ticks(heard: Heard, index: str, *, is_open: bool) -> Judgement:
    """Judge whether the index ticks."""
    if index in heard.ticked:
        return ok(f"{index} after {heard.ticked[index]:.1f} s")
    if not is_open:
        return remark("not asked", CLOSED_NOTE)
    return transient(f"none in {heard.seconds:.1f} s", f"the feed is connected, {index} is mute")


def standby(
    heard: Heard, first: Heard, options: Sequence[str], off: timedelta, *, is_open: bool
) -> Judgement:
    """Judge what was heard of a standby whose clock is *off* from the *first* server's."""
    if heard.refused:
        return remark("refused", heard.refused, _COPY_STANDBY)
    if heard.lost:
        return remark("ended", heard.lost)
    if is_far(off):
        seconds = off.total_seconds()
        return remark(f"its clock is {seconds:+.1f} s off", "it serves another time than the first")
    if odd := _counted_otherwise(heard.volumes, first.volumes):
        return remark(
            "another count", f"it counts the day's volume otherwise than the first: {odd}"
        )
    found = subscriptions(heard, options, "")
    if not found.cause:
        found = option_ticks(heard, options, is_open=is_open)
    return replace(found, verdict=Verdict.REMARK) if found.cause else found


def _counted_otherwise(theirs: Mapping[str, int], ours: Mapping[str, int]) -> str:
    """Name a symbol where most day volumes are further apart than twice; else nothing."""
    both = theirs.keys() & ours.keys()
    odd = sorted(s for s in both if not ours[s] <= 2 * theirs[s] <= 4 * ours[s])
    named = f"{odd[0]} has {theirs[odd[0]]} there, and {ours[odd[0]]} here" if odd else ""
    return named if 2 * len(odd) > len(both) else ""


def option_ticks(heard: Heard, options: Sequence[str], *, is_open: bool) -> Judgement:
    """Judge whether each option ticks; one that is seldom traded may be silent for long."""
    silent = [symbol for symbol in options if symbol not in heard.ticked]
    text = f"{len(options) - len(silent)} of {len(options)} in {heard.seconds:.1f} s"
    if not silent:
        return ok(text)
    if not is_open:
        return remark("not asked", CLOSED_NOTE)
    if len(silent) == len(options):
        return transient(text, "the feed is connected, and mute")
    more = " ..." if len(silent) > _NAMED else ""
    return remark(text, f"silent so far: {', '.join(silent[:_NAMED])}{more}")


def order_stream(heard: Heard) -> Judgement:
    """Judge whether fills are told at once."""
    if heard.order_updates:
        return ok("offered")
    return remark("not offered", "the books are read every second: a stop follows its fill later")
