"""What is wrong with a stored day of chain snapshots, or of the index's minutes.

Findings and grades are those of ``market/quality``; the columns are read where they are.
"""

from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from swingbreak.adapters.data_layer import Frame, pl
from swingbreak.adapters.store.files import About
from swingbreak.adapters.store.layout import CONTRACT, Kind
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.session import Session, ist_clock
from swingbreak.market.quality import (
    PARITY_PAIRS,
    PARITY_SHARE,
    PARITY_TICKS,
    Finding,
    Grade,
    parity_finding,
)

__all__ = ["check_frame"]

_EDGE_S = 300
_SPARSE_S = 1200  # to a first or last snapshot of a collector that asks every quarter of an hour
_SILENCE = 3.0  # median gaps that are a hole
_LEAST_HOLE_S = 10
_HOLES_B, _HOLES_C = 0.05, 0.25
_NEAR = 0.02  # of the strike: farther from the money last prices are old


def check_frame(
    frame: Frame, kind: Kind, about: About, session: Session, tick: Paise
) -> tuple[Finding, ...]:
    """Return what is wrong with *frame*, the worst first."""
    found = [*_times(frame, kind, session), *_aside(about)]
    if kind is Kind.SNAPSHOTS:
        found += [*_volume(frame), *_grid(frame, tick), *_book(frame), *_parity(frame, tick)]
    elif kind is Kind.TICKS:
        found += _symbol_volume(frame)
    return tuple(sorted(found, key=lambda finding: finding.grade, reverse=True))


def _times(frame: Frame, kind: Kind, session: Session) -> Iterator[Finding]:
    times = frame["ts"].unique().sort()
    outside = times.filter((times < session.opens) | (times >= session.closes))
    if len(outside):
        yield Finding(
            "foreign_minute", Grade.D, len(outside), f"{len(outside)} times outside the session"
        )
    if times.is_empty():
        yield Finding("empty", Grade.D, 1, "no row")
        return
    first, last = times[0], times[-1]
    stamps = times.to_list()
    gaps = [(late - early).total_seconds() for early, late in pairwise(stamps)]
    usual = median(gaps) if gaps else 60.0
    edge = max(_EDGE_S, min(_SPARSE_S, 1.3 * usual))
    if (first - session.opens).total_seconds() > edge:
        yield Finding("late_start", Grade.C, 1, f"begins at {ist_clock(first)}")
    if (session.closes - last).total_seconds() > edge + (60 if kind is Kind.SPOT else 0):
        what = f"no close: ends at {ist_clock(last)}, the session at {ist_clock(session.closes)}"
        yield Finding("no_close", Grade.D, 1, what)
    holes = [gap for gap in gaps if gap > max(_SILENCE * usual, _LEAST_HOLE_S)]
    if holes:
        share = sum(holes) / (session.closes - session.opens).total_seconds()
        grade = Grade.B if share < _HOLES_B else Grade.C if share < _HOLES_C else Grade.D
        what = f"holes: {len(holes)}, the longest of {max(holes):g} s, usual {usual:g} s"
        yield Finding("hole", grade, len(holes), what)


def _aside(about: About) -> Iterator[Finding]:
    for why, count in about.dropped.items():
        yield Finding("set_aside", Grade.B, count, f"{count} rows left out: {why}")
    if about.since:
        yield Finding("set_aside", Grade.B, len(about.since), about.late)


def _falls(frame: Frame, by: tuple[str, ...]) -> Frame:
    change = pl.col("volume").diff().over(by)
    return (
        frame.filter(pl.col("volume") > 0)
        .with_columns(change.alias("change"))
        .filter(pl.col("change") < 0)
    )


def _volume(frame: Frame) -> Iterator[Finding]:
    falls = _falls(frame.sort(*CONTRACT, "ts"), CONTRACT)
    if len(falls):
        row = falls.row(0, named=True)
        where = f"{row['expiry']} {row['strike'] // 100} {row['right']} {ist_clock(row['ts'])}"
        what = f"the day's volume falls {len(falls)} times, first at {where} by {-row['change']}"
        yield Finding("volume_reset", Grade.C, len(falls), what)


def _symbol_volume(frame: Frame) -> Iterator[Finding]:
    falls = _falls(frame, ("symbol",))
    if len(falls):
        row = falls.row(0, named=True)
        where = f"{row['symbol']} {ist_clock(row['ts'])}"
        what = f"the day's volume falls {len(falls)} times, first at {where} by {-row['change']}"
        yield Finding("volume_reset", Grade.C, len(falls), what)


def _grid(frame: Frame, tick: Paise) -> Iterator[Finding]:
    off = frame.filter(pl.any_horizontal(pl.col("ltp", "bid", "ask") % tick != 0))
    if len(off):
        grade = Grade.C if len(off) > len(frame) // 100 else Grade.B
        what = f"{len(off)} rows with prices off the price step"
        yield Finding("off_grid", grade, len(off), what)


def _parity(frame: Frame, tick: Paise) -> Iterator[Finding]:
    at = ("ts", "expiry")
    # contracts that expire later hardly trade: their last prices are old
    nearest = frame.filter(pl.col("expiry") == pl.col("expiry").min())
    prices = {right: nearest.filter(pl.col("right") == right) for right in ("CE", "PE")}
    call, put = (
        prices[right].select(*at, "strike", pl.col("ltp").alias(right)) for right in prices
    )
    apart, strike = pl.col("CE") - pl.col("PE"), pl.col("strike")
    near = call.join(put, on=[*at, "strike"]).filter(apart.abs() <= strike * _NEAR)
    forward = apart + strike
    off = (forward - forward.median().over(at)).abs().alias("off")
    pairs = near.filter(pl.len().over(at) >= PARITY_PAIRS).with_columns(off)
    broken = pairs.filter(pl.col("off") > strike * PARITY_SHARE + PARITY_TICKS * tick)
    worst = ""
    if len(broken):
        row = broken.sort("off").row(-1, named=True)
        off_by = rupees(round(row["off"]))
        worst = f"{row['expiry']} {row['strike'] // 100} {ist_clock(row['ts'])} by {off_by}"
    yield from parity_finding(len(broken), len(pairs), worst)


def _book(frame: Frame) -> Iterator[Finding]:
    if not (frame["ask"] > 0).any():
        yield Finding("no_book", Grade.B, len(frame), "no bid or ask is recorded")
