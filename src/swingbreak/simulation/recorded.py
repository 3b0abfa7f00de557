"""Makes a tape of a recorded day: of one-minute bars, or of snapshots of the option chain.

Rules of this file:

1. A bar becomes four ticks, at second 0, 20, 40 and 59 of its minute: open, low, high, close
   when it closed at or above its open, else open, high, low, close. Which extreme came first is
   a convention; the recording does not say.
2. A bar's volume is spread evenly over its four ticks; its book is unknown (0).
3. A snapshot becomes one tick per contract, at its own time, with the book it recorded.
4. The index comes from the recording where it has one, else from put-call parity: call - put +
   strike, where |call - put| is smallest. That is a forward: above the index by the carry.
5. Nothing is filled in: a hole in the recording is a hole in the tape.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil
from statistics import median
from typing import NamedTuple, TypeAlias, TypeVar

from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import Right
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.facts.contracts import ContractTerms
from swingbreak.simulation.chain import contract
from swingbreak.simulation.tape import ArrayTape, TapeColumns

__all__ = [
    "PATH_S",
    "IndexBar",
    "OptionBar",
    "OptionQuote",
    "RecordedDay",
    "parity_forward",
    "tape_of_bars",
    "tape_of_quotes",
    "traded_by",
]

_BAR_CADENCE_S = 60
PATH_S = (0, 20, 40, 59)  # seconds of a minute at which a bar's four ticks come
_ORDINARY_GAPS = 2.5  # a silence of more than this many median gaps is a hole
_MS = timedelta(milliseconds=1)
_INDEX = 0  # the index's place among a tape's symbols

Key: TypeAlias = tuple[Paise, Right]


class OptionBar(NamedTuple):
    """One minute of one contract; prices in paise, volume in units of that minute."""

    at: datetime
    strike: Paise
    right: Right
    open: Paise
    high: Paise
    low: Paise
    close: Paise
    volume: int


class IndexBar(NamedTuple):
    """One minute of the index, paise."""

    at: datetime
    open: Paise
    high: Paise
    low: Paise
    close: Paise


class OptionQuote(NamedTuple):
    """One contract in one snapshot; prices in paise, 0 where unknown; volume since the open."""

    at: datetime
    strike: Paise
    right: Right
    last: Paise
    volume: int
    bid: Paise = 0
    ask: Paise = 0
    bid_size: int = 0
    ask_size: int = 0
    spot: Paise = 0


_Row = TypeVar("_Row", OptionBar, OptionQuote)


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """What a recording does not say itself.

    Attributes:
        label: Where it came from, for every output.
        session: Its trading session.
        terms: Contract facts of the day.
        expiry: Of all its contracts.
        notes: What was left out when it was read.
    """

    label: str
    session: Session
    terms: ContractTerms
    expiry: date
    notes: tuple[str, ...] = ()


def parity_forward(last: Mapping[Key, Paise]) -> Paise | None:
    """Return the forward that the premiums imply, paise; ``None`` where no strike has both."""
    pairs = [
        (abs(price - last[strike, Right.PE]), strike, price - last[strike, Right.PE] + strike)
        for (strike, right), price in last.items()
        if right is Right.CE and (strike, Right.PE) in last
    ]
    return min(pairs)[2] if pairs else None


def tape_of_bars(
    day: RecordedDay, bars: Sequence[OptionBar], index: Sequence[IndexBar]
) -> ArrayTape:
    """Return the tape of *bars*; without *index* bars the index follows from parity.

    Raises:
        DataError: No bar lies inside the session.
    """
    inside = _inside(day, bars)
    numbers = _numbers(inside)
    columns = TapeColumns()
    traded: dict[Key, int] = defaultdict(int)
    for bar in sorted(inside):
        key = bar.strike, bar.right
        for step, (at_ms, price) in enumerate(_path(day.session, bar), 1):
            volume = traded[key] + traded_by(bar.volume, step)
            columns.append(at_ms, numbers[key], price, volume)
        traded[key] += bar.volume
    for minute in index:
        if day.session.is_open(minute.at):
            for at_ms, price in _path(day.session, minute):
                columns.append(at_ms, _INDEX, price)
    if not index:
        closes = _by_time((bar.at, bar.strike, bar.right, bar.close) for bar in inside)
        _append_parity(day, columns, closes, PATH_S[-1])
    notes = (*day.notes, *_outside(bars, inside), *_source(index))
    return _tape(day, numbers, columns, _BAR_CADENCE_S, notes)


def traded_by(volume: int, step: int) -> int:
    """Return how much of a bar's *volume* its first *step* ticks bring.

    The first brings a unit at least, lest the opening trade look like a quote.
    """
    return max(volume * step // len(PATH_S), min(volume, 1))


def tape_of_quotes(day: RecordedDay, quotes: Sequence[OptionQuote]) -> ArrayTape:
    """Return the tape of snapshot rows.

    Raises:
        DataError: No row lies inside the session.
    """
    inside = _inside(day, quotes)
    numbers = _numbers(inside)
    columns = TapeColumns()
    for q in inside:
        columns.append(
            _offset_ms(day.session, q.at),
            numbers[q.strike, q.right],
            q.last,
            q.volume,
            q.bid,
            q.ask,
            q.bid_size,
            q.ask_size,
        )
    spots = {q.at: q.spot for q in inside if q.spot}
    for at, spot in spots.items():
        columns.append(_offset_ms(day.session, at), _INDEX, spot)
    if not spots:
        lasts = _by_time((q.at, q.strike, q.right, q.last) for q in inside)
        _append_parity(day, columns, lasts, 0)
    notes = (*day.notes, *_outside(quotes, inside), *_source(spots))
    return _tape(day, numbers, columns, _cadence_s({q.at for q in inside}), notes)


def _source(index: Collection[object]) -> tuple[str, ...]:
    return () if index else ("index from put-call parity",)


def _inside(day: RecordedDay, rows: Sequence[_Row]) -> list[_Row]:
    inside = [row for row in rows if day.session.is_open(row.at)]
    if not inside:
        raise DataError(
            f"{day.label}: none of {len(rows)} rows lies in the session of {day.session.day}; "
            "times without a zone are read as India's"
        )
    return inside


def _outside(rows: Sequence[_Row], inside: Sequence[_Row]) -> tuple[str, ...]:
    dropped = len(rows) - len(inside)
    return (f"dropped {dropped} rows outside the session",) if dropped else ()


def _numbers(rows: Iterable[OptionBar | OptionQuote]) -> dict[Key, int]:
    """Return each contract's place among the tape's symbols."""
    keys = sorted({(row.strike, row.right) for row in rows})
    return {key: number for number, key in enumerate(keys, _INDEX + 1)}


def _offset_ms(session: Session, at: datetime) -> int:
    return (at - session.opens) // _MS


def _path(session: Session, bar: OptionBar | IndexBar) -> Iterator[tuple[int, Paise]]:
    rising = bar.close >= bar.open
    turns = (bar.low, bar.high) if rising else (bar.high, bar.low)
    start = _offset_ms(session, bar.at)
    for second, price in zip(PATH_S, (bar.open, *turns, bar.close), strict=True):
        yield start + second * 1000, price


def _by_time(
    rows: Iterable[tuple[datetime, Paise, Right, Paise]],
) -> dict[datetime, dict[Key, Paise]]:
    found: dict[datetime, dict[Key, Paise]] = defaultdict(dict)
    for at, strike, right, price in rows:
        found[at][strike, right] = price
    return found


def _append_parity(
    day: RecordedDay,
    columns: TapeColumns,
    last: Mapping[datetime, Mapping[Key, Paise]],
    after_s: int,
) -> None:
    for at, prices in last.items():
        forward = parity_forward(prices)
        if forward is not None:
            columns.append(_offset_ms(day.session, at) + after_s * 1000, _INDEX, forward)


def _cadence_s(times: set[datetime]) -> int:
    gaps = [(late - early).total_seconds() for early, late in pairwise(sorted(times))]
    return ceil(_ORDINARY_GAPS * median(gaps)) if gaps else _BAR_CADENCE_S


def _previous_closes(day: RecordedDay, columns: TapeColumns) -> dict[str, Paise]:
    # no recording holds yesterday: before the open the index shows where it will open
    index = (
        price
        for symbol, price in zip(columns.symbol, columns.price, strict=True)
        if symbol == _INDEX
    )
    opening = next(index, None)
    return {} if opening is None else {day.terms.spot_symbol: opening}


def _tape(
    day: RecordedDay,
    numbers: Mapping[Key, int],
    columns: TapeColumns,
    cadence_s: int,
    notes: tuple[str, ...],
) -> ArrayTape:
    columns.sort()
    contracts = tuple(contract(day.terms, day.expiry, *key) for key in numbers)
    return ArrayTape(
        label=day.label,
        synthetic=False,
        session=day.session,
        underlying=day.terms.underlying,
        spot_symbol=day.terms.spot_symbol,
        contracts=contracts,
        symbols=(day.terms.spot_symbol, *(c.symbol for c in contracts)),
        columns=columns,
        cadence_s=cadence_s,
        previous_closes=_previous_closes(day, columns),
        notes=notes,
    )
