"""REST payloads as values: every shape that was recorded, and those that must not pass."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.openalgo import wire
from swingbreak.adapters.openalgo.books import (
    HeldPosition,
    OrderState,
    OrderTerms,
    Traded,
    terms_of,
)
from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Bar
from tests.builders import OPEN, SESSION, at, entry, stop
from tests.openalgo_fakes import order_row, raw

TRANSCRIPTS = Path(__file__).resolve().parents[3] / "shared" / "transcripts"


def recorded(*names: str) -> list[dict[str, Any]]:
    rows = []
    for name in names:
        path = TRANSCRIPTS / name
        if not path.exists():
            pytest.skip(f"no recorded exchange {name} on this machine")
        rows += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return rows


class TestOrders:
    def test_terms_are_exact_text(self) -> None:
        assert terms_of(entry(), "MIS").fields() == {
            "symbol": "NIFTY01DEC2624500CE",
            "action": "SELL",
            "product": "MIS",
            "quantity": 650,
            "pricetype": "SL",
            "price": "171.95",
            "trigger_price": "174.95",
            "disclosed_quantity": 0,
        }
        plain = terms_of(stop(trigger=None), "MIS")
        assert (plain.pricetype, plain.fields()["trigger_price"]) == ("LIMIT", "0.00")

    def test_a_row_without_product_may_be_any(self) -> None:
        terms = terms_of(entry(), "MIS")
        assert terms.shown_as(wire.order_update(raw(order_row())).terms)
        assert terms.shown_as(wire.order_update(raw(order_row(product=None))).terms)
        assert not terms.shown_as(wire.order_update(raw(order_row(product="NRML"))).terms)

    @pytest.mark.parametrize(
        ("changes", "quantity", "limit", "filled", "value"),
        [
            pytest.param({}, 650, 17195, 0, 0, id="numbers"),
            pytest.param(
                {"quantity": "650", "price": "171.95", "filled_quantity": "65.0"},
                650,
                17195,
                65,
                0,
                id="text",
            ),
            pytest.param(
                {"filled_quantity": 130, "average_price": 174.9833},
                650,
                17195,
                130,
                2274783,
                id="average-of-several",
            ),
            pytest.param(
                {"filled_quantity": None, "average_price": None, "price": None},
                650,
                0,
                None,
                0,
                id="live-book",
            ),
            pytest.param({"quantity": 650.0, "orderid": 1}, 650, 17195, 0, 0, id="odd-types"),
        ],
    )
    def test_what_a_row_says(
        self, changes: dict[str, Any], quantity: int, limit: int, filled: int | None, value: int
    ) -> None:
        seen = wire.order_update(raw(order_row(**changes)))
        assert seen.broker_order_id == "1"
        assert (seen.terms.quantity, seen.terms.limit) == (quantity, limit)
        assert (seen.filled, seen.value) == (filled, value)

    @pytest.mark.parametrize(
        ("text", "state"),
        [
            ("open", OrderState.OPEN),
            ("Trigger Pending", OrderState.TRIGGER_PENDING),
            ("complete", OrderState.COMPLETE),
            ("rejected ", OrderState.REJECTED),
            ("cancelled", OrderState.CANCELLED),
            ("CANCELED", OrderState.CANCELLED),
            ("put order req received", OrderState.OTHER),
        ],
    )
    def test_states(self, text: str, state: OrderState) -> None:
        assert wire.order_update(raw(order_row(order_status=text))).state is state

    @pytest.mark.parametrize(
        ("text", "placed"),
        [
            ("2026-11-20 09:16:03", OPEN + timedelta(seconds=63)),
            ("09:16:03", None),
            ("20-Nov-2026 09:16:03", OPEN + timedelta(seconds=63)),
            ("20/11/2026 09:16", None),
            (None, None),
        ],
    )
    def test_book_times(self, text: str | None, placed: datetime | None) -> None:
        assert wire.order_update(raw(order_row(timestamp=text))).placed == placed

    @pytest.mark.parametrize(
        "row",
        [
            pytest.param({"order_status": "open"}, id="no-id"),
            pytest.param(order_row(orderid=""), id="empty-id"),
            pytest.param(order_row(quantity=-65), id="negative"),
            pytest.param(order_row(filled_quantity=-65), id="negative-fill"),
            pytest.param(order_row(quantity="many"), id="no-number"),
            pytest.param(order_row(order_status=None), id="no-status"),
            pytest.param(order_row(price="nan"), id="nan"),
            pytest.param(order_row(trigger_price="inf"), id="infinite"),
            pytest.param(order_row(filled_quantity=65, average_price="nan"), id="nan-average"),
            pytest.param(order_row(filled_quantity=65, average_price=1e307), id="absurd-average"),
        ],
    )
    def test_a_bad_row_is_dropped_and_counted(self, row: dict[str, Any]) -> None:
        with pytest.raises(DataError):
            wire.order_update(raw(row))
        book = wire.order_book([raw(row), raw(order_row())])
        assert (len(book.orders), book.dropped) == (1, 1)


class TestTrades:
    def test_they_add_up_by_order(self) -> None:
        book = wire.trade_book(
            raw({"orderid": order, "quantity": quantity, "average_price": price, "tradeid": trade})
            for order, quantity, price, trade in [
                ("1", 65, 120.25, "T1"),
                ("1", "130", "120.30", "T2"),
                ("2", 65, 99.95, None),
                ("2", 65, 99.95, None),
                ("1", 65, 120.25, "T1"),
            ]
        )
        assert book.of("1") == Traded(195, 65 * 12025 + 130 * 12030)
        assert book.of("2") == Traded(130, 130 * 9995)
        assert book.of("3") == Traded()

    @pytest.mark.parametrize("price", [0, "nan", "inf", 1e307])
    def test_a_trade_at_nothing_is_none(self, price: float | str) -> None:
        book = wire.trade_book([raw({"orderid": "1", "quantity": 65, "average_price": price})])
        assert (book.of("1"), book.dropped) == (Traded(), 1)


def test_positions_keep_what_has_no_name() -> None:
    rows = [
        {"symbol": "X", "exchange": "NFO", "product": "MIS", "quantity": "-65"},
        {"symbol": None, "quantity": 65},
    ]
    assert wire.held_positions(map(raw, rows)) == (
        HeldPosition("X", "NFO", "MIS", -65),
        HeldPosition("", "", "", 65),
    )


def test_a_position_that_cannot_be_read_is_not_left_out() -> None:
    with pytest.raises(DataError):
        wire.held_positions([raw({"symbol": "X"})])


class TestBars:
    @staticmethod
    def candle(minute: int, low: float = 99.0, volume: int = 65) -> dict[str, Any]:
        return {
            "timestamp": int(at(minute).timestamp()),
            "open": 100.05,
            "high": 101,
            "low": low,
            "close": 100.0,
            "volume": volume,
            "oi": 7,
        }

    def test_only_this_session_in_order_and_once(self) -> None:
        rows = [
            self.candle(1),
            self.candle(0, volume=130),
            self.candle(1, low=98.0),
            self.candle(-1),
            self.candle(SESSION.minutes),
            self.candle(-24 * 60),
        ]
        assert wire.bars(map(raw, rows), SESSION) == (
            Bar(0, 10005, 10100, 9900, 10000, 130),
            Bar(1, 10005, 10100, 9800, 10000, 65),
        )

    def test_a_minute_without_trades_makes_no_bar(self) -> None:
        rows = [self.candle(0), self.candle(1, volume=0)]
        assert [bar.minute for bar in wire.bars(map(raw, rows), SESSION)] == [0]

    def test_without_any_volume_prices_are_all_there_is(self) -> None:
        rows = [self.candle(0, volume=0), self.candle(1, volume=0)]
        assert len(wire.bars(map(raw, rows), SESSION)) == 2

    @pytest.mark.parametrize(
        "changes",
        [
            *({"low": 100.02}, {"low": 0}, {"volume": -1}, {"high": 100.0}, {"close": "?"}),
            *(
                {"close": "nan"},
                {"timestamp": int(OPEN.timestamp() * 1e6)},
                {"timestamp": -(10**12)},
            ),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused(self, changes: dict[str, Any]) -> None:
        with pytest.raises(DataError):
            wire.bars([raw(self.candle(0) | changes)], SESSION)


class TestRecorded:
    def test_every_order_row(self) -> None:
        rows: list[dict[str, Any]] = []
        for record in recorded("rest-core.jsonl", "openalgo.jsonl"):
            response = record.get("response")
            if isinstance(response, dict) and record["path"].endswith("/orderbook"):
                rows += response.get("data", {}).get("orders", [])
        book = wire.order_book(map(raw, rows))
        assert len(book.orders) > 20
        assert book.dropped == 0
        assert OrderState.OTHER not in {seen.state for seen in book.orders}

    def test_every_trade_and_position_row(self) -> None:
        trades: list[dict[str, Any]] = []
        positions: list[dict[str, Any]] = []
        for record in recorded("rest-core.jsonl", "openalgo.jsonl"):
            response = record.get("response")
            if isinstance(response, dict) and isinstance(response.get("data"), list):
                trades += response["data"] if record["path"].endswith("/tradebook") else []
                positions += response["data"] if record["path"].endswith("/positionbook") else []
        assert trades
        assert wire.trade_book(map(raw, trades)).dropped == 0
        assert any(held.quantity < 0 for held in wire.held_positions(map(raw, positions)))

    def test_every_order_update(self) -> None:
        frames = [
            record.get("frame") or record.get("msg")
            for record in recorded("ws-core.jsonl", "live-order-updates-ws.jsonl", "openalgo.jsonl")
        ]
        updates = [
            wire.order_update(json.dumps(frame))
            for frame in frames
            if isinstance(frame, dict) and frame.get("type") == "order_update"
        ]
        assert len(updates) > 20
        complete = [seen for seen in updates if seen.state is OrderState.COMPLETE]
        assert all(seen.filled and seen.value > 0 for seen in complete)

    def test_history(self) -> None:
        for record in recorded("rest-core.jsonl"):
            if record["name"] == "history_1m":
                rows = record["response"]["data"]
                first = datetime.fromtimestamp(rows[0]["timestamp"], UTC)
                assert SESSION.minute_of(first) == 0
                assert len(wire.bars(map(raw, rows), SESSION)) == len(rows)


def test_terms_say_what_they_are() -> None:
    terms = OrderTerms("X", "BUY", "MIS", 65, "SL", 12025, 12000)
    assert str(terms) == "BUY 65 X SL 120.25 trigger 120.00"
