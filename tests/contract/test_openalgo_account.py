"""Margin and funds: the client against a scripted server, recorded answers and the simulator."""

from typing import Any

import aiohttp
import pytest

from swingbreak.adapters.openalgo.account import OpenAlgoAccount
from swingbreak.adapters.openalgo.books import Mode
from swingbreak.adapters.openalgo.reference import OptionChain
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.bootstrap.margins import account_behind
from swingbreak.domain.errors import (
    BrokerError,
    DataError,
    GatewayRefused,
    GatewayUnreachable,
    ModeMismatch,
    RateLimited,
)
from swingbreak.domain.instrument import OptionContract
from swingbreak.gateway.personality import EXCHANGE, SANDBOX, Personality
from swingbreak.ports import Funds
from swingbreak.risk.margin import MarginModel
from tests import gateway_fakes
from tests.builders import CE, DAY, EXPIRY, PE, entry
from tests.gateway_fakes import pass_time, serving
from tests.openalgo_fakes import KEY, TIGHT, RestServer
from tests.transcripts import FOLDER, read

pytestmark = pytest.mark.usefixtures("no_waiting")

ESTIMATE = 123_45
UNSUPPORTED = {"status": "error", "message": "Margin calculation not supported for broker: simx"}


@pytest.fixture
def account(server: RestServer, session: aiohttp.ClientSession) -> OpenAlgoAccount:
    return account_at(server.url, KEY, session, (CE, PE))


def account_at(
    url: str,
    key: str,
    session: aiohttp.ClientSession,
    contracts: tuple[OptionContract, ...],
    mode: Mode = Mode.ANALYZE,
) -> OpenAlgoAccount:
    rest = OpenAlgoRest(url, key, session, TIGHT)
    return OpenAlgoAccount(rest, contracts, lambda _, units: ESTIMATE * units, mode)


def margin(total: object) -> dict[str, Any]:
    return {"status": "success", "data": {"total_margin_required": total}}


def funds(**data: object) -> dict[str, Any]:
    return {"status": "success", "mode": "analyze", "data": data}


async def test_what_is_asked(server: RestServer, account: OpenAlgoAccount) -> None:
    server.on("margin", (200, margin(1_800_000.5)))
    assert await account.margin(entry(quantity=650), 65) == 1_800_000_50
    (request,) = server.requests
    leg = {
        "symbol": CE.symbol,
        "exchange": "NFO",
        "action": "SELL",
        "quantity": "65",
        "product": "MIS",
        "pricetype": "SL",
        "price": "171.95",
        "trigger_price": "174.95",
    }
    assert request == ("margin", {"apikey": KEY, "positions": [leg]})


@pytest.mark.parametrize(
    ("total", "paise"),
    [(180373.83, 180373_83), ("180373.83", 180373_83), (180373.834, 180373_83), (1, 100)],
    ids=["number", "text", "parts of a paisa", "whole"],
)
async def test_margins_of_any_broker(
    server: RestServer, account: OpenAlgoAccount, total: object, paise: int
) -> None:
    server.on("margin", (200, margin(total)))
    assert await account.margin(entry(), 65) == paise


@pytest.mark.parametrize(
    "body",
    [
        margin(0),
        margin(-1.0),
        margin(None),
        margin("plenty"),
        margin("inf"),
        {"status": "success", "data": {}},
        {"status": "success"},
    ],
    ids=["nothing", "negative", "null", "words", "infinite", "no total", "no data"],
)
async def test_a_margin_that_cannot_be_right_is_none(
    server: RestServer, account: OpenAlgoAccount, body: dict[str, Any]
) -> None:
    server.on("margin", (200, body))
    with pytest.raises(DataError):
        await account.margin(entry(), 65)


@pytest.mark.parametrize(
    "answer",
    [(404, UNSUPPORTED), (501, {"status": "error", "message": "Not implemented"})],
    ids=["404", "501"],
)
async def test_a_broker_without_a_calculator_is_estimated_for(
    server: RestServer, account: OpenAlgoAccount, answer: tuple[int, dict[str, Any]]
) -> None:
    server.on("margin", answer)
    assert await account.margin(entry(), 65) == 65 * ESTIMATE
    assert len(server.requests) == 1


async def test_the_days_own_estimate_is_buffered(
    server: RestServer, session: aiohttp.ClientSession
) -> None:
    server.on("margin", (404, UNSUPPORTED))
    rest = OpenAlgoRest(server.url, KEY, session, TIGHT)
    chain = OptionChain("NIFTY", EXPIRY, CE.strike, CE.strike, (CE, PE))
    account = account_behind(rest, chain, MarginModel(DAY), Mode.ANALYZE)
    # 11.3 per cent of ten lots at 24,500, and a tenth
    expected = 0.113 * 650 * CE.strike * 1.1
    assert await account.margin(entry(), 650) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((503, {"status": "error", "message": "broker down"}), GatewayUnreachable),
        ((429, {"message": "10 per 1 second"}), RateLimited),
    ],
    ids=["down", "too often"],
)
async def test_failures_are_typed(
    server: RestServer,
    account: OpenAlgoAccount,
    answer: tuple[int, dict[str, Any]],
    error: type[BrokerError],
) -> None:
    server.on("margin", answer)
    server.on("funds", answer)
    with pytest.raises(error):
        await account.margin(entry(), 65)
    with pytest.raises(error):
        await account.funds()


