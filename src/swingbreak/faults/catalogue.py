"""Every fault by name: what happens, where it was seen, how often it is drawn.

To add one: a row here, and one place of this package that asks ``weather.happens(name)`` where the
fault can strike and then does it. Rows with ``off`` are drawn only when they are asked for by
name: what the program does about them is not right yet, or not decided; ``off`` says why.

Sources: ``openalgo`` is OpenAlgo 2.0.2.1 as read and measured on 2026-11-22, with the section of
our notes on it; numbers with a hash are its issues. Letters with a number, such as ``O21``, are
failures of a public system of this kind. ``market`` are the market facts; NSE circulars are named
in full.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = ["CATALOGUE", "Fault"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        name: ``area.what``.
        chance: How likely it strikes at each opportunity of a day that has it, 0 to 1.
        source: Where it was seen.
        what: In a few words.
        off: Why it is not drawn unless asked for; empty where it is.
    """

    name: str
    chance: float
    source: str
    what: str
    off: str = ""


_OFTEN, _SOMETIMES, _SELDOM, _RARE = 0.3, 0.1, 0.03, 0.005

_PLACE = (
    ("place.no_connection", _SOMETIMES, "openalgo 12.2/16", "connection refused"),
    ("place.connect_timeout", _SOMETIMES, "openalgo 1.1", "no connection in time"),
    ("place.lost_request", _SOMETIMES, "O21", "timeout; it never arrived"),
    ("place.lost_answer", _OFTEN, "O21, openalgo 2.1", "timeout; the order exists"),
    ("place.cut_before", _SOMETIMES, "openalgo 12.2/16", "connection cut; it never arrived"),
    ("place.cut_after", _SOMETIMES, "openalgo 12.2/16", "connection cut; the order exists"),
    ("place.500_before", _SOMETIMES, "openalgo 2.1", "HTTP 500; there is no order"),
    ("place.500_after", _OFTEN, "openalgo 2.1", "HTTP 500; the order exists"),
    ("place.408", _SOMETIMES, "openalgo 1.1", "HTTP 408; there is no order"),
    ("place.408_after", _SOMETIMES, "openalgo 1.1", "HTTP 408; the order exists"),
    ("place.429", _SOMETIMES, "openalgo 1.5, #563", "turned away for its rate"),
    ("place.html_before", _SOMETIMES, "openalgo #454", "a proxy's HTML page; there is no order"),
    ("place.html_after", _SOMETIMES, "openalgo #454", "a proxy's HTML page; the order exists"),
    ("place.html_200", _SOMETIMES, "U8", "HTTP 200 and a log-in page; there is no order"),
    ("place.redirect", _SOMETIMES, "U8", "redirected to a log-in page; there is no order"),
    ("place.truncated", _SOMETIMES, "O10", "half an answer; the order exists"),
    ("place.no_id", _SOMETIMES, "openalgo 2.1", "success without an id; the order exists"),
    ("place.semi_auto", _SOMETIMES, "openalgo 1.4", "queued for approval; there is no order"),
    ("place.slow", _OFTEN, "X10, openalgo 1.1", "answered after seconds"),
    ("place.passed_on_late", _SOMETIMES, "Kite forum 8676", "timeout; it arrives seconds later"),
)
_REFUSED = (
    ("refuse.margin", _SOMETIMES, "market 4, O12", "no margin"),
    ("refuse.freeze", _SOMETIMES, "market 1.4", "above the freeze quantity"),
    ("refuse.circuit", _SOMETIMES, "market 1.5", "outside the price band"),
    ("refuse.rms", _SOMETIMES, "openalgo #1425, O18", "RMS rule"),
    ("refuse.trigger_side", _SOMETIMES, "market 1.6", "trigger beyond the last price"),
    ("refuse.session", _SOMETIMES, "openalgo #1858, D14", "403, the broker session is gone"),
    ("refuse.mis_cutoff", _SOMETIMES, "market 2.3, openalgo 7.3", "no MIS orders any more"),
    ("refuse.static_ip", _SOMETIMES, "market 5, openalgo #1574", "not from this address"),
    ("reject.margin", _SOMETIMES, "openalgo #1425", "taken, then rejected for margin"),
    ("reject.rms", _SOMETIMES, "openalgo #1425, O20", "taken, then rejected by RMS"),
    ("reject.at_exchange", _SOMETIMES, "market 1.6", "taken, then rejected by the exchange"),
)
_CHANGE = (
    ("modify.lost_request", _OFTEN, "O21", "timeout; it never arrived"),
    ("modify.lost_answer", _OFTEN, "O21", "timeout; the change is made"),
    ("modify.cut_after", _SOMETIMES, "openalgo 12.2/16", "connection cut; the change is made"),
    ("modify.500_before", _SOMETIMES, "openalgo 2.3", "HTTP 500; nothing changed"),
    ("modify.500_after", _SOMETIMES, "openalgo 2.3", "HTTP 500; the change is made"),
    ("modify.refused", _OFTEN, "openalgo #1316", "refused; the old terms work on"),
    ("modify.ignored", _OFTEN, "openalgo 12.2/5", "success, and nothing changed"),
    ("modify.429", _SOMETIMES, "openalgo 1.5", "turned away for its rate"),
    ("modify.slow", _OFTEN, "X10", "answered after seconds"),
    ("cancel.lost_request", _SOMETIMES, "O4", "timeout; it never arrived"),
    ("cancel.lost_answer", _OFTEN, "O6", "timeout; the cancel is made"),
    ("cancel.500_before", _SOMETIMES, "openalgo 2.4", "HTTP 500; nothing cancelled"),
    ("cancel.500_after", _SOMETIMES, "openalgo 2.4", "HTTP 500; the cancel is made"),
    ("cancel.refused", _OFTEN, "openalgo 2.5", "refused: a transient state"),
    ("cancel.ignored", _OFTEN, "O5, O6", "success, and the order works on"),
    ("cancel.429", _SOMETIMES, "openalgo 1.5", "turned away for its rate"),
    ("cancel.slow", _SOMETIMES, "X10", "answered after seconds"),
    ("cancel.late", _OFTEN, "O6", "answered at once, made after seconds: fills may cross"),
)
_BOOKS = (
    ("orders.timeout", _SOMETIMES, "openalgo 1.1", "the order book does not come"),
    ("orders.500", _SOMETIMES, "openalgo 3.1", "the order book fails on a transient status"),
    ("orders.empty", _SOMETIMES, "O10, X9", "the order book comes empty"),
    ("orders.partial", _SOMETIMES, "O10", "rows of the order book are missing"),
    ("orders.stale", _SOMETIMES, "market 10: stale order book", "the order book of seconds ago"),
    ("orders.inherited", _SOMETIMES, "openalgo 3.1", "a new order shows the last row's end"),
    ("orders.bare", _OFTEN, "openalgo 3.3, O19", "rows without quantities and averages"),
    ("orders.text", _OFTEN, "openalgo 1.6, O23", "numbers are text"),
    ("orders.own_word", _SOMETIMES, "openalgo 3.1, O11", "a status in the broker's own word"),
    ("orders.unreadable", _SOMETIMES, "openalgo 3.3", "a row without a symbol"),
    ("orders.average_zero", _OFTEN, "openalgo #424, O19", "no average price in the order book"),
    ("trades.timeout", _SOMETIMES, "openalgo 1.1", "the trade book does not come"),
    ("trades.500", _SOMETIMES, "openalgo 3.4", "the trade book fails"),
    ("trades.late", _SOMETIMES, "openalgo #1987", "the trade book lags behind the order book"),
    ("trades.text", _OFTEN, "openalgo 3.5", "numbers are text"),
    ("positions.timeout", _OFTEN, "openalgo 3.6", "the position book does not come"),
    ("positions.500", _OFTEN, "openalgo 3.6", "the position book fails"),
    ("positions.text", _OFTEN, "openalgo 3.5", "numbers are text"),
    ("positions.late", _SOMETIMES, "O13, P10", "positions are netted seconds late"),
    ("positions.empty", _SOMETIMES, "openalgo 3.6, P10", "the position book comes empty"),
    ("positions.gone", _SOMETIMES, "openalgo 3.6, P10", "the position book is empty for minutes"),
)
_QUERIES = (
    ("funds.empty", _SOMETIMES, "openalgo 3.8", "success without data"),
    ("funds.timeout", _SOMETIMES, "openalgo 1.1", "funds do not come"),
    ("margin.500", _SOMETIMES, "openalgo 3.9", "the calculator fails"),
    ("margin.none", _SOMETIMES, "openalgo 3.9", "the broker has no calculator"),
    ("history.500", _SOMETIMES, "openalgo 4.4", "history fails"),
    ("history.timeout", _SOMETIMES, "D2", "history does not come"),
    ("history.short", _SOMETIMES, "D10", "history lags behind"),
    ("query.429", _SOMETIMES, "openalgo 1.5", "turned away for its rate"),
    ("query.html", _SOMETIMES, "openalgo #454", "a proxy's HTML page"),
    ("query.truncated", _SOMETIMES, "O10", "half an answer"),
    ("query.no_connection", _SOMETIMES, "openalgo 12.2/16", "connection refused"),
    ("query.slow", _SOMETIMES, "X10", "answered after seconds"),
)
_STREAM = (
    ("update.lost", _OFTEN, "openalgo #811, 6.7", "never told"),
    ("update.twice", _OFTEN, "openalgo 6.7, P8", "told twice"),
    ("update.late", _OFTEN, "openalgo #871", "told seconds late, behind newer ones"),
    ("update.again", _SOMETIMES, "openalgo #1637", "an old state told again later"),
    ("update.average_zero", _OFTEN, "openalgo #424", "a fill without an average price"),
    ("update.rounded", _OFTEN, "openalgo #1987", "an average rounded to the rupee"),
    ("update.no_stream", 1.0, "openalgo 6.7", "the gateway has no order stream"),
    ("update.silent_stream", _OFTEN, "openalgo 6.7", "the order stream agrees and stays silent"),
    ("tick.gap", _SELDOM, "D16", "one symbol is silent for a while"),
    ("tick.twice", _SOMETIMES, "openalgo 6.6", "told twice"),
    ("tick.out_of_order", _SELDOM, "D15", "an old tick after a newer one"),
    ("tick.zero", _SELDOM, "D23", "a last price of 0"),
    ("tick.absurd", _RARE, "market 10: freak trades", "a last price of ten times the price"),
    ("tick.volume_reset", _SELDOM, "D12", "the day volume starts again"),
    ("tick.garbage", _SELDOM, "D2", "a frame that cannot be read"),
    ("feed.mute", _RARE, "openalgo 6.8, #810", "connected, and no ticks for a while"),
    ("feed.cut", _RARE, "openalgo 12.2/16", "the socket closes"),
    ("feed.storm", _RARE, "D1", "the socket closes again and again"),
    ("feed.no_connection", _OFTEN, "openalgo 12.2/16", "the socket cannot be opened"),
    ("feed.broker_error", _OFTEN, "openalgo 6.2", "log-in fails for want of a broker"),
    ("feed.key_refused", _OFTEN, "openalgo 6.2, D14", "log-in refused, later accepted"),
)
_BY_HAND = (
    "a trade by hand in the seconds before an exit of ours is seen too late: the account becomes "
    "long, which is told, and which a person has to close"
)
_THERE = (
    ("feed.logged_out", _RARE, "openalgo 6.8", "ticks stop, the log-in is forgotten"),
    ("feed.mute_for_good", _RARE, "openalgo #1396, D14", "connected, and mute"),
    ("gateway.restart", _RARE, "openalgo 12.2/16", "sockets die, REST is refused for a while"),
    ("gateway.logged_out", _RARE, "openalgo #1858, D14", "every request is a 403 for a while"),
    ("gateway.hangs", _RARE, "openalgo 1.1", "one slow call holds up all for a while"),
    ("gateway.mode_flipped", _SELDOM, "openalgo 7.1, X12", "the analyzer is switched by hand"),
    ("exchange.protection", 1.0, "NSE/FAOP/54242", "a stop is cancelled as it triggers"),
    ("exchange.parts", _OFTEN, "O18", "fills come in many parts"),
    ("exchange.slow", _SOMETIMES, "market 6", "messages take seconds"),
    ("broker.cancels_stop", _SELDOM, "market 2.3, O18", "a resting stop is cancelled, and told"),
    ("broker.drops_stop", _SELDOM, "O20", "a resting stop is cancelled, and nobody is told"),
    ("broker.cancels_entry", _SELDOM, "O18", "a resting entry is cancelled"),
    ("hand.other_product", _SELDOM, "P10", "a trade in another product"),
    ("hand.buys_back", _SELDOM, "P6", "somebody closes our position", _BY_HAND),
    ("hand.sells_more", _SELDOM, "P4", "somebody sells more of our symbol"),
    ("hand.orders", _SELDOM, "P10", "somebody rests an order like ours"),
)
_PROCESS = (
    ("kill.before_append", _SELDOM, "O7, T11", "kill -9 before records are durable"),
    ("kill.after_append", _SELDOM, "O7", "kill -9 after records are durable"),
    ("kill.before_send", _SELDOM, "O7", "kill -9 between the commit and the request"),
    ("kill.in_flight", _SELDOM, "O21", "kill -9 while a request is under way"),
    ("kill.at_answer", _SELDOM, "O21", "kill -9 as the answer arrives"),
    ("kill.any_time", _RARE, "P11", "kill -9"),
    ("stop.signal", _RARE, "X11", "ended by a signal, and started again"),
    ("disk.full", _SELDOM, "T5", "the ledger's disk is full for a while"),
    ("disk.locked", _SELDOM, "T6", "another program holds the database"),
    ("clock.forward", _RARE, "X2", "this machine's clock jumps ahead, and back later"),
    ("clock.back", _RARE, "X2", "this machine's clock jumps back, and ahead later"),
    (
        "clock.far",
        _RARE,
        "X2",
        "this machine's clock jumps minutes ahead, and back later",
        "an order whose answer is lost is not recognised in a book by a clock a minute ahead of it",
    ),
    ("start.yesterday", 1.0, "T8, T9", "the state folder holds another day"),
    ("start.again", 1.0, "P11, U9", "started once more after its day was done"),
    ("word.pause", _SELDOM, "ADR 14", "a person pauses the day, and resumes it later"),
    ("word.flatten", _SELDOM, "ADR 14, P11", "a person ends the day"),
    ("word.kill", _SELDOM, "ADR 14, P11", "a person kills the day"),
)


def _faults() -> Iterator[Fault]:
    for area in (_PLACE, _REFUSED, _CHANGE, _BOOKS, _QUERIES, _STREAM, _THERE, _PROCESS):
        for row in area:
            yield Fault(*row)


CATALOGUE: Final = MappingProxyType({fault.name: fault for fault in _faults()})
