"""A few lively minutes as a file of chain snapshots that ``swingbreak serve --replay`` takes."""

import csv
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from swingbreak.domain.money import rupees
from swingbreak.domain.session import IST
from swingbreak.faults.short_days import short_day

__all__ = ["LOWEST", "lively_tape"]

LOWEST: Final = 50  # rupees: no swing below counts
_COLUMNS: Final = ("ts", "symbol", "ltp", "volume_cum", "bid", "ask", "bid_qty", "ask_qty", "spot")
# The day's first trades, large and low: every later swing is far above the average price.
_FIRST_PRICE: Final = 30_00
_FIRST_VOLUME: Final = 65_000_000


def lively_tape(path: Path, seed: int, opens: datetime) -> datetime:
    """Write the short made-up day of *seed* as one that begins at *opens*.

    Returns:
        When everything has to be closed; some minutes more follow.
    """
    short = short_day(Random(seed))  # noqa: S311 - the same day every time
    tape = short.tape
    spot, later = "", opens - tape.session.opens
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for contract in tape.contracts:
            at = _stamp(opens + timedelta(milliseconds=100))
            price = rupees(_FIRST_PRICE)
            writer.writerow((at, contract.symbol, price, _FIRST_VOLUME, "", "", "", "", ""))
        for tick in tape.ticks():
            if tick.symbol == tape.spot_symbol:
                spot = rupees(tick.price)
                continue
            prices = [rupees(one) for one in (tick.bid, tick.ask)]
            sizes = (tick.bid_size, tick.ask_size)
            volume = _FIRST_VOLUME + tick.volume
            at = _stamp(tick.at + later)
            row = (at, tick.symbol, rupees(tick.price), volume, *prices, *sizes, spot)
            writer.writerow(row)
    ends = datetime.combine(tape.session.day, short.parameters.force_exit, IST)
    return ends + later


def _stamp(at: datetime) -> str:
    return at.astimezone(IST).isoformat(timespec="milliseconds")
