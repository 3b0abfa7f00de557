"""Fills the data store with chains made up around a real index."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from swingbreak.adapters.store.files import Staged
from swingbreak.adapters.store.intake import Intake, Portion, Wanted
from swingbreak.adapters.store.keeping import Judge, Kept, finish, keep
from swingbreak.adapters.store.layout import Kind, Store
from swingbreak.adapters.store.made import about_tape, portions_of_tape
from swingbreak.adapters.store.reading import index_columns
from swingbreak.adapters.tables import read_table
from swingbreak.bootstrap.known import facts_of
from swingbreak.domain.errors import DataError
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.dated import Facts
from swingbreak.market.day_bars import Origin
from swingbreak.settings import load
from swingbreak.simulation.day_spec import day_spec
from swingbreak.simulation.rebuilt import rebuild_day

__all__ = ["Rebuilding", "rebuild_days"]


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """What to make chains around.

    Attributes:
        spot: Minutes of the index: a file, or a folder of files.
        vix: Daily India VIX: ``date`` and ``open`` or ``close``.
        seed: Of the first day; each further one has the next number.
        strikes: Each side of the money.
        with_ticks: Whether every tick is kept too.
    """

    spot: Path
    vix: Path
    underlying: str
    seed: int
    strikes: int = 10
    with_ticks: bool = False


def rebuild_days(
    root: Path,
    wanted: Rebuilding,
    *,
    config: Path | None = None,
    told: Callable[[int, int], None] = lambda *_: None,
) -> tuple[tuple[Kept, ...], int]:
    """Make up chains around the days in *wanted*; what is there already is not made again.

    Args:
        root: Folder of the store; made if it is not there.
        wanted: What to make them around.
        config: Configuration file, for facts files and the grace of a minute.
        told: Given how many days are done and how many there are.

    Returns:
        What was stored, and how many days were there already.

    Raises:
        DataError: A file cannot be used, or does not cover a day of the other.
    """
    settings, store = load(config), Store(root)
    facts, volatility = facts_of(settings), _vix(wanted.vix)
    spots = sorted(_spots(facts, wanted), key=lambda portion: portion.place)
    kept: list[Kept] = []
    there = 0
    for number, portion in enumerate(spots):
        place = replace(portion.place, kind=Kind.BARS)
        if store.has(place):
            there += 1
            continue
        vix = _on(volatility, place.day, wanted.vix)
        grace_ms = settings.parameters.bar_grace_ms
        with Staged(store) as staged:
            keep(staged, _made(facts, wanted, portion, (wanted.seed + number, vix, grace_ms)))
            kept += finish(staged, Judge(store, facts))
        told(number + 1, len(spots))
    return tuple(kept), there


def _spots(facts: Facts, wanted: Rebuilding) -> Iterator[Portion]:
    intake = Intake(facts, Wanted(underlying=wanted.underlying))
    is_folder = wanted.spot.is_dir()
    paths = [p for p in sorted(wanted.spot.rglob("*")) if p.is_file()] if is_folder else []
    for path in paths or [wanted.spot]:
        for portion in intake.file(path):
            if portion.place.kind is not Kind.SPOT:
                raise DataError(f"{path}: {portion.place.kind}; minutes of the index are needed")
            yield portion


def _made(
    facts: Facts, wanted: Rebuilding, spot: Portion, drawn: tuple[int, int, int]
) -> list[Portion]:
    (place, frame, about), (seed, vix, grace_ms) = spot, drawn
    spec = replace(day_spec(facts, place.day, place.underlying), seed=seed, strikes=wanted.strikes)
    index = index_columns(frame, Calendar(facts).session(place.day))
    tape = rebuild_day(spec, index, vix, about.sources[0])
    said = replace(about_tape(tape, Origin.REBUILT), dropped=about.dropped)
    portions = portions_of_tape(tape, grace_ms, said, with_ticks=wanted.with_ticks)
    made = [portion for portion in portions if portion.place.kind is not Kind.SPOT]
    # of the index what was recorded, not what the made-up day shows of it
    return [*made, Portion(place, frame, said)]


def _vix(path: Path) -> dict[date, int]:
    """Return what VIX was known to be at the open of each day, hundredths of a point."""
    table = read_table(path)
    column = "open" if "open" in table.columns else "close"
    table.need(("date", column))
    days = {row.day("date"): row.level(column) for row in table.rows}
    if column == "open":
        return days
    # a close is known from the next day on
    ordered = sorted(days)
    return {day: days[before] for before, day in pairwise(ordered)}


def _on(volatility: dict[date, int], day: date, path: Path) -> int:
    if day not in volatility:
        raise DataError(f"{path}: no VIX for {day}: its open, or the close of the day before")
    return volatility[day]
