"""The recorded exchanges with a real OpenAlgo server hold against the gateway.

Every recorded request is sent again, in order, with key and ids replaced and prices moved to our
market. Compared are HTTP status, key sets, types, and every text that does not depend on values.
The sandbox must answer alike but for ``NOT_COMPARABLE``; the honest exchange, as it is meant to,
differs where ``BY_DESIGN`` says. Both lists are exact: what has come to match must leave them.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from swingbreak.domain.market import Tick
from swingbreak.gateway.limits import RateLimiter
from swingbreak.gateway.personality import EXCHANGE, SANDBOX, Personality
from swingbreak.gateway.server import Gateway
from swingbreak.simulation.generator import DaySpec, generate_day
from swingbreak.simulation.tape import ArrayTape
from tests.gateway_fakes import Client, pass_time, serving
from tests.transcripts import FOLDER, Ids, differences, moved, read

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recorded transcripts are not part of the project"
)

STANDING = 1e-9  # so slow that only the test moves market time
TRIES = timedelta(milliseconds=200)  # between two requests, as when it was recorded

# What was recorded of the market and the account: option, its last price in paise.
MARKETS = {
    "openalgo.jsonl": ("NIFTY01DEC2624500CE", 120_00),
    "rest-core.jsonl": ("NIFTY01DEC2624200CE", 173_20),
}

NOT_COMPARABLE = {
    "openalgo.jsonl": {
        17: "the recorded broker was told to refuse",
        26: "the recorded broker had a rejected order in its book",
        34: "the recorded broker was told to fail cancels",
        136: "RELIANCE is not listed here",
        198: "the recorded broker had no margin calculator",
        **dict.fromkeys((219, 220, 221), "a defect of one broker's mapping, provoked"),
        **dict.fromkeys(range(223, 234), "GTT orders are not offered: 501"),
    },
    "rest-core.jsonl": {
        27: "no futures are listed here",
        82: "an index cannot be traded here",
    },
}
_WORDING = "the broker refuses it too, in a broker's words"
_BANDED = "MARKET and SL-M become limits in a band"
_STOPS = "cancelling all orders cancels stops as well"
_RETYPED = "a change of price type is carried out, not ignored"
_TICK, _STOP = "prices must be multiples of the tick", "a stop's prices must make sense"
BY_DESIGN = {
    "openalgo.jsonl": {
        **dict.fromkeys((23, 103, 127), _BANDED),
        **dict.fromkeys((120, 121, 123), _STOPS),
        **dict.fromkeys((130, 131, 132, 133, 135), _WORDING),
        238: _RETYPED,
    },
    "rest-core.jsonl": {
        **dict.fromkeys((83, 95, 96, 100, 101, 107, 126), _WORDING),
        89: "the freeze quantity is enforced",
        **dict.fromkeys((98, 106, 127), _TICK),
        **dict.fromkeys((103, 104, 105), _STOP),
        **dict.fromkeys((131, 132, 133, 134, 157), _RETYPED),
        137: "a change through the market fills at once",
        **dict.fromkeys((165, 167), _STOPS),
    },
}


@pytest.fixture(scope="module")
def tape() -> ArrayTape:
    return generate_day(DaySpec(ticks_per_minute=2.0, vix=True))


class Replay:
    """Sends recorded requests again, to a gateway whose time only the test moves."""

    def __init__(self, name: str, gateway: Gateway, client: Client) -> None:
        self.gateway = gateway
        self.client = client
        self.ids = Ids()
        self.symbol, self.recorded_last = MARKETS[name]
        # an honest exchange refuses prices as far away as some of the recorded ones
        self.reach = 1.0 if gateway.desk.personality is SANDBOX else 0.5
        pass_time(gateway, gateway.desk.tape.session.opens + timedelta(minutes=45))

    @property
    def last(self) -> int:
        return self.gateway.desk.floor.quotes[self.symbol].price

    def step(self, time: timedelta = TRIES) -> None:
        self.gateway._rest._limiter = RateLimiter()
        pass_time(self.gateway, self.gateway.desk.floor.now + time)

    def fall(self, price: int) -> None:
        """Let the option trade at *price* paise."""
        desk = self.gateway.desk
        tick = Tick(self.symbol, desk.floor.now, price, 0, price - 5, price + 5, 6500, 6500)
        desk.floor.quotes.take(tick)
        desk.tell(desk.floor.venue.on_tick(tick))

    async def ask(self, record: dict[str, Any]) -> list[str]:
        """Send the request of *record* and say how the answer differs."""
        self.step()
        request = json.loads(self._ours(json.dumps(record["request"])))
        if record["path"].endswith("history"):
            request = _today(request, str(self.gateway.desk.tape.session.day))
        request = moved(request, self.recorded_last, self.last, self.reach)
        url = self.client.addresses.host + self._ours(record["path"])
        how = _sent(record, request)
        async with self.client.session.request(record["method"], url, **how) as answer:
            status, body = answer.status, _decoded(await answer.text())
        recorded = record["response"]
        if isinstance(recorded, dict) and "_non_json" in recorded:
            recorded = recorded["_non_json"]
        self.ids.learn(recorded, body)
        found = list(differences(recorded, body))
        expected = record.get("http", record.get("status"))
        if status != expected:
            found.insert(0, f"HTTP {expected} was recorded, {status} is answered: {body}")
        return found

    def _ours(self, text: str) -> str:
        text = text.replace("<apikey>", self.client.key).replace("APIKEY", self.client.key)
        return self.ids.translate(text)


def _today(request: dict[str, Any], day: str) -> dict[str, Any]:
    # the recorded market was open on the Sunday of the recording
    return {name: day if value == "2026-11-22" else value for name, value in request.items()}


def _sent(record: dict[str, Any], request: Any) -> dict[str, Any]:
    name, typed = record.get("name", ""), {"Content-Type": "application/json"}
    if record["method"] == "GET":
        headers = typed if "with_json_header" in name else {}
        return {"params": request or {}, "headers": headers}
    if isinstance(request, dict):
        return {"json": request}
    untyped = {"Content-Type": "text/plain"}
    return {"data": request, "headers": untyped if name == "no_content_type" else typed}


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _segments(name: str) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """Split the recording where the mode changed: behind each mode was another account."""
    segment: list[tuple[int, dict[str, Any]]] = []
    for index, record in enumerate(read(name)):
        if record.get("kind", "http") != "http" or record.get("method") is None:
            continue
        if (
            record["path"].endswith("analyzer/toggle")
            and record["response"].get("data")
            and segment
        ):
            yield segment
            segment = []
        segment.append((index, record))
    yield segment


async def _stage(name: str, index: int, replay: Replay) -> None:
    """Do what was done to the recorded market just before the record at *index*."""
    match name, index:
        case "openalgo.jsonl", 18:
            await _live_orders(replay)
        case "openalgo.jsonl", 127:
            replay.step()
            replay.fall(replay.gateway.desk.floor.venue.orders()[-1].trigger - 5)
        case "rest-core.jsonl", 138:
            replay.step(timedelta(seconds=60))
        case _:
            pass


async def _live_orders(replay: Replay) -> None:
    """Give the account the orders that the recorded broker had."""
    for recorded, action, kind, distance in (
        ("261120000000001", "BUY", "MARKET", 0),
        ("261120000000002", "SELL", "LIMIT", 1000),
        ("261120000000003", "SELL", "SL", -1000),
        ("not in its book", "SELL", "LIMIT", 1500),
        ("261120000000005", "BUY", "LIMIT", -1000),
    ):
        replay.step()
        price = (replay.last + distance) // 5 * 5 / 100
        order = {"symbol": replay.symbol, "exchange": "NFO", "action": action, "product": "NRML"}
        terms = {"pricetype": kind, "price": price, "trigger_price": price, "quantity": 65}
        _, placed = await replay.client.post("placeorder", strategy="S", **order, **terms)
        replay.ids.pair(recorded, placed["orderid"])
    replay.step()
    await replay.client.post("cancelorder", strategy="S", orderid=placed["orderid"])


@pytest.mark.parametrize("name", MARKETS)
@pytest.mark.parametrize("personality", [SANDBOX, EXCHANGE], ids=lambda one: one.name)
async def test_recorded_requests_are_answered_alike(
    name: str, personality: Personality, tape: ArrayTape
) -> None:
    found: dict[int, list[str]] = {}
    for segment in _segments(name):
        async with serving(tape, personality=personality, speed=STANDING) as (gateway, client):
            replay = Replay(name, gateway, client)
            for index, record in segment:
                await _stage(name, index, replay)
                if differing := await replay.ask(record):
                    found[index] = differing
    excused = NOT_COMPARABLE[name] | (BY_DESIGN[name] if personality is EXCHANGE else {})
    assert {index: found[index] for index in found if index not in excused} == {}
    assert set(excused) == set(found)
