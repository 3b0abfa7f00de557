import asyncio
from dataclasses import replace
from pathlib import Path

import aiohttp
import msgspec
import pytest

from swingbreak.adapters.openalgo.books import Mode
from swingbreak.domain.errors import (
    BrokerError,
    GatewayRefused,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    RequestNotSent,
)
from swingbreak.faults import catalogue, weather
from swingbreak.faults.link import WS_URL
from swingbreak.faults.process import Killed
from tests.fault_rig import LinkRig, linked

CALM = ("start.yesterday",)  # strikes, and changes nothing here


@pytest.fixture(autouse=True)
def certain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every fault that a day has strike at every opportunity."""
    rows = {name: replace(fault, chance=1.0) for name, fault in catalogue.CATALOGUE.items()}
    monkeypatch.setattr(weather, "CATALOGUE", rows)


def order(rig: LinkRig) -> dict[str, str | int]:
    contract = rig.scene.assignment.contracts[0]
    return {
        "strategy": "test",
        "symbol": contract.symbol,
        "exchange": "NFO",
        "action": "BUY",
        "product": "MIS",
        "quantity": contract.lot,
        "pricetype": "LIMIT",
        "price": "10.00",
        "trigger_price": "0.00",
        "disclosed_quantity": 0,
    }


async def opened(rig: LinkRig) -> None:
    """Wait until the market is open."""
    opens = rig.scene.assignment.session.opens
    await asyncio.sleep(max(0.0, (opens - rig.scene.assignment.clock.true()).total_seconds()) + 5)


def test_a_request_reaches_the_gateways_own_endpoints(tmp_path: Path) -> None:
    async def work(rig: LinkRig) -> tuple[Mode, bool, str]:
        await opened(rig)
        reply = await rig.rest.place(order(rig))
        book = await rig.rest.order_book()
        mine = [row.broker_order_id for row in book.orders] == [reply.broker_order_id]
        return await rig.rest.analyzer(), mine, rig.sent[0]

    mode, mine, path = linked(tmp_path, CALM, work)
    assert mode in Mode
    assert mine
    assert path == "placeorder"


@pytest.mark.parametrize(
    ("fault", "error", "exists"),
    [
        ("place.no_connection", RequestNotSent, False),
        ("place.connect_timeout", RequestNotSent, False),
        ("place.429", RateLimited, False),
        ("place.lost_request", OutcomeUnknown, False),
        ("place.lost_answer", OutcomeUnknown, True),
        ("place.cut_before", OutcomeUnknown, False),
        ("place.cut_after", OutcomeUnknown, True),
        ("place.500_before", OutcomeUnknown, False),
        ("place.500_after", OutcomeUnknown, True),
        ("place.408", OutcomeUnknown, False),
        ("place.408_after", OutcomeUnknown, True),
        ("place.html_before", OutcomeUnknown, False),
        ("place.html_after", OutcomeUnknown, True),
        ("place.html_200", OutcomeUnknown, False),
        ("place.truncated", OutcomeUnknown, True),
        ("place.no_id", OutcomeUnknown, True),
        ("place.redirect", OrderRefused, False),
        ("place.semi_auto", OrderRefused, False),
        ("refuse.margin", OrderRefused, False),
        ("refuse.static_ip", OrderRefused, False),
        ("refuse.session", GatewayRefused, False),
    ],
)
def test_what_the_client_makes_of_a_mishap(
    tmp_path: Path, fault: str, error: type[BrokerError], exists: bool
) -> None:
    async def work(rig: LinkRig) -> int:
        await opened(rig)
        with pytest.raises(error):
            await rig.rest.place(order(rig))
        assert rig.weather.fired[fault] == 1
        return len(rig.scene.far.venue.orders())

    assert bool(linked(tmp_path, (fault,), work)) is exists


def test_an_order_may_arrive_when_nobody_waits_any_more(tmp_path: Path) -> None:
    async def work(rig: LinkRig) -> tuple[int, int]:
        await opened(rig)
        with pytest.raises(OutcomeUnknown):
            await rig.rest.place(order(rig))
        before = len(rig.scene.far.venue.orders())
        await asyncio.sleep(15)
        return before, len(rig.scene.far.venue.orders())

    passed = {linked(tmp_path, ("place.passed_on_late",), work, f"{n}") for n in range(8)}
    assert (0, 1) in passed


def test_a_dead_process_is_let_nowhere(tmp_path: Path) -> None:
    async def work(rig: LinkRig) -> int:
        await opened(rig)
        with pytest.raises(Killed):
            await rig.rest.place(order(rig))
        with pytest.raises(Killed):
            await rig.rest.analyzer()
        with pytest.raises(Killed):
            await rig.link.ws_connect(WS_URL)
        return len(rig.scene.far.venue.orders())

    assert linked(tmp_path, ("kill.before_send",), work) == 0
    assert linked(tmp_path, ("kill.at_answer",), work) == 1


def test_a_socket_speaks_the_gateways_protocol_and_dies_with_it(tmp_path: Path) -> None:
    async def work(rig: LinkRig) -> list[str]:
        socket = await rig.link.ws_connect(WS_URL)
        key = rig.scene.assignment.key
        await socket.send_str(f'{{"action":"authenticate","api_key":"{key}"}}')
        said = msgspec.json.decode((await socket.receive()).data)["type"]
        rig.link.ping()
        asked = (await socket.receive()).type.name
        rig.link.cut()
        closed = (await socket.receive()).type.name
        with pytest.raises(aiohttp.ClientConnectionResetError):
            await socket.send_str("{}")
        return [said, asked, closed]

    assert linked(tmp_path, CALM, work) == ["auth", "PING", "CLOSED"]


@pytest.mark.parametrize(
    ("fault", "path"),
    [("orders.500", "order_book"), ("trades.timeout", "trade_book"), ("query.html", "analyzer")],
)
def test_a_question_without_an_answer_is_an_error(tmp_path: Path, fault: str, path: str) -> None:
    async def work(rig: LinkRig) -> int:
        with pytest.raises(BrokerError):
            await getattr(rig.rest, path)()
        return rig.weather.fired[fault]

    assert linked(tmp_path, (fault,), work) == 3
