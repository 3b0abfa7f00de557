"""What is wrong with a day of bars, and how far it can be trusted.

Rules of this file:

1. Each check says what it found, how often, where first, and which grade such a day still has. The
   day's grade is the worst of these: A nothing, B blemishes, C doubtful, D not to be used.
2. A check judges what the recording says, not what a market ought to do: a contract that did not
   trade in a minute has no bar, and nothing is wrong with that. A minute in which no contract has
   a bar is a hole.
3. Nothing is mended here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from statistics import median

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.session import ist_clock
from swingbreak.market.day_bars import DayBars

__all__ = [
    "PARITY_PAIRS",
    "PARITY_SHARE",
    "PARITY_TICKS",
    "Finding",
    "Grade",
    "check_bars",
    "grade_of",
    "parity_finding",
]

_EDGE = 5  # minutes that may be missing at either end of a day
_HOLES_B, _HOLES_C = 0.01, 0.10  # share of the session without any bar
PARITY_SHARE = 0.0005  # of the strike: how far a pair may lie from the minute's forward
PARITY_TICKS = 4
_PARITY_B, _PARITY_C = 0.01, 0.10  # share of pairs that lie farther
PARITY_PAIRS = 3  # a median of fewer says nothing
_SPARSE = 0.5  # share of the session's minutes below which a contract counts as sparse
_SPARSE_MOST = 0.5  # share of such contracts that makes a blemish


class Grade(StrEnum):
    """How far a day can be trusted; the first is the best."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a day.

    Attributes:
        check: Name of the check, ``off_grid``.
        grade: The best that a day with it can have.
        count: How often it was found.
        what: For a person, with the first place and value.
    """

    check: str
    grade: Grade
    count: int
    what: str


def grade_of(findings: Iterable[Finding]) -> Grade:
    """Return the worst grade among *findings*; A where there are none."""
    return max((finding.grade for finding in findings), default=Grade.A)


def check_bars(day: DayBars) -> tuple[Finding, ...]:
    """Return what is wrong with *day*, the worst first."""
    found = [finding for check in _CHECKS for finding in check(day)]
    return tuple(sorted(found, key=lambda finding: finding.grade, reverse=True))


def _rows(
    day: DayBars, check: str, rows: Iterable[int], what: Callable[[int], str]
) -> Iterator[Finding]:
    """Yield the finding that *rows* cannot be right, if there are any."""
    wrong = list(rows)
    if wrong:
        where = f"{_place(day, wrong[0])}: {what(wrong[0])}"
        yield Finding(check, Grade.D, len(wrong), f"{len(wrong)} bars, first {where}")


def _place(day: DayBars, row: int) -> str:
    contract = next(c for i, c in enumerate(day.contracts) if row in day.rows(i))
    return f"{contract.symbol} {ist_clock(day.session.start_of(day.minute[row]))[:5]}"


def _foreign(day: DayBars) -> Iterator[Finding]:
    last = day.session.minutes
    outside = (row for row, minute in enumerate(day.minute) if not 0 <= minute < last)
    return _rows(day, "foreign_minute", outside, lambda _: "outside the session")


def _duplicate(day: DayBars) -> Iterator[Finding]:
    minutes = day.minute
    twice = (
        late
        for i in range(len(day.contracts))
        for early, late in pairwise(day.rows(i))
        if minutes[early] == minutes[late]
    )
    return _rows(day, "duplicate_minute", twice, lambda _: "a second bar of the minute")


def _negative(day: DayBars) -> Iterator[Finding]:
    pairs = enumerate(zip(day.volume, day.low, strict=True))
    bad = (row for row, (volume, low) in pairs if volume < 0 or low <= 0)
    return _rows(
        day, "negative", bad, lambda row: f"volume {day.volume[row]}, low {rupees(day.low[row])}"
    )


def _contradiction(day: DayBars) -> Iterator[Finding]:
    prices = enumerate(zip(day.open, day.high, day.low, day.close, strict=True))
    bad = (row for row, (o, h, lo, c) in prices if not (lo <= o <= h and lo <= c <= h))
    return _rows(day, "high_low", bad, lambda row: f"o h l c {_ohlc(day, row)}")


def _ohlc(day: DayBars, row: int) -> str:
    return " ".join(rupees(column[row]) for column in (day.open, day.high, day.low, day.close))


def _off_grid(day: DayBars) -> Iterator[Finding]:
    off = [
        row for i, contract in enumerate(day.contracts) for row in _off_rows(day, i, contract.tick)
    ]
    if off:
        where = f"{_place(day, off[0])}: o h l c {_ohlc(day, off[0])}"
        grade = Grade.C if len(off) > len(day) // 100 else Grade.B
        what = f"{len(off)} bars with prices off the price step, first {where}"
        yield Finding("off_grid", grade, len(off), what)


def _off_rows(day: DayBars, place: int, tick: Paise) -> Iterator[int]:
    span = slice(day.starts[place], day.starts[place + 1])
    columns = (day.open[span], day.high[span], day.low[span], day.close[span])
    for row, (o, h, lo, c) in enumerate(zip(*columns, strict=True), span.start):
        if o % tick or h % tick or lo % tick or c % tick:
            yield row


def _expired(day: DayBars) -> Iterator[Finding]:
    gone = [contract for contract in day.contracts if contract.expiry < day.day]
    if gone:
        what = f"{len(gone)} contracts had expired, first {gone[0].symbol}"
        yield Finding("expired", Grade.D, len(gone), what)


def _edges(day: DayBars) -> Iterator[Finding]:
    minutes = [minute for minute in set(day.minute) if 0 <= minute < day.session.minutes]
    if not minutes:
        yield Finding("empty", Grade.D, 1, "no bar lies in the session")
        return
    first, last = min(minutes), max(minutes)
    if first > _EDGE:
        what = f"begins at {_clock(day, first)}, {first} minutes after the open"
        yield Finding("late_start", Grade.C, first, what)
    missing = day.session.minutes - 1 - last
    if missing > _EDGE:
        what = (
            f"no close: the last bar is of {_clock(day, last)}, the session closes at "
            f"{ist_clock(day.session.closes)[:5]}"
        )
        yield Finding("no_close", Grade.D, missing, what)


def _holes(day: DayBars) -> Iterator[Finding]:
    inside = sorted({m for m in day.minute if 0 <= m < day.session.minutes})
    gaps = [(late - early - 1, early + 1) for early, late in pairwise(inside) if late - early > 1]
    missing = sum(length for length, _ in gaps)
    if missing:
        longest, start = max(gaps)
        share = missing / day.session.minutes
        grade = Grade.C if share > _HOLES_B else Grade.B
        what = (
            f"{missing} minutes without any bar in {len(gaps)} holes, the longest of {longest} "
            f"from {_clock(day, start)}"
        )
        yield Finding("hole", Grade.D if share > _HOLES_C else grade, missing, what)


def _sparse(day: DayBars) -> Iterator[Finding]:
    least = _SPARSE * day.session.minutes
    sparse = [c for i, c in enumerate(day.contracts) if len(day.rows(i)) < least]
    if len(sparse) > _SPARSE_MOST * len(day.contracts):
        what = f"{len(sparse)} of {len(day.contracts)} contracts miss more than half their bars"
        yield Finding("sparse", Grade.B, len(sparse), what)


def _no_volume(day: DayBars) -> Iterator[Finding]:
    if len(day) and not any(day.volume):
        yield Finding("no_volume", Grade.C, len(day), "no bar has a volume: there is no VWAP")


def _parity(day: DayBars) -> Iterator[Finding]:
    pairs, breaks, worst = 0, 0, (0, "")
    for forwards in _forwards(day).values():
        if len(forwards) < PARITY_PAIRS:
            continue
        middle = median(forward for forward, _ in forwards)
        pairs += len(forwards)
        for forward, contract in forwards:
            off = round(abs(forward - middle))
            if off > contract.strike * PARITY_SHARE + PARITY_TICKS * contract.tick:
                breaks += 1
                worst = max(worst, (off, contract.symbol[:-2]))
    yield from parity_finding(breaks, pairs, f"{worst[1]} by {rupees(worst[0])}")


def parity_finding(breaks: int, pairs: int, worst: str) -> Iterator[Finding]:
    """Yield the finding that so many of *pairs* break put-call parity, if that is too many."""
    share = breaks / pairs if pairs else 0.0
    if share > _PARITY_B:
        what = f"{breaks} of {pairs} pairs break put-call parity, the worst {worst}"
        yield Finding("parity", Grade.C if share > _PARITY_C else Grade.B, breaks, what)


def _forwards(day: DayBars) -> dict[tuple[date, int], list[tuple[Paise, OptionContract]]]:
    """Return what each strike's pair of bars says of the forward, by expiry and minute."""
    calls: dict[tuple[date, Paise], dict[int, Paise]] = {}
    found: dict[tuple[date, int], list[tuple[Paise, OptionContract]]] = defaultdict(list)
    for i, contract in enumerate(day.contracts):
        key = contract.expiry, contract.strike
        span = slice(day.starts[i], day.starts[i + 1])
        closes = dict(zip(day.minute[span], day.close[span], strict=True))
        if contract.right is Right.CE:
            calls[key] = closes
            continue
        for minute, put in closes.items():
            call = calls.get(key, {}).get(minute)
            if call is not None:
                found[contract.expiry, minute].append((call - put + contract.strike, contract))
    return found


def _dropped(day: DayBars) -> Iterator[Finding]:
    for note in day.notes:
        yield Finding("set_aside", Grade.B, 1, note)


def _clock(day: DayBars, minute: int) -> str:
    return ist_clock(day.session.start_of(minute))[:5]


_CHECKS: tuple[Callable[[DayBars], Iterator[Finding]], ...] = (
    _foreign,
    _duplicate,
    _negative,
    _contradiction,
    _off_grid,
    _expired,
    _edges,
    _holes,
    _sparse,
    _no_volume,
    _parity,
    _dropped,
)
