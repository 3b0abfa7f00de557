"""What is listed, asked of a scripted server on loopback: expiries, chains, contract terms."""

from datetime import date
from typing import Any

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.openalgo.reference import chosen_expiry, listed_expiries, resolve_chain
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.bootstrap.resumed import with_traded
from swingbreak.domain.errors import ConfigError, DataError
from swingbreak.domain.instrument import Right
from swingbreak.facts.contracts import Contracts, nearest_strike
from tests.builders import CE, EXPIRY
from tests.openalgo_fakes import RestServer

pytestmark = pytest.mark.usefixtures("no_waiting")


def chain(*strikes: float, spot: float = 24525.0, **leg: Any) -> dict[str, Any]:
    def side(strike: float, right: str) -> dict[str, Any]:
        symbol = f"NIFTY01DEC26{strike:g}{right}"
        return {"symbol": symbol, "lotsize": 65, "tick_size": 0.05, "ltp": 0} | leg

    return {
        "status": "success",
        "underlying_ltp": spot,
        "chain": [
            {"strike": strike, "ce": side(strike, "CE"), "pe": side(strike, "PE")}
            for strike in strikes
        ],
    }


SYMBOL = {"status": "success", "data": {"lotsize": 65, "tick_size": 0.05, "freeze_qty": 1800}}
STRIKES = [24300.0 + 50 * step for step in range(10)]


