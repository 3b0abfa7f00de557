"""Programs that read a file of bars and trade nothing."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from swingbreak.adapters.dayfiles import BarRow, read_bars
from swingbreak.bootstrap.known import facts_of
from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import OptionContract, parse_option_symbol
from swingbreak.domain.market import Bar
from swingbreak.domain.session import Session
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.runtime.signals import Signal, signals
from swingbreak.settings import load

__all__ = ["read_signals"]


def read_signals(
    path: Path, config: Path | None, overrides: Mapping[str, object]
) -> Iterator[Signal]:
    """Yield what the strategy sees in the bars of *path*, day by day.

    Raises:
        ConfigError: A setting is wrong.
        DataError: The file, or a symbol in it, cannot be used.
    """
    settings = load(config, overrides=overrides)
    facts = facts_of(settings)
    calendar, known = Calendar(facts), Contracts(facts)
    rows: dict[date, dict[str, list[BarRow]]] = {}
    for row in read_bars(path):
        rows.setdefault(row.day, {}).setdefault(row.symbol, []).append(row)
    try:
        # all of them before the first is shown: half an answer is none
        days = {day: _day(calendar.session(day), rows[day], known) for day in sorted(rows)}
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    for day, (contracts, bars) in days.items():
        for signal in signals(contracts, bars, settings.parameters):
            yield {"day": day.isoformat(), **signal}


def _day(
    session: Session, rows: Mapping[str, list[BarRow]], known: Contracts
) -> tuple[list[OptionContract], dict[str, list[Bar]]]:
    contracts = [_contract(symbol, session.day, known) for symbol in rows]
    return contracts, {symbol: _bars(symbol, bars, session) for symbol, bars in rows.items()}


def _contract(symbol: str, day: date, known: Contracts) -> OptionContract:
    underlying, expiry, strike, right = parse_option_symbol(symbol)
    terms = known.terms(underlying, expiry, day)
    return OptionContract(
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        right=right,
        lot=terms.lot,
        freeze=terms.freeze,
        tick=terms.tick,
        exchange=terms.exchange,
        symbol=symbol,
    )


def _bars(symbol: str, rows: list[BarRow], session: Session) -> list[Bar]:
    bars = []
    for row in sorted(rows, key=lambda row: row.ts):
        minute = session.minute_of(row.ts)
        if not 0 <= minute < session.minutes:
            raise DataError(f"{symbol}: bar of {row.ts.isoformat()} is outside the session")
        bars.append(Bar(minute, row.open, row.high, row.low, row.close, row.volume))
    return bars
