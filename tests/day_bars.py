"""Days of bars with defaults, so that a test states only what it is about."""

from array import array
from collections.abc import Sequence
from datetime import date, time

from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar
from swingbreak.domain.session import Session
from swingbreak.market.day_bars import DayBars, IndexColumns, Origin
from swingbreak.simulation.chain import contract
from swingbreak.simulation.generator import NIFTY_2026

DAY = date(2026, 11, 20)
EXPIRY = date(2026, 12, 1)
SESSION = Session.on(DAY, time(9, 15), time(9, 45))
STRIKE = 24_200_00


def flat(minutes: Sequence[int], price: int = 150_00, volume: int = 650) -> list[Bar]:
    return [Bar(minute, price, price + 5, price - 5, price, volume, 4) for minute in minutes]


def day_of(
    *contracts: tuple[int, Right, Sequence[Bar]],
    session: Session = SESSION,
    expiry: date = EXPIRY,
    index: IndexColumns | None = None,
    notes: tuple[str, ...] = (),
    origin: Origin = Origin.RECORDED,
) -> DayBars:
    """A day of the given bars by strike and right."""
    starts, rows = array("i", [0]), list[Bar]()
    for _, _, bars in contracts:
        rows += bars
        starts.append(len(rows))
    columns = {
        name: array("q", [getattr(bar, name) for bar in rows])
        for name in ("minute", "open", "high", "low", "close", "volume", "ticks")
    }
    return DayBars(
        label="test",
        origin=origin,
        session=session,
        underlying="NIFTY",
        spot_symbol="NIFTY",
        contracts=tuple(
            contract(NIFTY_2026, expiry, strike, right) for strike, right, _ in contracts
        ),
        starts=starts,
        index=index or IndexColumns(),
        notes=notes,
        **columns,
    )
