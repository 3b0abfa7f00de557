"""Opens a day: the venue that fits the personality, its account, and the floor around both."""

from swingbreak.domain.money import Paise, rupees
from swingbreak.gateway.account import Account
from swingbreak.gateway.floor import Floor
from swingbreak.gateway.instruments import Instruments
from swingbreak.gateway.personality import SANDBOX, Personality
from swingbreak.ports import DayTape
from swingbreak.simulation.exchange import Exchange
from swingbreak.simulation.sandbox import Sandbox
from swingbreak.simulation.venue import NewOrder

__all__ = ["open_day"]


def open_day(
    tape: DayTape, instruments: Instruments, personality: Personality
) -> tuple[Floor, Account]:
    """Return the floor and the account of the day on *tape*."""

    def margin(new: NewOrder) -> str:
        lack = account.lacks(new)
        return _insufficient(personality, *lack) if lack else ""

    def price(symbol: str) -> Paise:
        return floor.quotes[symbol].price

    def spot() -> Paise:
        return price(tape.spot_symbol)

    kind = Sandbox if personality is SANDBOX else Exchange
    venue = kind(tape.contracts, tape.session, margin=margin)
    floor = Floor(tape, venue, instruments.symbols())
    account = Account(venue, personality, price, spot)
    return floor, account


def _insufficient(personality: Personality, need: Paise, available: Paise) -> str:
    if personality is SANDBOX:
        short = rupees(need - available)
        has = f"Available: \N{INDIAN RUPEE SIGN}{rupees(available)}"
        asks = f"Required: \N{INDIAN RUPEE SIGN}{need / 100}"
        return f"Insufficient funds. {asks}, {has}, Shortage: \N{INDIAN RUPEE SIGN}{short}"
    return (
        f"Insufficient funds. Required margin is {rupees(need)} but available margin is "
        f"{rupees(available)}. Check the orderbook for open orders."
    )
