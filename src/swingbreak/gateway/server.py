"""The gateway: one HTTP and one WebSocket server around a simulated market."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from errno import EACCES, EADDRINUSE
from typing import Final

from aiohttp import web

from swingbreak.domain.errors import ConfigError
from swingbreak.gateway.actions import Actions
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.instruments import Instruments
from swingbreak.gateway.market_clock import LockStep, MarketClock, Paced
from swingbreak.gateway.opening import open_day
from swingbreak.gateway.options import GatewayOptions
from swingbreak.gateway.order_frames import order_frame
from swingbreak.gateway.rest import RestServer
from swingbreak.gateway.sockets import SocketServer
from swingbreak.gateway.stream import Stream
from swingbreak.ports import DayTape

__all__ = ["Addresses", "Gateway"]

_PORTS_OWN: Final = frozenset({EADDRINUSE, EACCES})  # another port would do


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where clients go."""

    host: str
    ws_url: str


class Gateway:
    """Serves one day.

    Attributes:
        desk: The market and the account, for tests and tools in the same process.
        stream: Who is connected.
    """

    def __init__(self, tape: DayTape, options: GatewayOptions | None = None) -> None:
        """Put everything together; nothing listens yet."""
        self._options = options = options or GatewayOptions()
        instruments = Instruments.of(tape)
        floor, account = open_day(tape, instruments, options)
        self.stream = Stream(lambda update: order_frame(self.desk, update))
        self._clock: MarketClock = (
            LockStep(floor, self.stream)
            if options.speed is None
            else Paced(floor, self.stream, options.speed)
        )
        self.desk = Desk(
            key=options.api_key,
            tape=tape,
            floor=floor,
            instruments=instruments,
            personality=options.personality,
            account=account,
            now=self._clock.now,
            tell=self.stream.tell,
            quirks=options.quirks,
        )
        self._rest = RestServer(self.desk, self.stream, self._clock)
        actions = Actions(
            self.stream, instruments, options.api_key, self._clock.now, options.quirks
        )
        self._sockets = SocketServer(self.stream, actions)
        self._runners: list[web.AppRunner] = []
        self._day: asyncio.Task[None] | None = None

    async def start(self) -> Addresses:
        """Listen and let the day begin.

        Raises:
            ConfigError: A port is in use.
        """
        options = self._options
        try:
            port = await self._listen(self._rest.app(), options.port, "--port")
            ws_port = await self._listen(self._sockets.app(), options.ws_port, "--ws-port")
        except ConfigError:
            await self.stop()
            raise
        self._day = asyncio.create_task(self._clock.run())
        return Addresses(f"http://{options.host}:{port}", f"ws://{options.host}:{ws_port}")

    async def finished(self, *, and_left: bool) -> None:
        """Wait until the day is over and clients have left; for ever unless *and_left*.

        What breaks the day's flow of time is raised here.
        """
        if self._day is not None:
            await asyncio.shield(self._day)
        if and_left:
            await self.stream.emptiness()
        else:
            await asyncio.Event().wait()

    async def stop(self) -> None:
        """Say goodbye to clients and stop listening."""
        if self._day is not None:
            self._day.cancel()
            with suppress(asyncio.CancelledError):
                await self._day
        await self._sockets.close()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    async def _listen(self, app: web.Application, port: int, flag: str) -> int:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runners.append(runner)
        try:
            await web.TCPSite(runner, self._options.host, port).start()
        except OSError as error:
            where = f"port {port} on {self._options.host}"
            remedy = _remedy(error, flag)
            raise ConfigError(f"{where} cannot be opened: {remedy}") from error
        return int(runner.addresses[0][1])


def _remedy(error: OSError, flag: str) -> str:
    if error.errno in _PORTS_OWN:
        return f"stop what uses it or choose another with {flag} (0 takes any free one)"
    return "--host should be an address of this machine, like 127.0.0.1"
