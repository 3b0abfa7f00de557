"""Sorts out the rows of a file that cannot be used, and says of each kind how many and which first.

Rules of this file:

1. A frame in the sieve has ``row``, the place of each data row from 1, and the file's own cells as
   ``raw:<meaning>`` beside what they were read as.
2. A row that cannot be right is refused with its file, row, column, value and a remedy; the file
   with it, unless the person asks to go on without such rows, which are then counted.
3. A row that is right but of no use (outside the session) is set aside and counted.
"""

from collections import Counter
from dataclasses import dataclass

from swingbreak.adapters.data_layer import Expression, Frame
from swingbreak.domain.errors import DataError

__all__ = ["RAW", "Problem", "Sieve"]

RAW = "raw:"
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows of a file that cannot be right for one reason.

    Attributes:
        row: The first such row; the first data row is row 1.
        value: What stands there, as it is written.
        why: ``is negative``.
        remedy: What to do; empty where that is plain.
        count: How many rows.
    """

    row: int
    column: str
    value: str
    why: str
    remedy: str
    count: int

    def __str__(self) -> str:
        rows = f"; {self.count} such rows in all" if self.count > 1 else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"row {self.row}, column {self.column!r}: {self.value} {self.why}{rows}{remedy}"


class Sieve:
    """The rows of one file on their way to the store.

    Attributes:
        frame: What is left.
        problems: What was refused, in the order of finding.
        aside: How many rows were right but of no use, by reason.
    """

    def __init__(self, where: str, frame: Frame, columns: dict[str, str]) -> None:
        self.where = where
        self.frame = frame
        self.problems: list[Problem] = []
        self.aside: Counter[str] = Counter()
        self._columns = columns

    def refuse(self, bad: Expression, meaning: str, why: str, remedy: str = "") -> None:
        """Take the rows out that are *bad* in the column of *meaning*."""
        found = self.frame.filter(bad)
        if found.is_empty():
            return
        first = found.row(0, named=True)
        value = first.get(RAW + meaning, first.get(meaning))
        shown = str(value) if isinstance(value, int | float) else repr(str(value or ""))
        column = self._columns.get(meaning, meaning)
        self.problems.append(Problem(first["row"], column, shown, why, remedy, len(found)))
        self.frame = self.frame.join(found.select("row"), on="row", how="anti")

    def set_aside(self, useless: Expression, why: str) -> None:
        """Take the rows out that are *useless*, and count them."""
        before = len(self.frame)
        self.frame = self.frame.filter(~useless.fill_null(value=False))
        if before > len(self.frame):
            self.aside[why] += before - len(self.frame)

    def settle(self, *, drop_bad: bool) -> Counter[str]:
        """Return how many rows were left out, by reason, if the file may be used.

        Raises:
            DataError: It may not: some rows cannot be right, or none is left.
        """
        if self.problems and not drop_bad:
            shown = "\n".join(f"{self.where}: {problem}" for problem in self.problems[:_SHOWN])
            raise DataError(
                f"{shown}\n{self.where}: nothing of it was stored; correct it, or leave such rows "
                "out with --drop-bad"
            )
        if self.frame.is_empty():
            why = self.problems[0] if self.problems else dict(self.aside) or "it has no row"
            raise DataError(f"{self.where}: no row can be used: {why}")
        refused = Counter({f"{p.column} {p.why}": p.count for p in self.problems})
        return refused + self.aside
