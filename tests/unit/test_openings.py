"""A symbol that trades again as a minute closes, in which it had not traded, is judged with it."""

from collections.abc import Sequence
from datetime import timedelta

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
ANY_PREMIUM = Parameters(vwap_premium_min_bp=-9000, stale_after_s=1000, feed_stale_after_s=1000)


def low_at(price: int, highest: int) -> list[Bar]:
    """Return three bars of which the third confirms a low of *price*, with this highest high."""
    return [
        bar(0, price + 100, price + 200, price, price + 100),
        bar(1, price + 100, price + 300, price + 50, price + 250),
        bar(2, price + 250, highest, price + 200, price + 350),
    ]


def switches(*contracts: tuple[int, Right, Sequence[Bar]]) -> list[str]:
    """Return when an entry gave way to another symbol's."""
    passage = Passage(FillModel.PESSIMISTIC, SESSION, SPREADS)
    seen = BarDay(sheet_of(day_of(*contracts, index=INDEX)), passage)
    _, record = quick_bars(seen, ANY_PREMIUM, passage)
    return [line.split(" ")[0] for line in record.decisions if line.endswith("switch")]


def test_what_opens_after_a_minute_without_a_bar_may_take_the_place() -> None:
    # the best stop is 10 points away: 8 of the one that rests, 5 and then 9.5 of the other
    rests = [*low_at(160_00, 167_00), *(bar(n, 164_00, 164_00, 164_00, 164_00) for n in (3, 4, 5))]
    opens = bar(4, 178_50, 178_50, 178_50, 178_50)
    other = [*low_at(170_00, 174_00), opens, opens._replace(minute=5)]
    closes = SESSION.start_of(4) + timedelta(milliseconds=ANY_PREMIUM.bar_grace_ms)
    found = switches((STRIKE, Right.CE, rests), (STRIKE + 50_00, Right.CE, other))
    assert found == [closes.isoformat()]
