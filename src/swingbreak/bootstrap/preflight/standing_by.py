"""The check of a second server whose feed stands by; a day can be traded without it."""

from typing import Final

from swingbreak.adapters.openalgo.capabilities import DOCUMENTED
from swingbreak.adapters.openalgo.market_time import gateway_time
from swingbreak.bootstrap.preflight import weighing
from swingbreak.bootstrap.preflight.flight import Check, Flight, there
from swingbreak.bootstrap.preflight.hearing import LOG_IN_S, TICKS_S, WhereToListen, listen
from swingbreak.bootstrap.preflight.verdicts import (
    Group,
    Judgement,
    Verdict,
    not_applicable,
    remark,
)
from swingbreak.bootstrap.wiring import instruments
from swingbreak.domain.errors import GatewayUnreachable
from swingbreak.settings import require_standby_key

__all__ = ["CHECKS"]


async def _standby(flight: Flight) -> Judgement:
    settings, listing = there(flight.settings), there(flight.listing)
    standby, wanted = settings.standby, there(flight.chain).contracts
    if not standby.ws_url:
        return not_applicable("no standby is set up")
    key = require_standby_key(settings)
    try:
        theirs = await gateway_time(flight.http, standby.ws_url)
        ours = await gateway_time(flight.http, settings.gateway.ws_url)
    except GatewayUnreachable as error:
        return remark("no answer", str(error))
    where = WhereToListen(
        standby.ws_url,
        key,
        flight.http,
        instruments(wanted, listing.spot_symbol, listing.spot_exchange),
        DOCUMENTED,
        flight.wall if flight.is_today else None,
    )
    is_open = flight.session is not None and flight.session.is_open(flight.now)
    heard = await listen(where, wait_s=flight.ticks_s if is_open else 0.0)
    options = [contract.symbol for contract in wanted]
    return weighing.standby(heard, there(flight.heard), options, theirs - ours, is_open=is_open)


CHECKS: Final = (
    Check(
        "standby",
        Group.FEED,
        "the standby feed takes its key and ticks",
        (Verdict.REMARK, Verdict.PERMANENT),
        "put it right there; or go without, with standby_ws_url empty",
        "explanation/standby.md#a-standby-feed",
        _standby,
        needs=("feed-log-in",),
        after=("session",),
        seconds=LOG_IN_S + TICKS_S,
        is_remote=True,
    ),
)
