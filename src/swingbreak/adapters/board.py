"""What a running process publishes of its day for people to look at: one file, replaced as a whole.

Rules of this file:

1. The engine's process writes; whoever shows it reckons nothing, and finds every number here.
2. Prices and amounts are paise, times aware; what is not known is ``None``.
3. It is derived: nothing reads it to trade, and it need not survive a power cut.
"""

import os
from datetime import date, datetime
from pathlib import Path

import msgspec

from swingbreak.domain.errors import DataError
from swingbreak.domain.money import Paise

__all__ = [
    "SCHEMA",
    "AccountNow",
    "Board",
    "CandidateNow",
    "FeedNow",
    "Funnel",
    "OrderNow",
    "Places",
    "PositionNow",
    "Process",
    "Protection",
    "Rate",
    "Standing",
    "SymbolNow",
    "TradeNow",
    "board_in",
    "read_board",
    "write_board",
]

SCHEMA = 1


class Process(msgspec.Struct, frozen=True):
    """Who writes.

    Attributes:
        began_at: When this process began with the day, market time.
        mode: ``paper`` or ``live``.
        label: Where the market data comes from.
        synthetic: Whether it is made up.
        log: The day's log, from the state folder on.
    """

    pid: int
    version: str
    began_at: datetime
    mode: str
    label: str
    synthetic: bool
    log: str


class AccountNow(msgspec.Struct, frozen=True):
    """The result of the day so far; R is net over ``r_value``.

    Attributes:
        open: Net of the open positions at their marks, all their charges included.
        target: Net that ends the day, at or above.
        stop: Net that ends it, at or below.
    """

    net: Paise
    realised: Paise
    open: Paise
    r: float
    r_value: Paise
    target: Paise
    stop: Paise
    target_r: int
    stop_r: int
    peak_margin: Paise
    trades: int
    wins: int


class Standing(msgspec.Struct, frozen=True):
    """Whether entries may be made.

    Attributes:
        halted: Why the day is over; empty while it is not.
        barred: Why nothing at all may be entered now; empty while something may.
        ended: Whether the process has ended as it should: nothing newer will come of it.
        flat: Whether the gateway's own book held nothing of ours in the end; ``None`` before.
    """

    halted: str
    paused: bool
    barred: str
    last_entry: datetime
    force_exit: datetime
    ended: bool
    flat: bool | None


class Places(msgspec.Struct, frozen=True):
    """Places taken by positions and live entries: of ``all``, ``CE`` or ``PE``."""

    of: str
    taken: int
    most: int


class Protection(msgspec.Struct, frozen=True):
    """Seconds without a stop at the exchange, summed over the day's positions."""

    total_s: float
    longest_s: float
    limit_s: int


class SymbolNow(msgspec.Struct, frozen=True):
    """The feed of one symbol.

    Attributes:
        age_s: Since its last tick; ``None`` where there was none.
        held: Why it may not be entered for its data's sake; empty while it may.
    """

    symbol: str
    age_s: float | None
    held: str


class FeedNow(msgspec.Struct, frozen=True):
    """The feed as a whole: the age of its youngest tick, and each symbol's.

    Attributes:
        leads: Who is listened to, ``primary`` or ``standby``; empty where there is no standby.
        turns: How often that has changed.
        centre: Strike that the followed ones lie around, paise; 0 where they stay all day.
        lowest: Of the strikes that may be entered, paise, whatever else keeps one from it.
        highest: Likewise.
        coming: The centre that an announced move leads to; 0 where none is announced.
    """

    age_s: float | None
    stale_after_s: int
    symbol_stale_after_s: int
    symbols: tuple[SymbolNow, ...]
    leads: str = ""
    turns: int = 0
    centre: Paise = 0
    lowest: Paise = 0
    highest: Paise = 0
    coming: Paise = 0


class Rate(msgspec.Struct, frozen=True):
    """Order messages of the last ``seconds``: sent, allowed, and of these kept for exits."""

    seconds: int
    sent: int
    most: int
    reserved: int


class PositionNow(msgspec.Struct, frozen=True):
    """An open position.

    Attributes:
        units: Open, short.
        sold_at: Average, to the nearest paisa.
        mark: What buying one unit back would cost; ``None`` while unknown.
        net: Gross less the charges of opening and closing; ``None`` without a mark.
        r: Net over planned risk.
        unprotected: Open units without a stop at the exchange.
        unprotected_s: For how long already.
        leaving: Why it is being left; empty while it is not.
    """

    symbol: str
    trade_id: str
    level: str
    opened_at: datetime
    units: int
    sold: int
    sold_at: Paise
    mark: Paise | None
    stop: Paise
    points: Paise
    gross: Paise | None
    charges: Paise
    net: Paise | None
    r: float | None
    unprotected: int
    unprotected_s: float
    leaving: str


