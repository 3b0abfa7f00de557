"""Ticks to bars and session VWAP, as we want them of the hand-made series."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from swingbreak.domain.market import Bar, Tick
from swingbreak.market.bars import BarBuilder
from swingbreak.market.vwap import SessionVwap
from tests.builders import SESSION, at

VECTORS = Path(__file__).parents[3] / "shared" / "golden" / "bars_handcrafted.json.gz"
PAISE = 5  # in a tick of the vectors

pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the golden vectors are not here")


def cases() -> list[Any]:
    if not VECTORS.exists():
        return []
    with gzip.open(VECTORS) as file:
        return [pytest.param(case, id=case["name"]) for case in json.load(file)["cases"]]


def as_bar(minute: int, *rest: int) -> Bar:
    *ohlc, volume, ticks = rest
    return Bar(minute, *(PAISE * price for price in ohlc), volume, ticks)


@pytest.mark.parametrize("case", cases())
def test_bars_of_a_tick_series(case: dict[str, Any]) -> None:
    builder = BarBuilder(SESSION)
    for second, price, volume in case["ticks"]:
        builder.add(Tick("A", at(0, second), PAISE * price, volume))
    last = SESSION.minute_of(at(0, case["ticks"][-1][0]))
    bars = [bar for minute in range(last) for bar in builder.close(minute).values()]
    assert bars == [as_bar(*row[:7]) for row in case["desired_bars"]]
    assert builder.forming(last) == {"A": as_bar(*case["desired_forming"])}
    assert builder.resets["A"] == (case["name"] == "volume_reset_backwards")
    vwap = SessionVwap()
    for bar, row in zip(bars, case["desired_bars"], strict=True):
        vwap.add(bar)
        numerator, denominator = vwap.ratio
        assert numerator / denominator / 100 == pytest.approx(row[7], abs=1e-7)