async def test_a_refused_question_about_money_is_not_estimated_for(
    server: RestServer, account: OpenAlgoAccount
) -> None:
    server.on("funds", (403, {"status": "error", "message": "Invalid openalgo apikey"}))
    with pytest.raises(GatewayRefused, match="Log in to the broker"):
        await account.funds()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (funds(availablecash="100000.00", utiliseddebits="5.50"), Funds(100_000_00, 5_50)),
        (funds(availablecash=-1.0, utiliseddebits=2.0), Funds(-1_00, 2_00)),
        (funds(availablecash=7), Funds(7_00, 0)),
    ],
    ids=["live", "negative", "no debits"],
)
async def test_funds_of_any_broker(
    server: RestServer, account: OpenAlgoAccount, data: dict[str, Any], expected: Funds
) -> None:
    server.on("funds", (200, data))
    assert await account.funds() == expected


async def test_a_success_without_cash_is_a_failure(
    server: RestServer, account: OpenAlgoAccount
) -> None:
    server.on("funds", (200, funds()), (200, funds(availablecash="nan")))
    for _ in range(2):
        with pytest.raises(DataError, match="funds"):
            await account.funds()


@pytest.mark.parametrize(
    ("expected", "said", "analyzes", "agrees"),
    [
        (Mode.ANALYZE, "analyze", None, True),
        (Mode.ANALYZE, "", True, True),
        (Mode.ANALYZE, "", False, False),
        (Mode.LIVE, "", None, True),
        (Mode.LIVE, "analyze", None, False),
    ],
    ids=["paper", "paper, asked", "switched to live", "live", "switched to paper"],
)
async def test_money_of_another_mode_is_not_ours(
    server: RestServer,
    session: aiohttp.ClientSession,
    *,
    expected: Mode,
    said: str,
    analyzes: bool | None,
    agrees: bool,
) -> None:
    account = account_at(server.url, KEY, session, (CE, PE), expected)
    server.on("funds", (200, {**funds(availablecash=7), "mode": said}))
    if analyzes is not None:
        server.on("analyzer", (200, {"status": "success", "data": {"analyze_mode": analyzes}}))
    if agrees:
        assert (await account.funds()).free == 7_00
    else:
        with pytest.raises(ModeMismatch, match="switch its analyzer back"):
            await account.funds()


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded transcripts are not here")
async def test_recorded_answers_are_understood(
    server: RestServer, account: OpenAlgoAccount, session: aiohttp.ClientSession
) -> None:
    rows = {row["name"]: row["response"] for row in read("rest-core.jsonl") if "name" in row}
    server.on("margin", (200, rows["margin_single_sell"]))
    assert await account.margin(entry(), 65) == 180373_83
    server.on("funds", (200, rows["funds_mixed"]), (200, rows["funds_live"]))
    assert await account.funds() == Funds(9978631_25, 21388_25)
    live = account_at(server.url, KEY, session, (CE, PE), Mode.LIVE)
    assert await live.funds() == Funds(1000000_00, 0)


@pytest.mark.parametrize("personality", [EXCHANGE, SANDBOX], ids=lambda one: one.name)
@pytest.mark.parametrize("analyzing", [True, False], ids=["analyze", "live"])
async def test_the_simulator_answers_like_a_gateway(
    personality: Personality, *, analyzing: bool, session: aiohttp.ClientSession
) -> None:
    async with serving(speed=1e-9, personality=personality) as (gateway, client):
        gateway.desk.analyzing = analyzing
        pass_time(gateway, gateway_fakes.at(5))
        contracts = gateway_fakes.CONTRACTS
        mode = Mode.ANALYZE if analyzing else Mode.LIVE
        account = account_at(client.addresses.host, client.key, session, contracts, mode)
        intent = entry(gateway_fakes.CE, quantity=650)
        required = await account.margin(intent, 650)
        # ten lots at the money; the sandbox asks the broker behind it, too
        assert required == pytest.approx(17_80_000_00, rel=0.02)
        assert await account.funds() == Funds(personality.capital, 0)
        fields = {"strategy": "S", "symbol": intent.symbol, "exchange": "NFO", "action": "SELL"}
        terms = {"quantity": 650, "pricetype": "LIMIT", "product": "MIS", "price": 181.0}
        status, _ = await client.post("placeorder", **fields, **terms)
        assert status == 200
        after = await account.funds()
        assert after == Funds(personality.capital - after.used, after.used)
        # what a resting entry blocks is what was said before; the sandbox blocks its premium
        assert after.used == (required if personality is EXCHANGE else 650 * 181_00)
        assert await account.margin(intent, 650) == required


async def test_the_gateway_may_be_given_another_capital() -> None:
    async with serving(speed=1e-9, capital=10_00_000_00) as (gateway, client):
        pass_time(gateway, gateway_fakes.at(5))
        fields = {"strategy": "S", "symbol": gateway_fakes.CE, "exchange": "NFO", "action": "SELL"}
        terms = {"quantity": 650, "pricetype": "LIMIT", "product": "MIS", "price": 181.0}
        status, body = await client.post("placeorder", **fields, **terms)
        assert status == 400
        assert body["message"].startswith("Insufficient funds. Required margin is 17")
        assert "available margin is 1000000.00" in body["message"]
        covering = {**fields, "action": "BUY", "quantity": 65, "price": 150.0}
        status, _ = await client.post("placeorder", **{**terms, **covering})
        assert status == 200
