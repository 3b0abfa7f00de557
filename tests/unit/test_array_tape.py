from datetime import date, time, timedelta

from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Tick
from swingbreak.domain.session import Session
from swingbreak.simulation.chain import chain, strikes_around
from swingbreak.simulation.generator import NIFTY_2026
from swingbreak.simulation.tape import ArrayTape, TapeColumns

SESSION = Session.on(date(2026, 11, 20), time(9, 15), time(9, 18))
CHAIN = chain(NIFTY_2026, date(2026, 12, 1), [24_200_00])
CALL, PUT = (contract.symbol for contract in CHAIN)


def tape(*rows: tuple[int, int, int, int]) -> ArrayTape:
    """Return a tape of (milliseconds, symbol number, price, volume), sorted."""
    columns = TapeColumns()
    for row in rows:
        columns.append(*row)
    columns.sort()
    return ArrayTape(
        label="handmade",
        synthetic=True,
        session=SESSION,
        underlying="NIFTY",
        spot_symbol="NIFTY",
        contracts=CHAIN,
        symbols=("NIFTY", CALL, PUT),
        columns=columns,
        cadence_s=10,
        previous_closes={CALL: 180_00},
        notes=("made by hand",),
    )


DAY = tape(
    (61_000, 1, 191_00, 130),
    (500, 2, 150_00, 65),
    (500, 1, 190_00, 65),
    (59_999, 1, 189_00, 65 * 3),
    (60_000, 2, 151_00, 130),
    (125_000, 0, 24_200_00, 0),
)


def at(ms: int) -> timedelta:
    return timedelta(milliseconds=ms)


def test_ticks_come_in_order_of_time_then_of_symbol() -> None:
    order = [(tick.at - SESSION.opens, tick.symbol) for tick in DAY.ticks()]
    assert order == [
        (at(500), CALL),
        (at(500), PUT),
        (at(59_999), CALL),
        (at(60_000), PUT),
        (at(61_000), CALL),
        (at(125_000), "NIFTY"),
    ]
    assert len(DAY) == 6


def test_a_tick_keeps_every_field() -> None:
    columns = TapeColumns()
    columns.append(1_500, 1, 190_05, 650, 190_00, 190_20, 65, 130)
    day = ArrayTape(
        label="one",
        synthetic=False,
        session=SESSION,
        underlying="NIFTY",
        spot_symbol="NIFTY",
        contracts=CHAIN,
        symbols=("NIFTY", CALL, PUT),
        columns=columns,
        cadence_s=1,
        previous_closes={},
    )
    expected = Tick(CALL, SESSION.opens + at(1_500), 190_05, 650, 190_00, 190_20, 65, 130)
    assert [day.tick(0)] == list(day.ticks()) == [expected]


def test_what_is_known_of_yesterday() -> None:
    assert (DAY.previous_close(CALL), DAY.previous_close(PUT)) == (180_00, 0)
    assert DAY.notes == ("made by hand",)


def test_strikes_lie_around_the_nearest_one() -> None:
    assert list(strikes_around(24_224_95, 50_00, 1)) == [24_150_00, 24_200_00, 24_250_00]
    assert list(strikes_around(24_225_00, 50_00, 0)) == [24_250_00]


def test_a_chain_carries_its_terms() -> None:
    call, put = CHAIN
    assert (call.symbol, put.symbol) == ("NIFTY01DEC2624200CE", "NIFTY01DEC2624200PE")
    assert (call.right, call.lot, call.freeze, call.tick) == (Right.CE, 65, 1800, 5)
    assert call.exchange == "NFO"


def test_a_day_as_it_was_known_earlier_has_no_later_tick() -> None:
    ends = SESSION.opens + at(60_000)
    known = DAY.until(ends)
    assert [*known.ticks()] == [tick for tick in DAY.ticks() if tick.at <= ends]
    assert len(known) == 4
    assert len(DAY) == 6
    assert (known.label, known.previous_close(CALL)) == (DAY.label, 180_00)
    assert len(DAY.until(SESSION.opens)) == 0
