"""Probes of the WebSocket: log-in, subscriptions in every mode, first ticks, order updates."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import aiohttp
import msgspec

from swingbreak.adapters.certification.notes import Notes, Verdict
from swingbreak.adapters.openalgo import frames
from swingbreak.adapters.openalgo.frames import DataMode, Instrument
from swingbreak.domain.errors import GatewayUnreachable

__all__ = ["Listener", "listen"]

_ANSWER_S: Final = 20.0  # a gateway's first connection to its broker takes up to 15 s
_FIRST_TICK_S: Final = 5.0
_GOODBYE: Final = aiohttp.ClientWSTimeout(ws_close=1.0)
_ADVICE: Final = "check --ws-url, and the WebSocket proxy of the OpenAlgo server"


class Listener:
    """A logged-in socket that is read all the time, so that a simulated market goes on.

    Attributes:
        updates: Order updates so far, by the gateway's order id.
        ticks: Seconds from the subscription to the first tick, by symbol.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, api_key: str) -> None:
        self.updates: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.ticks: dict[str, float] = {}
        self._socket = socket
        self._api_key = api_key
        self._answers: dict[str, dict[str, Any]] = {}
        self._with_depth: set[str] = set()
        self._subscribed_at = 0.0
        self._hung_up = False
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Hang up."""
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader
        await self._socket.close()

    async def log_in(self, notes: Notes) -> bool:
        """Log in; return whether that went well."""
        answer = await self._answer(frames.authenticate(self._api_key), "auth")
        if answer.get("status") == "success":
            notes.add("feed log-in", Verdict.OK, _text(answer), "ticks can be asked for")
            return True
        meaning = "no market data, nothing can be traded"
        notes.add("feed log-in", Verdict.MISSING, _text(answer), meaning, _ADVICE)
        return False

    async def order_updates(self, notes: Notes) -> None:
        """Ask for order updates."""
        answer = await self._answer(frames.subscribe_orders(), "subscribe_orders")
        there = answer.get("status") == "success"
        notes.learn(order_stream=there)
        if there:
            meaning = "fills are known at once, if updates come; --orders shows whether they do"
            notes.add("order updates", Verdict.OK, _text(answer), meaning)
        else:
            meaning = "the books are read every second instead; a stop follows its fill later"
            notes.add("order updates", Verdict.HANDLED, _text(answer), meaning)

    async def subscribe(self, notes: Notes, instruments: Sequence[Instrument]) -> None:
        """Subscribe *instruments*, and wait a while for the first tick of each."""
        self._subscribed_at = asyncio.get_running_loop().time()
        for text, instrument in zip(
            map(frames.subscribe, ([one] for one in instruments)), instruments, strict=True
        ):
            answer = await self._answer(text[0], "subscribe")
            label = f"subscribe {instrument.mode.name.lower()}"
            if answer.get("status") == "success":
                notes.add(label, Verdict.OK, instrument.symbol, "accepted")
            else:
                meaning = "no data of this kind, nothing can be traded"
                notes.add(label, Verdict.MISSING, _text(answer), meaning, _ADVICE)
        await self._until(lambda: len(self.ticks) == len(instruments), _FIRST_TICK_S)
        for instrument in instruments:
            self._judge_tick(notes, instrument)

    def _judge_tick(self, notes: Notes, instrument: Instrument) -> None:
        symbol, label = instrument.symbol, f"first tick {instrument.mode.name.lower()}"
        if symbol not in self.ticks:
            found = f"none of {symbol} in {_FIRST_TICK_S:g} s"
            remedy = "certify again while the market is open"
            notes.add(label, Verdict.UNCLEAR, found, "the feed may be mute", remedy)
            return
        found = f"{symbol} after {self.ticks[symbol]:.1f} s"
        if instrument.mode is DataMode.DEPTH and symbol not in self._with_depth:
            meaning = "marks are last prices: bid and ask are not told"
            notes.add(label, Verdict.HANDLED, f"{found}, without depth", meaning)
        else:
            notes.add(label, Verdict.OK, found, "the feed is alive")

    async def _answer(self, text: str, kind: str) -> dict[str, Any]:
        self._answers.clear()
        with suppress(aiohttp.ClientError, ConnectionError):
            await self._socket.send_str(text)
        settled = {kind, "error"}
        await self._until(lambda: bool(settled & self._answers.keys()), _ANSWER_S)
        if not self._answers:
            return {"status": "error", "message": "no answer"}
        return self._answers.get(kind) or self._answers["error"]

    async def _until(self, seen: Callable[[], bool], seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (seen() or self._hung_up):
                    self._news.clear()
                    await self._news.wait()

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    with suppress(ValueError):
                        self._take(msgspec.json.decode(message.data, type=dict[str, Any]))
                    self._news.set()
        finally:
            self._hung_up = True
            self._news.set()

    def _take(self, frame: dict[str, Any]) -> None:
        kind = str(frame.get("type") or frame.get("status"))
        if kind == "market_data":
            symbol = str(frame.get("symbol"))
            waited = asyncio.get_running_loop().time() - self._subscribed_at
            self.ticks.setdefault(symbol, waited)
            if isinstance(frame.get("data"), dict) and "depth" in frame["data"]:
                self._with_depth.add(symbol)
        elif kind == "order_update":
            self.updates[str(frame.get("orderid"))].append(frame)
        else:
            self._answers[kind] = frame


async def listen(session: aiohttp.ClientSession, ws_url: str, api_key: str) -> Listener:
    """Return a listener at *ws_url*, not logged in yet.

    Raises:
        GatewayUnreachable: Nothing answers there.
    """
    try:
        socket = await session.ws_connect(ws_url, timeout=_GOODBYE)
    except (aiohttp.ClientError, OSError) as error:
        raise GatewayUnreachable(f"{ws_url}: no WebSocket answers there: {error}") from error
    return Listener(socket, api_key)


def _text(answer: dict[str, Any]) -> str:
    parts = (answer.get("code"), answer.get("message"))
    return ": ".join(str(part) for part in parts if part)
