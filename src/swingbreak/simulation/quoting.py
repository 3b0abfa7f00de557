"""One generated contract's book and prints: spread, size and volume around a fair premium.

Rules of this file:

1. Bid and ask lie on the price grid, at least one step apart, the bid at least one step high.
2. A trade prints at the bid or at the ask; a message without a trade repeats the last price.
3. Sizes and volumes are whole lots; cumulative volume never decreases.

The tables are medians of NIFTY's nearest weekly on 2025-08-29 (292 snapshots, 4 days to expiry)
within 600 points of the money; those of other days in 2025 and 2026 agree within a factor of 2.
"""

import math
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from swingbreak.domain.money import Paise

__all__ = ["Quoter", "median_size", "median_spread", "turnover_share"]

# Premium in rupees -> median spread in paise, and median lots at the touch.
_SPREADS = ((0, 5), (20, 7), (50, 12), (100, 20), (150, 30), (200, 40), (300, 72), (500, 170))
_SIZES = ((0, 480), (5, 300), (20, 90), (50, 38), (100, 16), (150, 8), (250, 4), (400, 2), (600, 1))
_SPREAD_SD = 0.18  # of the log
_SIZE_SD = 0.9
_LEAN_KEEP = 0.8
_LEAN_SD = 0.25  # the mid wanders around fair, in half spreads
_FOLLOW = 0.25  # how much likelier a buyer prints after a rise


def median_spread(premium: float) -> float:
    """Return the ordinary spread at *premium*, both in paise, not yet on the grid."""
    return _SPREAD_TABLE[min(int(premium) // 100, len(_SPREAD_TABLE) - 1)]


def median_size(premium: float) -> float:
    """Return the ordinary size at the touch in lots at *premium* paise."""
    return _SIZE_TABLE[min(int(premium) // 100, len(_SIZE_TABLE) - 1)]


def turnover_share(z: float) -> float:
    """Return a contract's volume over that at the money.

    Args:
        z: Distance out of the money in standard deviations to expiry; negative in the money.
    """
    return math.exp(-0.65 * z if z >= 0 else 0.9 * z - 1.2 * z * z)


def _interpolated(points: tuple[tuple[int, int], ...]) -> list[float]:
    """Return the value for each whole rupee up to the last point."""
    table: list[float] = []
    for (left, low), (right, high) in pairwise(points):
        table += [low + (high - low) * (x - left) / (right - left) for x in range(left, right)]
    return [*table, float(points[-1][1])]


_SPREAD_TABLE = _interpolated(_SPREADS)
_SIZE_TABLE = _interpolated(_SIZES)


@dataclass(slots=True)
class Quoter:
    """The state of one contract; ``update`` moves it to its next message.

    Attributes:
        lot: Units per lot.
        tick: Price step, paise.
        price: Last trade, paise; ``bid`` and ``ask`` likewise.
        volume: Units traded since the open.
        bid_size: Units at the bid; ``ask_size`` likewise.
    """

    rng: Random
    lot: int
    tick: Paise
    price: Paise = 0
    volume: int = 0
    bid: Paise = 0
    ask: Paise = 0
    bid_size: int = 0
    ask_size: int = 0
    _fair: float = field(default=0.0, repr=False)
    _lean: float = field(default=0.0, repr=False)

    def update(self, fair: float, stress: float, lots: float) -> None:
        """Quote around *fair* and trade.

        Args:
            fair: Fair premium, paise.
            stress: Spread over ordinary.
            lots: Lots expected to have traded since the last message.
        """
        rng, tick = self.rng, self.tick
        width = median_spread(fair) * stress * math.exp(rng.gauss(0, _SPREAD_SD))
        self._lean = _LEAN_KEEP * self._lean + rng.gauss(0, _LEAN_SD)
        low = fair + (self._lean - 1) * width / 2
        self.bid = max(tick, round(low / tick) * tick)
        self.ask = max(self.bid + tick, round((low + width) / tick) * tick)
        self._resize(median_size(fair) / stress)
        self._trade(fair, lots)
        self._fair = fair

    def _resize(self, lots: float) -> None:
        rng, lot = self.rng, self.lot
        self.bid_size = lot * (1 + int(lots * math.exp(rng.gauss(0, _SIZE_SD))))
        self.ask_size = lot * (1 + int(lots * math.exp(rng.gauss(0, _SIZE_SD))))

    def _trade(self, fair: float, expected: float) -> None:
        rng = self.rng
        traded = int(rng.expovariate(1 / expected) + rng.random()) if expected > 0 else 0
        if self.price == 0:
            traded = max(traded, 1)
        if not traded:
            return
        follow = _FOLLOW if fair > self._fair else -_FOLLOW
        self.price = self.ask if rng.random() < 0.5 + follow else self.bid
        self.volume += traded * self.lot
