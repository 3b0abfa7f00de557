"""What the naive day is told and tells: prices in paise, times in milliseconds since the open."""

from typing import NamedTuple

STEP = 5  # between two prices


class Bar(NamedTuple):
    minute: int
    open: int
    high: int
    low: int
    close: int
    volume: int


class Contract(NamedTuple):
    symbol: str
    right: str
    strike: int
    lot: int


class Traded(NamedTuple):
    symbol: str
    quantity: int
    sold_at: int
    sold_ms: int
    bought_at: int
    bought_ms: int
    reason: str