class TestReference:
    async def expiry(self, server: RestServer, rest: OpenAlgoRest, wanted: str) -> date:
        data = ["15-DEC-26", "01-DEC-26", "08-DEC-26"]
        server.on("expiry", (200, {"status": "success", "data": data}))
        listed = await listed_expiries(rest, "NIFTY", "NFO")
        return chosen_expiry("NIFTY", listed, date(2026, 11, 20), wanted)

    @pytest.mark.parametrize(
        ("wanted", "day"), [("auto", 1), ("01DEC26", 1), ("08-dec-26", 8), ("15DEC26", 15)]
    )
    async def test_expiry(
        self, server: RestServer, rest: OpenAlgoRest, wanted: str, day: int
    ) -> None:
        assert await self.expiry(server, rest, wanted) == date(2026, 12, day)

    @pytest.mark.parametrize("wanted", ["09DEC26", "soon"])
    async def test_bad_expiry(self, server: RestServer, rest: OpenAlgoRest, wanted: str) -> None:
        with pytest.raises(ConfigError, match="01DEC26, 08DEC26, 15DEC26"):
            await self.expiry(server, rest, wanted)

    async def test_no_expiries(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("expiry", (200, {"status": "success", "data": []}))
        with pytest.raises(ConfigError, match="master contracts"):
            await listed_expiries(rest, "NIFTI", "NFO")

    def test_the_nearest_is_not_a_past_one(self) -> None:
        listed = (date(2026, 11, 17), date(2026, 11, 23), date(2026, 12, 1))
        assert chosen_expiry("NIFTY", listed, date(2026, 11, 20)) == date(2026, 11, 23)
        assert chosen_expiry("NIFTY", listed, date(2026, 11, 23)) == date(2026, 11, 23)
        with pytest.raises(DataError, match="no expiry is listed on or after 2026-12-02"):
            chosen_expiry("NIFTY", listed, date(2026, 12, 2))

    async def resolve(self, rest: OpenAlgoRest, atm: str = "auto", each_side: int = 2) -> Any:
        return await resolve_chain(
            rest,
            underlying="NIFTY",
            spot_exchange="NSE_INDEX",
            exchange="NFO",
            expiry=EXPIRY,
            atm=atm,
            each_side=each_side,
        )

    async def test_around_spot_half_way_up(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("optionchain", (200, chain(*reversed(STRIKES))))
        server.on("symbol", (200, SYMBOL))
        found = await self.resolve(rest)
        assert (found.atm, found.spot) == (2455000, 2452500)
        assert [contract.strike for contract in found.contracts[::2]] == [
            strike * 100 for strike in (24450, 24500, 24550, 24600, 24650)
        ]
        assert found.contracts[2] == CE
        assert found.contracts[3].right is Right.PE
        assert server.requests[0][1]["strike_count"] == 3
        assert server.requests[0][1]["expiry_date"] == "01DEC26"

    async def test_what_was_traded_is_followed_wherever_the_money_is(
        self, server: RestServer, rest: OpenAlgoRest
    ) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        server.on("symbol", *[(200, SYMBOL)] * 3)
        found = await self.resolve(rest)
        asked, far = len(server.requests), ["NIFTY01DEC2623000PE", "NIFTY08DEC2624500CE"]
        listing = Contracts(load_facts()).listing("NIFTY", date(2026, 11, 20))
        more = await with_traded(rest, found, listing, [*far, CE.symbol])
        assert [body["symbol"] for _, body in server.requests[asked:]] == far
        assert {*more.contracts} > {*found.contracts}
        low, *_, late = more.contracts
        assert (low.strike, low.right, low.lot, low.freeze) == (2300000, Right.PE, 65, 1800)
        assert (late.symbol, late.expiry) == (far[1], date(2026, 12, 8))
        assert await with_traded(rest, found, listing, [CE.symbol]) is found
        with pytest.raises(ConfigError, match="go on with underlying BANKNIFTY"):
            await with_traded(rest, found, listing, ["BANKNIFTY29DEC2658000CE"])

    async def test_what_was_traded_and_is_not_listed(
        self, server: RestServer, rest: OpenAlgoRest
    ) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        refused = {"status": "error", "message": "Symbol not found"}
        server.on("symbol", (200, SYMBOL), (404, refused))
        found = await self.resolve(rest)
        listing = Contracts(load_facts()).listing("NIFTY", date(2026, 11, 20))
        with pytest.raises(DataError, match="is not in the gateway's master contracts"):
            await with_traded(rest, found, listing, ["NIFTY01DEC2623000PE"])

    async def test_a_given_strike_far_away(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("optionchain", (200, chain(*STRIKES[4:])), (200, chain(*STRIKES)))
        server.on("symbol", (200, SYMBOL))
        found = await self.resolve(rest, "24400")
        assert found.atm == 2440000
        assert len(found.contracts) == 10
        assert [body.get("strike_count") for _, body in server.requests] == [3, 100, None]

    async def test_an_edge_has_fewer(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        server.on("symbol", (200, SYMBOL))
        assert len((await self.resolve(rest, "24300")).contracts) == 6

    @pytest.mark.parametrize(
        ("atm", "text"), [("24410", "24400.00, 24450.00"), ("high", "auto")], ids=str
    )
    async def test_bad_atm(
        self, server: RestServer, rest: OpenAlgoRest, atm: str, text: str
    ) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        with pytest.raises(ConfigError, match=text):
            await self.resolve(rest, atm)

    @pytest.mark.parametrize(
        ("answer", "symbol", "error", "text"),
        [
            pytest.param(chain(spot=24500), SYMBOL, DataError, "0 strikes", id="no-strikes"),
            pytest.param(chain(24500, spot=0), SYMBOL, DataError, "spot 0", id="no-spot"),
            pytest.param(chain(24500, lotsize=0), SYMBOL, DataError, "65 in master", id="no-lot"),
            pytest.param(chain(24500, tick_size=0), SYMBOL, DataError, "price step", id="no-tick"),
            pytest.param(
                chain(24500),
                SYMBOL | {"data": SYMBOL["data"] | {"freeze_qty": 1}},  # type: ignore[operator]
                ConfigError,
                "qtyfreeze",
                id="no-freeze",
            ),
            pytest.param(
                {**chain(24500), "chain": [{"strike": 24500}]},
                SYMBOL,
                DataError,
                "without a contract",
                id="no-legs",
            ),
        ],
    )
    async def test_facts_that_cannot_be(
        self,
        server: RestServer,
        rest: OpenAlgoRest,
        answer: dict[str, Any],
        symbol: dict[str, Any],
        error: type[Exception],
        text: str,
    ) -> None:
        server.on("optionchain", (200, answer))
        server.on("symbol", (200, symbol))
        with pytest.raises(error, match=text):
            await self.resolve(rest)

    async def test_not_in_the_master(self, server: RestServer, rest: OpenAlgoRest) -> None:
        server.on("optionchain", (200, chain(*STRIKES)))
        server.on("symbol", (404, {"status": "error", "message": "not found"}))
        with pytest.raises(DataError, match="is not in the gateway's master"):
            await self.resolve(rest)

    @pytest.mark.parametrize(
        ("spot", "strike"), [(2452499, 2450000), (2452500, 2455000), (2452501, 2455000)]
    )
    def test_nearest(self, spot: int, strike: int) -> None:
        assert nearest_strike([2445000, 2450000, 2455000], spot) == strike
