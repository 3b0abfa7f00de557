"""Over the wire, in step: clients act before time moves, and nobody holds up the day for long."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from swingbreak.gateway.frames import epoch_ms
from tests.gateway_fakes import CE, PE, SESSION, Client, at, quiet_tape, serving

END = SESSION.closes + timedelta(seconds=60)


def mark(when: datetime) -> bytes:
    return b"t=%d;step" % epoch_ms(when)


class Listener:
    """A client that answers a ping only after it has acted on everything before it."""

    def __init__(self, client: Client, socket: ClientWebSocketResponse) -> None:
        self.client = client
        self.socket = socket
        self.marks: list[bytes] = []
        self.frames: list[tuple[bytes, dict[str, Any]]] = []
        self.orders_on_tick = 0

    async def run(self, until: datetime = END) -> None:
        while True:
            message = await self.socket.receive(timeout=10)
            if message.type is WSMsgType.TEXT:
                await self._act(message.json())
            elif message.type is WSMsgType.PING:
                self.marks.append(bytes(message.data))
                await self.socket.pong(message.data)
                if message.data >= mark(until):
                    return
            else:
                raise AssertionError(message)

    async def _act(self, frame: dict[str, Any]) -> None:
        self.frames.append((self.marks[-1] if self.marks else b"", frame))
        if frame["type"] == "market_data" and self.orders_on_tick:
            self.orders_on_tick -= 1
            order = {"symbol": CE, "exchange": "NFO", "action": "BUY", "quantity": 65}
            terms = {"pricetype": "LIMIT", "product": "NRML", "price": 149.0}
            status, body = await self.client.post("placeorder", strategy="S", **order, **terms)
            assert status == 200, body

    def updates(self) -> list[tuple[bytes, str]]:
        return [
            (when, frame["order_status"])
            for when, frame in self.frames
            if frame["type"] == "order_update"
        ]


async def test_orders_on_a_tick_are_placed_at_the_market_time_of_that_tick() -> None:
    async with serving() as (gateway, client):
        listener = Listener(client, await client.listen(CE))
        listener.orders_on_tick = 3
        await listener.run(at(30))

        placed = [order.placed_at for order in gateway.desk.floor.venue.orders()]
        told = [
            frame["data"]["timestamp"]
            for _, frame in listener.frames
            if frame["type"] == "market_data"
        ]
        # a quantum ends at a whole second; its tick came a quarter of a second into it
        assert placed == [at(1), at(2), at(3)]
        assert told[:3] == [epoch_ms(at(second + 0.25)) for second in range(3)]
        # the acknowledgement was told, and pinged again, at the time of placing
        assert [when for when, status in listener.updates() if status == "open"][:1] == [
            mark(at(1))
        ]
        assert listener.marks.count(mark(at(1))) == 2


async def test_two_clients_see_the_same_market_times_and_wait_for_each_other() -> None:
    async with serving() as (_, client):
        quick, slow = [Listener(client, await client.listen(one)) for one in (CE, PE)]
        slow.orders_on_tick = 2
        async with asyncio.TaskGroup() as both:
            both.create_task(quick.run(at(30)))
            both.create_task(slow.run(at(30)))
        # the first was asked once more, when the second one came
        assert quick.marks[1:] == slow.marks
        assert [status for _, status in quick.updates()] == [s for _, s in slow.updates()]
        assert {frame["symbol"] for _, frame in quick.frames if frame["type"] == "market_data"} == {
            CE
        }


async def test_a_client_that_disconnects_lets_the_other_go_on() -> None:
    async with serving() as (gateway, client):
        leaving = Listener(client, await client.listen(PE))
        staying = Listener(client, await client.listen(CE))
        async with asyncio.TaskGroup() as both:
            day = both.create_task(staying.run())
            await leaving.run(at(3))
            await leaving.socket.close()
            await day
        assert gateway.desk.floor.is_over
        assert gateway.stream.dropped == {}


async def test_a_client_that_never_answers_is_dropped_and_counted() -> None:
    async with serving() as (gateway, client):
        gateway.stream._patience_s = 0.05
        mute = await client.listen(PE)
        listener = Listener(client, await client.listen(CE))
        await listener.run()
        assert gateway.stream.dropped == {"silent": 1}
        while (message := await mute.receive(timeout=10)).type in {WSMsgType.PING, WSMsgType.TEXT}:
            pass
        assert message.type in {WSMsgType.CLOSED, WSMsgType.ERROR, WSMsgType.CLOSE}


async def test_time_stands_still_before_the_first_subscription_and_books_answer_after_the_day() -> (
    None
):
    async with serving() as (gateway, client):
        opened = gateway.desk.floor.now
        socket = await client.connect()
        await socket.send_json({"action": "authenticate", "api_key": client.key})
        await socket.receive(timeout=10)
        assert (await client.post("quotes", symbol=CE, exchange="NFO"))[1]["data"]["ltp"] == 140.0
        assert gateway.desk.floor.now == opened

        await Listener(client, await client.listen(CE)).run()
        assert gateway.desk.floor.is_over
        status, body = await client.post("orderbook")
        assert (status, body["data"]["orders"]) == (200, [])


async def test_the_same_day_twice_is_the_same_to_the_last_frame() -> None:
    days = []
    for _ in range(2):
        async with serving(quiet_tape(30)) as (_, client):
            listener = Listener(client, await client.listen(CE, PE))
            listener.orders_on_tick = 5
            await listener.run()
            days.append((listener.marks, listener.frames))
    assert days[0] == days[1]


async def test_the_gateway_finishes_when_the_day_is_over_and_clients_have_left() -> None:
    async with serving() as (gateway, client):
        finished = asyncio.create_task(gateway.finished(and_left=True))
        listener = Listener(client, await client.listen(CE))
        await listener.run()
        assert not finished.done()
        await listener.socket.close()
        await asyncio.wait_for(finished, timeout=10)
