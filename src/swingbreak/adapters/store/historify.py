"""Minute bars out of the DuckDB file of OpenAlgo's Historify.

Source: OpenAlgo 2.0.2.1, database/historify_db.py, table ``market_data``, read 2026-11-22.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from swingbreak.adapters.data_layer import Frame, LazyModule, pl
from swingbreak.domain.errors import DataError, NeedsExtra

if TYPE_CHECKING:
    from typing import Any

    duckdb: Any
else:
    duckdb = LazyModule("duckdb", "historify", "a DuckDB file")

__all__ = ["SUFFIXES", "read_historify"]

SUFFIXES = (".duckdb",)
_COLUMNS = ("symbol", "timestamp", "open", "high", "low", "close", "volume", "oi")
_QUERY = (
    f"SELECT {', '.join(_COLUMNS)} FROM market_data "  # noqa: S608 - constants only
    "WHERE interval = '1m' AND regexp_matches(symbol, '(CE|PE)$') ORDER BY symbol, timestamp"
)


def read_historify(path: Path) -> Frame:
    """Return the options' minute bars in the file at *path*.

    Raises:
        DataError: It cannot be read, is locked by OpenAlgo, or holds no minute bar of an option.
        NeedsExtra: DuckDB is not installed.
    """
    try:
        connect, error_class = duckdb.connect, duckdb.Error
    except NeedsExtra as error:
        raise NeedsExtra(
            f'{path}: reading a DuckDB file needs DuckDB: pip install "duckdb>=1.1,<2"'
        ) from error
    try:
        with connect(str(path), read_only=True) as connection:
            rows = connection.execute(_QUERY).fetchall()
    except error_class as error:
        raise DataError(
            f"{path}: not a readable Historify file: {error}; stop OpenAlgo or copy the file first"
        ) from error
    if not rows:
        raise DataError(f"{path}: no 1m bar of an option; download some in Historify first")
    return pl.DataFrame(rows, schema=list(_COLUMNS), orient="row")
