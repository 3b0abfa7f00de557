"""A small day and a gateway around it, for tests that speak the wire."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from swingbreak.domain.instrument import OptionContract, Right, option_symbol
from swingbreak.domain.market import Tick
from swingbreak.domain.session import Session
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Addresses, Gateway

DAY = date(2026, 11, 20)
EXPIRY = date(2026, 12, 1)
SESSION = Session.on(DAY, time(9, 15), time(9, 20))
STRIKES = (24100_00, 24150_00, 24200_00, 24250_00, 24300_00)
SPOT = "NIFTY"


def contract(strike: int, right: Right) -> OptionContract:
    return OptionContract(
        underlying="NIFTY",
        expiry=EXPIRY,
        strike=strike,
        right=right,
        lot=65,
        freeze=1800,
        tick=5,
        exchange="NFO",
        symbol=option_symbol("NIFTY", EXPIRY, strike, right),
    )


CONTRACTS = tuple(contract(strike, right) for strike in STRIKES for right in Right)
CE = contract(24200_00, Right.CE).symbol
PE = contract(24200_00, Right.PE).symbol


def at(seconds: float) -> datetime:
    """An instant, *seconds* after the open."""
    return SESSION.opens + timedelta(seconds=seconds)


def tick(seconds: float, price: int = 150_00, symbol: str = CE, volume: int = 65) -> Tick:
    """A tick with both sides 10 paise away from *price*."""
    if symbol == SPOT:
        return Tick(symbol, at(seconds), price)
    return Tick(symbol, at(seconds), price, volume, price - 10, price + 10, 650, 650)


@dataclass
class ListTape:
    """A tape of the given ticks."""

    given: Sequence[Tick]
    label: str = "synthetic test day"
    synthetic: bool = True
    session: Session = SESSION
    underlying: str = "NIFTY"
    spot_symbol: str = SPOT
    contracts: tuple[OptionContract, ...] = CONTRACTS
    cadence_s: int = 1

    def previous_close(self, symbol: str) -> int:
        return 24210_00 if symbol == SPOT else 140_00

    def ticks(self) -> Any:
        return iter(self.given)


def quiet_tape(seconds: int = 20) -> ListTape:
    """One tick of each side and the index per second; the call's price climbs 5 paise a second."""
    ticks = []
    for second in range(seconds):
        volume = 65 * (second + 1)
        ticks.append(tick(second, 24205_00 + second * 5, SPOT))
        ticks.append(tick(second + 0.25, 150_00 + second * 5, CE, volume))
        ticks.append(tick(second + 0.5, 160_00, PE, volume))
    return ListTape(ticks)


class Client:
    """What a test needs of a client."""

    def __init__(self, session: ClientSession, addresses: Addresses, key: str) -> None:
        self.session = session
        self.addresses = addresses
        self.key = key
        self._sockets: list[ClientWebSocketResponse] = []

    async def close(self) -> None:
        """Close the sockets: of one left open Python complains, in whichever test collects it."""
        for socket in self._sockets:
            await socket.close()

    async def post(self, path: str, **fields: Any) -> tuple[int, Any]:
        body = {"apikey": self.key, **fields}
        async with self.session.post(f"{self.addresses.host}/api/v1/{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def connect(self) -> ClientWebSocketResponse:
        """A WebSocket that leaves pings to the test."""
        socket = await self.session.ws_connect(self.addresses.ws_url, autoping=False)
        self._sockets.append(socket)
        return socket

    async def listen(self, *symbols: str, mode: int = 2) -> ClientWebSocketResponse:
        """An authenticated WebSocket subscribed to *symbols* and order updates."""
        socket = await self.connect()
        await socket.send_json({"action": "authenticate", "api_key": self.key})
        await socket.send_json({"action": "subscribe_orders"})
        rows = [{"symbol": one, "exchange": exchange_of(one)} for one in symbols]
        if rows:
            await socket.send_json({"action": "subscribe", "symbols": rows, "mode": mode})
        for _ in range(3 if rows else 2):
            await socket_json(socket)
        return socket


def exchange_of(symbol: str) -> str:
    return "NSE_INDEX" if symbol in {SPOT, "INDIAVIX"} else "NFO"


async def socket_json(socket: ClientWebSocketResponse) -> Any:
    """The next text message; pings on the way stay unanswered."""
    while True:
        message = await socket.receive(timeout=10)
        if message.type is WSMsgType.TEXT:
            return message.json()
        assert message.type is WSMsgType.PING, message


@asynccontextmanager
async def serving(tape: Any = None, **options: Any) -> AsyncIterator[tuple[Gateway, Client]]:
    """A running gateway on free ports, in step with its clients unless told otherwise."""
    chosen = GatewayOptions(**{"port": 0, "ws_port": 0, "speed": None, **options})
    gateway = Gateway(tape or quiet_tape(), chosen)
    addresses = await gateway.start()
    try:
        async with ClientSession() as session:
            client = Client(session, addresses, DEMO_KEY)
            yield gateway, client
            await client.close()
    finally:
        await gateway.stop()


def pass_time(gateway: Gateway, until: datetime) -> None:
    """Let market time pass without clients."""
    floor = gateway.desk.floor
    while floor.now < until:
        gateway.desk.tell(floor.advance(until))
