"""A state folder as numbers for a monitoring system: the board, and nothing that is not on it.

Rules of this file:

1. Nothing is reckoned but units: rupees of paise, seconds since 1970 of times.
2. A day that has stopped must not look alive: what says how the market or the gateway is at this
   moment has no sample unless the day's process publishes. What is open stays, as last known.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from swingbreak.adapters.board import Board, PositionNow
from swingbreak.adapters.exposition import Metric, Sample
from swingbreak.bootstrap.viewing import Life, View
from swingbreak.domain.money import Paise
from swingbreak.market.lead import Source

__all__ = ["MEASURES", "Measure", "metrics_of"]

_Kind: TypeAlias = Literal["counter", "gauge"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a metric is made of.

    Attributes:
        of: Makes its samples.
        is_live: Whether it is of this moment only, and left out unless the day runs.
    """

    name: str
    kind: _Kind
    meaning: str
    of: Callable[[Board], Iterable[Sample]]
    is_live: bool = False


def metrics_of(view: View) -> Iterator[Metric]:
    """Yield every metric of *view*, those that have nothing to say without a sample."""
    yield from _process(view)
    board = view.board
    if board is None:
        return
    yield _gauge("board_age_seconds", "How old the board is.", view.age_s)
    runs = view.life is Life.RUNNING
    for measure in MEASURES:
        shown = runs or not measure.is_live
        samples = tuple(measure.of(board)) if shown else ()
        yield Metric(measure.name, measure.kind, measure.meaning, samples)


def _process(view: View) -> Iterator[Metric]:
    yield _gauge("running", "Whether a day's process publishes.", float(view.life is Life.RUNNING))
    yield Metric(
        "swingbreak_life",
        "gauge",
        "1 for how the day's process is, 0 for how it is not.",
        tuple(({"life": each.value}, float(view.life is each)) for each in Life),
    )
    yield _gauge("killed", "Whether a kill has locked trading.", float(view.killed is not None))
    trouble = float(bool(view.trouble))
    yield _gauge("board_unreadable", "Whether there is a board that cannot be read.", trouble)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return Metric(f"swingbreak_{name}", "gauge", meaning, (({}, value),))


def _one(value: Callable[[Board], float | None]) -> Callable[[Board], Iterator[Sample]]:
    def of(board: Board) -> Iterator[Sample]:
        found = value(board)
        if found is not None:
            yield {}, float(found)

    return of


def _each(value: Callable[[PositionNow], float | None]) -> Callable[[Board], Iterator[Sample]]:
    def of(board: Board) -> Iterator[Sample]:
        for position in board.positions:
            found = value(position)
            if found is not None:
                yield {"symbol": position.symbol}, float(found)

    return of


def _rupees(amount: Paise | None) -> float | None:
    return None if amount is None else amount / 100


def _info(board: Board) -> Iterator[Sample]:
    process = board.process
    yield (
        {
            "version": process.version,
            "mode": process.mode,
            "market": process.label,
            "synthetic": str(process.synthetic).lower(),
            "day": board.day.isoformat(),
        },
        1.0,
    )


def _limits(board: Board) -> Iterator[Sample]:
    yield {"limit": "target"}, float(board.account.target_r)
    yield {"limit": "stop"}, float(board.account.stop_r)


def _live_orders(board: Board) -> Iterator[Sample]:
    counted = Counter(order.status for order in board.orders if order.live)
    for status, number in sorted(counted.items()):
        yield {"status": status}, float(number)


def _on_standby(board: Board) -> Iterator[Sample]:
    if board.feed.leads:
        yield {}, float(board.feed.leads == Source.STANDBY)


def _turns(board: Board) -> Iterator[Sample]:
    if board.feed.leads:
        yield {}, float(board.feed.turns)


def _ages(board: Board) -> Iterator[Sample]:
    for each in board.feed.symbols:
        if each.age_s is not None:
            yield {"symbol": each.symbol}, each.age_s


def _held(board: Board) -> Iterator[Sample]:
    counted = Counter(each.held for each in board.feed.symbols if each.held)
    for reason, number in sorted(counted.items()):
        yield {"reason": reason}, float(number)


def _funnels(board: Board) -> Iterator[Sample]:
    for funnel in board.funnels:
        for stage in ("symbols", "swings", "passed", "armed", "qualified"):
            yield {"right": funnel.right, "stage": stage}, float(getattr(funnel, stage))


def _rates(field: str) -> Callable[[Board], Iterator[Sample]]:
    def of(board: Board) -> Iterator[Sample]:
        for rate in board.rates:
            yield {"window": f"{rate.seconds}s"}, float(getattr(rate, field))

    return of


def _places(field: str) -> Callable[[Board], Iterator[Sample]]:
    def of(board: Board) -> Iterator[Sample]:
        for places in board.places:
            yield {"of": places.of}, float(getattr(places, field))

    return of


def _about(name: str, meaning: str, of: Callable[[Board], Iterable[Sample]]) -> Measure:
    return Measure(f"swingbreak_{name}", "gauge", meaning, of)


