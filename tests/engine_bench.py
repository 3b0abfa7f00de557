"""An engine on a bench: events by hand, commands by eye."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from swingbreak.domain import events as ev
from swingbreak.domain.account import Discrepancy
from swingbreak.domain.commands import (
    Command,
    DayCommand,
    HaltDay,
    OrderCommand,
    ReplaceOrder,
    SubmitOrder,
    Tell,
)
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import Paise
from swingbreak.domain.orders import Order, OrderIntent, Purpose, Slot
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Position
from swingbreak.domain.records import Record
from swingbreak.engine.engine import Engine
from swingbreak.risk.account import Charge, no_charge
from tests.builders import CE, SESSION, at, bar

CE_ENTRY = Slot(Purpose.ENTRY, "CE")
PE_ENTRY = Slot(Purpose.ENTRY, "PE")
CE_CLOSE = Slot(Purpose.CLOSE, CE.symbol)
PARAMETERS = Parameters()


def morning(low: Paise = 175_00, high: Paise = 184_00) -> tuple[Bar, ...]:
    """Seven bars: a Low at *low* on minute 4, confirmed by minute 6, *high* the highest since.

    With the defaults it is the worked example of the strategy. The heavy first bar holds the VWAP.
    """
    return (
        bar(0, 150_00, 150_00, 150_00, 150_00, 10**9),
        bar(1, low + 300, low + 400, low + 200, low + 350),
        bar(2, low + 350, low + 700, low + 300, low + 650),
        bar(3, low + 600, low + 600, low + 100, low + 150),
        bar(4, low + 150, low + 180, low, low + 50),
        bar(5, low + 100, low + 650, low + 60, low + 620),
        bar(6, low + 600, high, low + 500, high - 100),
    )


def quiet(minute: int, price: Paise = 183_00) -> Bar:
    """A minute in which nothing happens."""
    return bar(minute, price, price, price, price)


# After the morning: a Low at 179.00 on minute 8, confirmed by minute 10, 185.00 the highest since.
LATER = (
    bar(7, 183_00, 183_50, 179_50, 180_00),
    bar(8, 180_00, 180_20, 179_00, 179_50),
    bar(9, 180_00, 183_60, 179_40, 183_50),
    bar(10, 183_50, 185_00, 182_00, 184_00),
)


class Bench:
    """An engine, its clock, and what it has said and been told.

    Attributes:
        now: Time of the last event.
        records: What a ledger would have kept.
        told: Everything said to people.
    """

    def __init__(
        self,
        *contracts: OptionContract,
        parameters: Parameters = PARAMETERS,
        charge: Charge = no_charge,
    ) -> None:
        self.contracts = contracts or (CE,)
        self.parameters = parameters
        self.charge = charge
        self.engine = Engine(SESSION, self.contracts, parameters, charge)
        self.now = at(7, 1.5)
        self.records: list[Record] = []
        self.told: list[Tell] = []
        self._filled: dict[str, int] = {}

    def do(self, event: ev.Event) -> list[OrderCommand | DayCommand]:
        """Take one step; return what is more than talk."""
        commands: list[Command] = self.engine.step(event)
        acts = [command for command in commands if not isinstance(command, Tell)]
        self.told += [command for command in commands if isinstance(command, Tell)]
        if isinstance(event, ev.OrderEvent):
            self.records.append(event)
        self.records += acts
        return acts

    def again(self) -> "Bench":
        """Return a bench whose engine begins from this one's records."""
        fresh = Bench(*self.contracts, parameters=self.parameters, charge=self.charge)
        fresh.engine.restore(self.records)
        fresh.now, fresh._filled = self.now, dict(self._filled)
        return fresh

    # market

    def load(self, bars: Mapping[str, tuple[Bar, ...]]) -> list[OrderCommand | DayCommand]:
        return self.do(ev.HistoryLoaded(self.now, bars))

    def hold(self, **reasons: str) -> list[OrderCommand | DayCommand]:
        return self.do(ev.SymbolsHeld(self.now, reasons))

    def tick(
        self, price: Paise, symbol: str = CE.symbol, ask: Paise = 0, after: float = 1
    ) -> list[OrderCommand | DayCommand]:
        self.now += timedelta(seconds=after)
        return self.do(ev.TickReceived(self.now, Tick(symbol, self.now, price, ask=ask)))

    def wait(self, seconds: float) -> list[OrderCommand | DayCommand]:
        return self.until(self.now + timedelta(seconds=seconds))

    def until(self, moment: datetime) -> list[OrderCommand | DayCommand]:
        self.now = moment
        return self.do(ev.TimerFired(self.now))

    def close(
        self, bars: Mapping[str, Bar], forming: Mapping[str, Bar] | None = None
    ) -> list[OrderCommand | DayCommand]:
        """Close the minute that the *bars* are of."""
        minute = next(iter(bars.values())).minute
        self.now = at(minute + 1, 1.5)
        return self.do(ev.MinuteClosed(self.now, minute, bars, forming or {}))

    def closing(self, *rows: Bar, symbol: str = CE.symbol) -> list[OrderCommand | DayCommand]:
        """Close the minutes of one symbol in turn; return what all of them called for."""
        return [command for row in rows for command in self.close({symbol: row})]

    # orders

    def accept(self, order_id: str) -> list[OrderCommand | DayCommand]:
        return self.do(ev.OrderAccepted(self.now, order_id, f"b-{order_id}"))

    def reject(self, order_id: str, *, sent: bool = True) -> list[OrderCommand | DayCommand]:
        return self.do(ev.OrderRejected(self.now, order_id, "margin", sent))

    def unconfirmed(self, order_id: str) -> list[OrderCommand | DayCommand]:
        return self.do(ev.OrderUnconfirmed(self.now, order_id))

    def canceled(self, order_id: str, reason: str = "") -> list[OrderCommand | DayCommand]:
        return self.do(ev.OrderCanceled(self.now, order_id, reason))

    def cancel_refused(self, order_id: str) -> list[OrderCommand | DayCommand]:
        return self.do(ev.OrderCancelRefused(self.now, order_id, "busy"))

    def replaced(self, order_id: str) -> list[OrderCommand | DayCommand]:
        return self.do(ev.OrderReplaced(self.now, order_id))

    def replace_refused(
        self, order_id: str, *, sent: bool = True
    ) -> list[OrderCommand | DayCommand]:
        return self.do(ev.OrderReplaceRefused(self.now, order_id, "ignored", sent))

    def fill(
        self, order_id: str, quantity: int, price: Paise, *, again: bool = False
    ) -> list[OrderCommand | DayCommand]:
        """Fill part of an order; *again* repeats the last fill of it."""
        if not again:
            self._filled[order_id] = self._filled.get(order_id, 0) + quantity
        fill_id = f"b-{order_id}:{self._filled[order_id]}"
        fill = ev.OrderFilled(self.now, order_id, fill_id, quantity, quantity * price)
        return self.do(fill)

    def priced(self, order_id: str, value: Paise) -> list[OrderCommand | DayCommand]:
        return self.do(ev.OrderPriced(self.now, order_id, self._filled[order_id], value))

    # account

    def see(self, *discrepancies: Discrepancy, unread: str = "") -> list[OrderCommand | DayCommand]:
        """Tell the engine what differs."""
        return self.do(ev.AccountSeen(self.now, discrepancies, unread))

    # state

    def live(self, slot: Slot = CE_CLOSE) -> Order | None:
        return self.engine.state.book.live.get(slot)

    def position(self, symbol: str = CE.symbol) -> Position | None:
        return self.engine.state.holdings.positions.get(symbol)


