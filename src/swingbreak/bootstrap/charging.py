"""What trading costs: on a day that is run, of a trade that is recorded, of one that is made up."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.views import recorded_days, rows_of
from swingbreak.bootstrap.known import facts_of
from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import parse_option_symbol
from swingbreak.domain.money import Paise
from swingbreak.domain.position import Position, Trade
from swingbreak.domain.session import IST
from swingbreak.engine.holdings import Holdings
from swingbreak.facts.charges import ChargeRates, ContractNote, Dealings
from swingbreak.facts.contracts import Contracts
from swingbreak.settings import Settings

__all__ = ["Costs", "charge_rates", "contract_note", "costs_of", "costs_of_trade"]

_FILE = "charges.toml"


@dataclass(frozen=True, slots=True)
class Costs:
    """A round trip and what it costs.

    Attributes:
        subject: What was traded.
        quantity: Units sold and bought back.
        rates: Those of its day and exchange.
        note: What its orders cost by themselves, by component.
        warnings: What a reader must know, a sentence each.
        recorded: What was reckoned when the trade was made, paise; ``None`` for one made up.
    """

    subject: str
    quantity: int
    rates: ChargeRates
    note: ContractNote
    warnings: tuple[str, ...]
    recorded: Paise | None = None

    @property
    def gross(self) -> Paise:
        """P&L before costs, paise."""
        return self.note.dealings.sold - self.note.dealings.bought

    @property
    def points(self) -> float:
        """What the costs as billed take of a unit's price, rupees."""
        return self.note.billed / self.quantity / 100

    @property
    def percent(self) -> float | None:
        """What the costs as billed take of a gain, percent; ``None`` where there is none."""
        return 100 * self.note.billed / self.gross if self.gross > 0 else None


def charge_rates(settings: Settings, exchange: str, day: date) -> ChargeRates:
    """Return the rates of *exchange*, ``NFO`` or ``BFO``, on *day*.

    Raises:
        DataError: Nobody knows a rate of that day, or a facts file cannot be used.
    """
    return ChargeRates.on(facts_of(settings), exchange, day, settings.brokerage)


def contract_note(rates: ChargeRates, holdings: Holdings) -> ContractNote:
    """Return what the orders of *holdings*, closed and open, cost together."""
    trips: tuple[Trade | Position, ...] = (*holdings.trades.values(), *holdings.positions.values())
    return rates.note(
        Dealings(
            sold=sum(trip.sold_value for trip in trips),
            bought=sum(trip.bought_value for trip in trips),
            orders=sum(trip.orders for trip in trips),
        )
    )


def costs_of(
    settings: Settings, quantity: int, dealings: Dealings, exchange: str, day: date | None
) -> Costs:
    """Return what *dealings* in *quantity* units cost on *day*, by default today in India.

    Raises:
        DataError: Nobody knows a rate of that day.
    """
    rates = charge_rates(settings, exchange, day or WallClock().now().astimezone(IST).date())
    return Costs("made up", quantity, rates, rates.note(dealings), _warnings(settings, rates))


def costs_of_trade(
    settings: Settings, trade_id: str, exchange: str | None, day: date | None
) -> Costs:
    """Return what the recorded trade *trade_id* of *day*, by default the last one, cost.

    Args:
        settings: Where it is recorded, and what the broker asks.
        trade_id: Order id of its entry.
        exchange: By default the one that lists its underlying.
        day: The trading day.

    Raises:
        DataError: There is no such trade, or nobody knows a rate of its day.
        LedgerError: The database cannot be read.
    """
    of, row = _recorded(settings.state_dir, trade_id, day)
    symbol, quantity = row["symbol"], row["quantity"]
    dealings = Dealings(row["sold_value_paise"], row["bought_value_paise"], row["orders"])
    underlying, *_ = parse_option_symbol(symbol)
    listed = exchange or Contracts(facts_of(settings)).exchange(underlying, of)
    rates = charge_rates(settings, listed, of)
    note, warnings = rates.note(dealings), _warnings(settings, rates)
    return Costs(f"{trade_id} {symbol}", quantity, rates, note, warnings, row["charges_paise"])


def _recorded(state_dir: Path, trade_id: str, day: date | None) -> tuple[date, dict[str, Any]]:
    path = database_in(state_dir)
    if not path.exists():
        raise DataError(f"no day recorded in {state_dir}: give --state-dir, or --sell and --buy")
    with open_reader(path) as database:
        of = day or max(recorded_days(database), default=None)
        rows: list[dict[str, Any]] = [] if of is None else rows_of(database, "trades", of)
    for row in rows:
        if of is not None and row["trade_id"] == trade_id:
            return of, row
    known = ", ".join(row["trade_id"] for row in rows) or "none"
    raise DataError(f"no trade {trade_id!r} is recorded on {of} in {state_dir}; there: {known}")


def _warnings(settings: Settings, rates: ChargeRates) -> tuple[str, ...]:
    old = (source for source in facts_of(settings).stale(rates.day) if source.name == _FILE)
    return (
        *rates.assumptions,
        *(
            f"charges are known until {source.known_until}, {source.age(rates.day)} days before: "
            "compare with a contract note of your own"
            for source in old
        ),
    )
