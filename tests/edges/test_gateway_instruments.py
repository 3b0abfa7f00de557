"""The day's instruments, their chain, greeks, and how orders become limits."""

from datetime import timedelta

import pytest

from swingbreak.domain.instrument import Right
from swingbreak.domain.orders import Side
from swingbreak.gateway.greeks import Greeks, greeks
from swingbreak.gateway.instruments import Instruments, dashed_expiry
from swingbreak.gateway.placing import banded, slices
from swingbreak.gateway.quotes import Quotes
from swingbreak.simulation.venue import NewOrder, PriceType
from tests.gateway_fakes import CE, CONTRACTS, EXPIRY, PE, SESSION, SPOT, at, quiet_tape, tick

LISTED = Instruments.of(quiet_tape())
CHAIN = LISTED.chain("NIFTY", "01DEC26")


def test_everything_of_the_tape_is_listed_with_its_index_and_vix() -> None:
    assert LISTED.symbols() == [SPOT, "INDIAVIX", *(one.symbol for one in CONTRACTS)]
    assert [one.symbol for one in LISTED.on("NSE_INDEX")] == [SPOT, "INDIAVIX"]
    assert LISTED.find(SPOT, "NFO") is None
    assert LISTED.find(CE.lower(), "NFO") is None
    assert LISTED.named(CE) is LISTED.find(CE, "NFO")


def test_a_row_of_the_master_contract() -> None:
    option, index = LISTED.named(CE).row(), LISTED.spot.row()
    assert option["brsymbol"] == "NIFTY 01 DEC 26 24200 CE"
    assert (option["expiry"], option["strike"], option["lotsize"]) == ("01-DEC-26", 24200.0, 65)
    assert (index["brsymbol"], index["strike"], index["lotsize"]) == ("NIFTY 50", -0.01, 1)
    assert dashed_expiry(EXPIRY) == "01-DEC-26"


@pytest.mark.parametrize(
    ("query", "exchange", "found"),
    [
        ("24200 CE", None, [CE]),
        ("nifty 24200 dec", "NFO", [CE, PE]),
        ("NIFTY 24200", "NSE_INDEX", []),
        ("INDIAVIX", None, ["INDIAVIX"]),
    ],
)
def test_a_search_needs_every_word(query: str, exchange: str | None, found: list[str]) -> None:
    assert [one.symbol for one in LISTED.search(query, exchange)] == found


def test_expiries_are_those_of_the_underlying() -> None:
    assert LISTED.expiries("NIFTY", "NFO") == [EXPIRY]
    assert LISTED.expiries("NIFTY", "BFO") == LISTED.expiries("BANKNIFTY", "NFO") == []
    assert LISTED.chain("NIFTY", "01-DEC-26") is LISTED.chain("BANKNIFTY", "01DEC26") is None


@pytest.mark.parametrize(
    ("offset", "right", "spot", "strike"),
    [
        ("ATM", Right.CE, 24_190_00, 24200),
        ("ATM", Right.CE, 24_225_00, 24200),
        ("ATM", Right.CE, 24_225_01, 24250),
        ("OTM1", Right.CE, 24_200_00, 24250),
        ("OTM1", Right.PE, 24_200_00, 24150),
        ("ITM2", Right.PE, 24_200_00, 24300),
        ("ITM2", Right.CE, 24_200_00, 24100),
        ("OTM3", Right.CE, 24_200_00, None),
        ("ITM3", Right.CE, 24_200_00, None),
        ("ATM1", Right.CE, 24_200_00, None),
        ("ATX", Right.CE, 24_200_00, None),
        ("OTM", Right.CE, 24_200_00, None),
    ],
)
def test_an_option_by_its_distance_from_the_money(
    offset: str, right: Right, spot: int, strike: int | None
) -> None:
    assert CHAIN is not None
    option = CHAIN.at_offset(offset, right, spot)
    wanted = None if strike is None else f"NIFTY01DEC26{strike}{right}"
    assert (option.symbol if option else None) == wanted


# Source: option chain of a recorded server, 2026-11-22: forward 24,132.85, 9.1183 days.
@pytest.mark.parametrize(
    ("right", "strike", "price", "shown"),
    [
        (Right.CE, 24050.0, 249.75, (13.54, 0.568, 0.000761, -11.133, 14.9952)),
        (Right.PE, 24050.0, 166.9, (13.54, -0.432, 0.000761, -11.133, 14.9952)),
        (Right.PE, 24100.0, 189.35, (13.5, -0.4703, 0.000772, -11.2373, 15.1749)),
    ],
)
def test_greeks_are_those_of_the_recorded_server(
    right: Right, strike: float, price: float, shown: tuple[float, ...]
) -> None:
    ours = greeks(right, 24132.85, strike, price, 9.1183 / 365)
    got = (ours.implied_volatility, ours.delta, ours.gamma, ours.theta, ours.vega)
    assert got == pytest.approx(shown, rel=3e-3, abs=1e-6)


def test_an_option_without_time_value_has_no_greeks() -> None:
    assert greeks(Right.CE, 24200.0, 24000.0, 200.0, 0.02) == Greeks()
    assert greeks(Right.CE, 24200.0, 24000.0, 300.0, 0.0) == Greeks()


@pytest.mark.parametrize(
    ("side", "last", "limit"),
    [
        (Side.BUY, 8_00, 8_40),
        (Side.BUY, 50_00, 51_50),
        (Side.BUY, 150_20, 153_20),
        (Side.SELL, 150_20, 147_20),
        (Side.SELL, 600_00, 594_00),
        (Side.SELL, 5, 5),
    ],
)
def test_a_market_order_is_a_limit_in_the_band_of_its_price(
    side: Side, last: int, limit: int
) -> None:
    contract = CONTRACTS[0]
    market = NewOrder(contract.symbol, side, 65, PriceType.MARKET, 0, 0)
    sent = banded(market, contract, last)
    assert (sent.pricetype, sent.price) == (PriceType.LIMIT, limit)
    stop = NewOrder(contract.symbol, side, 65, PriceType.SL_M, 0, last)
    sent = banded(stop, contract, 1)
    assert (sent.pricetype, sent.price, sent.trigger) == (PriceType.SL, limit, last)


def test_other_orders_go_as_they_are() -> None:
    limit = NewOrder(CE, Side.BUY, 65, PriceType.LIMIT, 150_00, 0)
    assert banded(limit, CONTRACTS[0], 100_00) is limit


def test_slices_are_whole_but_for_the_last() -> None:
    assert (slices(195, 130), slices(130, 65)) == ([130, 65], [65, 65])


def test_quotes_follow_the_ticks_and_bars_the_minutes() -> None:
    quotes = Quotes(SESSION, dict.fromkeys(LISTED.symbols(), 140_00))
    quote = quotes[CE]
    assert (quote.price, quote.average, quotes.bars(CE)) == (140_00, 140_00, [])
    for seconds, price, volume in (
        (1, 150_00, 65),
        (2, 151_00, 130),
        (3, 149_00, 100),
        (61, 150_00, 195),
    ):
        quotes.take(tick(seconds, price, CE, volume))
    assert (quote.open, quote.high, quote.low, quote.last) == (150_00, 151_00, 149_00, 150_00)
    assert (quote.volume, quote.last_quantity) == (195, 65)
    assert quote.average == round((150_00 + 151_00 + 150_00) / 3)
    assert [bar.minute for bar in quotes.bars(CE)] == [0, 1]
    assert at(61) - at(1) == timedelta(minutes=1)
