"""Short made-up days on which much happens: entries, fills, stops, targets and switches.

Most begin in the middle of a session, so that there are levels to sell under at once.

Prices walk in steps that suit the settings, not a market: no statistic of such a day means
anything. Prices are paise.
"""

import math
from dataclasses import dataclass, replace
from datetime import date, time
from random import Random

from swingbreak.domain.instrument import OptionContract, Right, option_symbol
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.simulation.tape import ArrayTape, TapeColumns

__all__ = ["DAY", "ShortDay", "short_day"]

DAY = date(2026, 11, 20)
EXPIRY = date(2026, 12, 1)
OPENS = time(9, 15)
_LEAD_S = 20  # the program starts so long before a minute ends
TAIL_MINUTES = 3  # from the force-exit to the close: room to become flat against all odds
_LOT, _FREEZE = 65, 1800
_SPOT = "NIFTY"
_ATM = 24500_00
_SPOT_EVERY_MS = 8000
_BEFORE_MS, _PAUSES_MS = 7000, (1500, 2500, 4000, 6000)
_TRADED = 0.7  # share of the options that tick at an instant of the tape
_LOWEST, _HIGHEST = 60_00, 320_00


def clock(minute: int) -> time:
    """Return the time of day *minute* minutes after the open."""
    hours, minutes = divmod(OPENS.hour * 60 + OPENS.minute + minute, 60)
    return time(hours, minutes)


@dataclass(frozen=True, slots=True)
class ShortDay:
    """A day to simulate.

    Attributes:
        starts_s: When the program starts, seconds after the open; negative before it.
    """

    tape: ArrayTape
    parameters: Parameters
    starts_s: int


def short_day(dice: Random) -> ShortDay:
    """Return a day of which 6 to 9 minutes are traded before its force-exit, with four options."""
    passed = dice.choice([0, 7, 9, 11])
    starts_s = 60 * passed - _LEAD_S
    tape = _tape(dice, passed + dice.randint(6, 9) + TAIL_MINUTES, 1000 * starts_s)
    return ShortDay(tape, _parameters(dice, tape), starts_s)


def _tape(dice: Random, minutes: int, starts_ms: int) -> ArrayTape:
    contracts = tuple(_contract(_ATM + 50_00 * n, right) for n in range(2) for right in Right)
    contracts = tuple(replace(each, freeze=dice.choice([_FREEZE, 4 * _LOT])) for each in contracts)
    walks = [_Walk(dice) for _ in contracts]
    columns = TapeColumns()
    rows = [(at, 0, _ATM, 0, 0, 0, 0, 0) for at in range(0, minutes * 60_000, _SPOT_EVERY_MS)]
    at = dice.randrange(500, 3000)
    while at < minutes * 60_000:
        for number, walk in enumerate(walks, 1):
            if dice.random() < _TRADED:
                rows.append((at, number, *walk.step(at)))
        at += _BEFORE_MS if at < starts_ms else dice.choice(_PAUSES_MS)
    for row in sorted(rows):
        columns.append(*row)
    return ArrayTape(
        label="made up for a simulation",
        synthetic=True,
        session=Session.on(DAY, OPENS, clock(minutes)),
        underlying="NIFTY",
        spot_symbol=_SPOT,
        contracts=contracts,
        symbols=(_SPOT, *(each.symbol for each in contracts)),
        columns=columns,
        cadence_s=9,
        previous_closes={_SPOT: _ATM, **{each.symbol: 150_00 for each in contracts}},
    )


def _parameters(dice: Random, tape: ArrayTape) -> Parameters:
    ends = tape.session.minutes - TAIL_MINUTES
    return Parameters(
        price_min=50_00,
        price_max=400_00,
        vwap_premium_min_bp=-9000,
        stop_min_bp=10,
        stop_max_bp=dice.choice([1000, 2500]),
        daily_target_r=dice.choice([1, 2, 5, 5]),
        daily_stop_r=-dice.choice([1, 2, 5, 5]),
        max_positions=dice.choice([1, 2, 5]),
        max_per_right=dice.choice([1, 2, 3]),
        entry_fill_s=dice.choice([5, 20]),
        entry_limit_buffer=dice.choice([50, 300]),
        stop_limit_buffer=dice.choice([50, 300]),
        chase_after_s=dice.choice([0, 2]),
        force_exit=clock(ends),
        last_entry=clock(ends - dice.choice([0, 2])),
    )


class _Walk:
    """The price, the book and the day volume of one option: waves about a middle that walks."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._middle = float(dice.randrange(140_00, 240_00))
        self._height = dice.uniform(4_00, 9_00)
        self._trend = dice.uniform(-12, 8)
        self._period_ms = dice.uniform(2.5, 5.0) * 60_000
        self._phase = dice.uniform(0, math.tau)
        self._volume = 0
        self._jumps = dice.choice([0, 0.01, 0.03])
        self._lots = dice.choice([2, 6, 20])
        self._half = dice.choice([5, 15, 40])

    def step(self, at_ms: int) -> tuple[Paise, int, Paise, Paise, int, int]:
        """Return price, day volume, bid, ask and their sizes of the tick at *at_ms*."""
        dice = self._dice
        self._middle += dice.gauss(self._trend, 40)
        if dice.random() < self._jumps:
            self._middle += dice.choice([-1, 1, 1]) * dice.uniform(3_00, 20_00)
        self._middle = min(max(self._middle, _LOWEST), _HIGHEST)
        wave = self._height * math.sin(self._phase + math.tau * at_ms / self._period_ms)
        price = 5 * round((self._middle + wave + dice.gauss(0, 40)) / 5)
        self._volume += _LOT * dice.choice([0, 1, 2, 5, 20])
        sizes = [_LOT * dice.randint(1, self._lots) for _ in range(2)]
        return price, self._volume, price - self._half, price + self._half, sizes[0], sizes[1]


def _contract(strike: Paise, right: Right) -> OptionContract:
    return OptionContract(
        underlying="NIFTY",
        expiry=EXPIRY,
        strike=strike,
        right=right,
        lot=_LOT,
        freeze=_FREEZE,
        tick=5,
        exchange="NFO",
        symbol=option_symbol("NIFTY", EXPIRY, strike, right),
    )
