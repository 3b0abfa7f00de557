"""What one bar costs the swing detector on days of different shape."""

import gc
from random import Random
from time import process_time

from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import SwingRule
from swingbreak.market.swings import SwingDetector
from swingbreak.market.vwap import SessionVwap

MINUTES = 375
SYMBOLS = 60
ROUNDS = 7


def walk(seed: int, drift: int = 0, top: int = 10_000_00) -> list[Bar]:
    random = Random(seed)  # noqa: S311 - no secret
    price = min(top, 200_00)
    bars = []
    for minute in range(MINUTES):
        moves = [5 * (drift + random.randint(-10, 10)) for _ in range(5)]
        path = [price := min(top, max(5, price + move)) for move in moves]
        bars.append(Bar(minute, path[0], max(path), min(path), path[-1], 65))
    return bars


def trend(step: int) -> list[Bar]:
    opens = [1000_00 + step * minute for minute in range(MINUTES)]
    return [Bar(m, o, o + 60, o - 60, o + step // 2, 65) for m, o in enumerate(opens)]


def microseconds(days: list[list[Bar]]) -> tuple[float, float]:
    """Return the least time of a bar, µs, and the share of bars with a swing."""
    best, swings = float("inf"), 0
    for _ in range(ROUNDS):
        gc.collect()
        swings = 0
        started = process_time()
        for bars in days:
            detector, vwap = SwingDetector(SwingRule.WATCH2), SessionVwap()
            for bar in bars:
                vwap.add(bar)
                swings += detector.add(bar, vwap.ratio) is not None
        best = min(best, process_time() - started)
    count = sum(map(len, days))
    return best / count * 1e6, swings / count


def main() -> None:
    shapes = {
        "random walk": [walk(seed) for seed in range(SYMBOLS)],
        "straight up": [trend(100)] * SYMBOLS,
        "straight down": [trend(-100)] * SYMBOLS,
        "noisy up": [walk(seed, drift=5) for seed in range(SYMBOLS)],
        "noisy down": [walk(seed, drift=-1) for seed in range(SYMBOLS)],
        "flat": [trend(0)] * SYMBOLS,
        "two prices": [walk(seed, top=10) for seed in range(SYMBOLS)],
    }
    print(f"{'VWAP and swings':15} {'µs/bar':>7} {'x walk':>7} {'swings/bar':>11}")
    base = 0.0
    for name, days in shapes.items():
        cost, share = microseconds(days)
        base = base or cost
        print(f"{name:15} {cost:7.2f} {cost / base:7.2f} {share:11.3f}")


if __name__ == "__main__":
    main()
