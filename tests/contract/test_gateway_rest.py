"""The REST protocol where the recordings are silent: shapes of errors, limits, market data."""

from datetime import timedelta
from typing import Any

import pytest

from swingbreak.gateway.envelope import BAD_JSON
from tests.gateway_fakes import CE, DAY, Client, at, pass_time, quiet_tape, serving

STANDING = 1e-9  # so slow that only the test moves market time
HIGHER_CE = "NIFTY01DEC2624300CE"
OPTION = {"symbol": CE, "exchange": "NFO"}


async def sent(client: Client, method: str, path: str, **how: Any) -> tuple[int, Any]:
    async with client.session.request(method, client.addresses.host + path, **how) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("method", "path", "how", "status", "body"),
    [
        (
            "POST",
            "/api/v1/nope",
            {"json": {}},
            404,
            {"message": "Not found", "path": "/api/v1/nope", "status": "error"},
        ),
        (
            "GET",
            "/elsewhere",
            {},
            404,
            {"message": "Not found", "path": "/elsewhere", "status": "error"},
        ),
        (
            "GET",
            "/api/v1/ping",
            {},
            404,
            {"message": "Not found", "path": "/api/v1/ping", "status": "error"},
        ),
        ("POST", "/api/v1/ping", {"json": []}, 500, {"message": "Internal Server Error"}),
        (
            "POST",
            "/api/v1/ping",
            {"data": b'{"apikey":"\xff"}', "headers": {"Content-Type": "application/json"}},
            400,
            BAD_JSON.body,
        ),
        ("POST", "/api/v1/ping", {"data": "{}"}, 500, {"message": "Internal Server Error"}),
        (
            "POST",
            "/api/v1/funds",
            {"data": "{}"},
            500,
            {"message": "An unexpected error occurred", "status": "error"},
        ),
        (
            "POST",
            "/api/v1/depth",
            {"json": {"apikey": "bad", **OPTION}},
            404,
            {"message": "Broker-specific module not found", "status": "error"},
        ),
        (
            "POST",
            "/api/v1/optionchain",
            {"json": {"apikey": "bad", "underlying": "NIFTY", "exchange": "NSE_INDEX",
                      "expiry_date": "01DEC26"}},
            403,
            {
                "message": "Failed to fetch LTP for NIFTY: Invalid openalgo apikey",
                "status": "error",
            },
        ),
        (
            "POST",
            "/api/v1/optionsorder",
            {"json": {"apikey": "bad", "strategy": "S"}},
            400,
            {
                "errors": {
                    name: ["Missing data for required field."]
                    for name in ("action", "exchange", "offset", "option_type", "quantity",
                                 "underlying")
                },
                "message": "Validation error",
                "status": "error",
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
async def test_refusals_have_their_own_shapes(
    method: str, path: str, how: dict[str, Any], status: int, body: dict[str, Any]
) -> None:
    async with serving(speed=STANDING) as (_, client):
        assert await sent(client, method, path, **how) == (status, body)


async def test_the_eleventh_order_in_a_market_second_is_turned_away_and_others_are_not() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(1))
        answers = [await client.post("cancelorder", strategy="S", orderid="1") for _ in range(11)]
        assert [status for status, _ in answers] == [404] * 10 + [429]
        assert answers[-1][1] == {"message": "10 per 1 second"}
        assert (await client.post("ping"))[0] == 200
        assert (await client.post("cancelorder"))[0] == 429


async def test_in_step_the_limits_count_market_time() -> None:
    async with serving() as (gateway, client):
        clock = gateway._clock
        clock._idle_since = None  # type: ignore[attr-defined]
        first = [
            (await client.post("cancelorder", strategy="S", orderid="1"))[0] for _ in range(12)
        ]
        pass_time(gateway, gateway.desk.floor.now + timedelta(seconds=1))
        again = (await client.post("cancelorder", strategy="S", orderid="1"))[0]
        assert (first.count(429), again) == (2, 404)


async def test_queries_are_limited_to_fifty_a_second() -> None:
    async with serving(speed=STANDING) as (_, client):
        answers = [await client.post("quotes", **OPTION) for _ in range(51)]
        assert answers[-1] == (429, {"message": "50 per 1 second"})
        assert [status for status, _ in answers].count(200) == 50


async def test_before_the_open_quotes_show_the_previous_close() -> None:
    async with serving(speed=STANDING) as (_, client):
        _, body = await client.post("quotes", **OPTION)
        nothing = {"ask": 0.0, "bid": 0.0, "high": 0.0, "low": 0.0, "open": 0.0, "oi": 0}
        assert body["data"] == {**nothing, "ltp": 140.0, "prev_close": 140.0, "volume": 0}
        _, depth = await client.post("depth", **OPTION)
        assert depth["data"]["bids"] == [{"price": 0.0, "quantity": 0}] * 5


async def test_history_has_the_minute_that_is_forming() -> None:
    async with serving(quiet_tape(100), speed=STANDING) as (gateway, client):
        pass_time(gateway, at(90))
        span = {"start_date": str(DAY), "end_date": str(DAY)}
        _, body = await client.post("history", **OPTION, interval="1m", **span)
        first, forming = body["data"]
        opens = int(at(0).timestamp())
        assert first == {
            "timestamp": opens,
            "open": 150.0,
            "high": 152.95,
            "low": 150.0,
            "close": 152.95,
            "volume": 60 * 65,
            "oi": 0,
        }
        assert (forming["timestamp"], forming["close"]) == (opens + 60, 154.45)
        _, day = await client.post("history", **OPTION, interval="D", **span)
        assert day["data"][0]["volume"] == 90 * 65
        assert day["data"][0]["timestamp"] == 1795132800  # 2026-11-20 00:00 UTC


@pytest.mark.parametrize(
    ("interval", "bars"), [("1m", 2), ("3m", 1), ("5m", 1), ("15m", 1), ("1h", 1), ("D", 1)]
)
async def test_longer_intervals_add_minutes_up(interval: str, bars: int) -> None:
    async with serving(quiet_tape(100), speed=STANDING) as (gateway, client):
        pass_time(gateway, at(99))
        span = {"start_date": str(DAY), "end_date": str(DAY)}
        _, body = await client.post("history", **OPTION, interval=interval, **span)
        assert len(body["data"]) == bars
        assert sum(row["volume"] for row in body["data"]) == 99 * 65


async def test_the_ticker_speaks_text() -> None:
    async with serving(speed=STANDING) as (gateway, client):
        pass_time(gateway, at(5))
        path = f"/api/v1/ticker/NFO:{CE}"
        query = {"apikey": client.key, "interval": "1m", "from": str(DAY), "to": str(DAY)}
        url = client.addresses.host + path
        async with client.session.get(url, params={**query, "format": "txt"}) as answer:
            assert await answer.text() == f"NFO:{CE},{DAY},09:15:00,150.0,150.2,150.0,150.2,325"


async def test_the_margin_of_a_basket_is_that_of_its_shorts_together_and_the_premiums() -> None:
    async with serving(speed=STANDING) as (_, client):
        leg = {**OPTION, "product": "NRML", "pricetype": "LIMIT", "quantity": "65", "price": "10"}
        sold, bought = {**leg, "action": "SELL"}, {**leg, "symbol": HIGHER_CE, "action": "BUY"}
        _, body = await client.post("margin", positions=[sold])
        alone, notional = body["data"], 65 * 24210.0
        assert alone["span_margin"] == pytest.approx(notional * 0.093, rel=0.01)
        assert alone["exposure_margin"] == pytest.approx(notional * 0.02)
        _, body = await client.post("margin", positions=[sold, bought])
        spread = body["data"]
        # a hundred points apart: that much can be lost, and the hedge is paid for
        assert spread["span_margin"] == pytest.approx(65 * 100.0, rel=0.01)
        assert spread["exposure_margin"] == alone["exposure_margin"]
        total = spread["span_margin"] + spread["exposure_margin"] + 650
        assert spread["total_margin_required"] == pytest.approx(total)
        _, body = await client.post("margin", positions=[bought])
        assert body["data"] == {
            "span_margin": 0.0,
            "exposure_margin": 0.0,
            "total_margin_required": 650.0,
        }
        index = {**sold, "symbol": "NIFTY", "exchange": "NSE_INDEX"}
        status, body = await client.post("margin", positions=[index])
        assert (status, body["message"]) == (400, "unknown instrument NSE_INDEX:NIFTY")
        status, body = await client.post(
            "margin", positions=[{**leg, "action": "BUY", "quantity": "x"}]
        )
        assert status == 400


async def test_greeks_of_several_options_name_the_one_that_fails() -> None:
    async with serving(speed=STANDING) as (_, client):
        rows = [OPTION, {"symbol": "NIFTY01DEC26", "exchange": "NFO"}]
        _, body = await client.post("multioptiongreeks", symbols=rows)
        assert (body["status"], body["summary"]) == (
            "partial",
            {"total": 2, "success": 1, "failed": 1},
        )
        assert body["data"][0]["expiry_date"] == "01-Dec-2026"
        _, none = await client.post("multioptiongreeks", symbols=rows[1:])
        assert none["status"] == "error"


@pytest.mark.parametrize(
    ("day", "open_"),
    [("2026-11-23", True), ("2026-11-22", False), ("2026-11-24", False), ("2026-11-08", True)],
    ids=["monday", "sunday", "holiday", "muhurat"],
)
async def test_timings_know_the_calendar(day: str, open_: bool) -> None:
    async with serving(speed=STANDING) as (_, client):
        _, body = await client.post("market/timings", date=day)
        assert any(row["exchange"] == "NFO" for row in body["data"]) is open_


async def test_the_calendar_takes_any_key_and_assumes_today() -> None:
    async with serving(speed=STANDING) as (_, client):
        client.key = "anything"
        _, body = await client.post("market/holidays")
        assert (body["year"], len(body["data"])) == (2026, 17)
        _, timings = await client.post("market/timings")
        assert {row["exchange"] for row in timings["data"]} >= {"NSE", "NFO", "MCX"}
