"""How far bid and offer of an index option are apart.

Source of every figure: ``data/fills.toml``, which says how it was measured.
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from swingbreak.domain.money import Paise
from swingbreak.facts.dated import Facts, UnknownFact

__all__ = ["SpreadBand", "Spreads"]


class SpreadBand(NamedTuple):
    """The spreads of premiums up to *up_to*, paise.

    Attributes:
        usual: Median.
        wide: Ninetieth percentile.
    """

    up_to: Paise
    usual: Paise
    wide: Paise


class Spreads:
    """The spreads of one day, by premium. A premium above the last band has the last band's."""

    def __init__(self, bands: Iterable[SpreadBand]) -> None:
        self.bands = tuple(sorted(bands))
        self._up_to = [band.up_to for band in self.bands[:-1]]

    @classmethod
    def on(cls, facts: Facts, day: date) -> "Spreads":
        """Return the spreads of *day*.

        Raises:
            UnknownFact: Nobody knows any of that day.
            DataError: One is not written as it should be.
        """
        table = facts.table("option_spread")
        edges = sorted({row.read("up_to", int) for row in table.rows})
        found = (table.find(day, up_to=edge) for edge in edges)
        bands = [
            SpreadBand(row.read("up_to", int), row.read("usual", int), row.read("wide", int))
            for row in found
            if row is not None
        ]
        if not bands:
            raise UnknownFact(f"no option_spread is known for {day}")
        return cls(bands)

    def usual(self, premium: Paise) -> Paise:
        """Return the median spread at *premium*, paise."""
        return self.bands[bisect_left(self._up_to, premium)].usual

    def wide(self, premium: Paise) -> Paise:
        """Return the spread at *premium* that nine in ten do not exceed, paise."""
        return self.bands[bisect_left(self._up_to, premium)].wide
