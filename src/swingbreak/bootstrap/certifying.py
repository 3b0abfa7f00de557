"""Examines the gateway that the settings name, and keeps its profile."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from swingbreak.adapters.certification.examination import Certificate, Examination, examine
from swingbreak.adapters.certification.reading import Market
from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.openalgo.capabilities import write_profile
from swingbreak.bootstrap.known import facts_of
from swingbreak.bootstrap.leaving import Departure, until_signal
from swingbreak.domain.session import IST
from swingbreak.facts.contracts import Contracts
from swingbreak.settings import load, require_api_key

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
    key = require_api_key(settings)
    day = WallClock().now().astimezone(IST).date()
    listing = Contracts(facts_of(settings)).listing(settings.underlying, day)
    market = Market(
        settings.underlying, listing.spot_symbol, listing.spot_exchange, listing.exchange
    )
    address = settings.gateway
    wanted = Examination(address.host, address.ws_url, key, market, with_orders, tell)
    departure = Departure()
    try:
        certificate = asyncio.run(until_signal(examine(wanted), departure))
    except asyncio.CancelledError:
        return None, departure.signal
    if write is not None:
        write_profile(write, certificate.profile)
    return certificate, None
