"""Turns frames into feed items: stamps, counts what is unusable, drops what says nothing new."""

from datetime import datetime

from swingbreak.adapters.openalgo import frames, wire
from swingbreak.adapters.openalgo.books import OrderUpdate
from swingbreak.adapters.openalgo.capabilities import DOCUMENTED, Capabilities
from swingbreak.adapters.openalgo.echo import Echo
from swingbreak.adapters.openalgo.frames import Frame
from swingbreak.adapters.openalgo.loose_json import as_standard
from swingbreak.domain.errors import DataError
from swingbreak.domain.events import TickReceived
from swingbreak.domain.market import Tick
from swingbreak.ports import Clock

__all__ = ["Inlet"]


class Inlet:
    """The way in of one feed.

    Attributes:
        dropped: Frames that could not be used.
        duplicates: Ticks that repeated the symbol's last one.
        last_error: What was wrong with the last unusable frame.

    Args:
        clock: Stamps what is received; ``None`` stamps it with the gateway's own market time, so
            that the same frames get the same stamps however fast they are read.
        gateway: What the gateway is known to do.
        api_key: What it was sent, and nothing it says may contain.
    """

    def __init__(
        self, clock: Clock | None, gateway: Capabilities = DOCUMENTED, api_key: str = ""
    ) -> None:
        self.dropped = 0
        self.duplicates = 0
        self.last_error = ""
        self._clock = clock
        self._gateway = gateway
        self._echo = Echo(api_key)
        self._market_time: datetime | None = None
        self._last: dict[str, Tick] = {}

    def advance(self, at: datetime) -> None:
        """Take over the gateway's market time; it never goes back."""
        if self._market_time is None or at > self._market_time:
            self._market_time = at

    def take(self, text: str) -> TickReceived | OrderUpdate | Frame | None:
        """Return what *text* brings: an item, an answer of the gateway, or nothing new."""
        text = as_standard(text)
        try:
            frame = frames.decode(text)
            if frame.type == "market_data":
                return self._tick(frame)
            said = self._echo.text(text)
            if frame.type == "order_update":
                return wire.order_update(said, self._gateway)
            return frames.decode(said)
        except DataError as error:
            self.dropped += 1
            self.last_error = self._echo.text(str(error))
            return None

    def _tick(self, frame: Frame) -> TickReceived | None:
        received = self._received(frame)
        tick = frames.tick_of(frame, received)
        last = self._last.get(tick.symbol)
        if last is not None and (tick == last or _adds_nothing(tick, last)):
            self.duplicates += 1
            return None
        self._last[tick.symbol] = tick
        return TickReceived(received, tick)

    def _received(self, frame: Frame) -> datetime:
        if self._clock is not None:
            return self._clock.now()
        sent = frames.sent_at(frame)
        if sent is not None:
            self.advance(sent)
        if self._market_time is None:
            raise DataError(f"{frame.symbol}: no time in the frame, and none known from before")
        return self._market_time


def _adds_nothing(tick: Tick, last: Tick) -> bool:
    # a gateway may send the bare price of a trade beside the full frame of the same trade
    bare = tick.volume == 0 and tick.bid == 0 and tick.ask == 0
    return bare and last.volume > 0 and tick.price == last.price and tick.at <= last.at
