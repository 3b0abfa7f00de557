"""What has been fetched of a store's next days, symbol by symbol, until all of it is there.

Rules of this file:

1. An answer is kept as soon as it has come: what breaks off goes on where it was.
2. Nothing of it counts before it has been read, checked and stored as days.
"""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from swingbreak.adapters.data_layer import Frame, pl
from swingbreak.adapters.store.files import read_raw
from swingbreak.adapters.store.layout import Store
from swingbreak.domain.errors import DataError

__all__ = ["Incoming"]

_COLUMNS = ("timestamp", "open", "high", "low", "close", "volume", "oi")


class Incoming:
    """The answers for one range of days."""

    def __init__(self, store: Store, underlying: str, first: date, last: date) -> None:
        self._folder = store.root / "incoming" / f"{underlying} {first} {last}"

    def has(self, symbol: str) -> bool:
        """Whether the answer for *symbol* is there."""
        return self._path(symbol).is_file()

    def keep(self, symbol: str, rows: Sequence[Sequence[float]]) -> None:
        """Keep the answer for *symbol*: candles, which may be none.

        Raises:
            DataError: The disk is full or the folder cannot be written.
        """
        types = dict.fromkeys(_COLUMNS, pl.Float64)
        whole = {"timestamp": pl.Int64, "volume": pl.Int64, "oi": pl.Int64}
        frame = pl.DataFrame(list(rows), schema={**types, **whole}, orient="row")
        path = self._path(symbol)
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                frame.with_columns(pl.lit(symbol).alias("symbol")).write_parquet(file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise DataError(f"{path}: cannot be written: {error}") from error

    def rows(self, symbols: Sequence[str]) -> Frame:
        """Return all answers for *symbols* that are there."""
        frames = [read_raw(self._path(symbol)) for symbol in symbols if self.has(symbol)]
        return pl.concat(frames) if frames else pl.DataFrame()

    def clear(self) -> None:
        """Forget the answers: they have been stored."""
        for path in self._folder.glob("*"):
            path.unlink()
        self._folder.rmdir()

    def _path(self, symbol: str) -> Path:
        return self._folder / f"{symbol}.parquet"
