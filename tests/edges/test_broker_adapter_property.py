"""Whatever the stream loses, repeats or delays, the trades are told once and to the paisa."""

import asyncio
import random
from dataclasses import replace
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.domain.events import OrderFilled
from swingbreak.domain.orders import OrderStatus
from tests.broker_rig import Rig
from tests.builders import stop

LOT = 65
# what happens on the side while the gateway works on a request, or between two of ours
SIDE = st.one_of(
    st.tuples(st.just("trade"), st.integers(1, 4), st.integers(18000, 18100)),
    st.tuples(st.just("say"), st.integers(0, 30), st.just(0)),
    st.tuples(st.just("end"), st.integers(0, 9), st.just(0)),
)
OURS = st.one_of(
    SIDE,
    st.tuples(st.just("poll"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("cancel"), st.just(0), st.just(0)),
    st.tuples(st.just("replace"), st.integers(-3, 3), st.integers(18300, 18400)),
)
CALLS = ["place", "modify", "cancel", "order_book", "trade_book"]
FAULTS = st.lists(
    st.tuples(st.sampled_from(CALLS), st.sampled_from(["lost", "dropped"])), max_size=4
)
Step: TypeAlias = tuple[str, int, int]


class Story:
    """One order's life, told step by step."""

    def __init__(self, *, live: bool, meanwhile: list[Step]) -> None:
        self.rig = Rig(live=live)
        self._meanwhile = meanwhile
        self.rig.gateway.meanwhile = self._aside

    async def live_through(self, steps: list[Step]) -> None:
        rig = self.rig
        await rig.submit(stop(quantity=10 * LOT))
        for what, number, price in steps:
            match what:
                case "poll":
                    rig.clock.wait(number)
                    await rig.broker.poll()
                case "cancel" if rig.status is OrderStatus.ACCEPTED:
                    await rig.cancel()
                case "replace" if rig.status is OrderStatus.ACCEPTED:
                    resting = rig.orders["o1"].resting
                    more = max(LOT, resting.quantity + number * LOT)
                    await rig.replace(replace(resting, quantity=more, limit=price))
                case _:
                    self.happen(what, number, price)
        for _ in range(15):
            rig.clock.wait(1)
            await rig.broker.poll()

    def happen(self, what: str, number: int, price: int) -> None:
        gateway = self.rig.gateway
        row = next(iter(gateway.rows.values()), None)
        working = row is not None and row["order_status"] not in {
            "complete",
            "cancelled",
            "rejected",
        }
        if what == "trade" and row is not None and working:
            quantity = min(number * LOT, row["quantity"] - row["filled_quantity"])
            if quantity > 0:
                gateway.fill(row["orderid"], quantity, price)
        elif what == "end" and row is not None and working and number == 0:
            gateway.end(row["orderid"], "cancelled", "by hand")
        elif what == "say" and gateway.stream:
            # any update so far: in turn, again, late, or never
            self.rig.broker.on_update(gateway.stream[number % len(gateway.stream)])

    def _aside(self) -> None:
        if self._meanwhile:
            self.happen(*self._meanwhile.pop())


def run(
    *,
    live: bool,
    steps: list[Step],
    meanwhile: list[Step],
    faults: list[tuple[str, str]],
) -> Rig:
    story = Story(live=live, meanwhile=list(meanwhile))
    for operation, fault in faults:
        story.rig.gateway.fail(operation, fault)
    asyncio.run(story.live_through(steps))
    return story.rig


def check(rig: Rig) -> None:
    told = rig.orders["o1"]
    trades = rig.gateway.trades
    assert told.filled == sum(trade["quantity"] for trade in trades)
    assert told.value == sum(
        round(trade["quantity"] * trade["average_price"] * 100) for trade in trades
    )
    fills = [event.fill_id for event in rig.events if isinstance(event, OrderFilled)]
    assert len(fills) == len(set(fills))
    rows = list(rig.gateway.rows.values())
    over = bool(rows) and rows[0]["order_status"] in {"complete", "cancelled"}
    assert told.status.is_live == (bool(rows) and not over)
    assert told.status not in {OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE}


@settings(deadline=None, max_examples=60)
@given(
    live=st.booleans(),
    steps=st.lists(OURS, max_size=20),
    meanwhile=st.lists(SIDE, max_size=10),
    faults=FAULTS,
)
def test_always_the_true_quantity_and_worth(
    live: bool, steps: list[Step], meanwhile: list[Step], faults: list[tuple[str, str]]
) -> None:
    check(run(live=live, steps=steps, meanwhile=meanwhile, faults=faults))


def test_always_in_walks() -> None:
    # seeded walks reach states that shrinking strategies do not
    for seed in range(500):
        dice = random.Random(seed)  # noqa: S311 - the same walks every time
        steps = [_ours(dice) for _ in range(dice.randint(0, 30))]
        meanwhile = [_side(dice) for _ in range(dice.randint(0, 15))]
        faults = [
            (dice.choice(CALLS), dice.choice(["lost", "dropped"]))
            for _ in range(dice.randint(0, 4))
        ]
        check(run(live=dice.random() < 0.5, steps=steps, meanwhile=meanwhile, faults=faults))


def _side(dice: random.Random) -> Step:
    kind = dice.choices(["trade", "say", "end"], [5, 4, 1])[0]
    if kind == "trade":
        return kind, dice.randint(1, 4), dice.randint(18000, 18100)
    return kind, dice.randint(0, 30 if kind == "say" else 3), 0


def _ours(dice: random.Random) -> Step:
    kind = dice.choices(["side", "poll", "cancel", "replace"], [11, 4, 1, 4])[0]
    if kind == "side":
        return _side(dice)
    if kind == "replace":
        return kind, dice.randint(-3, 3), dice.randint(18300, 18400)
    return kind, dice.randint(0, 2), 0
