"""All probes of one gateway, in order, and what they add up to."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import aiohttp

from swingbreak.adapters.certification.asking import Asker
from swingbreak.adapters.certification.notes import Finding, Notes, Verdict
from swingbreak.adapters.certification.orders import Orders
from swingbreak.adapters.certification.reading import Market, Reading
from swingbreak.adapters.certification.streaming import Listener, listen
from swingbreak.adapters.certification.trading import Trading
from swingbreak.adapters.openalgo.capabilities import Capabilities
from swingbreak.adapters.openalgo.frames import DataMode, Instrument
from swingbreak.adapters.openalgo.market_time import gateway_time
from swingbreak.domain.errors import DataError, GatewayUnreachable
from swingbreak.domain.session import ist_stamp

__all__ = ["Certificate", "Examination", "examine"]


@dataclass(frozen=True, slots=True)
class Examination:
    """What to examine.

    Attributes:
        market: What is traded there.
        with_orders: Whether orders may be sent to find out.
        is_open: Whether the market is open at an instant.
        tell: Shows a line of progress.
        sleep: Waits seconds between calls.
    """

    host: str
    ws_url: str
    api_key: str
    market: Market
    with_orders: bool
    is_open: Callable[[datetime], bool]
    tell: Callable[[str], None]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Certificate(NamedTuple):
    """What came of it."""

    findings: tuple[Finding, ...]
    profile: Capabilities
    is_usable: bool


async def examine(wanted: Examination) -> Certificate:
    """Probe the gateway.

    Raises:
        GatewayUnreachable: Nothing answers at its address.
        ModeMismatch: Orders were to be sent, and they would be real.
    """
    notes = Notes(wanted.tell)
    async with aiohttp.ClientSession() as session:
        asker = Asker(wanted.host, wanted.api_key, session, wanted.sleep)
        reading = Reading(asker, notes, wanted.market)
        if await reading.identity():
            await _answering(wanted, session, notes, reading, asker)
    return Certificate(tuple(notes.findings), notes.profile, notes.is_usable)


async def _answering(
    wanted: Examination,
    session: aiohttp.ClientSession,
    notes: Notes,
    reading: Reading,
    asker: Asker,
) -> None:
    await reading.wrong_key()
    await reading.money()
    await reading.reference()
    try:
        now = await gateway_time(session, wanted.ws_url)
        listener = await listen(session, wanted.ws_url, wanted.api_key)
    except GatewayUnreachable as error:
        remedy = "start it, or correct --ws-url"
        notes.add("feed", Verdict.MISSING, str(error), "no market data", remedy)
        await reading.books()
        return
    notes.learn(examined_at=ist_stamp(now))
    try:
        if await listener.log_in(notes):
            await listener.order_updates(notes)
            await listener.subscribe(notes, _instruments(wanted.market, reading))
        await reading.data()
        rows = await _orders(wanted, notes, reading, asker, listener)
        await reading.books(rows)
        await reading.pace()
        reading.tell_pace()
    finally:
        await listener.close()


async def _orders(
    wanted: Examination, notes: Notes, reading: Reading, asker: Asker, listener: Listener
) -> list[dict[str, Any]]:
    if not wanted.with_orders:
        meaning = "what becomes of orders is not known"
        remedy = "certify --orders, with the analyzer on"
        notes.add("orders", Verdict.UNCLEAR, "none were sent", meaning, remedy)
        return []
    if not reading.legs:
        return []
    now = await gateway_time(asker.session, wanted.ws_url)
    if not wanted.is_open(now):
        found, meaning = f"it is {ist_stamp(now)} there", "the market is closed: none were sent"
        remedy = "certify again while the market is open"
        notes.add("orders", Verdict.UNCLEAR, found, meaning, remedy)
        return []
    leg, exchange = reading.legs[0], wanted.market.exchange
    sent = Orders(asker, leg, exchange)
    trading = Trading(sent, notes, lambda number: len(listener.updates[number]))
    await sent.begin()
    try:
        for probe in (trading.resting, trading.stop, trading.traded, trading.burst):
            await _probed(probe, notes)
    finally:
        await trading.clean_up()
    return sent.rows


async def _probed(probe: Callable[[], Awaitable[None]], notes: Notes) -> None:
    try:
        await probe()
    except DataError as error:
        remedy = "check the OpenAlgo server and its log"
        notes.add("orders", Verdict.MISSING, str(error), "orders cannot be followed", remedy)


def _instruments(market: Market, reading: Reading) -> list[Instrument]:
    modes = (DataMode.QUOTE, DataMode.DEPTH)
    spot = Instrument(market.spot_symbol, market.spot_exchange, DataMode.LTP)
    legs = zip(reading.legs, modes, strict=False)
    return [spot, *(Instrument(leg.symbol, market.exchange, mode) for leg, mode in legs)]
