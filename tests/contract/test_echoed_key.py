"""A gateway that repeats the API key in whatever it says: none of it gets past the adapter."""

import json

import aiohttp
import pytest
import stamina
from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.adapters.openalgo.books import OrderUpdate, terms_of
from swingbreak.adapters.openalgo.echo import Echo
from swingbreak.adapters.openalgo.inlet import Inlet
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.domain.errors import SwingbreakError
from tests.builders import CE, OPEN, entry
from tests.openalgo_fakes import KEY, ManualClock, RestServer, order_row

FIELDS = terms_of(entry(), "MIS").fields() | {"strategy": "swingbreak", "exchange": "NFO"}
ECHO = f"cannot process {{'apikey': '{KEY}'}}"


@pytest.mark.parametrize(
    "answer",
    [
        (400, {"status": "error", "message": ECHO}),
        (403, {"status": "error", "message": {"apikey": [KEY]}}),
        (500, ECHO),
        (200, {"status": "error", "message": ECHO}),
        (200, {"status": "success", "message": ECHO}),
    ],
    ids=lambda answer: f"{answer[0]} {type(answer[1]).__name__}",
)
async def test_no_error_of_an_order_or_a_query_has_it(
    server: RestServer, answer: tuple[int, object]
) -> None:
    server.on("placeorder", answer)
    server.on("analyzer", answer)
    async with aiohttp.ClientSession() as http:
        rest = OpenAlgoRest(server.url, KEY, http)
        said = []
        with stamina.set_testing(testing=True, attempts=1):
            for call in (rest.place(FIELDS), rest.analyzer()):
                try:
                    said.append(repr(await call))
                except SwingbreakError as error:
                    said.append(f"{error} {error!r}")
    assert len(said) == 2
    assert KEY not in " ".join(said)


async def test_no_reason_in_a_book_or_an_update_has_it(server: RestServer) -> None:
    row = order_row(order_status="rejected", rejection_reason=ECHO)
    server.on("orderbook", (200, {"status": "success", "data": {"orders": [row]}}))
    async with aiohttp.ClientSession() as http:
        book = await OpenAlgoRest(server.url, KEY, http).order_book()
    assert "[hidden]" in book.orders[0].reason
    assert KEY not in repr(book)
    update = Inlet(ManualClock(OPEN), api_key=KEY).take(json.dumps({"type": "order_update", **row}))
    assert isinstance(update, OrderUpdate)
    assert "[hidden]" in update.reason
    assert KEY not in repr(update)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"status": "error", "code": "BROKER_ERROR", "message": ECHO}),
        f"no JSON at all: {KEY}",
        json.dumps({"type": "market_data", "symbol": CE.symbol, "data": {"ltp": KEY}}),
    ],
    ids=["an error", "no frame", "a tick"],
)
def test_no_frame_has_it(text: str) -> None:
    inlet = Inlet(ManualClock(OPEN), api_key=KEY)
    assert KEY not in f"{inlet.take(text)!r} {inlet.last_error}"


@settings(max_examples=100)
@given(st.text(min_size=16, max_size=64), st.text(max_size=20), st.text(max_size=20))
def test_what_is_said_is_left_as_it_is_but_for_the_key(key: str, before: str, after: str) -> None:
    echo = Echo(key)
    said = f"{before}|{key}|{after}"
    if key not in f"{before}|[hidden]|{after}":
        assert key not in echo.text(said)
    if key not in before + after:
        assert echo.text(f"{before}{after}") == f"{before}{after}"
    assert Echo("123456").body(b'{"price": 123456}') == b'{"price": 123456}', "no key is so short"
