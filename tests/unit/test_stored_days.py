"""Stored columns as tapes, and chains rebuilt around a real index."""

from array import array
from dataclasses import replace
from datetime import date

import pytest

from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar
from swingbreak.market.day_bars import IndexColumns, Origin
from swingbreak.simulation.generator import NIFTY_2026, DaySpec
from swingbreak.simulation.rebuilt import path_of_minutes, rebuild_day
from swingbreak.simulation.stored import tape_of_stored
from tests.day_bars import EXPIRY, SESSION, STRIKE, day_of, flat


def index_of(*minutes: tuple[int, int, int, int, int]) -> IndexColumns:
    return IndexColumns(*(array("i", column) for column in zip(*minutes, strict=True)))


INDEX = index_of((0, 24_200_00, 24_210_00, 24_190_00, 24_205_00))
SPEC = DaySpec(session=SESSION, terms=NIFTY_2026, expiry=EXPIRY, strikes=1, ticks_per_minute=6.0)


def test_a_stored_day_becomes_four_ticks_a_bar() -> None:
    day = day_of((STRIKE, Right.CE, [Bar(1, 100, 120, 95, 110, 400)]), index=INDEX)
    tape = tape_of_stored(day, NIFTY_2026)
    option = [t for t in tape.ticks() if t.symbol == "NIFTY01DEC2624200CE"]
    assert [(t.price, t.volume) for t in option] == [(100, 100), (95, 200), (120, 300), (110, 400)]
    assert [t.price for t in tape.ticks() if t.symbol == "NIFTY"] == [
        24_200_00, 24_190_00, 24_210_00, 24_205_00,
    ]  # fmt: skip
    assert (tape.label, tape.synthetic) == ("test (1-minute bars)", False)


@pytest.mark.parametrize("origin", [Origin.REBUILT, Origin.SYNTHETIC])
def test_a_made_up_day_says_so(origin: Origin) -> None:
    day = day_of((STRIKE, Right.CE, flat([1])), (STRIKE, Right.PE, flat([1])), origin=origin)
    assert tape_of_stored(day, NIFTY_2026).synthetic


def test_a_tape_has_one_expiry() -> None:
    day = day_of((STRIKE, Right.CE, flat([1])))
    later = replace(day.contracts[0], expiry=date(2026, 12, 8))
    both = replace(day, contracts=(*day.contracts, later), starts=array("i", [0, 1, 1]))
    with pytest.raises(DataError, match="found: 2026-12-01, 2026-12-08"):
        tape_of_stored(both, NIFTY_2026)
    with pytest.raises(DataError, match="found: none"):
        tape_of_stored(day_of(), NIFTY_2026)


def test_a_path_goes_through_each_minute() -> None:
    falling = (2, 24_205_00, 24_220_00, 24_180_00, 24_190_00)
    path = path_of_minutes(index_of((0, *_of(INDEX)), falling), 4).price
    assert len(path) == 240
    assert [path[s] for s in (0, 20, 40, 59)] == [24_200_00, 24_190_00, 24_210_00, 24_205_00]
    assert set(path[60:120]) == {24_205_00}  # missing: it stands still
    assert [path[s] for s in (120, 140, 160, 179)] == [
        24_205_00, 24_220_00, 24_180_00, 24_190_00,
    ]  # fmt: skip
    assert set(path[180:]) == {24_190_00}


def _of(index: IndexColumns) -> tuple[int, int, int, int]:
    return index.open[0], index.high[0], index.low[0], index.close[0]


def test_a_rebuilt_day_shows_the_index_it_was_given() -> None:
    minutes = [(m, 24_200_00, 24_210_00, 24_190_00, 24_205_00) for m in range(30)]
    tape = rebuild_day(SPEC, index_of(*minutes), 1350, "a file")
    assert tape.label == "rebuilt NIFTY 2026-11-20 from a file, VIX 13.50 seed 23"
    shown = {t.at: t.price for t in tape.ticks() if t.symbol == "NIFTY"}
    assert [shown[SESSION.start_of(m)] for m in range(30)] == [24_200_00] * 30
    assert (min(shown.values()), max(shown.values())) == (24_190_00, 24_210_00)
    again = rebuild_day(SPEC, index_of(*minutes), 1350, "a file")
    assert list(tape.ticks()) == list(again.ticks())


def test_more_volatility_makes_dearer_options() -> None:
    minutes = [(m, 24_200_00, 24_210_00, 24_190_00, 24_205_00) for m in range(30)]
    means = []
    for vix in (1000, 2000):
        tape = rebuild_day(SPEC, index_of(*minutes), vix, "a file")
        prices = [t.price for t in tape.ticks() if t.symbol.endswith("24200CE")]
        means.append(sum(prices) / len(prices))
    assert 1.6 < means[1] / means[0] < 2.1


@pytest.mark.parametrize(
    ("index", "vix", "why"),
    [
        (INDEX, 0, "VIX 0.00 is no volatility"),
        (IndexColumns(), 1350, "no minute of the index"),
        (index_of((30, 1, 1, 1, 1)), 1350, "no minute of the index"),
    ],
)
def test_nothing_is_rebuilt_of_nothing(index: IndexColumns, vix: int, why: str) -> None:
    with pytest.raises(DataError, match=why):
        rebuild_day(SPEC, index, vix, "a file")