class OrderNow(msgspec.Struct, frozen=True):
    """An order of the day; ``live`` says whether it may still trade."""

    order_id: str
    broker_order_id: str
    slot: str
    symbol: str
    side: str
    filled: int
    quantity: int
    trigger: Paise | None
    limit: Paise
    average: Paise | None
    status: str
    live: bool
    reason: str
    level: str
    placed_at: datetime
    updated_at: datetime


class TradeNow(msgspec.Struct, frozen=True):
    """A closed round trip."""

    trade_id: str
    symbol: str
    level: str
    quantity: int
    sold_value: Paise
    bought_value: Paise
    points: Paise
    stop: Paise
    charges: Paise
    orders: int
    opened_at: datetime
    closed_at: datetime
    exit_reason: str
    net: Paise
    r: float


class CandidateNow(msgspec.Struct, frozen=True):
    """Where one symbol stands in the selection.

    Attributes:
        last: Last price; 0 before the first.
        levels: Swing lows confirmed today.
        state: Of its newest level; empty before the first.
        reason: Why it is not sold under; empty for the best of its right.
        why: The same in words.
        price: The swing low; 0 without one, like all that follows.
        vwap: That it was judged by, to the nearest paisa.
        lots: It would be sold with; 0 while it does not qualify.
        place: Among those of its right that qualify, from 1; 0 while it does not.
    """

    symbol: str
    right: str
    strike: Paise
    last: Paise
    levels: int
    state: str
    reason: str
    why: str
    price: Paise
    vwap: Paise
    highest: Paise
    stop: Paise
    points: Paise
    lots: int
    place: int


class Funnel(msgspec.Struct, frozen=True):
    """How few are left of one right.

    Attributes:
        swings: Swing lows confirmed today.
        passed: Of these, not turned down by price and VWAP.
        armed: Levels that may be sold under now, should their stop fit.
        qualified: Of these, with a stop and a size that fit.
        best: The one that is sold under; empty where there is none.
    """

    right: str
    symbols: int
    swings: int
    passed: int
    armed: int
    qualified: int
    best: str


class Board(msgspec.Struct, frozen=True):
    """A day as it stands.

    Attributes:
        schema: Of this file; a reader that knows another says so.
        written_at: By the wall's clock: how old it is.
        at: Market time.
        waiting: Order messages that wait for room to leave.
        orders: Those that are live and the last 30 that have ended, in the order they were placed.
    """

    schema: int
    written_at: datetime
    at: datetime
    day: date
    opens: datetime
    closes: datetime
    process: Process
    account: AccountNow
    standing: Standing
    places: tuple[Places, ...]
    protection: Protection
    feed: FeedNow
    rates: tuple[Rate, ...]
    waiting: int
    positions: tuple[PositionNow, ...]
    orders: tuple[OrderNow, ...]
    trades: tuple[TradeNow, ...]
    candidates: tuple[CandidateNow, ...]
    funnels: tuple[Funnel, ...]


def board_in(state_dir: Path) -> Path:
    """Return the path of the board of *state_dir*."""
    return state_dir / "board.json"


def write_board(path: Path, board: Board) -> None:
    """Put *board* in the place of an older one; readers see one or the other.

    Raises:
        OSError: It cannot be written; the old one is untouched.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    aside.write_bytes(msgspec.json.encode(board))
    aside.replace(path)


def read_board(path: Path) -> Board | None:
    """Return the board, ``None`` where there is none.

    Raises:
        DataError: It cannot be read, or another version wrote it.
    """
    try:
        content = path.read_bytes()
        schema = msgspec.json.decode(content, type=_Marked).schema
        if schema == SCHEMA:
            return msgspec.json.decode(content, type=Board)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:  # no JSON, or no UTF-8
        raise DataError(f"{path}: cannot be read: {error}; the next `run` replaces it") from error
    raise DataError(
        f"{path}: has schema {schema}, this version reads {SCHEMA}: look with the swingbreak that "
        "runs the day"
    )


class _Marked(msgspec.Struct):
    schema: int
