"""What a symbol trades at as a minute closes, in which it had not traded, is not forgotten."""

from collections.abc import Sequence
from datetime import time, timedelta

from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import Parameters
from swingbreak.market.day_bars import IndexColumns
from swingbreak.simulation.bar_day import BarDay
from swingbreak.simulation.fills import FillModel, Passage
from tests.bar_days import SPREADS, quick_bars, sheet_of
from tests.builders import bar
from tests.day_bars import SESSION, STRIKE, day_of

MINUTES = range(SESSION.minutes)
INDEX = IndexColumns(*[list(MINUTES), *[[STRIKE] * len(MINUTES)] * 4])
ANY_PREMIUM = Parameters(
    vwap_premium_min_bp=-9000, force_exit=time(9, 40), stale_after_s=1000, feed_stale_after_s=1000
)


def low_at(price: int, highest: int) -> list[Bar]:
    """Return three bars of which the third confirms a low of *price*, with this highest high."""
    return [
        bar(0, price + 100, price + 200, price, price + 100),
        bar(1, price + 100, price + 300, price + 50, price + 250),
        bar(2, price + 250, highest, price + 200, price + 350),
    ]


def decided(*contracts: tuple[int, Right, Sequence[Bar]]) -> list[str]:
    passage = Passage(FillModel.PESSIMISTIC, SESSION, SPREADS)
    seen = BarDay(sheet_of(day_of(*contracts, index=INDEX)), passage)
    _, record = quick_bars(seen, ANY_PREMIUM, passage)
    return record.decisions


def test_what_opens_after_a_minute_without_a_bar_may_take_the_place() -> None:
    # the best stop is 10 points away: 8 of the one that rests, 5 and then 9.5 of the other
    rests = [*low_at(160_00, 167_00), *(bar(n, 164_00, 164_00, 164_00, 164_00) for n in (3, 4, 5))]
    opens = bar(4, 178_50, 178_50, 178_50, 178_50)
    other = [*low_at(170_00, 174_00), opens, opens._replace(minute=5)]
    closes = SESSION.start_of(4) + timedelta(milliseconds=ANY_PREMIUM.bar_grace_ms)
    lines = decided((STRIKE, Right.CE, rests), (STRIKE + 50_00, Right.CE, other))
    switches = [line.split(" ")[0] for line in lines if line.endswith("switch")]
    assert switches == [closes.isoformat()]


def test_a_stop_stands_above_what_a_bar_opened_at_after_a_minute_without_one() -> None:
    quiet = [bar(n, 172_00, 172_50, 171_50, 172_00) for n in (3, 4, 5)]
    breaks = bar(7, 176_00, 176_50, 169_00, 170_00)
    lines = decided((STRIKE, Right.CE, [*low_at(170_00, 174_00), *quiet, breaks]))
    stops = [line for line in lines if " place close:" in line]
    assert len(stops) == 1
    assert " trigger 177.00 " in stops[0]
