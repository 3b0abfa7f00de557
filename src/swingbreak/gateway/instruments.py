"""The instruments of the day, as OpenAlgo's master contract would list them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from swingbreak.domain.instrument import OptionContract, Right, expiry_text
from swingbreak.domain.money import Paise
from swingbreak.ports import DayTape

__all__ = ["Chain", "Instrument", "Instruments", "dashed_expiry"]

_SEARCH_MOST = 500
_INDEX_EXCHANGE = {"NFO": "NSE_INDEX", "BFO": "BSE_INDEX"}
_NO_STRIKE = -0.01  # what the Zerodha master contract puts where nothing has a strike
_FIRST_TOKEN = 100_001
_VIX = "INDIAVIX"  # always listed, as at the exchange; a tape need not have it


@dataclass(frozen=True, slots=True)
class Instrument:
    """One listed instrument.

    Attributes:
        token: Its number; also its ``id`` in the master contract.
        underlying: ``NIFTY``.
        kind: ``CE``, ``PE`` or ``INDEX``.
        contract: The option it is; ``None`` for an index.
    """

    symbol: str
    exchange: str
    token: int
    underlying: str
    kind: str
    contract: OptionContract | None = None

    @property
    def lot(self) -> int:
        """Units per lot."""
        return self.contract.lot if self.contract else 1

    @property
    def tick(self) -> float:
        """Price step, rupees."""
        return self.contract.tick / 100 if self.contract else 0.05

    @property
    def freeze(self) -> int:
        """Most units in one order; 1 where OpenAlgo knows none."""
        return self.contract.freeze if self.contract else 1

    @property
    def strike(self) -> float:
        """Strike in rupees, or what stands for none."""
        return self.contract.strike / 100 if self.contract else _NO_STRIKE

    def row(self) -> dict[str, object]:
        """Return its row of the master contract."""
        return {
            "symbol": self.symbol,
            "brsymbol": self._broker_symbol(),
            "name": self.underlying,
            "exchange": self.exchange,
            "brexchange": self.exchange,
            "token": str(self.token),
            "expiry": dashed_expiry(self.contract.expiry) if self.contract else "",
            "strike": self.strike,
            "lotsize": self.lot,
            "instrumenttype": self.kind,
            "tick_size": self.tick,
        }

    def _broker_symbol(self) -> str:
        if self.contract is None:
            return f"{self.symbol} 50" if self.symbol == "NIFTY" else self.symbol
        when = dashed_expiry(self.contract.expiry).replace("-", " ")
        return f"{self.underlying} {when} {self.strike:g} {self.kind}"


@dataclass(frozen=True, slots=True)
class Chain:
    """The options of one expiry.

    Attributes:
        strikes: Paise, ascending.
        options: Instrument by strike and right.
    """

    expiry: date
    strikes: tuple[Paise, ...]
    options: dict[tuple[Paise, Right], Instrument]

    def atm(self, spot: Paise) -> int:
        """Return the index of the listed strike nearest to *spot*; the lower one of two."""
        distances = [(abs(strike - spot), place) for place, strike in enumerate(self.strikes)]
        return min(distances)[1]

    def at_offset(self, offset: str, right: Right, spot: Paise) -> Instrument | None:
        """Return the option at ``ATM``, ``ITM3``, ``OTM2``; ``None`` where the chain ends."""
        side, steps = offset[:3], offset[3:]
        if side == "ATM" and not steps:
            away = 0
        elif side in {"ITM", "OTM"} and steps.isdigit():
            away = int(steps) if side == "OTM" else -int(steps)
        else:
            return None
        place = self.atm(spot) + (away if right is Right.CE else -away)
        if not 0 <= place < len(self.strikes):
            return None
        return self.options.get((self.strikes[place], right))


@dataclass(frozen=True, slots=True)
class Instruments:
    """Every instrument of the day, by exchange and symbol."""

    spot: Instrument
    _by_key: dict[tuple[str, str], Instrument] = field(default_factory=dict)
    _chains: dict[str, Chain] = field(default_factory=dict)

    @classmethod
    def of(cls, tape: DayTape) -> "Instruments":
        """List the instruments of *tape*."""
        exchange = tape.contracts[0].exchange if tape.contracts else "NFO"
        index = _INDEX_EXCHANGE.get(exchange, "NSE_INDEX")
        spot = Instrument(tape.spot_symbol, index, _FIRST_TOKEN, tape.underlying, "INDEX")
        vix = Instrument(_VIX, "NSE_INDEX", _FIRST_TOKEN + 1, _VIX, "INDEX")
        listed = {(one.exchange, one.symbol): one for one in (spot, vix)}
        for token, contract in enumerate(tape.contracts, _FIRST_TOKEN + 2):
            option = Instrument(
                contract.symbol,
                contract.exchange,
                token,
                contract.underlying,
                contract.right.value,
                contract,
            )
            listed[option.exchange, option.symbol] = option
        return cls(spot, listed, _chains(listed.values()))

    def find(self, symbol: str, exchange: str) -> Instrument | None:
        """Return the instrument, or ``None``; spelling and case count."""
        return self._by_key.get((exchange, symbol))

    def named(self, symbol: str) -> Instrument:
        """Return the instrument called *symbol*, wherever it is listed."""
        return next(one for one in self._by_key.values() if one.symbol == symbol)

    def symbols(self) -> list[str]:
        """Return the symbols of all instruments."""
        return [one.symbol for one in self._by_key.values()]

    def on(self, exchange: str) -> list[Instrument]:
        """Return what is listed on *exchange*."""
        return [one for one in self._by_key.values() if one.exchange == exchange]

    def search(self, query: str, exchange: str | None) -> list[Instrument]:
        """Return the instruments in whose symbol or broker symbol every word of *query* occurs."""
        words = query.upper().split()
        return [
            one
            for one in self._by_key.values()
            if (exchange is None or one.exchange == exchange)
            and all(word in f"{one.symbol} {one.row()['brsymbol']}" for word in words)
        ][:_SEARCH_MOST]

    def expiries(self, underlying: str, exchange: str) -> list[date]:
        """Return the expiries of the options of *underlying* on *exchange*, soonest first."""
        found = {
            one.contract.expiry
            for one in self._by_key.values()
            if one.contract and one.underlying == underlying and one.exchange == exchange
        }
        return sorted(found)

    def chain(self, underlying: str, expiry: str) -> Chain | None:
        """Return the options of *underlying* that expire on *expiry* (``01DEC26``), or ``None``."""
        return self._chains.get(expiry) if underlying == self.spot.underlying else None


def _chains(listed: Iterable[Instrument]) -> dict[str, Chain]:
    by_expiry: dict[date, dict[tuple[Paise, Right], Instrument]] = {}
    for one in listed:
        if one.contract:
            options = by_expiry.setdefault(one.contract.expiry, {})
            options[one.contract.strike, one.contract.right] = one
    return {
        expiry_text(expiry): Chain(expiry, tuple(sorted({k for k, _ in options})), options)
        for expiry, options in by_expiry.items()
    }


def dashed_expiry(expiry: date) -> str:
    """Return *expiry* as ``01-DEC-26``, the form of the master contract."""
    text = expiry_text(expiry)
    return f"{text[:2]}-{text[2:5]}-{text[5:]}"
