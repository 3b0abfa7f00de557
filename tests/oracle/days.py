"""Random days of bars on which a rule is often met at its very edge."""

from random import Random

from tests.oracle.values import STEP, Bar, Contract

LOT = 65
ENOUGH = 4 * 10 * LOT  # at each of four prices as many trade as an order is for at most


def random_contracts(dice: Random) -> list[Contract]:
    strikes = dice.sample(range(24300, 24700, 50), dice.randint(1, 4))
    return [
        Contract(f"NIFTY01DEC26{strike}{right}", right, strike * 100, LOT)
        for strike in sorted(strikes)
        for right in ("CE", "PE")
    ]


def random_bars(dice: Random, minutes: int) -> list[Bar]:
    """Return a walk with gaps, jumps, ties and extremes that just reach, or miss, older ones."""
    bars: list[Bar] = []
    price, wide = dice.randrange(110_00, 240_00, STEP), dice.choice([4, 10, 20, 40])
    gaps, jumps, idle = dice.choice([0, 0.1]), dice.choice([0, 0.05, 0.2]), dice.random() < 0.1
    for minute in range(minutes):
        if dice.random() < gaps:
            continue
        if dice.random() < jumps:
            price += STEP * dice.choice([-1, 1]) * dice.choice([1, 40, 60, 100, 200])
        open_ = _kept(price + STEP * dice.choice([0, 0, 0, 1, -1, 3, -3]))
        close = _kept(open_ + STEP * round(dice.gauss(0, wide)))
        high = max(open_, close) + STEP * abs(round(dice.gauss(0, wide / 2)))
        low = min(open_, close) - STEP * abs(round(dice.gauss(0, wide / 2)))
        if bars and dice.random() < 0.3:  # beside, or on, an older extreme
            edge, step = dice.choice(bars[-8:]), STEP * dice.choice([-1, -1, 0, 1])
            low = edge.low + step if edge.low + step <= min(open_, close) else low
            high = edge.high + step if edge.high + step >= max(open_, close) else high
        volume = 0 if idle else ENOUGH * dice.choice([1, 1, 2, 5, 40])
        bars.append(Bar(minute, open_, high, low, close, volume))
        price = close
    return bars


def _kept(price: int) -> int:
    return min(max(price, 70_00), 330_00)
