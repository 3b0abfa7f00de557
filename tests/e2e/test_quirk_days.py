"""A day is traded rightly whatever the broker behind the gateway does differently."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from swingbreak.bootstrap.day import DayOutcome, DayPlan, run_day
from swingbreak.cli.serve import quirks_of
from swingbreak.domain.orders import OrderStatus, Side
from swingbreak.gateway.broker_quirks import KNOWN
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.settings import GatewayAddress, load
from swingbreak.simulation.generator import DaySpec
from swingbreak.simulation.venue import Venue, VenueStatus
from tests.e2e.books_audit import Replay, audited
from tests.made_up_days import generated

SEED = 22  # several trades in its first half hour
DAY = {"mode": "paper", "force_exit_ist": "09:50", "strikes_each_side": 4}


async def traded(quirks: str, folder: Path) -> tuple[Gateway, DayOutcome]:
    """Serve the short day with *quirks*, in step with the program, and let it trade."""
    options = GatewayOptions(port=0, ws_port=0, speed=None, quirks=quirks_of(quirks))
    gateway = Gateway(generated(DaySpec(seed=SEED, strikes=7)), options)
    addresses = await gateway.start()
    try:
        settings = load(environment={}, overrides={**DAY, "state_dir": str(folder)})
        address = GatewayAddress(addresses.host, addresses.ws_url, DEMO_KEY)
        return gateway, await run_day(DayPlan(replace(settings, gateway=address)))
    finally:
        await gateway.stop()


def agree(day: Replay, venue: Venue) -> None:
    """The ledger says of every order what the exchange itself says."""
    theirs = {order.orderid: order for order in venue.orders()}
    ours = {o.broker_order_id: o for o in day.orders.values() if o.broker_order_id}
    assert ours.keys() == theirs.keys()
    for number, order in ours.items():
        assert not theirs[number].status.is_live
        assert (order.filled, order.value) == (theirs[number].filled, theirs[number].value)


def flat(venue: Venue) -> None:
    """Nothing is held, and nothing was ever long."""
    held: Counter[str] = Counter()
    for trade in venue.trades():
        held[trade.symbol] += trade.quantity if trade.side is Side.SELL else -trade.quantity
        assert held[trade.symbol] >= 0, trade
    assert +held == Counter()


def fills(venue: Venue) -> list[tuple[str, Side, int, int]]:
    """What was traded, in order."""
    return [(one.symbol, one.side, one.quantity, one.price) for one in venue.trades()]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Side, int, int]]:
    """What is traded where nothing is different."""
    gateway, outcome = asyncio.run(traded("", tmp_path_factory.mktemp("plain") / "state"))
    assert len(outcome.view.trades) == 4
    return fills(gateway.desk.floor.venue)


# Where orders cannot be what we send, other trades come of them; fewer, and never a naked one.
OTHER_TRADES = {
    "semi-auto": 0,
    "rounded-triggers": 1,
    "untriggered-stops": 1,
    "modify-ignored": 4,
    "modify-refused": 4,
}
QUICK = {"modify-ignored", "zerodha"}
NAMES = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow, id=name) for name in KNOWN
]
TOGETHER = (
    "foreign-status,no-average,text-numbers,number-ids,other-times,netted-positions,no-margin"
)


@pytest.mark.parametrize(
    "quirks", [*NAMES, pytest.param(TOGETHER, id="many together", marks=pytest.mark.slow)]
)
async def test_a_day_with_a_quirk(
    quirks: str,
    plain: list[tuple[str, Side, int, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    gateway, outcome = await traded(quirks, tmp_path / "state")
    venue = gateway.desk.floor.venue
    flat(venue)
    assert outcome.held == {}
    agree(audited(tmp_path / "state"), venue)
    if quirks in OTHER_TRADES:
        assert len(outcome.view.trades) == OTHER_TRADES[quirks]
    else:
        assert fills(venue) == plain


async def test_an_altered_stop_is_taken_back_and_the_position_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    gateway, outcome = await traded("rounded-triggers", tmp_path / "state")
    flat(gateway.desk.floor.venue)
    agree(audited(tmp_path / "state"), gateway.desk.floor.venue)
    (trade,) = outcome.view.trades
    assert trade.exit_reason == "stop_lost"
    stop = next(o for o in gateway.desk.floor.venue.orders() if o.side is Side.BUY)
    assert stop.status is VenueStatus.CANCELLED
    assert stop.updated_at - stop.placed_at < timedelta(seconds=2.5)
    assert trade.closed_at - stop.updated_at < timedelta(seconds=1)


async def test_no_stop_is_sent_where_stops_lose_their_trigger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    gateway, _ = await traded("untriggered-stops", tmp_path / "state")
    venue = gateway.desk.floor.venue
    flat(venue)
    assert len(venue.orders()) == 2
    day = audited(tmp_path / "state")
    agree(day, venue)
    told = day.orders.values()
    assert [o for o in told if o.status is OrderStatus.REJECTED and not o.broker_order_id]
