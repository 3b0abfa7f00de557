from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from swingbreak.domain.market import Bar
from swingbreak.domain.orders import Order, OrderIntent, OrderStatus
from swingbreak.domain.position import Position
from swingbreak.runtime.span import Span
from swingbreak.simulation.cut_day import CutMinute, Minute
from tests.builders import CE, PE, at, bar, contract, entry, position, stop

OTHER = contract(24600)
ANY_PRICE = (-1, 1 << 62)


@dataclass
class Engine:
    """Says of itself what a test has put there."""

    bands: dict[str, tuple[int, int]] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    held: list[Position] = field(default_factory=list)
    reached: tuple[str, ...] = ()
    halted: str = ""
    lost: tuple[str, ...] = ()
    triggered: tuple[str, ...] = ()
    marks: dict[str, int] = field(default_factory=dict)
    limits: tuple[int, int] = (-(10**9), 10**9)

    def __post_init__(self) -> None:
        self.contracts = {one.symbol: one for one in (CE, PE, OTHER)}
        self.state = SimpleNamespace(
            book=SimpleNamespace(live={order.intent.slot: order for order in self.orders}),
            holdings=SimpleNamespace(positions={one.symbol: one for one in self.held}),
            halted=self.halted,
            lost=self.lost,
            triggered=self.triggered,
        )
        self.view = SimpleNamespace(
            reached=dict.fromkeys(self.reached, at()),
            mark=lambda symbol: self.marks.get(symbol, 170_00),
            strategy=SimpleNamespace(
                band=lambda symbol: self.bands.get(symbol, ANY_PRICE),
                live_symbols=lambda: self.live,
            ),
        )

    def pinned(self) -> set[str]:
        return {order.intent.symbol for order in self.orders} | {one.symbol for one in self.held}

    def account_at(self, price: Callable[[str], int]) -> int:
        return sum(one.pnl_at(price(one.symbol)) for one in self.held)

    def decides(self, account: int) -> bool:
        worst, best = self.limits
        return not worst < account < best


def resting(intent: OrderIntent, status: OrderStatus = OrderStatus.ACCEPTED) -> Order:
    return Order("o1", intent, status)


def minutes(symbol: str = CE.symbol, low: int = 176_00, high: int = 178_00) -> list[Minute]:
    """Two minutes; the second one has the extremes, at 5 paise more as the offer."""
    first = bar(0, 177_00, 177_00, 177_00, 177_00)
    second = Bar(1, 177_00, high, low, 177_00, 65)
    return [
        CutMinute({symbol: first}, {}, {symbol: (177_05, 177_05)}),
        CutMinute({symbol: second}, {}, {symbol: (low + 5, high + 5)}),
    ]


def eventful(engine: Engine, *args: object, **extremes: int) -> set[str]:
    return Span(engine, minutes(*args, **extremes)).eventful()  # type: ignore[arg-type]


SHORT = position()  # at 174.95, stop at 185.00
EXIT = stop(trigger=None)


def banded(floor: int, ceiling: int) -> Engine:
    return Engine(orders=[resting(entry())], bands={CE.symbol: (floor, ceiling)})


@pytest.mark.parametrize(
    ("engine", "low", "high", "is_eventful"),
    [
        (Engine(orders=[resting(entry())]), 175_00, 184_00, False),
        (Engine(orders=[resting(entry())]), 174_95, 184_00, True),
        (banded(174_95, 180_00), 175_00, 180_00, False),
        (banded(174_95, 180_00), 175_00, 180_05, False),
        (banded(175_05, 190_00), 175_05, 180_00, False),
        (Engine(orders=[resting(entry(), OrderStatus.SUBMITTED)]), 176_00, 178_00, True),
        (Engine(orders=[resting(entry())], triggered=("o1",)), 176_00, 178_00, True),
        (Engine(orders=[resting(stop())], held=[SHORT]), 170_00, 184_95, False),
        (Engine(orders=[resting(stop())], held=[SHORT]), 170_00, 185_00, True),
        (Engine(orders=[resting(stop(trigger=190_00))], held=[SHORT]), 170_00, 185_00, True),
        (Engine(orders=[resting(EXIT)], held=[SHORT]), 176_00, 178_00, True),
        (Engine(held=[SHORT]), 176_00, 178_00, False),
        (Engine(held=[SHORT], reached=(CE.symbol,)), 176_00, 178_00, True),
        (Engine(held=[SHORT], halted="daily_stop"), 176_00, 178_00, True),
        (Engine(held=[SHORT], lost=(CE.symbol,)), 176_00, 178_00, True),
        (Engine(), 1_00, 900_00, False),
    ],
    ids=[
        "an entry that nothing reaches",
        "its trigger",
        "the highest high again",
        "a higher high",
        "the break of the level",
        "an order in flight",
        "a triggered entry",
        "a stop that nothing reaches",
        "the stop",
        "the position's own stop",
        "an exit",
        "a quiet position",
        "a stop that was reached before",
        "the day has ended",
        "a stop is lost",
        "nothing of ours",
    ],
)  # fmt: skip
def test_which_symbols_of_ours_are_eventful(
    engine: Engine, low: int, high: int, is_eventful: bool
) -> None:
    assert eventful(engine, low=low, high=high) == ({CE.symbol} if is_eventful else set())


