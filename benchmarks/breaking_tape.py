"""A made-up day on which ticks cause orders all the time: no market looks like this.

Every option repeats a pattern of five minutes. Its swing low is confirmed at the end of the third;
in the fourth, within a window of its own, ticks raise its high until the level qualifies (an entry
leaves), raise it twice more (the entry becomes smaller), break the level (the entry fills, its stop
leaves) and run through the stop.
"""

from dataclasses import replace
from datetime import date

from swingbreak.domain.instrument import Right
from swingbreak.domain.parameters import Parameters
from swingbreak.simulation.chain import chain, strikes_around
from swingbreak.simulation.generator import NIFTY_2026, DaySpec
from swingbreak.simulation.tape import ArrayTape, TapeColumns

__all__ = ["EACH_SIDE", "PARAMETERS", "breaking_tape"]

EACH_SIDE = 10
PARAMETERS = replace(
    Parameters(), vwap_premium_min_bp=-9000, daily_target_r=10_000, daily_stop_r=-10_000
)

_SPOT = 24_200_00
_EXPIRY = date(2026, 12, 1)
_CYCLE = 5  # minutes
_FIRST_LOW, _FALL = 250_00, 50  # paise; each cycle's low lies below the last one's
_WINDOW_S, _FIRST_S = 11, 3  # within the minute of the break
_PUT_MS = 5500  # so much later come the puts, so that not all happens at once
_EVERY_MS = 3000  # between ticks that say nothing new
_HALF, _SIZE = 5, 65 * 60
# price above the low, paise, by second of the minute
_SHAPES = (
    ((0, 150), (20, 0), (40, 100)),
    ((0, 110), (20, 250), (40, 200)),
    ((0, 160), (20, 300), (40, 250)),
    ((0, 250),),
    ((0, 1100), (20, 500), (40, 150)),
)
# the same by second of the window: qualifies, smaller, smaller, calm, breaks, through the stop
_BREAK = ((0, 800), (2, 1200), (4, 1600), (6, 200), (7, -10), (9, 1760), (10, 1200))


def breaking_tape(minutes: int) -> ArrayTape:
    """Return a day of which *minutes* are traded."""
    spec = DaySpec()
    contracts = chain(NIFTY_2026, _EXPIRY, strikes_around(_SPOT, 50_00, EACH_SIDE))
    rows = [(at, 0, _SPOT) for at in range(0, minutes * 60_000, 1000)]
    for number, contract in enumerate(contracts, 1):
        place = (number - 1) // 2  # among those of its right
        late_ms = _PUT_MS if contract.right is Right.PE else 0
        rows += [(at, number, price) for at, price in _walk(place, late_ms, minutes)]
    columns, volumes = TapeColumns(), [0] * (len(contracts) + 1)
    for at, number, price in sorted(rows):
        volumes[number] += 65
        book = (volumes[number], price - _HALF, price + _HALF, _SIZE, _SIZE) if number else ()
        columns.append(at, number, price, *book)
    return ArrayTape(
        label="made up for a benchmark",
        synthetic=True,
        session=spec.session,
        underlying="NIFTY",
        spot_symbol="NIFTY",
        contracts=contracts,
        symbols=("NIFTY", *(each.symbol for each in contracts)),
        columns=columns,
        cadence_s=10,
        previous_closes={"NIFTY": _SPOT},
    )


def _walk(place: int, late_ms: int, minutes: int) -> list[tuple[int, int]]:
    """Return times, milliseconds since the open, and prices of one option."""
    points: list[tuple[int, int]] = []
    for minute in range(minutes):
        cycle, phase = divmod(minute + place, _CYCLE)
        low = _FIRST_LOW - _FALL * cycle
        begins = 60_000 * minute + 37 * place
        points += [(begins + 1000 * second, low + above) for second, above in _SHAPES[phase]]
        if phase == 3:  # noqa: PLR2004 - the minute of the break
            begins += 1000 * (_FIRST_S + _WINDOW_S * (place // _CYCLE)) + late_ms
            points += [(begins + 1000 * second, low + above) for second, above in _BREAK]
    return _spoken(points, minutes * 60_000)


def _spoken(points: list[tuple[int, int]], end: int) -> list[tuple[int, int]]:
    """Return *points* with the price repeated where it stands still for long."""
    said: list[tuple[int, int]] = []
    for (at, price), (until, _) in zip(points, [*points[1:], (end, 0)], strict=True):
        said += [(each, price) for each in range(at, until, _EVERY_MS)]
    return said
