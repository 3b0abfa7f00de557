from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.market import Tick
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.desk import REFERENCE_WINDOW, Desk
from swingbreak.simulation.exchange import Exchange
from swingbreak.simulation.sandbox import Sandbox
from swingbreak.simulation.tape import ArrayTape, TapeColumns
from tests.builders import CE, SESSION, at

MOVES = st.lists(
    st.tuples(st.integers(1, 70_000), st.integers(-50, 50), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)


def tape_of(moves: list[tuple[int, int, int]]) -> ArrayTape:
    columns = TapeColumns()
    time_ms, price, volume = 0, 3000, 1
    for pause_ms, step, lots in moves:
        time_ms += pause_ms
        price = max(20, price + step)
        volume += 65 * lots  # none: a quote, not a trade
        columns.append(time_ms, 0, price * 5, volume)
    return ArrayTape(
        label="made up",
        synthetic=True,
        session=SESSION,
        underlying="NIFTY",
        spot_symbol="NIFTY",
        contracts=(CE,),
        symbols=(CE.symbol,),
        columns=columns,
        cadence_s=10,
        previous_closes={},
    )


def followed(tape: ArrayTape, seconds: float) -> Desk:
    exchange = Exchange((CE,), SESSION)
    now = at(0, seconds)
    for tick in tape.ticks():
        if tick.at <= now:
            exchange.on_tick(tick)
    exchange.advance(now)
    return exchange._desks[CE.symbol]


def recalled(tape: ArrayTape, seconds: float) -> Desk:
    exchange, now = Exchange((CE,), SESSION), at(0, seconds)
    exchange.advance(now)
    recent = CutDay(tape, 1500).recent(CE.symbol, now, REFERENCE_WINDOW)
    if recent:
        exchange.recall(now, recent)
    return exchange._desks[CE.symbol]


@given(MOVES, st.integers(0, 600))
def test_what_is_recalled_is_what_would_have_been_followed(
    moves: list[tuple[int, int, int]], seconds: int
) -> None:
    # every message a trade: then the window before the current one that has any is enough
    tape = tape_of([(pause, step, lots or 1) for pause, step, lots in moves])
    a, b = followed(tape, seconds), recalled(tape, seconds)
    assert (a.last, a.prints, a.reference) == (b.last, b.prints, b.reference)


@given(MOVES, st.integers(0, 600))
def test_quotes_are_no_trades_when_recalled(
    moves: list[tuple[int, int, int]], seconds: int
) -> None:
    tape = tape_of(moves)
    a, b = followed(tape, seconds), recalled(tape, seconds)
    assert (a.last, a.prints) == (b.last, b.prints)


def test_the_sandbox_recalls_the_last_price() -> None:
    sandbox = Sandbox((CE,), SESSION)
    ticks = [Tick(CE.symbol, at(0, 1), 15000), Tick(CE.symbol, at(0, 2), 15100)]
    sandbox.recall(at(0, 2) + timedelta(seconds=1), ticks)
    assert sandbox.last(CE.symbol) == ticks[-1]
