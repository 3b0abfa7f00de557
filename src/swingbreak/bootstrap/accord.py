"""Whether a gateway and we mean the same: whose money it is, what time it is, what a lot is."""

from datetime import datetime, timedelta
from typing import Final

from swingbreak.adapters.clock import FeedClock, WallClock
from swingbreak.adapters.openalgo.books import Mode as GatewayMode
from swingbreak.domain.errors import ConfigError, ModeMismatch
from swingbreak.domain.money import rupees
from swingbreak.domain.parameters import Parameters
from swingbreak.runtime.live import RunningClock
from swingbreak.settings import Mode
from swingbreak.strategy.sizing import lots_for

__all__ = ["clock_of", "gateway_mode", "is_far", "wrong_clock", "wrong_mode", "wrong_size"]

_SKEW: Final = timedelta(seconds=5)


def gateway_mode(mode: Mode) -> GatewayMode:
    """Return where a gateway must send orders in *mode*."""
    return GatewayMode.ANALYZE if mode is Mode.PAPER else GatewayMode.LIVE


def wrong_mode(theirs: GatewayMode, mode: Mode) -> ModeMismatch | None:
    """Return the error of a gateway that is in mode *theirs*; ``None`` where that is ours."""
    if theirs is gateway_mode(mode):
        return None
    return ModeMismatch(
        f"mode is {mode.value!r} here but the gateway is in {theirs.value!r} mode: switch its "
        "analyzer, or correct mode here; nothing has been sent"
    )


def is_far(off: timedelta) -> bool:
    """Whether clocks that differ by *off* tell different times."""
    return abs(off) > _SKEW


def wrong_clock(off: timedelta, mode: Mode) -> ConfigError | None:
    """Return the error of clocks that differ by *off*; ``None`` where the day can be traded.

    On paper a gateway may serve another day: its time is then followed.
    """
    if mode is Mode.PAPER or not is_far(off):
        return None
    return ConfigError(
        f"this machine's clock and the gateway's differ by {off.total_seconds():.1f} s: set "
        "the clock (NTP) before trading live"
    )


def clock_of(gateway_now: datetime, mode: Mode) -> RunningClock:
    """Return the clock to trade by, when the gateway's shows *gateway_now*.

    Raises:
        ConfigError: It is real money, and the clocks differ.
    """
    wall = WallClock()
    off = gateway_now - wall.now()
    if error := wrong_clock(off, mode):
        raise error
    return FeedClock(gateway_now) if is_far(off) else wall


def wrong_size(lot: int, parameters: Parameters) -> ConfigError | None:
    """Return the error of a *lot* that no level can be sized with; ``None`` where some can be."""
    points = max(1, parameters.price_min * parameters.stop_min_bp // 10_000)
    if lots_for(points, lot, parameters):
        return None
    return ConfigError(
        f"r_value_rupees {rupees(parameters.r_value)} is less than one lot of {lot} loses at the "
        f"nearest stop that qualifies, Rs {rupees(points)} away: no position could be sized; raise "
        "r_value_rupees or max_lots_per_position"
    )
