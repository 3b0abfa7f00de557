"""All that is beyond the wire: exchange, broker and gateway, in the program's own process.

The gateway's own code answers; only its sockets are left out. Market time passes with the loop's.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

from swingbreak.adapters.openalgo.books import Mode
from swingbreak.domain.orders import Side
from swingbreak.faults.venue import WilfulVenue
from swingbreak.faults.virtual_time import VirtualClock
from swingbreak.faults.weather import Weather
from swingbreak.gateway.account import Account
from swingbreak.gateway.actions import Actions
from swingbreak.gateway.desk import Desk
from swingbreak.gateway.floor import Floor, Happening
from swingbreak.gateway.instruments import Instruments
from swingbreak.gateway.order_frames import order_frame
from swingbreak.gateway.personality import EXCHANGE
from swingbreak.gateway.rest import Answered, Call, RestServer
from swingbreak.gateway.stream import Stream
from swingbreak.simulation.cash import CAPITAL
from swingbreak.simulation.funded import account_for
from swingbreak.simulation.tape import ArrayTape
from swingbreak.simulation.venue import NewOrder, OrderUpdate, PriceType

__all__ = ["KEY", "FarSide"]

KEY = "key-of-the-simulation"
_LOOK_S = 5.0  # how often fate looks in
_PING_S = 20.0  # a real gateway's heartbeat


class FarSide:
    """A gateway for one day; its market's time is the loop's.

    Attributes:
        venue: The truth.
        stream: Who is connected.
        actions: Answers WebSocket messages.
        desk: Behind the endpoints.
        refuses_until: Until when, in seconds of the loop, nobody can connect.
        forgets_until: Until when every request is told that its key is wrong.
        hangs_until: Until when no request is answered.
        cut: Closes everybody's sockets.
        flipped_back: Called when the mode is right again.
        ping: Lets everybody's sockets tell whether they are alive.
        changed: Called when orders have changed.
    """

    def __init__(
        self, tape: ArrayTape, seed: int, weather: Weather, clock: VirtualClock, mode: Mode
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._weather = weather
        self._clock = clock
        self._mode = mode
        self._wake: asyncio.TimerHandle | None = None
        self.refuses_until = self.forgets_until = self.hangs_until = 0.0
        self.cut: Callable[[], None] = lambda: None
        self.flipped_back: Callable[[], None] = lambda: None
        self.ping: Callable[[], None] = lambda: None
        self.changed: Callable[[Iterable[OrderUpdate]], None] = lambda _: None
        self.venue = WilfulVenue(tape, seed, weather, mode)
        instruments = Instruments.of(tape)
        self._floor = floor = Floor(tape, self.venue, instruments.symbols())
        self.stream = Stream(lambda update: order_frame(self.desk, update))
        cash = account_for(
            tape,
            self.venue,
            spot=lambda _: floor.quotes[tape.spot_symbol].price,
            price=lambda symbol: floor.quotes[symbol].price,
            capital=CAPITAL,
        )
        self.desk = Desk(
            key=KEY,
            tape=tape,
            floor=floor,
            instruments=instruments,
            personality=EXCHANGE,
            account=Account(
                self.venue, cash, cash, lambda s: floor.quotes[s].price, lambda: floor.now
            ),
            now=self.now,
            tell=self._tell,
            analyzing=mode is Mode.ANALYZE,
        )
        self._rest = RestServer(self.desk, self.stream, self)
        self.actions = Actions(self.stream, instruments, KEY, self.now)
        self._symbols = [each.symbol for each in tape.contracts]

    def start(self) -> None:
        """Let the market's time pass."""
        self._pass_time()
        self._loop.call_later(_LOOK_S, self._look)
        self._loop.call_later(_PING_S, self._ping)

    def now(self) -> datetime:
        """Bring the floor up to date and return market time."""
        at = self._clock.true()
        while self._floor.now < at and not self._floor.is_over:
            self._tell(self._floor.advance(at))
        return self._floor.now

    def elapsed(self) -> float:
        """Return seconds for rate limits."""
        return self._loop.time()

    async def run(self) -> None:
        """Do nothing: time passes by itself."""

    @property
    def is_over(self) -> bool:
        """Whether the day has ended."""
        return self._floor.is_over

    @property
    def is_misrouting(self) -> bool:
        """Whether orders go elsewhere than the day began with."""
        return self.desk.analyzing is not (self._mode is Mode.ANALYZE)

    def answer(self, call: Call) -> Answered:
        """Answer a request."""
        answered = self._rest.answer(call)
        self._plan()
        return answered

    def _tell(self, happenings: Iterable[Happening]) -> None:
        told = [*happenings]
        self.stream.tell(told)
        updates = [one for one in told if isinstance(one, OrderUpdate)]
        if updates:
            self.changed(updates)

    def _pass_time(self) -> None:
        self._wake = None
        self.now()
        self._plan()

    def _plan(self) -> None:
        if self._floor.is_over:
            return
        due = max(0.0, (self._floor.due() - self._clock.true()).total_seconds())
        when = self._loop.time() + due
        if self._wake is not None:
            if self._wake.when() <= when:
                return
            self._wake.cancel()
        self._wake = self._loop.call_at(when, self._pass_time)

    def _ping(self) -> None:
        self.ping()
        self._loop.call_later(_PING_S, self._ping)

    def _look(self) -> None:
        """Let fate have its opportunity."""
        if self._floor.is_over:
            return
        now, weather = self._loop.time(), self._weather
        if weather.happens("gateway.restart"):
            self.refuses_until = now + weather.outage(3, 15)
            self.cut()
        if weather.happens("gateway.logged_out"):
            self.forgets_until = now + weather.outage(3, 40)
        if weather.happens("gateway.hangs"):
            self.hangs_until = now + weather.outage(3, 20)
        if not self.is_misrouting and weather.happens("gateway.mode_flipped"):
            self.desk.analyzing = not self.desk.analyzing
            self._loop.call_later(weather.outage(20, 60), self._flip_back)
        self._by_hand()
        self._loop.call_later(_LOOK_S, self._look)

    def _flip_back(self) -> None:
        self.desk.analyzing = self._mode is Mode.ANALYZE
        self.flipped_back()

    def _by_hand(self) -> None:
        weather = self._weather
        short = [s for s, one in self.venue.net().items() if one.quantity < 0]
        symbol = weather.pick(self._symbols)
        if weather.happens("hand.other_product"):
            self._trade_by_hand(symbol, Side.BUY, product="NRML")
        if short and weather.happens("hand.buys_back"):
            self._trade_by_hand(short[0], Side.BUY)
        if short and weather.happens("hand.sells_more"):
            self._trade_by_hand(short[0], Side.SELL)
        if weather.happens("hand.orders"):
            self._trade_by_hand(symbol, Side.SELL, rests=True)

    def _trade_by_hand(
        self, symbol: str, side: Side, *, product: str = "MIS", rests: bool = False
    ) -> None:
        last = self._floor.quotes[symbol].price
        if not self._floor.quotes[symbol].last:
            return
        away = 20_00 if (side is Side.BUY) is not rests else -20_00
        new = NewOrder(symbol, side, 65, PriceType.LIMIT, last + away, 0, product, "by hand")
        at = self.now()
        self._tell(self.venue.by_hand(at, new))
        self._plan()
