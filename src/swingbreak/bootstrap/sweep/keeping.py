"""A sweep on disk: the units that are done, and the whole when it is.

Rules of this file:

1. A file is written beside its place and renamed: a kill leaves the old one or none.
2. A unit counts only with the fingerprint of what is asked now.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from swingbreak.adapters.whole_files import csv_text, replace_together
from swingbreak.domain.errors import DataError
from swingbreak.domain.money import rupees
from swingbreak.reporting.sweep_view import DayScore, SweepView, Tried, best_first

__all__ = ["SWEEP", "Scored", "UnitKeeper", "read_sweep", "write_sweep"]

SWEEP: Final = "sweep.json"
_SETS: Final = "sets.csv"
_UNITS: Final = "units"
_LAYOUT: Final = 2


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit that is done, or why its day could not be run.

    Attributes:
        fingerprint: Of all that it came from.
        day: Trading day in India.
        scores: By the number of the set.
        left: How many of them the kernel was asked for and left to the engine, by reason.
        refused: Why there are none.
    """

    fingerprint: str
    day: date
    scores: dict[int, DayScore]
    left: dict[str, int] = field(default_factory=dict)
    refused: str = ""


class UnitKeeper:
    """The finished units of one sweep, by day and number of the first set."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _UNITS
        self._decoder = msgspec.json.Decoder(Scored)

    def load(self, day: date, first: int, fingerprint: str) -> Scored | None:
        """Return the unit if it is done as asked now; ``None`` where it is to be run."""
        try:
            found = self._decoder.decode(self._path(day, first).read_bytes())
        except (OSError, ValueError):
            return None  # none, or one of an older program: it is run again
        return found if found.fingerprint == fingerprint else None

    def keep(self, first: int, scored: Scored) -> None:
        """Write *scored* to the disk.

        Raises:
            DataError: The folder cannot be written.
        """
        path = self._path(scored.day, first)
        replace_together(path.parent, {path.name: msgspec.json.encode(scored).decode()})

    def _path(self, day: date, first: int) -> Path:
        return self._folder / f"{day.isoformat()}-{first:06}.json"


class _Whole(msgspec.Struct):
    """The sweep as its file has it."""

    layout: int
    view: SweepView


def write_sweep(folder: Path, view: SweepView) -> None:
    """Write the whole sweep, and its sets as a table, the best first.

    Raises:
        DataError: The folder cannot be written.
    """
    rows = [_row(view, each) for each in best_first(view)]
    whole = msgspec.json.format(msgspec.json.encode(_Whole(_LAYOUT, view)), indent=0).decode()
    replace_together(folder, {_SETS: csv_text(_columns(view), rows), SWEEP: whole})


def read_sweep(folder: Path) -> SweepView:
    """Return the sweep that *folder* has.

    Raises:
        DataError: It has none that is whole, or one of another layout.
    """
    path = folder / SWEEP
    try:
        whole = msgspec.json.decode(path.read_bytes(), type=_Whole)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}): `swingbreak sweep --out {folder}` makes it"
        ) from error
    except ValueError as error:
        raise DataError(f"{path}: is no sweep: {error}: run the sweep again") from error
    if whole.layout != _LAYOUT:
        raise DataError(f"{path}: has layout {whole.layout}, this version reads {_LAYOUT}")
    return whole.view


def _columns(view: SweepView) -> tuple[str, ...]:
    return (
        *("set", *view.keys, "days", "trades", "wins", "net_rupees", "charges_rupees", "net_r"),
        *("r_a_day", "sharpe_a_day", "drawdown_r", "ambiguous", "stake_rupees"),
    )


def _row(view: SweepView, tried: Tried) -> tuple[str, ...]:
    scores = tried.scores
    return (
        str(tried.number),
        *(tried.point[key] for key in view.keys),
        str(len(scores)),
        str(tried.trades),
        str(sum(score.wins for score in scores)),
        rupees(tried.net),
        rupees(sum(score.charges for score in scores)),
        f"{tried.net_r:.4f}",
        f"{tried.net_r / len(scores):.4f}",
        f"{tried.sharpe:.4f}",
        f"{tried.drawdown_r:.4f}",
        str(sum(score.ambiguous for score in scores)),
        rupees(sum(score.stake for score in scores)),
    )