# 650 sold at 174.95: each rupee is 650 rupees.
@pytest.mark.parametrize(
    ("worst", "best", "is_eventful"),
    [
        (-650 * 4_11, 10**9, False),
        (-650 * 4_10, 10**9, True),
        (-(10**9), 650 * 4_96, False),
        (-(10**9), 650 * 4_95, True),
    ],
    ids=["not quite a stop", "the stop", "not quite a target", "the target"],
)
def test_all_positions_are_eventful_when_the_marks_may_end_the_day(
    worst: int, best: int, is_eventful: bool
) -> None:
    other = position(OTHER.symbol)  # never trades in the span: marked at 170.00 before it
    engine = Engine(held=[SHORT, other], limits=(0, 0), marks={OTHER.symbol: 174_95})
    engine.limits = (worst, best)
    expected = {CE.symbol, OTHER.symbol} if is_eventful else set()
    assert eventful(engine, low=176_00, high=179_00) == expected


def test_a_symbol_that_does_not_trade_in_the_span_is_not_eventful() -> None:
    engine = banded(174_95, 180_00)
    assert eventful(engine, PE.symbol) == set()


def candidates(engine: Engine, busy: set[str] | None = None) -> list[str]:
    both = [
        CutMinute({s: bar(0, *[177_00] * 4) for s in engine.contracts}, {}, {}) for _ in range(2)
    ]
    return Span(engine, both).candidates(busy or set())  # type: ignore[arg-type]


BREAKS = dict.fromkeys((CE.symbol, PE.symbol, OTHER.symbol), (177_00, 200_00))


def test_a_level_that_moves_matters_while_its_slot_is_free() -> None:
    engine = Engine(live=[CE.symbol, PE.symbol, OTHER.symbol], bands=BREAKS)
    assert candidates(engine) == [CE.symbol, PE.symbol, OTHER.symbol]


def test_a_level_that_does_not_move_does_not_matter() -> None:
    engine = Engine(live=[CE.symbol], bands={CE.symbol: (176_00, 177_00)})
    assert candidates(engine) == []


def test_a_slot_that_keeps_its_order_settles_its_right() -> None:
    bands = BREAKS | {CE.symbol: (176_00, 177_00)}
    engine = Engine(
        live=[CE.symbol, PE.symbol, OTHER.symbol], bands=bands, orders=[resting(entry())]
    )
    assert candidates(engine) == [PE.symbol]


def test_a_slot_whose_order_is_of_a_level_that_moves_settles_nothing() -> None:
    engine = Engine(live=[CE.symbol, OTHER.symbol], bands=BREAKS, orders=[resting(entry())])
    assert candidates(engine) == [CE.symbol, OTHER.symbol]


def test_a_slot_whose_order_is_eventful_settles_nothing() -> None:
    engine = Engine(live=[CE.symbol, OTHER.symbol], bands=BREAKS, orders=[resting(entry())])
    assert candidates(engine, {CE.symbol}) == [OTHER.symbol]


def test_what_is_held_is_a_candidate_whatever_rests() -> None:
    orders = [resting(entry(OTHER.symbol))]
    bands = {CE.symbol: (177_00, 200_00)}
    engine = Engine(live=[CE.symbol, OTHER.symbol], bands=bands, held=[SHORT], orders=orders)
    assert candidates(engine) == [CE.symbol]


def test_the_further_slices_of_an_entry_settle_its_right() -> None:
    last = replace(entry(), slot=entry().slot._replace(number=2))
    bands = dict.fromkeys((PE.symbol, OTHER.symbol), (177_00, 200_00))
    engine = Engine(live=[PE.symbol, OTHER.symbol], bands=bands, orders=[resting(last)])
    assert candidates(engine) == [PE.symbol]
