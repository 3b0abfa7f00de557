"""Takes entries out of the market when a day is given up.

Rules of this file:

1. Nobody is left to protect what an entry becomes, so it goes; resting stops stay.
2. Nothing of this is kept, for the ledger may be what has failed. Whoever goes on with the day
   finds in the gateway's books what has become of each order.
3. Where the gateway trades in another mode nothing more is sent.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import structlog

from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.domain.errors import BrokerError, ModeMismatch
from swingbreak.domain.orders import Order, Purpose, Slot

__all__ = ["entries_withdrawn"]

_PATIENCE_S: Final = 5.0


def _log(order: Order, left: str) -> None:
    log, symbol = structlog.get_logger(), order.intent.symbol
    if left:
        log.error("entry.left", subject=symbol, reason=left)
    else:
        log.warning("entry.withdrawn", subject=symbol, reason=order.broker_order_id)


@asynccontextmanager
async def entries_withdrawn(
    rest: OpenAlgoRest,
    live: Mapping[Slot, Order],
    strategy: str,
    told: Callable[[Order, str], None] = _log,
) -> AsyncIterator[None]:
    """Run the block; if an error ends it, cancel the entries among the *live* orders.

    Args:
        rest: The gateway.
        live: Our orders that may still trade, as they are by then.
        strategy: Label of the requests in the gateway's log.
        told: Given each entry, and why it could not be cancelled; an empty text where it was.
    """
    try:
        yield
    except Exception as error:
        if not _trades_elsewhere(error):
            entries = [order for slot, order in live.items() if slot.purpose is Purpose.ENTRY]
            left = await asyncio.gather(*(_cancel(rest, order, strategy) for order in entries))
            for order, why in zip(entries, left, strict=True):
                told(order, why)
        raise


def _trades_elsewhere(error: Exception) -> bool:
    if isinstance(error, ExceptionGroup):
        return any(map(_trades_elsewhere, error.exceptions))
    return isinstance(error, ModeMismatch)


async def _cancel(rest: OpenAlgoRest, order: Order, strategy: str) -> str:
    number = order.broker_order_id
    if not number:
        return "its number at the gateway is not known"
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await rest.cancel(number, strategy)
    except (BrokerError, TimeoutError) as error:
        return f"{number}: {str(error) or 'no answer in time'}"
    return ""
