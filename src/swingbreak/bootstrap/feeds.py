"""Builds a day's feed: OpenAlgo's, or with a standby beside it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

import aiohttp
import structlog

from swingbreak.adapters.openalgo.capabilities import DOCUMENTED, Capabilities
from swingbreak.adapters.openalgo.feed import OpenAlgoFeed
from swingbreak.adapters.openalgo.frames import Instrument
from swingbreak.adapters.openalgo.items import FeedItem, FeedLost, FeedRestored
from swingbreak.adapters.openalgo.paired import News, OneFeed, PairedFeed
from swingbreak.bootstrap.wiring import noted
from swingbreak.domain.errors import GatewayRefused
from swingbreak.domain.session import Session
from swingbreak.market.lead import Lead, Source, Turn
from swingbreak.ports import Clock
from swingbreak.settings import Settings, require_standby_key

__all__ = ["feed_of", "lead_of"]


def lead_of(settings: Settings, session: Session, began: datetime, index: str) -> Lead | None:
    """Return who leads of two feeds; ``None`` where there is no standby.

    Raises:
        ConfigError: There is one, and no key for it.
    """
    if not settings.standby.ws_url:
        return None
    require_standby_key(settings)
    standby = settings.standby
    return Lead(
        index,
        max(began, session.opens),
        silent_after_s=standby.after_s,
        back_after_s=standby.back_after_s,
    )


def feed_of(  # noqa: PLR0913, PLR0917 - a feed's collaborators, and who leads
    settings: Settings,
    lead: Lead | None,
    http: aiohttp.ClientSession,
    on_item: Callable[[FeedItem], None],
    wanted: Iterable[Instrument],
    optional: Sequence[Instrument],
    clock: Clock | None,
    gateway: Capabilities,
) -> OneFeed:
    """Return the feed of *wanted*, of which *optional* may come and go; *clock* stamps items."""
    primary, standby, symbols = settings.gateway, settings.standby, tuple(wanted)

    def made(
        url: str, key: str, known: Capabilities, take: Callable[[FeedItem], None]
    ) -> OpenAlgoFeed:
        return OpenAlgoFeed(
            url, key, http, take, symbols, optional=optional, clock=clock, gateway=known
        )

    first = partial(made, primary.ws_url, primary.api_key, gateway)
    if lead is None:
        return first(lambda item: on_item(noted(item)))
    second = partial(made, standby.ws_url, standby.api_key, DOCUMENTED)
    return PairedFeed(first, second, lead, on_item, _note)


def _note(source: Source, news: News) -> None:
    log = structlog.get_logger()
    match news:
        case Turn(_, to, why):
            log.warning("feed.turned", subject=to.value, reason=why)
        case FeedLost() | FeedRestored() if source is Source.PRIMARY:
            noted(news)
        case FeedLost(reason):
            log.warning("standby.lost", reason=reason)
        case FeedRestored(missing, _):
            log.info("standby.restored", missing=len(missing))
        case GatewayRefused():
            log.error("standby.refused", reason=f"{news}; the day goes on without it")
