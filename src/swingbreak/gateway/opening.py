"""Opens a day: the venue that fits the personality, its account, and the floor around both."""

from datetime import datetime

from swingbreak.domain.money import Paise
from swingbreak.gateway.account import Account, Funds
from swingbreak.gateway.floor import Floor
from swingbreak.gateway.instruments import Instruments
from swingbreak.gateway.options import GatewayOptions
from swingbreak.gateway.personality import SANDBOX
from swingbreak.gateway.sandbox_funds import SandboxFunds
from swingbreak.ports import DayTape
from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.funded import account_for
from swingbreak.simulation.sandbox import Sandbox
from swingbreak.simulation.venue import NewOrder, Venue

__all__ = ["open_day"]


def open_day(
    tape: DayTape, instruments: Instruments, options: GatewayOptions
) -> tuple[Floor, Account]:
    """Return the floor and the account of the day on *tape*."""

    def margin(at: datetime, new: NewOrder) -> str:
        return funds.refusal(at, new)

    def price(symbol: str) -> Paise:
        return floor.quotes[symbol].price

    def spot(_: datetime) -> Paise:
        return price(tape.spot_symbol)

    def now() -> datetime:
        return floor.now

    personality = options.personality
    capital = personality.capital if options.capital is None else options.capital
    venue: Venue
    if personality is SANDBOX:
        venue = Sandbox(tape.contracts, tape.session, margin=margin)
    else:
        rules = ExchangeRules(prices=options.price_rules, passage=options.passage)
        venue = Exchange(tape.contracts, tape.session, rules, margin=margin)
    floor = Floor(tape, venue, instruments.symbols())
    rates = options.margin_rates
    cash = account_for(tape, venue, spot=spot, price=price, rates=rates, capital=capital)
    funds: Funds = SandboxFunds(venue, capital, price) if personality is SANDBOX else cash
    return floor, Account(venue, funds, cash, price, now)
