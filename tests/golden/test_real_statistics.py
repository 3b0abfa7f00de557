"""Generated days against real ones: both must lie in the same bands.

Real days are those of ``../shared/data``, which is not part of the project; without it only the
generated half runs. A band holds the median over the days measured. Bands are about as wide as
real days differ among themselves.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pytest

from swingbreak.adapters.dayfiles import load_day
from swingbreak.adapters.facts_file import load_facts
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.simulation.generator import DaySpec, generate_day
from swingbreak.simulation.spot_path import draw_regime, walk
from swingbreak.simulation.tape import ArrayTape
from tests.day_statistics import (
    bar_statistics,
    book_statistics,
    by_seconds,
    follow_statistics,
    medians,
    off_grid,
    parity_residuals,
    spot_statistics,
    turnover_statistics,
)

DATA = Path(__file__).parents[3] / "shared" / "data"
FACTS = load_facts()
Numbers = dict[str, float]

SPOT = {
    "volatility": (0.060, 0.110),
    "open_rise": (1.6, 2.6),
    "close_rise": (1.1, 1.8),
    "kurtosis": (4.0, 8.0),
    "lag1": (0.02, 0.15),
    "clustering": (0.07, 0.25),
    "range": (1.0, 1.25),
}
BARS = {
    "range 100-150": (0.015, 0.030),
    "range 150-200": (0.012, 0.025),
    "range 200-300": (0.010, 0.024),
    "follow": (0.80, 0.95),
    "lag1": (0.0, 0.2),
    "off grid": (0, 0),
}
BOOKS = {
    "spread 50-100": (10, 20),
    "spread 100-150": (20, 30),
    "spread 150-200": (30, 45),
    "spread 200-300": (45, 65),
    "wide 100-150": (25, 40),
    "wide 200-300": (55, 85),
    "lots 100-150": (8, 16),
    "lots 200-300": (3, 7),
    "parity": (0.2, 0.9),
    "parity p90": (0.8, 2.6),
    "otm": (0.60, 0.80),
    "hundreds": (0.55, 0.70),
    "opening": (0.10, 0.20),
    "off grid": (0, 0),
}


def bars_of(tape: ArrayTape) -> Numbers:
    by_band = bar_statistics(tape)
    ranges = {f"range {low}-{high}": found["range"] for (low, high), found in by_band.items()}
    return {**ranges, **follow_statistics(tape), "off grid": off_grid(tape)}


def books_of(tape: ArrayTape) -> Numbers:
    median, p90 = parity_residuals(tape, 300)
    books = {
        f"{name} {low}-{high}": value
        for (low, high), found in book_statistics(tape).items()
        for name, value in found.items()
    }
    others = {"parity": median, "parity p90": p90, "off grid": off_grid(tape)}
    return {**books, **others, **turnover_statistics(tape)}


def generated_spot() -> Numbers:
    days = []
    for seed in range(25):
        dice = Random(f"statistics {seed}")  # noqa: S311 - no secret
        path = walk(dice, 375 * 60, 17_500_00.0, draw_regime(dice))
        days.append(spot_statistics(by_seconds([round(p / 5) * 5 for p in path.price])))
    return medians(days)


def generated(
    measure: Callable[[ArrayTape], Numbers],
    seeds: range,
    *,
    day: date,
    expiry: date,
    spot: int,
    volatility: float,
    strikes: int,
) -> Numbers:
    terms = Contracts(FACTS).terms("NIFTY", expiry, day)
    return medians(
        measure(
            generate_day(
                DaySpec(
                    seed=seed,
                    session=Calendar(FACTS).session(day),
                    terms=terms,
                    expiry=expiry,
                    spot=spot,
                    volatility=volatility,
                    strikes=strikes,
                    index_stands=None,
                )
            )
        )
        for seed in seeds
    )


def generated_bars() -> Numbers:
    return generated(
        bars_of,
        range(3),
        day=date(2021, 6, 11),
        expiry=date(2021, 6, 17),
        spot=15_800_00,
        volatility=0.12,
        strikes=4,
    )


def generated_books() -> Numbers:
    return generated(
        books_of,
        range(2),
        day=date(2025, 8, 29),
        expiry=date(2025, 9, 2),
        spot=24_550_00,
        volatility=0.09,
        strikes=14,
    )


def real_spot() -> Numbers:
    pl = pytest.importorskip("polars")
    days = []
    for path in sorted((DATA / "spot_1s" / "NIFTY").glob("*.parquet"))[::3]:
        prices = pl.read_parquet(path)["price"].to_list()
        if len(prices) >= 370 * 60:
            days.append(spot_statistics(by_seconds(prices)))
    return medians(days)


def real_bars() -> Numbers:
    days = ("2021-06-11", "2021-06-14")
    return medians(bars_of(load_day(DATA / "options" / "NIFTY" / day, FACTS)) for day in days)


def real_books() -> Numbers:
    return books_of(load_day(DATA / "chain_snapshots" / "NIFTY" / "2025-08-29", FACTS))


def outside(numbers: Numbers, bands: dict[str, tuple[float, float]]) -> Numbers:
    return {
        name: numbers[name]
        for name, (low, high) in bands.items()
        if not low <= numbers[name] <= high
    }


@pytest.mark.parametrize(
    ("measure", "bands"),
    [(generated_spot, SPOT), (generated_bars, BARS), (generated_books, BOOKS)],
    ids=["spot", "bars", "books"],
)
def test_generated_days_lie_in_the_bands(
    measure: Callable[[], Numbers], bands: dict[str, tuple[float, float]]
) -> None:
    assert outside(measure(), bands) == {}


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data, which is not published")
@pytest.mark.parametrize(
    ("measure", "bands"),
    [(real_spot, SPOT), (real_bars, BARS), (real_books, BOOKS)],
    ids=["spot", "bars", "books"],
)
def test_real_days_lie_in_the_same_bands(
    measure: Callable[[], Numbers], bands: dict[str, tuple[float, float]]
) -> None:
    assert outside(measure(), bands) == {}
