"""WebSocket frames as values, with the units and gaps that were recorded."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.openalgo import frames
from swingbreak.adapters.openalgo.frames import DataMode, Instrument
from swingbreak.adapters.openalgo.inlet import Inlet
from swingbreak.adapters.openalgo.subscriptions import Subscriptions
from swingbreak.domain.errors import DataError
from swingbreak.domain.events import TickReceived
from swingbreak.domain.market import Tick
from tests.builders import OPEN, at
from tests.openalgo_fakes import ManualClock, market_data, order_row

CE = "NIFTY01DEC2624500CE"
MS = int(OPEN.timestamp() * 1000)
TRANSCRIPTS = Path(__file__).resolve().parents[3] / "shared" / "transcripts"
DEPTH = {
    "buy": [{"price": 119.8, "quantity": 65, "orders": 1}, {"price": 119.75, "quantity": 130}],
    "sell": [{"price": 120.25, "quantity": 130}],
}


def tick_of(frame: dict[str, Any], received: datetime = OPEN) -> Tick:
    return frames.tick_of(frames.decode(json.dumps(frame)), received)


class TestTicks:
    @pytest.mark.parametrize(
        ("data", "tick"),
        [
            pytest.param({}, Tick(CE, OPEN, 12000), id="ltp"),
            pytest.param(
                {"volume": 2870335, "bid": 119.8, "ask": 120.25, "bid_qty": 65, "ask_qty": 130},
                Tick(CE, OPEN, 12000, 2870335, 11980, 12025, 65, 130),
                id="quote",
            ),
            pytest.param(
                {"volume": 195, "depth": DEPTH, "bid": 1.0},
                Tick(CE, OPEN, 12000, 195, 11980, 12025, 65, 130),
                id="depth-is-what-counts",
            ),
            pytest.param(
                {"depth": {"buy": [], "sell": []}, "bid": 119.8},
                Tick(CE, OPEN, 12000, bid=11980),
                id="empty-depth",
            ),
            pytest.param(
                {"depth": {"buy": [{"price": 0, "quantity": 0}], "sell": DEPTH["sell"]}},
                Tick(CE, OPEN, 12000, ask=12025, ask_size=130),
                id="no-bid",
            ),
            pytest.param({"ltp": "120.00", "volume": "65"}, Tick(CE, OPEN, 12000, 65), id="text"),
            pytest.param({"ltt": MS // 1000}, Tick(CE, OPEN, 12000), id="seconds"),
            pytest.param({"ltt": None}, Tick(CE, OPEN, 12000), id="no-ltt"),
            pytest.param({"ltt": 0}, Tick(CE, OPEN, 12000), id="zero-ltt"),
            pytest.param({"ltt": "09:15:00"}, Tick(CE, OPEN, 12000), id="ltt-text"),
            pytest.param({"ltt": MS - 60_000}, Tick(CE, at(-1), 12000), id="older-trade"),
            pytest.param({"ltt": 1e300}, Tick(CE, OPEN, 12000), id="absurd-ltt"),
        ],
    )
    def test_what_a_frame_says(self, data: dict[str, Any], tick: Tick) -> None:
        assert tick_of(market_data(CE, 120.0, MS, **data)) == tick

    def test_without_any_time_it_is_now(self) -> None:
        frame = market_data(CE, 120.0, MS, ltt=None, timestamp=None)
        assert tick_of(frame, at(3)).at == at(3)

    def test_milliseconds_are_kept(self) -> None:
        assert tick_of(market_data(CE, 120.0, MS + 915)).at == OPEN + timedelta(milliseconds=915)

    def test_an_index_is_rounded(self) -> None:
        frame = market_data("INDIAVIX", 13.2793, MS) | {"exchange": "NSE_INDEX"}
        assert tick_of(frame).price == 1328

    @pytest.mark.parametrize(
        "frame",
        [
            pytest.param(market_data(CE, 0, MS), id="zero"),
            pytest.param(market_data(CE, -1.0, MS), id="negative"),
            pytest.param(market_data(CE, 120.0, MS, ltp=None), id="none"),
            pytest.param(market_data(CE, 120.003, MS), id="no-whole-paisa"),
            pytest.param(market_data(CE, "nan", MS), id="nan"),
            pytest.param(market_data(CE, 120.0, MS, volume="nan"), id="nan-volume"),
            pytest.param(
                market_data("NIFTY", "inf", MS) | {"exchange": "NSE_INDEX"}, id="infinite-index"
            ),
            pytest.param(market_data(CE, 1200.0, MS, bid=119.8, ask=120.25), id="freak"),
            pytest.param(market_data("", 120.0, MS), id="no-symbol"),
            pytest.param({"type": "market_data", "symbol": CE}, id="no-data"),
        ],
    )
    def test_what_cannot_be_used(self, frame: dict[str, Any]) -> None:
        with pytest.raises(DataError):
            tick_of(frame)
        inlet = Inlet(ManualClock(OPEN))
        assert inlet.take(json.dumps(frame)) is None
        assert inlet.dropped == 1
        assert inlet.last_error


class TestInlet:
    def take(self, inlet: Inlet, frame: dict[str, Any]) -> object:
        return inlet.take(json.dumps(frame))

    def test_the_gateways_time_stamps_what_has_no_clock(self) -> None:
        inlet = Inlet(None)
        item = self.take(inlet, market_data(CE, 120.0, MS + 500, ltt=MS))
        received = OPEN + timedelta(milliseconds=500)
        assert item == TickReceived(received, Tick(CE, OPEN, 12000))
        late = self.take(inlet, market_data(CE, 121.0, MS))
        assert isinstance(late, TickReceived)
        assert late.at == received

    def test_marks_are_time_too(self) -> None:
        inlet = Inlet(None)
        frame = market_data(CE, 120.0, MS, timestamp=None)
        assert self.take(inlet, frame) is None
        inlet.advance(at(1))
        item = self.take(inlet, frame)
        assert isinstance(item, TickReceived)
        assert item.at == at(1)

    def test_duplicates_are_dropped_but_not_new_quotes(self) -> None:
        inlet = Inlet(ManualClock(OPEN))
        frame = market_data(CE, 120.0, MS, volume=65, bid=119.8)
        assert self.take(inlet, frame) is not None
        assert self.take(inlet, frame) is None
        assert self.take(inlet, market_data(CE, 120.0, MS)) is None
        assert self.take(inlet, market_data(CE, 120.0, MS, volume=65, bid=119.9)) is not None
        assert self.take(inlet, market_data("OTHER", 120.0, MS, volume=65)) is not None
        assert inlet.duplicates == 2
        assert inlet.dropped == 0

    def test_the_bare_price_of_a_new_trade_is_news(self) -> None:
        inlet = Inlet(ManualClock(OPEN))
        self.take(inlet, market_data(CE, 120.0, MS, volume=65, bid=119.8))
        assert self.take(inlet, market_data(CE, 120.05, MS)) is not None

    def test_out_of_order_is_let_through(self) -> None:
        inlet = Inlet(ManualClock(OPEN))
        self.take(inlet, market_data(CE, 120.0, MS + 1000, volume=130))
        assert self.take(inlet, market_data(CE, 119.0, MS, volume=65)) is not None

    def test_what_json_does_not_know_is_not_there(self) -> None:
        inlet = Inlet(ManualClock(OPEN))
        frame = market_data(CE, 120.0, MS, bid=float("nan"), ask=float("inf"), volume=65)
        taken = self.take(inlet, frame)
        assert taken == TickReceived(OPEN, Tick(CE, OPEN, 12000, 65))

    def test_garbage(self) -> None:
        inlet = Inlet(ManualClock(OPEN))
        assert inlet.take("{nope") is None
        assert self.take(inlet, {"type": "order_update"} | order_row(orderid="")) is None
        assert inlet.dropped == 2


@pytest.mark.parametrize(
    ("payload", "instant", "waits"),
    [
        (b"t=%d" % MS, OPEN, False),
        (b"t=%d;step" % MS, OPEN, True),
        (b"", None, False),
        (b"t=", None, False),
        (b"t=-5", None, False),
        (b"\x00\x01\x02\x03", None, False),
    ],
)
def test_pings(payload: bytes, instant: datetime | None, waits: bool) -> None:
    assert frames.instant_of_ping(payload) == instant
    assert frames.waits_for_pong(payload) is waits


def test_one_subscribe_frame_for_each_mode() -> None:
    wanted = [
        Instrument("NIFTY", "NSE_INDEX", DataMode.LTP),
        Instrument("A", "NFO", DataMode.DEPTH),
        Instrument("B", "NFO", DataMode.DEPTH),
    ]
    assert [json.loads(text) for text in frames.subscribe(wanted)] == [
        {
            "action": "subscribe",
            "symbols": [{"symbol": "NIFTY", "exchange": "NSE_INDEX"}],
            "mode": 1,
        },
        {
            "action": "subscribe",
            "symbols": [{"symbol": "A", "exchange": "NFO"}, {"symbol": "B", "exchange": "NFO"}],
            "mode": 3,
        },
    ]


def test_wanted_against_agreed() -> None:
    a, b = Instrument("A", "NFO", DataMode.DEPTH), Instrument("B", "NFO", DataMode.DEPTH)
    ledger = Subscriptions([a], [a, b])
    assert ledger.missing == {"A": "not answered"}
    assert ledger.follow({"A", "B"}) == ([b], [])
    ledger.answer([frames.Ack("A", "success"), frames.Ack("B", "error", "Token not found")])
    assert ledger.answered
    assert ledger.missing == {"B": "Token not found"}
    assert ledger.of(["B", "C"]) == [b]
    ledger.forget()
    assert not ledger.answered
    assert ledger.wanted == [a, b]


def test_every_recorded_frame() -> None:
    path = TRANSCRIPTS / "ws-core.jsonl"
    if not path.exists():
        pytest.skip("no recorded frames on this machine")
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    inlet = Inlet(ManualClock(datetime(2026, 11, 22, tzinfo=UTC)))
    ticks = [
        item
        for record in records
        if record["direction"] == "in"
        and isinstance(item := inlet.take(json.dumps(record["frame"])), TickReceived)
    ]
    assert inlet.dropped == 0
    assert len(ticks) > 50
    deep = [item.tick for item in ticks if item.tick.bid_size]
    assert all(0 < tick.bid < tick.ask for tick in deep)
    assert {tick.at.date().isoformat() for tick in deep} == {"2026-11-22"}
