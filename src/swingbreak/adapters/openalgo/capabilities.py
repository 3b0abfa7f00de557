"""What one gateway, and the broker behind it, was found to do: a profile, kept in a JSON file.

Where nothing is known the documents are believed, and the adapter finds out on the way what it can.
"""

from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from swingbreak.adapters.openalgo.transport import Timeouts
from swingbreak.domain.errors import ConfigError, DataError

__all__ = ["DOCUMENTED", "Capabilities", "Changes", "Latency", "load_profile", "write_profile"]

VERSION: Final = 1
_PATIENCE: Final = 5  # times the slowest answer seen
_LONGEST_S: Final = 30.0
_AGAIN: Final = "make it again with `swingbreak certify --write`"


class Changes(StrEnum):
    """What becomes of a change of an order."""

    MADE = "made"
    IGNORED = "ignored"  # confirmed, and the old terms go on
    REFUSED = "refused"


class Latency(msgspec.Struct, frozen=True):
    """How long answers of one class of call took, milliseconds, over *calls*."""

    p50_ms: float
    p99_ms: float
    calls: int


class Capabilities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gateway as it is.

    Attributes:
        version: Of this form.
        broker: The gateway's name of its broker.
        mode: ``analyze`` or ``live``, when it was examined.
        examined_at: When that was, by the gateway's clock.
        with_orders: Whether orders were sent to find out.
        status_words: The broker's own words for an order's status, and OpenAlgo's for them.
        order_stream: Whether order updates come.
        changes: What becomes of a change of an order.
        keeps_stops: Whether a stop-limit rests as it was sent.
        names_orders: Whether the answer to a new order has its id.
        book_has_fills: Whether the order book tells filled quantities.
        averages_right: Whether average prices agree with the trades.
        cancel_tells_end: Whether the refusal to cancel a filled order is one, and no crash.
        numbers_are_text: Whether numbers in the books are text.
        book_times: How the order book writes times, as ``strptime`` does; empty if unknown.
        orders_per_s: Order requests that were let through in one second; a lower bound.
        latency: By class of call: ``order``, ``query``, ``history``, ``chain``.
    """

    version: int = VERSION
    broker: str = ""
    mode: str = ""
    examined_at: str = ""
    with_orders: bool = False
    status_words: dict[str, str] = {}
    order_stream: bool = True
    changes: Changes = Changes.MADE
    keeps_stops: bool = True
    names_orders: bool = True
    book_has_fills: bool = True
    averages_right: bool = True
    cancel_tells_end: bool = True
    numbers_are_text: bool = False
    book_times: str = ""
    orders_per_s: int = 0
    latency: dict[str, Latency] = {}

    @property
    def timeouts(self) -> Timeouts:
        """Seconds to wait: the usual, more where a class of call was seen to take long."""
        plain = Timeouts()
        return Timeouts(
            connect_s=plain.connect_s,
            order_s=self._patience("order", plain.order_s),
            query_s=self._patience("query", plain.query_s),
            history_s=self._patience("history", plain.history_s),
            chain_s=self._patience("chain", plain.chain_s),
        )

    def _patience(self, kind: str, usual_s: float) -> float:
        seen = self.latency.get(kind)
        slow_s = 0.0 if seen is None else _PATIENCE * seen.p99_ms / 1000
        return max(usual_s, min(slow_s, _LONGEST_S))


DOCUMENTED: Final = Capabilities()


def load_profile(path: Path | None) -> Capabilities:
    """Return the profile in the file *path*; what the documents promise where that is ``None``.

    Raises:
        ConfigError: There is no such file, or the gateway cannot be traded through.
        DataError: It is no profile, or one of another version.
    """
    if path is None:
        return DOCUMENTED
    try:
        profile = msgspec.json.decode(path.read_bytes(), type=Capabilities)
    except OSError as error:
        raise ConfigError(f"gateway_profile {path}: {error.strerror}: {_AGAIN}") from error
    except ValueError as error:  # no JSON, or no UTF-8
        raise DataError(f"{path} is no profile of a gateway: {error}: {_AGAIN}") from error
    if profile.version != VERSION:
        raise DataError(f"{path} has version {profile.version}, this reads {VERSION}: {_AGAIN}")
    if not profile.keeps_stops:
        raise ConfigError(
            f"{path}: the gateway alters stop-limits, so no position can be protected through it; "
            f"once that is mended, {_AGAIN}"
        )
    return profile


def write_profile(path: Path, profile: Capabilities) -> None:
    """Write *profile* to the file *path*, whole or not at all.

    Raises:
        ConfigError: It cannot be written there.
    """
    text = msgspec.json.format(msgspec.json.encode(profile), indent=2) + b"\n"
    fresh = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(text)
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
