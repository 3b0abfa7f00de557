"""The state folder on disk: where a day's files are, and its trades and summary as CSV.

Rules of this file:

1. A CSV is replaced as a whole: readers see the old one or the new one, never half of one.
2. Amounts are rupees with two decimals, exact except the averages; times are Indian.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from swingbreak.adapters.summary import DaySummary
from swingbreak.adapters.whole_files import csv_text, replace_text
from swingbreak.domain.errors import DataError
from swingbreak.domain.money import average, rupees
from swingbreak.domain.position import Trade
from swingbreak.domain.session import ist_stamp

__all__ = [
    "SUMMARY_COLUMNS",
    "TRADE_COLUMNS",
    "DayFolder",
    "database_in",
    "decisions_in",
    "events_in",
]

# Column and meaning, in the order of the file; documentation is made from these.
TRADE_COLUMNS: Mapping[str, str] = {
    "date": "trading day in India",
    "mode": "paper or live",
    "label": "where the market data came from",
    "trade_id": "order id of the entry",
    "symbol": "option sold",
    "level": "id of the level it was entered on",
    "quantity": "units sold and bought back",
    "entry_rupees": "average price sold at, rounded half up",
    "exit_rupees": "average price bought back at, rounded half up",
    "points_rupees": "stop points it was sized with",
    "stop_rupees": "trigger its protective stop had",
    "gross_rupees": "P&L before costs",
    "orders": "orders that began to trade in it",
    "charges_rupees": "costs of both sides, before the broker rounds",
    "net_rupees": "P&L after costs",
    "r": "net P&L over planned risk",
    "opened_ist": "first entry fill",
    "closed_ist": "last exit fill",
    "exit_reason": "reason of the order that closed it",
}
SUMMARY_COLUMNS: Mapping[str, str] = {
    "date": "trading day in India",
    "mode": "paper or live",
    "label": "where the market data came from",
    "trades": "closed round trips",
    "wins": "those with a net profit",
    "gross_rupees": "P&L before costs",
    "charges_rupees": "costs of these trades, before the broker rounds",
    "net_rupees": "P&L after costs",
    "r": "net P&L in R of the account",
    "peak_margin_rupees": "most margin blocked at once",
    "halted_reason": "why the day ended; empty while it goes on",
    "updated_ist": "when this was true",
}


class DayFolder:
    """The files of one trading day in a state folder.

    Attributes:
        root: The state folder; made when first needed.
        day: Trading day in India.
        name: What log files are called.
    """

    def __init__(self, root: Path, day: date, name: str) -> None:
        self.root = root
        self.day = day
        self.name = name

    @property
    def database(self) -> Path:
        """The state database, one for all days."""
        return database_in(self.root)

    @property
    def log(self) -> Path:
        """The day's log, one JSON object a line."""
        return self.root / "logs" / f"{self.name}_{self.day:%Y%m%d}.log"

    @property
    def trades(self) -> Path:
        """The day's closed trades."""
        return self.root / f"trades_{self.day:%Y%m%d}.csv"

    @property
    def decisions(self) -> Path:
        """What was decided on the day, one line each."""
        return decisions_in(self.root, self.day)

    @property
    def events(self) -> Path:
        """The day's event tape."""
        return events_in(self.root, self.day)

    @property
    def daily_summary(self) -> Path:
        """One row a day and mode."""
        return self.root / "daily_summary.csv"

    def write_trades(self, trades: Iterable[Trade], *, mode: str, label: str) -> None:
        """Write the day's trades with the columns of TRADE_COLUMNS.

        Raises:
            DataError: The file cannot be written; the old one is untouched.
        """
        day = self.day.isoformat()
        rows = (_trade(day, mode, label, trade) for trade in trades)
        replace_text(self.trades, csv_text(tuple(TRADE_COLUMNS), rows))

    def write_decisions(self, lines: Iterable[str]) -> None:
        """Write what was decided on the day, for comparison with another run of the same day.

        Raises:
            DataError: The file cannot be written; the old one is untouched.
        """
        replace_text(self.decisions, "".join(f"{line}\n" for line in lines))

    def write_summary(self, summary: DaySummary) -> None:
        """Put the day's row, with the columns of SUMMARY_COLUMNS, in the place of an earlier one.

        Raises:
            DataError: The file cannot be read or written, or has other columns; it is untouched.
        """
        columns = tuple(SUMMARY_COLUMNS)
        row = dict(zip(columns, _summary(self.day.isoformat(), summary), strict=True))
        kept = [old for old in _rows(self.daily_summary, columns) if _key(old) != _key(row)]
        rows = (tuple(each.values()) for each in sorted([*kept, row], key=_key))
        replace_text(self.daily_summary, csv_text(columns, rows))


def events_in(root: Path, day: date) -> Path:
    """Return the path of the event tape of *day* in state folder *root*."""
    return root / "events" / f"events_{day:%Y%m%d}.tape"


def decisions_in(root: Path, day: date) -> Path:
    """Return the path of the decision lines of *day* in folder *root*."""
    return root / f"decisions_{day:%Y%m%d}.txt"


def database_in(root: Path) -> Path:
    """Return the path of the state database in state folder *root*."""
    return root / "live_state.db"


def _trade(day: str, mode: str, label: str, trade: Trade) -> tuple[str, ...]:
    return (
        day,
        mode,
        label,
        trade.trade_id,
        trade.symbol,
        trade.level,
        str(trade.quantity),
        rupees(average(trade.sold_value, trade.quantity)),
        rupees(average(trade.bought_value, trade.quantity)),
        rupees(trade.points),
        rupees(trade.stop),
        rupees(trade.gross),
        str(trade.orders),
        rupees(trade.charges),
        rupees(trade.net),
        f"{trade.r:.4f}",
        ist_stamp(trade.opened_at),
        ist_stamp(trade.closed_at),
        trade.exit_reason,
    )


def _summary(day: str, summary: DaySummary) -> tuple[str, ...]:
    return (
        day,
        summary.mode,
        summary.label,
        str(summary.trades),
        str(summary.wins),
        rupees(summary.gross_paise),
        rupees(summary.charges_paise),
        rupees(summary.net_paise),
        f"{summary.r:.4f}",
        rupees(summary.peak_margin_paise),
        summary.halted_reason,
        ist_stamp(summary.updated_at),
    )


def _key(row: Mapping[str, str]) -> tuple[str, str]:
    return row["date"], row["mode"]


def _rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        text = path.read_text(
            encoding="utf-8-sig"
        )  # a spreadsheet may have added a byte-order mark
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}); move it away") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(reader.fieldnames or ()) != tuple(columns):
        raise DataError(f"{path}: its columns are not {','.join(columns)}; move it away")
    rows = list(reader)
    for row in rows:
        if None in row or None in row.values():
            raise DataError(f"{path}: line {reader.line_num} has another number of columns")
    return rows
