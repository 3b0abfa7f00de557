"""Examines the gateway that the settings name, and keeps its profile."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from swingbreak.adapters.certification.examination import Certificate, Examination, examine
from swingbreak.adapters.certification.reading import Market
from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.openalgo.capabilities import write_profile
from swingbreak.bootstrap.known import facts_of, session_at
from swingbreak.bootstrap.leaving import Departure, until_signal
from swingbreak.domain.errors import ConfigError
from swingbreak.domain.session import IST
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts, UnknownFact
from swingbreak.settings import Settings, load, require_api_key

__all__ = ["certify_settings"]


def certify_settings(
    config: Path | None,
    overrides: Mapping[str, object],
    *,
    with_orders: bool,
    write: Path | None,
    tell: Callable[[str], None],
) -> tuple[Certificate | None, signal.Signals | None]:
    """Examine the gateway of *config* and *overrides*, and write its profile to *write*.

    Returns:
        What was found, and the signal that ended it before, if one did.

    Raises:
        ConfigError: A setting is wrong, or the profile cannot be written.
        ModeMismatch: Orders were to be sent, and they would be real.
    """
    settings = load(config, overrides=overrides)
    wanted = _examination(settings, with_orders=with_orders, tell=tell)
    departure = Departure()
    try:
        certificate = asyncio.run(until_signal(examine(wanted), departure))
    except asyncio.CancelledError:
        return None, departure.signal
    if write is not None:
        write_profile(write, certificate.profile)
    return certificate, None


def _examination(
    settings: Settings, *, with_orders: bool, tell: Callable[[str], None]
) -> Examination:
    facts, address, underlying = facts_of(settings), settings.gateway, settings.underlying
    day = WallClock().now().astimezone(IST).date()
    listing = Contracts(facts).listing(underlying, day)
    return Examination(
        host=address.host,
        ws_url=address.ws_url,
        api_key=require_api_key(settings),
        market=Market(underlying, listing.spot_symbol, listing.spot_exchange, listing.exchange),
        with_orders=with_orders,
        is_open=partial(_is_open, facts),
        tell=tell,
    )


def _is_open(facts: Facts, now: datetime) -> bool:
    try:
        return now >= session_at(facts, now).opens
    except (ConfigError, UnknownFact):
        return False
