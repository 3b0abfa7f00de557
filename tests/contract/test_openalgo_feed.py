"""The feed client against scripted servers on loopback: log-in, order, pings, and every end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import aiohttp
import pytest
from aiohttp import web

from swingbreak.adapters.openalgo.books import OrderUpdate
from swingbreak.adapters.openalgo.connection import LATE_PONG_S
from swingbreak.adapters.openalgo.feed import OpenAlgoFeed
from swingbreak.adapters.openalgo.frames import DataMode, Instrument
from swingbreak.adapters.openalgo.items import FeedLost, FeedRestored, Marked
from swingbreak.domain.errors import ConfigError, GatewayRefused
from swingbreak.domain.events import TickReceived
from tests.builders import CE, OPEN, PE, at
from tests.listening import (
    FILLED,
    MOVED,
    MS,
    WANTED,
    Listener,
    closes,
    ping,
    ponged,
    says,
    script,
    stay,
)
from tests.openalgo_fakes import (
    KEY,
    Script,
    acknowledge,
    feed_server,
    heard,
    let_in,
    logged_in,
    market_data,
)


@pytest.fixture
async def listen(session: aiohttp.ClientSession) -> AsyncIterator[Callable[..., Listener]]:
    listeners: list[Listener] = []

    def start(url: str, key: str = KEY, optional: Sequence[Instrument] = ()) -> Listener:
        listeners.append(Listener(url, session, key, optional))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.task.cancel()
        await asyncio.gather(listener.task, return_exceptions=True)


class TestLogIn:
    async def test_items_come_in_order(self, listen: Callable[..., Listener]) -> None:
        first = market_data(CE.symbol, 120.0, MS, volume=65)
        async with feed_server(script(let_in, says(first, first, FILLED, MOVED), stay)) as server:
            listener = listen(server.url)
            assert await listener.next(FeedRestored) == FeedRestored({}, order_updates=True)
            assert (await listener.next(TickReceived)).tick.price == 12000
            assert (await listener.next(OrderUpdate)).filled == 650
            tick = await listener.next(TickReceived)
            assert (tick.at, tick.tick.at) == (at(0, 2), at(0, 2))
            assert listener.feed.inlet.duplicates == 1

    async def test_symbols_that_were_refused(self, listen: Callable[..., Listener]) -> None:
        async def partial(socket: web.WebSocketResponse) -> None:
            await let_in(socket, {PE.symbol: "Token not found"})

        async with feed_server(script(partial, stay)) as server:
            restored = await listen(server.url).next(FeedRestored)
            assert restored.missing == {PE.symbol: "Token not found"}

    async def test_a_gateway_without_a_broker_forgets_at_once(
        self, listen: Callable[..., Listener]
    ) -> None:
        gone = {"status": "error", "code": "BROKER_ERROR", "message": "Broker adapter not found"}

        async def refuse(socket: web.WebSocketResponse) -> None:
            await heard(socket)
            await socket.send_json({"type": "auth", "status": "success"})
            await socket.send_json(gone)

        async with feed_server(script(refuse, stay), script(let_in, stay)) as server:
            listener = listen(server.url)
            assert "log in to the broker" in (await listener.next(FeedLost)).reason
            await listener.next(FeedRestored)
            assert server.connections == 2

    async def test_a_gateway_without_order_updates(self, listen: Callable[..., Listener]) -> None:
        async def older(socket: web.WebSocketResponse) -> None:
            await heard(socket)
            await socket.send_json({"type": "auth", "status": "success"})
            await heard(socket)
            error = {"status": "error", "code": "INVALID_ACTION", "message": "Invalid action"}
            await socket.send_json(error)
            await acknowledge(socket, await heard(socket), {})

        async with feed_server(script(older, stay)) as server:
            assert not (await listen(server.url).next(FeedRestored)).order_updates

    @pytest.mark.parametrize(
        ("answer", "text"),
        [
            pytest.param(
                says(
                    {
                        "status": "error",
                        "code": "AUTHENTICATION_ERROR",
                        "message": "Invalid API key",
                    }
                ),
                "AUTHENTICATION_ERROR: Invalid API key: copy the API key",
                id="error-frame",
            ),
            pytest.param(closes(4401, b"auth timeout"), "4401 auth timeout: copy", id="close"),
        ],
    )
    async def test_a_wrong_key_ends_it(
        self, listen: Callable[..., Listener], answer: Script, text: str
    ) -> None:
        async with feed_server(script(answer, stay)) as server:
            listener = listen(server.url, "wrong")
            with pytest.raises(GatewayRefused, match=text):
                await asyncio.wait_for(listener.task, 5)
            assert server.connections == 1

    @pytest.mark.parametrize(
        "answer",
        [
            says({"status": "error", "code": "AUTHENTICATION_ERROR", "message": "Invalid API key"}),
            closes(4401, b"auth timeout"),
        ],
        ids=["error-frame", "close"],
    )
    async def test_a_key_that_was_right_before_is_tried_again(
        self, listen: Callable[..., Listener], answer: Script
    ) -> None:
        """A proxy that is busy, or cannot look the key up now, says the same of a good one."""

        async def drop(socket: web.WebSocketResponse) -> None:
            await socket.close()

        scripts = script(let_in, drop), script(answer, stay), script(let_in, stay)
        async with feed_server(*scripts) as server:
            listener = listen(server.url)
            await listener.next(FeedRestored)
            await listener.next(FeedLost)
            await listener.next(FeedRestored)
            assert server.connections == 3

    async def test_no_broker_session_is_waited_for(self, listen: Callable[..., Listener]) -> None:
        error = {"status": "error", "code": "BROKER_INIT_ERROR", "message": "no token"}
        async with feed_server(script(says(error), stay), script(let_in, stay)) as server:
            listener = listen(server.url)
            assert "BROKER_INIT_ERROR: no token" in (await listener.next(FeedLost)).reason
            await listener.next(FeedRestored)

    def test_an_address_is_one(self, session: aiohttp.ClientSession) -> None:
        with pytest.raises(ConfigError, match="ws://127"):
            OpenAlgoFeed("127.0.0.1:8765", KEY, session, lambda _: None, [])


class TestPings:
    async def test_a_mark_is_answered_when_acted_upon(
        self, listen: Callable[..., Listener]
    ) -> None:
        answered: asyncio.Queue[bytes] = asyncio.Queue()

        async def mark(socket: web.WebSocketResponse) -> None:
            await socket.send_json(MOVED)
            await ping(socket, b"t=%d" % (MS + 3000))
            answered.put_nowait(await ponged(socket))

        async with feed_server(script(let_in, mark, stay)) as server:
            listener = listen(server.url)
            await listener.next(FeedRestored)
            await listener.next(TickReceived)
            marked = await listener.next(Marked)
            assert marked.at == at(0, 3)
            assert answered.empty()
            await marked.pong()
            await marked.pong()
            assert await asyncio.wait_for(answered.get(), 5) == b"t=%d" % (MS + 3000)
            assert listener.slept == []

    async def test_marks_wait_for_the_whole_subscription(
        self, listen: Callable[..., Listener]
    ) -> None:
        async def early(socket: web.WebSocketResponse) -> None:
            await heard(socket)
            await ping(socket, b"t=%d" % MS)
            await socket.send_json({"type": "auth", "status": "success"})
            await heard(socket)
            await socket.send_json({"type": "subscribe_orders", "status": "success"})
            await socket.send_json(MOVED)
            await acknowledge(socket, await heard(socket), {})

        async with feed_server(script(early, stay)) as server:
            listener = listen(server.url)
            await listener.next(TickReceived)
            await listener.next(FeedRestored)
            assert (await listener.next(Marked)).at == OPEN

    async def test_a_real_gateways_ping_is_answered_in_time(
        self, listen: Callable[..., Listener]
    ) -> None:
        answered: asyncio.Queue[bytes] = asyncio.Queue()

        async def check(socket: web.WebSocketResponse) -> None:
            await ping(socket, b"\x01\x02")
            answered.put_nowait(await ponged(socket))

        async with feed_server(script(let_in, check, stay)) as server:
            listener = listen(server.url)
            await listener.next(FeedRestored)
            marked = await listener.next(Marked)
            assert (marked.at, marked.payload) == (None, b"\x01\x02")
            listener.late.set()
            assert await asyncio.wait_for(answered.get(), 5) == b"\x01\x02"
            assert listener.slept == [LATE_PONG_S]

    async def test_an_unanswered_ping_does_not_outlive_its_connection(
        self, listen: Callable[..., Listener]
    ) -> None:
        begun = asyncio.Event()

        async def check(socket: web.WebSocketResponse) -> None:
            await ping(socket, b"")
            await begun.wait()

        async with feed_server(script(let_in, check, closes(1001)), script(let_in, stay)) as server:
            listener = listen(server.url)
            await listener.next(FeedRestored)
            await listener.next(Marked)
            await asyncio.sleep(0)
            begun.set()
            await listener.next(FeedLost)
            await listener.next(FeedRestored)
            assert listener.slept == [LATE_PONG_S, 1]

    async def test_a_pong_after_the_end_does_nothing(self, listen: Callable[..., Listener]) -> None:
        async def mark(socket: web.WebSocketResponse) -> None:
            await ping(socket, b"t=%d" % MS)

        async with feed_server(script(let_in, mark, closes(1001)), script(let_in, stay)) as server:
            listener = listen(server.url)
            await listener.next(FeedRestored)
            marked = await listener.next(Marked)
            await listener.next(FeedLost)
            await listener.next(FeedRestored)
            await marked.pong()
            assert listener.items.empty(), "the connection that came after it stands"
            assert not listener.task.done()


class TestEnds:
    async def test_a_restart_of_the_gateway(self, listen: Callable[..., Listener]) -> None:
        async with feed_server(
            script(let_in, says(MOVED), closes(1001)), script(let_in, says(MOVED), stay)
        ) as server:
            listener = listen(server.url)
            await listener.next(FeedRestored)
            await listener.next(TickReceived)
            assert "1001" in (await listener.next(FeedLost)).reason
            await listener.next(FeedRestored)
            assert listener.slept == [1]

    async def test_pauses_grow_and_the_loss_is_told_once(
        self, listen: Callable[..., Listener]
    ) -> None:
        async with feed_server(closes(1011)) as server:
            listener = listen(server.url)
            listener.pauses_left = 6
            listener.late.set()
            await asyncio.wait_for(listener.tired.wait(), 5)
            assert listener.slept == [1, 2, 5, 10, 30, 30, 30]
            await listener.next(FeedLost)
            assert listener.items.empty()

    async def test_nobody_listens(self, listen: Callable[..., Listener]) -> None:
        async with feed_server(stay) as server:
            url = server.url
        listener = listen(url)
        assert "Cannot connect" in (await listener.next(FeedLost)).reason

    async def test_a_forgotten_log_in_is_repeated_on_the_same_socket(
        self, listen: Callable[..., Listener]
    ) -> None:
        gone = {
            "status": "error",
            "code": "BROKER_ERROR",
            "message": "Broker adapter not found",
        }

        async def asked_again(socket: web.WebSocketResponse) -> None:
            assert (await heard(socket))["symbols"] == [{"symbol": CE.symbol, "exchange": "NFO"}]
            await socket.send_json(gone)

        async with feed_server(script(let_in, asked_again, let_in, says(MOVED), stay)) as server:
            listener = listen(server.url)
            await listener.next(FeedRestored)
            await listener.feed.resubscribe([CE.symbol, "NOT-WANTED"])
            assert "Broker adapter not found" in (await listener.next(FeedLost)).reason
            await listener.next(FeedRestored)
            await listener.next(TickReceived)
            assert server.connections == 1

    async def test_reconnect_on_demand(self, listen: Callable[..., Listener]) -> None:
        async with feed_server(script(let_in, stay)) as server:
            listener = listen(server.url)
            await listener.feed.reconnect("too early")
            await listener.feed.resubscribe([CE.symbol])
            await listener.next(FeedRestored)
            await listener.feed.reconnect("mute for 10 s")
            assert (await listener.next(FeedLost)).reason == "mute for 10 s"
            await listener.next(FeedRestored)
            assert server.connections == 2

    async def test_other_instruments_are_followed(self, listen: Callable[..., Listener]) -> None:
        ce, pe = WANTED
        more = Instrument("NIFTY01DEC2624550CE", "NFO", DataMode.DEPTH)

        async def one_comes_and_one_goes(socket: web.WebSocketResponse) -> None:
            came = await heard(socket)
            assert came["symbols"] == [{"symbol": more.symbol, "exchange": "NFO"}]
            await acknowledge(socket, came, {})
            left = await heard(socket)
            assert left["action"] == "unsubscribe"
            assert left["symbols"] == [{"symbol": pe.symbol, "exchange": "NFO", "mode": 3}]
            await socket.close(code=1001)

        async def those_of_now(socket: web.WebSocketResponse) -> None:
            frame = await logged_in(socket)
            assert [each["symbol"] for each in frame["symbols"]] == [ce.symbol, more.symbol]
            await acknowledge(socket, frame, {})

        async with feed_server(
            script(let_in, one_comes_and_one_goes), script(those_of_now, says(MOVED), stay)
        ) as server:
            listener = listen(server.url, optional=(pe, more))
            await listener.feed.follow({ce.symbol, pe.symbol})  # not connected yet, and nothing new
            await listener.next(FeedRestored)
            await listener.feed.follow({ce.symbol, more.symbol})
            await listener.next(FeedLost)
            await listener.next(FeedRestored)
            await listener.next(TickReceived)

    async def test_answers_that_do_not_come(
        self, listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("swingbreak.adapters.openalgo.connection._ANSWER_S", 0.05)
        noise = {"status": "error", "code": "SERVER_ERROR", "message": "busy"}
        async with feed_server(script(says(noise), stay)) as server:
            listener = listen(server.url)
            listener.pauses_left = 0
            assert "log-in: no answer in 0.05 s SERVER_ERROR: busy" in (
                (await listener.next(FeedLost)).reason
            )

    async def test_what_nobody_asked_for(self, listen: Callable[..., Listener]) -> None:
        async def chatter(socket: web.WebSocketResponse) -> None:
            await socket.send_json({"type": "pong", "status": "success"})
            await socket.send_bytes(b"binary")
            await socket.pong(b"unasked")
            await socket.send_str("{nope")
            await socket.send_json({"status": "error", "code": "PROCESSING_ERROR"})
            await socket.send_json(MOVED)

        async with feed_server(script(let_in, chatter, stay)) as server:
            listener = listen(server.url)
            await listener.next(FeedRestored)
            await listener.next(TickReceived)
            assert listener.feed.inlet.dropped == 1
