"""Days for tests: generated ones, each made once, and short ones on which much happens."""

from dataclasses import replace
from datetime import time
from functools import lru_cache
from random import Random

from swingbreak.domain.instrument import Right
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.simulation.generator import DaySpec, generate_day
from swingbreak.simulation.tape import ArrayTape, TapeColumns
from tests.builders import DAY, contract

SPOT = "NIFTY"
LOT = 65
NEVER_S = 100_000  # staleness has its own tests
HOLE = (4 * 60_000 + 20_000, 7 * 60_000 + 5_000)  # ms from the open


@lru_cache(maxsize=4)
def generated(spec: DaySpec) -> ArrayTape:
    """The day of *spec*: nobody writes to a tape, so that all tests of a process share it."""
    return generate_day(spec)


def clock(minute: int) -> time:
    """A minute of the session as a time of day."""
    return time(9 + (15 + minute) // 60, (15 + minute) % 60)


def made_up_tape(
    dice: Random, *, hole: bool = False, freeze_lots: int = 27, wanders: int = 0
) -> ArrayTape:
    """Walks that jump now and then; some ticks fall on whole seconds and on the closing instant.

    With a *hole* no option ticks for some minutes. No order may be above *freeze_lots*. An index
    that *wanders* goes up and down among so many strikes, else it stands still.
    """
    minutes, strikes = dice.randint(8, 30), dice.randint(1, 3)
    pause_ms, jumps = dice.choice([2000, 5000, 12000]), dice.choice([0, 0.01, 0.05])
    strikes = wanders or strikes
    contracts = tuple(contract(24500 + 50 * n, right) for n in range(strikes) for right in Right)
    contracts = tuple(replace(each, freeze=freeze_lots * LOT) for each in contracts)
    spots = _wandering(dice, wanders, 60 * minutes) if wanders else [24500_00] * (60 * minutes)
    rows = [(1000 * second, 0, spot, 0, 0, 0, 0, 0) for second, spot in enumerate(spots)]
    for number in range(1, len(contracts) + 1):
        rows += _walk(dice, number, 60_000 * minutes, pause_ms, jumps)
    if hole:
        rows = [row for row in rows if not (row[1] and HOLE[0] <= row[0] < HOLE[1])]
    columns = TapeColumns()
    for row in sorted(rows):
        columns.append(*row)
    return ArrayTape(
        label="made up for a test",
        synthetic=True,
        session=Session.on(DAY, clock(0), clock(minutes)),
        underlying="NIFTY",
        spot_symbol=SPOT,
        contracts=contracts,
        symbols=(SPOT, *(each.symbol for each in contracts)),
        columns=columns,
        cadence_s=10,
        previous_closes={},
    )


def _wandering(dice: Random, strikes: int, seconds: int) -> list[int]:
    highest = 24500_00 + 50_00 * (strikes - 1)
    spot, spots = dice.randrange(24500_00, highest, 5), []
    for _ in range(seconds):
        spots.append(spot)
        spot = min(max(spot + 5 * round(dice.gauss(0, 160)), 24400_00), highest + 100_00)
    return spots


def _walk(
    dice: Random, number: int, ends_ms: int, pause_ms: int, jumps: float
) -> list[tuple[int, int, int, int, int, int, int, int]]:
    rows = []
    price, volume, at = dice.randrange(130_00, 250_00, 5), 0, dice.randrange(4000)
    wide, lots = dice.choice([5, 25, 60]), dice.choice([1, 3, 20])
    while at < ends_ms:
        bid, ask = (price + sign * dice.choice([0, 5, wide]) for sign in (-1, 1))
        sizes = (LOT * dice.randint(1, lots), LOT * dice.randint(1, lots))
        rows.append((at, number, price, volume, bid, ask, *sizes))
        jump = dice.choice([-1, 1]) * dice.randrange(50, 400) if dice.random() < jumps else 0
        price = min(max(price + 5 * (round(dice.gauss(0, 14)) + jump), 60_00), 320_00)
        volume += LOT * dice.choice([0, 1, 1, 2, 10])
        at += 250 + int(dice.expovariate(1 / pause_ms))
        if dice.random() < 0.2:
            at = -(-at // 500) * 500
    return rows


def made_up_parameters(dice: Random, minutes: int) -> Parameters:
    """Settings under which a short day has much to decide."""
    ends = minutes - dice.randint(1, 3)
    return Parameters(
        price_min=50_00,
        price_max=400_00,
        vwap_premium_min_bp=-9000,
        stop_min_bp=10,
        stop_max_bp=dice.choice([500, 1000, 1500]),
        daily_target_r=dice.choice([1, 2, 5]),
        daily_stop_r=-dice.choice([1, 2, 5]),
        max_positions=dice.choice([2, 5]),
        max_per_right=dice.choice([1, 3]),
        entry_fill_s=dice.choice([3, 60]),
        entry_limit_buffer=dice.choice([50, 300]),
        stop_limit_buffer=dice.choice([50, 300]),
        chase_after_s=dice.choice([0, 2, 5]),
        force_exit=clock(ends),
        last_entry=clock(ends - dice.choice([0, 2])),
        stale_after_s=NEVER_S,
        feed_stale_after_s=NEVER_S,
    )
