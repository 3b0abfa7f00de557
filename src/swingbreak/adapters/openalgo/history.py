"""The market over REST: the day so far as bars, and what symbols are quoted at now.

A quote carries no time, so nobody can tell how old it is: it is asked for where no tick comes.

Source: OpenAlgo 2.0.2.1, read 2026-11-22.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from swingbreak.adapters.openalgo import wire
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.domain.errors import BrokerError, DataError, GatewayRefused
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import paise_of_wire
from swingbreak.domain.session import Session
from swingbreak.market.offers import is_freak

__all__ = ["LoadedHistory", "OpenAlgoHistory"]


class _Rows(msgspec.Struct, gc=False):
    data: list[msgspec.Raw]


class _Quote(msgspec.Struct, gc=False):
    ltp: float | None = None
    bid: float | None = None
    ask: float | None = None


class _Quoted(msgspec.Struct, gc=False):
    symbol: str = ""
    data: _Quote | None = None


class _QuotesReply(msgspec.Struct, gc=False):
    results: list[_Quoted]


@dataclass(frozen=True, slots=True)
class LoadedHistory:
    """What a load of many symbols brought.

    Attributes:
        bars: Today's bars by symbol, oldest first; the last one may still be forming.
        failed: Why the other symbols have none.
    """

    bars: Mapping[str, tuple[Bar, ...]]
    failed: Mapping[str, str]


class OpenAlgoHistory:
    """Reads one session's minute bars.

    Args:
        rest: The gateway.
        session: The day.
        exchanges: Exchange by symbol.
        at_once: Requests in flight. The gateway spaces history calls 0.35 s apart, all clients
            together, so more than a few only wait there and run into their deadline.
    """

    def __init__(
        self,
        rest: OpenAlgoRest,
        session: Session,
        exchanges: Mapping[str, str],
        at_once: int = 2,
    ) -> None:
        self._rest = rest
        self._session = session
        self._exchanges = exchanges
        self._turns = asyncio.Semaphore(at_once)

    async def bars(self, symbol: str) -> tuple[Bar, ...]:
        """Return today's bars of *symbol*, oldest first; the last one may still be forming.

        Raises:
            BrokerError: The gateway could not say, or said something that cannot be right; an
                empty tuple means "no trade today".
        """
        try:
            return wire.bars(await self._rows(symbol), self._session)
        except DataError as error:
            raise GatewayRefused(f"history of {symbol}: {error}") from error

    async def bars_of(self, symbols: Iterable[str]) -> LoadedHistory:
        """Return the bars of all *symbols*; one that fails does not stop the others."""
        wanted = list(symbols)
        found: dict[str, tuple[Bar, ...]] = {}
        failed: dict[str, str] = {}

        async def load(symbol: str) -> None:
            try:
                found[symbol] = await self.bars(symbol)
            except BrokerError as error:
                failed[symbol] = str(error)

        async with asyncio.TaskGroup() as group:
            for symbol in wanted:
                group.create_task(load(symbol))
        # in the order asked for, whichever answered first
        return LoadedHistory(
            {symbol: found[symbol] for symbol in wanted if symbol in found},
            {symbol: failed[symbol] for symbol in wanted if symbol in failed},
        )

    async def quotes(self, symbols: Collection[str], asked: datetime) -> tuple[Tick, ...]:
        """Return what those of *symbols* that are quoted last traded and are offered at.

        One without a price, or with one that cannot have traded, is left out.

        Raises:
            BrokerError: The gateway could not say.
            DataError: It said something that cannot be right.
        """
        wanted = [{"symbol": each, "exchange": self._exchanges[each]} for each in sorted(symbols)]
        reply = await self._rest.query("multiquotes", _QuotesReply, symbols=wanted)
        ticks = [
            _tick(row.symbol, row.data, asked)
            for row in reply.results
            if row.data is not None and row.symbol in symbols
        ]
        return tuple(t for t in ticks if t.price > 0 and not is_freak(t.price, t.bid, t.ask))

    async def _rows(self, symbol: str) -> list[msgspec.Raw]:
        day = self._session.day.isoformat()
        async with self._turns:
            reply = await self._rest.query(
                "history",
                _Rows,
                seconds=self._rest.timeouts.history_s,
                symbol=symbol,
                exchange=self._exchanges[symbol],
                interval="1m",
                start_date=day,
                end_date=day,
            )
        return reply.data


def _tick(symbol: str, quote: _Quote, asked: datetime) -> Tick:
    price, bid, ask = (paise_of_wire(each or 0.0) for each in (quote.ltp, quote.bid, quote.ask))
    return Tick(symbol, asked, price, bid=bid, ask=ask)
