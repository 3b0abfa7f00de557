"""Makes up a day of an option chain: reproducible from a seed, and labelled synthetic.

A spot path (``spot_path``) and a volatility path (``volatility``) drive Black-76 premiums
(``black76``); each contract then quotes and trades around its fair premium (``quoting``) at its
own random instants. The same specification gives the same tape. The path does not change with
the tick rate, and a contract's ticks do not change with the number of strikes.

What it matches: medians over days, real ones of NIFTY and generated ones of the same hours, days
to expiry and level, measured by ``tests/golden/test_real_statistics.py``. Both must lie in the
band, which is about as wide as real days differ among themselves.

===================================================  ========  =========  ==============
statistic (real days)                                    real  generated  band
===================================================  ========  =========  ==============
index, 16 days of 2022 to the second
realised volatility of minutes, a year                  8.5 %      8.4 %  6 to 11 %
deviation, first 30 minutes / midday                     1.92       2.19  1.6 to 2.6
deviation, last 30 minutes / midday                      1.34       1.37  1.1 to 1.8
kurtosis of minute returns                                6.1        4.7  4 to 8
lag-1 correlation of minute returns                      0.08       0.08  0.02 to 0.15
lag-1 correlation of their sizes                         0.13       0.20  0.07 to 0.25
median minute range / deviation                          1.11       1.13  1.0 to 1.25
option bars, 2 days of 2021, 3 and 6 days to expiry
median range / close, premium 100 to 150 rupees         2.3 %      1.9 %  1.5 to 3.0 %
median range / close, premium 150 to 200                1.7 %      1.5 %  1.2 to 2.5 %
median range / close, premium 200 to 300                1.7 %      1.2 %  1.0 to 2.4 %
correlation with the index                               0.87       0.86  0.80 to 0.95
lag-1 correlation of changes                             0.10       0.03  0 to 0.2
books, 292 snapshots of 2025-08-29
median spread, 100 to 150, rupees                        0.25       0.25  0.20 to 0.30
median spread, 200 to 300                                0.50       0.55  0.45 to 0.65
median lots at the touch, 100 to 150                       11         12  8 to 16
put-call parity residual of last prices, median          0.40       0.75  0.20 to 0.90
share of volume out of the money                         0.72       0.63  0.60 to 0.80
share of volume in strikes of whole hundreds             0.62       0.62  0.55 to 0.70
share of volume in the first 30 minutes                  0.15       0.12  0.10 to 0.20
prices off the grid                                         0          0  0
===================================================  ========  =========  ==============

The parity residual is wider than the real one because a contract speaks a dozen times a minute
and not once a second, so that last prices of call and put are seconds apart.

What it does not have: strategic order flow, queues behind the touch, freak trades, exchange
halts, dependence between days, real behaviour after 15:30 (no recording of it was available).
Implied volatility stands above realised volatility, as it mostly does, so that a seller of options
has an edge in it: what a strategy earns on generated days says nothing about what it earns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from heapq import heapify, heapreplace
from math import exp, log, sqrt
from random import Random

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.money import Paise
from swingbreak.domain.session import Session
from swingbreak.facts.contracts import ContractTerms
from swingbreak.market.black76 import premium
from swingbreak.simulation.chain import chain, strikes_around
from swingbreak.simulation.quoting import Quoter, turnover_share
from swingbreak.simulation.spot_path import TRAITS, Regime, SpotPath, draw_regime, walk
from swingbreak.simulation.tape import ArrayTape, TapeColumns
from swingbreak.simulation.volatility import atm_path, smile

__all__ = ["NIFTY_2026", "DaySpec", "chain_on", "generate_day"]

# The same values as data/contracts.toml gives for this day; a test keeps them equal.
NIFTY_2026 = ContractTerms("NIFTY", "NFO", "NIFTY", "NSE_INDEX", 65, 1800, 5, 50_00)
_DEFAULT_SESSION = Session.on(date(2026, 11, 20), time(9, 15), time(15, 40))

_VIX = "INDIAVIX"
_INDEX_STEP = 5  # paise; NSE publishes the index to five paise
_CARRY = 0.06  # a year
_YEAR = timedelta(days=365)
_LEAST_TIME = timedelta(minutes=1)  # to expiry, so that the last second has a price
_OVERNIGHT = timedelta(days=1)
_GAP_SD = 0.004  # log, close to open
_CADENCE_S = 10
_FIRST_MS = 3_000  # every contract has spoken once by then
_LEAST_PAUSE_MS, _MOST_PAUSE_MS = 250, 20_000
_INDEX_PAUSE_MS, _VIX_PAUSE_MS = 1_000, 5_000
_LOTS_A_MINUTE = 900  # at the money, in an average minute
_ODD_STRIKE = 0.6  # volume of a strike that is no multiple of two steps
_QUIET_PACE = 0.3  # message rate that even a dead strike has, over that of the money


@dataclass(frozen=True, slots=True)
class DaySpec:
    """What to make up.

    Attributes:
        seed: Same seed, same day. The default is a day with many trades, good ones and bad ones.
        regime: Kind of day; drawn from the seed when ``None``.
        session: Day and hours.
        terms: The underlying's contract facts on that day.
        expiry: Of all contracts.
        spot: Where the index opens, paise.
        volatility: At-the-money implied volatility of an ordinary day, a fraction a year.
        strikes: Strikes each side of the money; two contracts each.
        ticks_per_minute: Mean messages a minute of a contract at the money; others have fewer.
        index_stands: From when until when the index stands still because the cash market
            is in its closing auction, India; ``None`` where options close with it. Since
            2026-08-03 15:15 to 15:35 (SEBI circular of 2026-01-16).
        vix: Whether India VIX ticks too.
    """

    seed: int = 23
    regime: Regime | None = None
    session: Session = _DEFAULT_SESSION
    terms: ContractTerms = NIFTY_2026
    expiry: date = date(2026, 12, 1)
    spot: Paise = 24_200_00
    volatility: float = 0.115
    strikes: int = 12
    ticks_per_minute: float = 12.0
    index_stands: tuple[time, time] | None = (time(15, 15), time(15, 35))
    vix: bool = False


def generate_day(spec: DaySpec) -> ArrayTape:
    """Return the day that *spec* describes."""
    regime = spec.regime or draw_regime(_stream(spec, "regime"))
    seconds = spec.session.minutes * 60
    spot = walk(_stream(spec, "spot"), seconds, spec.spot, regime)
    label = f"synthetic {spec.terms.underlying} {spec.session.day} seed {spec.seed} regime {regime}"
    return chain_on(spec, spot, spec.volatility * TRAITS[regime].implied, label)


def chain_on(spec: DaySpec, spot: SpotPath, base: float, label: str) -> ArrayTape:
    """Return the day whose index takes the path *spot*, with a chain made up around it.

    Args:
        spec: The rest; its regime does not matter.
        spot: One entry per second of the session.
        base: At-the-money volatility that the day's wanders around, a fraction a year.
        label: For every output.
    """
    market = _market(spec, spot, base)
    contracts = chain(
        spec.terms,
        spec.expiry,
        strikes_around(spec.spot, spec.terms.strike_step, spec.strikes),
    )
    lines: list[_IndexLine | _OptionLine] = [
        *_indices(spec, market),
        *_options(spec, market, contracts),
    ]
    return ArrayTape(
        label=label,
        synthetic=True,
        session=spec.session,
        underlying=spec.terms.underlying,
        spot_symbol=spec.terms.spot_symbol,
        contracts=contracts,
        symbols=tuple(line.symbol for line in lines),
        columns=_record(lines, spec.session.minutes),
        cadence_s=_CADENCE_S,
        previous_closes=_previous_closes(spec, market, contracts),
    )


def _stream(spec: DaySpec, purpose: str) -> Random:
    # one generator per purpose: more strikes or ticks do not change the rest
    return Random(f"{spec.seed} {purpose}")  # noqa: S311 - a simulation, no secret


@dataclass(frozen=True, slots=True)
class _Market:
    """The day second by second."""

    spot: SpotPath
    atm: list[float]
    years: list[float]

    def premium(self, second: int, strike: Paise, right: Right) -> tuple[float, float]:
        """Return the fair premium, paise, and how far out of the money it is, deviations."""
        years, atm = self.years[second], self.atm[second]
        forward = self.spot.price[second] * exp(_CARRY * years)
        z = log(strike / forward) / (atm * sqrt(years))
        fair = premium(right, forward, strike, years, atm * smile(z))
        return fair, z if right is Right.CE else -z


def _market(spec: DaySpec, spot: SpotPath, base: float) -> _Market:
    atm = atm_path(_stream(spec, "volatility"), spot, base)
    left = spec.session.closes - spec.session.opens + (spec.expiry - spec.session.day)
    least = _LEAST_TIME / _YEAR
    years = [max(least, (left - timedelta(seconds=s)) / _YEAR) for s in range(len(spot.price))]
    return _Market(spot, atm, years)


@dataclass(slots=True)
class _IndexLine:
    """A published value: no volume, no book."""

    symbol: str
    values: list[float]
    step: Paise
    pause_ms: int
    first_ms: int = 0

    def send(self, at_ms: int, number: int, columns: TapeColumns) -> int:
        """Write the message of *at_ms*; return when the next one comes."""
        value = self.values[at_ms // 1000]
        columns.append(at_ms, number, round(value / self.step) * self.step)
        return at_ms + self.pause_ms


@dataclass(slots=True)
class _OptionLine:
    """One contract's messages."""

    contract: OptionContract
    market: _Market
    quoter: Quoter
    pace: float
    popular: float
    first_ms: int
    last_ms: int = -60_000

    @property
    def symbol(self) -> str:
        return self.contract.symbol

    def send(self, at_ms: int, number: int, columns: TapeColumns) -> int:
        """Write the message of *at_ms*; return when the next one comes."""
        second, quoter = at_ms // 1000, self.quoter
        spot = self.market.spot
        fair, z = self.market.premium(second, self.contract.strike, self.contract.right)
        share = turnover_share(z)
        activity = spot.activity[second]
        since = (at_ms - self.last_ms) / 60_000
        lots = _LOTS_A_MINUTE * share * self.popular * activity * since
        quoter.update(fair, spot.stress[second], lots)
        columns.append(
            at_ms,
            number,
            quoter.price,
            quoter.volume,
            quoter.bid,
            quoter.ask,
            quoter.bid_size,
            quoter.ask_size,
        )
        self.last_ms = at_ms
        return at_ms + self._pause_ms(share, activity)

    def _pause_ms(self, share: float, activity: float) -> int:
        mean = 60_000 / (self.pace * (_QUIET_PACE + sqrt(share)) * sqrt(activity))
        drawn = self.quoter.rng.expovariate(1 / max(mean - _LEAST_PAUSE_MS, 1.0))
        return min(_LEAST_PAUSE_MS + int(drawn), _MOST_PAUSE_MS)


