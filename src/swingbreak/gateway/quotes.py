"""What the market looks like now, per instrument: the state behind every quote and bar."""

from collections.abc import Mapping
from dataclasses import dataclass

from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.market.bars import BarBuilder

__all__ = ["Quote", "Quotes"]


@dataclass(slots=True)
class Quote:
    """One instrument's day so far. Prices in paise, 0 before its first trade.

    Attributes:
        previous_close: Yesterday's close; also the last price before the first trade.
        volume: Units traded today.
        turnover: What they traded for.
        last_quantity: Units of the last trade.
        tick: The newest tick.
    """

    symbol: str
    previous_close: Paise
    last: Paise = 0
    open: Paise = 0
    high: Paise = 0
    low: Paise = 0
    bid: Paise = 0
    ask: Paise = 0
    bid_size: int = 0
    ask_size: int = 0
    volume: int = 0
    turnover: int = 0
    last_quantity: int = 0
    tick: Tick | None = None

    @property
    def price(self) -> Paise:
        """The last price, yesterday's close before the first trade of the day."""
        return self.last or self.previous_close

    @property
    def average(self) -> Paise:
        """The day's average price, weighted by volume and rounded to a paisa."""
        return round(self.turnover / self.volume) if self.volume else self.price

    def take(self, tick: Tick) -> None:
        """Learn *tick*; a day volume that falls trades nothing."""
        price = tick.price
        traded = tick.volume - self.volume
        if not self.last:
            self.open = self.high = self.low = price
        elif price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.last, self.tick = price, tick
        self.bid, self.ask = tick.bid, tick.ask
        self.bid_size, self.ask_size = tick.bid_size, tick.ask_size
        if traded > 0:
            self.volume = tick.volume
            self.turnover += traded * price
            self.last_quantity = traded


class Quotes:
    """The quotes and bars of every instrument. One writer, ``take``."""

    def __init__(self, session: Session, previous: Mapping[str, Paise]) -> None:
        """Start before the first tick; *previous* is yesterday's close by symbol."""
        self._session = session
        self._by_symbol = {symbol: Quote(symbol, close) for symbol, close in previous.items()}
        self._bars: dict[str, list[Bar]] = {symbol: [] for symbol in previous}
        self._builder = BarBuilder(session)
        for symbol in previous:
            self._builder.baseline(symbol, 0)
        self._minute = 0
        self._minute_ends = session.start_of(1)

    def __getitem__(self, symbol: str) -> Quote:
        return self._by_symbol[symbol]

    def take(self, tick: Tick) -> Quote:
        """Learn *tick*; ticks come in order of time. Return its instrument's quote."""
        if tick.at >= self._minute_ends:
            self._turn(self._session.minute_of(tick.at))
        self._builder.add(tick)
        quote = self._by_symbol[tick.symbol]
        quote.take(tick)
        return quote

    def bars(self, symbol: str) -> list[Bar]:
        """Return the minutes of *symbol* so far, oldest first; the last one may be forming."""
        forming = self._builder.forming(self._minute).get(symbol)
        return [*self._bars[symbol], *([forming] if forming else [])]

    def _turn(self, minute: int) -> None:
        for ended in range(self._minute, minute):
            for symbol, bar in self._builder.close(ended).items():
                self._bars[symbol].append(bar)
        self._minute = minute
        self._minute_ends = self._session.start_of(minute + 1)
