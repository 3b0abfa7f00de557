"""Programs that read a file of bars and trade nothing."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from swingbreak.adapters.contract_facts import ContractFacts, load_facts
from swingbreak.adapters.dayfiles import BarRow, read_bars
from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import OptionContract, parse_option_symbol
from swingbreak.domain.market import Bar
from swingbreak.domain.session import Session
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
    parameters = load(config, overrides=overrides).parameters
    facts = load_facts()
    rows: dict[date, dict[str, list[BarRow]]] = {}
    for row in read_bars(path):
        rows.setdefault(row.day, {}).setdefault(row.symbol, []).append(row)
    try:
        # all of them before the first is shown: half an answer is none
        days = {day: _day(day, rows[day], facts) for day in sorted(rows)}
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    for day, (contracts, bars) in days.items():
        for signal in signals(contracts, bars, parameters):
            yield {"day": day.isoformat(), **signal}


def _day(
    day: date, rows: Mapping[str, list[BarRow]], facts: ContractFacts
) -> tuple[list[OptionContract], dict[str, list[Bar]]]:
    session = facts.session(day)
    contracts = [_contract(symbol, day, facts) for symbol in rows]
    return contracts, {symbol: _bars(symbol, bars, session) for symbol, bars in rows.items()}


def _contract(symbol: str, day: date, facts: ContractFacts) -> OptionContract:
    underlying, expiry, strike, right = parse_option_symbol(symbol)
    terms = facts.terms(underlying, expiry, day)
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