def _live(name: str, meaning: str, of: Callable[[Board], Iterable[Sample]]) -> Measure:
    return Measure(f"swingbreak_{name}", "gauge", meaning, of, is_live=True)


def _count(name: str, meaning: str, of: Callable[[Board], Iterable[Sample]]) -> Measure:
    return Measure(f"swingbreak_{name}", "counter", meaning, of)


MEASURES: Final = (
    _about("info", "1, with what runs in its labels.", _info),
    _about(
        "board_written_timestamp_seconds",
        "When the board was written.",
        _one(lambda b: b.written_at.timestamp()),
    ),
    _about("market_timestamp_seconds", "Market time.", _one(lambda b: b.at.timestamp())),
    _about(
        "session_opens_timestamp_seconds",
        "When the session opens, market time.",
        _one(lambda b: b.opens.timestamp()),
    ),
    _about(
        "session_closes_timestamp_seconds",
        "When the session closes, market time.",
        _one(lambda b: b.closes.timestamp()),
    ),
    _about(
        "net_rupees",
        "Result of the day so far, after charges.",
        _one(lambda b: _rupees(b.account.net)),
    ),
    _about(
        "realised_rupees",
        "Result of closed trades, after charges.",
        _one(lambda b: _rupees(b.account.realised)),
    ),
    _about(
        "open_rupees",
        "Result of open positions at their marks, after charges.",
        _one(lambda b: _rupees(b.account.open)),
    ),
    _about("r_ratio", "Net result over the R of the account.", _one(lambda b: b.account.r)),
    _about("r_limit_ratio", "The R that ends the day.", _limits),
    _about("r_value_rupees", "One R of the account.", _one(lambda b: _rupees(b.account.r_value))),
    _about(
        "peak_margin_rupees",
        "Most that was blocked at once.",
        _one(lambda b: _rupees(b.account.peak_margin)),
    ),
    _count("trades_total", "Closed trades of the day.", _one(lambda b: b.account.trades)),
    _count("wins_total", "Closed trades of the day with a profit.", _one(lambda b: b.account.wins)),
    _about(
        "halted", "Whether the day is over by its rules.", _one(lambda b: bool(b.standing.halted))
    ),
    _about("paused", "Whether a person has paused entries.", _one(lambda b: b.standing.paused)),
    _about(
        "entries_barred",
        "Whether nothing at all may be entered.",
        _one(lambda b: bool(b.standing.barred)),
    ),
    _about(
        "ended", "Whether the process has ended as it should.", _one(lambda b: b.standing.ended)
    ),
    _about(
        "flat",
        "Whether the gateway's own book held nothing of ours in the end.",
        _one(lambda b: b.standing.flat),
    ),
    _about("places_taken", "Places taken by positions and live entries.", _places("taken")),
    _about("places_limit", "Places that may be taken.", _places("most")),
    _count(
        "unprotected_seconds_total",
        "Without a stop at the exchange, summed over the day's positions.",
        _one(lambda b: b.protection.total_s),
    ),
    _about(
        "unprotected_longest_seconds",
        "The longest that a position was without a stop.",
        _one(lambda b: b.protection.longest_s),
    ),
    _about(
        "unprotected_limit_seconds",
        "How long a position may be without a stop before entries end.",
        _one(lambda b: b.protection.limit_s),
    ),
    _about("positions", "Open positions.", _one(lambda b: len(b.positions))),
    _about("position_units", "Units open, short.", _each(lambda p: p.units)),
    _about(
        "position_net_rupees",
        "Result at the mark, after charges of both ways.",
        _each(lambda p: _rupees(p.net)),
    ),
    _about("position_r_ratio", "Net result over planned risk.", _each(lambda p: p.r)),
    _about(
        "position_unprotected_units",
        "Open units without a stop at the exchange.",
        _each(lambda p: p.unprotected),
    ),
    _about(
        "position_unprotected_seconds",
        "How long units of it have been without a stop.",
        _each(lambda p: p.unprotected_s),
    ),
    _about("live_orders", "Orders that may still trade.", _live_orders),
    _live(
        "feed_age_seconds", "Since the youngest tick of any symbol.", _one(lambda b: b.feed.age_s)
    ),
    _live(
        "feed_stale_after_seconds",
        "Silence of all symbols after which nothing may be entered.",
        _one(lambda b: b.feed.stale_after_s),
    ),
    _live("feed_on_standby", "Whether ticks are taken from the standby.", _on_standby),
    _count("feed_turns_total", "How often the lead of two feeds has changed.", _turns),
    _live("symbol_age_seconds", "Since the last tick of a symbol.", _ages),
    _live("symbols_held", "Symbols that may not be entered, by reason.", _held),
    _live("order_messages", "Order messages sent within the window.", _rates("sent")),
    _live(
        "order_messages_limit", "Order messages that may be sent within the window.", _rates("most")
    ),
    _live(
        "order_messages_reserved",
        "Order messages of these that are kept for exits.",
        _rates("reserved"),
    ),
    _live(
        "order_messages_waiting", "Order messages that wait for room.", _one(lambda b: b.waiting)
    ),
    _live("funnel", "How far symbols and their swings have come.", _funnels),
)
