"""The decisions of a run folder, a row each, and back: they say where two runs of a day part.

Rules of this file:

1. What is read equals what was written: its hash is the one that the day has.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from swingbreak.adapters.tables import read_table
from swingbreak.domain.session import IST

__all__ = ["DECISIONS_FILE", "DECISION_COLUMNS", "decision_rows", "read_decisions"]

DECISIONS_FILE: Final = "decisions.csv"

# Column and meaning, in the order of the file; documentation is made from these.
DECISION_COLUMNS: Final[Mapping[str, str]] = {
    "date": "trading day in India",
    "at_ist": "when it was decided",
    "decision": "what, in the words of a decision line",
}


def decision_rows(decided: Mapping[date, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of DECISION_COLUMNS of decision lines by day."""
    for day, lines in decided.items():
        for line in lines:
            at, _, what = line.partition(" ")
            yield day.isoformat(), datetime.fromisoformat(at).astimezone(IST).isoformat(), what


def read_decisions(folder: Path) -> dict[date, list[str]] | None:
    """Return the decision lines of the run in *folder* by day; ``None`` where it kept none.

    A day without a decision has no row and is not in the result.

    Raises:
        DataError: The file is damaged; row and column are named.
    """
    path = folder / DECISIONS_FILE
    if not path.exists():
        return None
    table = read_table(path)
    table.need(tuple(DECISION_COLUMNS))
    found: dict[date, list[str]] = {}
    for row in table.rows:
        at = row.instant("at_ist").astimezone(UTC)
        found.setdefault(row.day("date"), []).append(f"{at.isoformat()} {row.cells['decision']}")
    return found
