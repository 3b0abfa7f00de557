"""Checks of the feed."""

from typing import Final

from swingbreak.adapters.openalgo.market_time import gateway_time
from swingbreak.bootstrap.preflight import weighing
from swingbreak.bootstrap.preflight.flight import Check, Flight, there
from swingbreak.bootstrap.preflight.hearing import LOG_IN_S, TICKS_S, WhereToListen, listen
from swingbreak.bootstrap.preflight.verdicts import Group, Judgement, Verdict, ok
from swingbreak.bootstrap.wiring import instruments
from swingbreak.domain.session import ist_stamp

__all__ = ["CHECKS"]

_REMARK, _WAIT, _NO = Verdict.REMARK, Verdict.TRANSIENT, Verdict.PERMANENT
_GUIDE: Final = "reference/check.md#feed"


async def _feed(flight: Flight) -> Judgement:
    now = await gateway_time(flight.http, there(flight.settings).gateway.ws_url)
    flight.gateway_now = now
    return ok(f"it is {ist_stamp(now)} there")


async def _log_in(flight: Flight) -> Judgement:
    address, listing = there(flight.settings).gateway, there(flight.listing)
    where = WhereToListen(
        address.ws_url,
        address.api_key,
        flight.http,
        instruments(there(flight.chain).contracts, listing.spot_symbol, listing.spot_exchange),
        flight.profile,
        flight.wall if flight.is_today else None,
    )
    flight.heard = await listen(where, wait_s=flight.ticks_s if _is_open(flight) else 0.0)
    return weighing.feed_login(flight.heard)


async def _subscriptions(flight: Flight) -> Judgement:
    index = there(flight.listing).spot_symbol
    return weighing.subscriptions(there(flight.heard), [index, *_options(flight)], index)


async def _index(flight: Flight) -> Judgement:
    index = there(flight.listing).spot_symbol
    return weighing.index_ticks(there(flight.heard), index, is_open=_is_open(flight))


async def _ticks(flight: Flight) -> Judgement:
    heard = there(flight.heard)
    return weighing.option_ticks(heard, _options(flight), is_open=_is_open(flight))


async def _order_stream(flight: Flight) -> Judgement:
    return weighing.order_stream(there(flight.heard))


def _options(flight: Flight) -> list[str]:
    return [contract.symbol for contract in there(flight.chain).contracts]


def _is_open(flight: Flight) -> bool:
    return flight.session is not None and flight.session.is_open(flight.now)


_NEEDS = ("feed-log-in",)

CHECKS: Final = (
    Check(
        "feed",
        Group.FEED,
        "the WebSocket can be reached, and tells the time",
        (_WAIT,),
        "start OpenAlgo's WebSocket proxy, or correct openalgo_ws_url",
        _GUIDE,
        _feed,
        needs=("settings",),
        is_remote=True,
    ),
    Check(
        "feed-log-in",
        Group.FEED,
        "the WebSocket takes the key and the subscriptions",
        (_WAIT, _NO),
        "log in to the broker in OpenAlgo; then restart its WebSocket proxy",
        _GUIDE,
        _log_in,
        needs=("feed", "symbols"),
        after=("session",),
        seconds=LOG_IN_S + TICKS_S,
        is_remote=True,
    ),
    Check(
        "subscriptions",
        Group.FEED,
        "it takes every symbol",
        (_REMARK, _WAIT),
        "have OpenAlgo download today's master contracts",
        _GUIDE,
        _subscriptions,
        needs=_NEEDS,
    ),
    Check(
        "index-ticks",
        Group.FEED,
        "the index ticks",
        (_REMARK, _WAIT),
        "log out of the broker in OpenAlgo and in again: a connected feed may be mute",
        _GUIDE,
        _index,
        needs=_NEEDS,
    ),
    Check(
        "option-ticks",
        Group.FEED,
        "every option ticks",
        (_REMARK, _WAIT),
        "check again; where all are mute, log out of the broker in OpenAlgo and in again",
        _GUIDE,
        _ticks,
        needs=_NEEDS,
    ),
    Check(
        "order-stream",
        Group.FEED,
        "it offers order updates",
        (_REMARK,),
        "set ORDER_UPDATES_ENABLED in OpenAlgo, if the broker has such a stream",
        _GUIDE,
        _order_stream,
        needs=_NEEDS,
    ),
)