def _indices(spec: DaySpec, market: _Market) -> Iterator[_IndexLine]:
    published = list(market.spot.price)
    if spec.index_stands:
        first, last = (
            int((spec.session.at(clock) - spec.session.opens).total_seconds())
            for clock in spec.index_stands
        )
        for s in range(first, len(published)):
            published[s] = market.spot.price[min(first if s < last else last, len(published) - 1)]
    yield _IndexLine(spec.terms.spot_symbol, published, _INDEX_STEP, _INDEX_PAUSE_MS)
    if spec.vix:
        # a 30-day volatility moves about half as much as that of the nearest weekly
        vix = [1e4 * sqrt(spec.volatility * atm) * 1.1 for atm in market.atm]
        yield _IndexLine(_VIX, vix, 1, _VIX_PAUSE_MS)


def _options(
    spec: DaySpec, market: _Market, contracts: tuple[OptionContract, ...]
) -> list[_OptionLine]:
    return [
        _OptionLine(
            contract=c,
            market=market,
            quoter=Quoter(_stream(spec, c.symbol), c.lot, c.tick),
            pace=spec.ticks_per_minute / (1 + _QUIET_PACE),
            first_ms=_stream(spec, f"{c.symbol} first").randrange(_FIRST_MS),
            popular=_ODD_STRIKE if c.strike % (2 * spec.terms.strike_step) else 1.0,
        )
        for c in contracts
    ]


