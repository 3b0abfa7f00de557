"""Values with defaults, so that a test states only what it is about."""

from datetime import UTC, date, datetime, time, timedelta

from swingbreak.domain.instrument import OptionContract, Right, option_symbol
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import OrderIntent, Purpose, Side, Slot
from swingbreak.domain.position import Position
from swingbreak.domain.session import Session

DAY = date(2026, 11, 20)
EXPIRY = date(2026, 12, 1)
SESSION = Session.on(DAY, time(9, 15), time(15, 40))
OPEN = SESSION.opens


def contract(strike: int = 24500, right: Right = Right.CE, lot: int = 65) -> OptionContract:
    return OptionContract(
        underlying="NIFTY",
        expiry=EXPIRY,
        strike=strike * 100,
        right=right,
        lot=lot,
        freeze=1800,
        tick=5,
        exchange="NFO",
        symbol=option_symbol("NIFTY", EXPIRY, strike * 100, right),
    )


CE = contract()
PE = contract(right=Right.PE)


def at(minute: int = 0, second: float = 0) -> datetime:
    return OPEN + timedelta(minutes=minute, seconds=second)


def tick(price: Paise, minute: int = 0, second: float = 0, symbol: str = CE.symbol) -> Tick:
    return Tick(symbol, at(minute, second), price)


def bar(minute: int, open_: Paise, high: Paise, low: Paise, close: Paise, volume: int = 65) -> Bar:
    return Bar(minute, open_, high, low, close, volume, 4)


def entry(
    symbol: str = CE.symbol,
    right: Right = Right.CE,
    trigger: Paise | None = 17495,
    quantity: int = 650,
    level: str = "L1",
) -> OrderIntent:
    return OrderIntent(
        slot=Slot(Purpose.ENTRY, right.value),
        symbol=symbol,
        side=Side.SELL,
        quantity=quantity,
        limit=17195,
        trigger=trigger,
        reason="break",
        level=level,
        points=1000,
    )


def stop(
    symbol: str = CE.symbol, quantity: int = 650, trigger: Paise | None = 18500
) -> OrderIntent:
    return OrderIntent(
        slot=Slot(Purpose.CLOSE, symbol),
        symbol=symbol,
        side=Side.BUY,
        quantity=quantity,
        limit=18800,
        trigger=trigger,
        reason="stop",
    )


def position(
    symbol: str = CE.symbol, quantity: int = 650, price: Paise = 17495, level: str = "L1"
) -> Position:
    opened = Position(symbol, "o1", level, 1000, 18500, datetime(2026, 11, 20, 5, tzinfo=UTC))
    return opened.sell(quantity, quantity * price)