def armed(*contracts: OptionContract, parameters: Parameters = PARAMETERS) -> Bench:
    """A bench whose contracts have all had the worked example's morning and are free."""
    bench = Bench(*contracts, parameters=parameters)
    bench.hold()
    bench.load({contract.symbol: morning() for contract in bench.contracts})
    return bench


def resting(parameters: Parameters = PARAMETERS) -> Bench:
    """A bench with the worked example's entry, ``o1``, in the market."""
    bench = armed(parameters=parameters)
    bench.accept("o1")
    return bench


def short(quantity: int = 650, parameters: Parameters = PARAMETERS) -> Bench:
    """A bench that has just sold; its stop ``o2`` is on its way."""
    bench = resting(parameters)
    bench.tick(174_90, ask=175_00)
    bench.fill("o1", quantity, 174_95)
    return bench


def protected(quantity: int = 650, parameters: Parameters = PARAMETERS) -> Bench:
    """A bench that is short with its stop ``o2`` in the market."""
    bench = short(quantity, parameters)
    bench.accept("o2")
    return bench


def wanted(command: OrderCommand | HaltDay) -> OrderIntent:
    assert isinstance(command, SubmitOrder | ReplaceOrder)
    return command.intent


def lost_trade(bench: Bench, price: int) -> Bench:
    """Close the position of a protected bench at *price*."""
    bench.tick(185_00, ask=185_00)
    bench.fill("o2", 650, price)
    return bench