def _record(lines: list[_IndexLine | _OptionLine], minutes: int) -> TapeColumns:
    """Let each line speak in turn, in order of time, until the session is over."""
    columns, end = TapeColumns(), minutes * 60_000
    due = [(line.first_ms, number) for number, line in enumerate(lines)]
    heapify(due)
    while due[0][0] < end:
        at_ms, number = due[0]
        heapreplace(due, (lines[number].send(at_ms, number, columns), number))
    return columns


def _previous_closes(
    spec: DaySpec, market: _Market, contracts: tuple[OptionContract, ...]
) -> dict[str, Paise]:
    """Return yesterday's closes: an overnight gap away, with a day's more time value."""
    rng = _stream(spec, "yesterday")
    spot = market.spot.price[0] * exp(rng.gauss(0, _GAP_SD))
    years = market.years[0] + _OVERNIGHT / _YEAR
    forward, tick = spot * exp(_CARRY * years), spec.terms.tick
    closes = {spec.terms.spot_symbol: round(spot / _INDEX_STEP) * _INDEX_STEP}
    for c in contracts:
        z = log(c.strike / forward) / (spec.volatility * sqrt(years))
        fair = premium(c.right, forward, c.strike, years, spec.volatility * smile(z))
        closes[c.symbol] = max(tick, round(fair / tick) * tick)
    return closes
