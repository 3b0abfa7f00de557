from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import Right
from swingbreak.domain.session import Session
from swingbreak.simulation.generator import NIFTY_2026
from swingbreak.simulation.recorded import (
    IndexBar,
    OptionBar,
    OptionQuote,
    RecordedDay,
    parity_forward,
    tape_of_bars,
    tape_of_quotes,
)
from tests.day_statistics import minute_bars

SESSION = Session.on(date(2026, 11, 20), time(9, 15), time(15, 40))
DAY = RecordedDay("recorded here", SESSION, NIFTY_2026, date(2026, 12, 1), ("dropped 3 rows",))
STRIKE = 24_200_00
CALL, PUT = "NIFTY01DEC2624200CE", "NIFTY01DEC2624200PE"


def at(minute: int, second: int = 0) -> datetime:
    return SESSION.opens + timedelta(minutes=minute, seconds=second)


def bar(minute: int, right: Right, *prices: int, volume: int = 260) -> OptionBar:
    return OptionBar(at(minute), STRIKE, right, *prices, volume)


RISING = bar(0, Right.CE, 190_00, 195_00, 188_00, 192_00)
FALLING = bar(1, Right.CE, 192_00, 193_00, 185_00, 186_00, volume=65)


def test_a_bar_becomes_four_ticks_along_its_path() -> None:
    tape = tape_of_bars(DAY, [FALLING, RISING], [])
    ticks = [tick for tick in tape.ticks() if tick.symbol == CALL]
    assert [tick.at for tick in ticks] == [at(m, s) for m in (0, 1) for s in (0, 20, 40, 59)]
    assert [tick.price // 100 for tick in ticks] == [190, 188, 195, 192, 192, 193, 185, 186]
    assert [tick.volume for tick in ticks] == [65, 130, 195, 260, 276, 292, 308, 325]
    assert {(tick.bid, tick.ask, tick.bid_size, tick.ask_size) for tick in ticks} == {(0, 0, 0, 0)}


def test_a_tape_of_bars_says_what_it_is() -> None:
    tape = tape_of_bars(DAY, [RISING], [IndexBar(at(0), *[24_210_00] * 4)])
    assert (tape.label, tape.synthetic, tape.cadence_s) == ("recorded here", False, 60)
    assert tape.notes == ("dropped 3 rows",)
    assert tape.symbols == ("NIFTY", CALL)
    assert tape.contracts[0].lot == 65
    assert tape.previous_close(CALL) == 0


@st.composite
def bars(draw: st.DrawFn) -> list[OptionBar]:
    found = []
    keys = st.tuples(st.integers(0, 384), st.sampled_from(Right))
    for minute, right in draw(st.lists(keys, unique=True, min_size=1, max_size=30)):
        low, high = sorted((draw(st.integers(1, 6000)) * 5, draw(st.integers(1, 6000)) * 5))
        inside = st.integers(low // 5, high // 5).map(lambda step: step * 5)
        volume = draw(st.integers(1, 10_000)) * 65
        found.append(bar(minute, right, draw(inside), high, low, draw(inside), volume=volume))
    return found


@given(bars())
def test_the_live_bar_builder_gives_the_recorded_bars_back(recorded: list[OptionBar]) -> None:
    tape = tape_of_bars(DAY, recorded, [])
    built = {
        (minute, symbol): tuple(made)[1:6]
        for minute, made_bars in enumerate(minute_bars(tape))
        for symbol, made in made_bars.items()
        if symbol != "NIFTY"
    }
    names = {Right.CE: CALL, Right.PE: PUT}
    assert built == {
        (SESSION.minute_of(b.at), names[b.right]): (b.open, b.high, b.low, b.close, b.volume)
        for b in recorded
    }


def test_the_recorded_index_is_preferred() -> None:
    index = [IndexBar(at(0), 24_210_00, 24_220_00, 24_205_00, 24_206_00)]
    outside = [IndexBar(at(-1), *[1] * 4), IndexBar(at(385), *[1] * 4)]
    tape = tape_of_bars(DAY, [RISING, bar(0, Right.PE, *[180_00] * 4)], index + outside)
    levels = [tick.price // 100 for tick in tape.ticks() if tick.symbol == "NIFTY"]
    assert levels == [24_210, 24_220, 24_205, 24_206]


def test_without_an_index_the_forward_of_the_minute_is_its_level() -> None:
    put = bar(0, Right.PE, *[180_00] * 4)
    tape = tape_of_bars(DAY, [RISING, put, FALLING], [])
    levels = [(tick.at, tick.price) for tick in tape.ticks() if tick.symbol == "NIFTY"]
    assert levels == [(at(0, 59), 24_212_00)]
    assert tape.notes[-1] == "index from put-call parity"


def test_parity_uses_the_strike_nearest_to_the_money() -> None:
    last = {
        (24_100_00, Right.CE): 250_00,
        (24_100_00, Right.PE): 130_00,
        (24_200_00, Right.CE): 190_00,
        (24_200_00, Right.PE): 185_00,
        (24_300_00, Right.CE): 1_00,
    }
    assert parity_forward(last) == 24_205_00
    assert parity_forward({(24_300_00, Right.CE): 1_00}) is None


def test_rows_outside_the_session_are_dropped_and_counted() -> None:
    tape = tape_of_bars(DAY, [RISING, bar(385, Right.CE, *[1] * 4)], [])
    assert len(list(tape.ticks())) == 4
    assert tape.notes[1] == "dropped 1 rows outside the session"


def test_a_day_wholly_outside_its_session_is_refused() -> None:
    with pytest.raises(DataError, match="none of 1 rows lies in the session of 2026-11-20"):
        tape_of_bars(DAY, [bar(-330, Right.CE, *[1] * 4)], [])


def quote(minute: int, right: Right, last: int, spot: int = 0) -> OptionQuote:
    return OptionQuote(at(minute, 7), STRIKE, right, last, 650, last - 5, last + 5, 65, 130, spot)


def test_a_snapshot_becomes_one_tick_per_contract_with_its_book() -> None:
    tape = tape_of_quotes(DAY, [quote(3, Right.PE, 180_00), quote(3, Right.CE, 190_00)])
    index, call, put = tape.ticks()
    assert (index.symbol, index.price, index.at) == ("NIFTY", 24_210_00, at(3, 7))
    assert (call.symbol, put.symbol) == (CALL, PUT)
    assert tuple(call)[1:] == (at(3, 7), 190_00, 650, 189_95, 190_05, 65, 130)
    assert tape.cadence_s == 60


@pytest.mark.parametrize(
    ("minutes", "cadence_s"),
    [((0, 1, 2, 3), 150), ((0, 1, 2, 20, 21), 150), ((0, 15, 30), 2250)],
    ids=["every minute", "with a hole", "every quarter of an hour"],
)
def test_the_ordinary_silence_follows_from_the_spacing(
    minutes: tuple[int, ...], cadence_s: int
) -> None:
    tape = tape_of_quotes(DAY, [quote(minute, Right.CE, 190_00) for minute in minutes])
    assert tape.cadence_s == cadence_s


def test_a_recorded_spot_is_preferred_and_never_mixed_with_parity() -> None:
    rows = [
        quote(0, Right.CE, 190_00, spot=24_150_00),
        quote(0, Right.PE, 180_00, spot=24_150_00),
        quote(1, Right.CE, 190_00),
        quote(1, Right.PE, 180_00),
        quote(400, Right.PE, 180_00),
    ]
    tape = tape_of_quotes(DAY, rows)
    assert [t.price for t in tape.ticks() if t.symbol == "NIFTY"] == [24_150_00]
    assert tape.notes == ("dropped 3 rows", "dropped 1 rows outside the session")
