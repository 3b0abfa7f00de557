"""What a day of an option chain looks like in numbers: the same functions for real and made up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt
from statistics import fmean, median, pstdev, quantiles

from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar
from swingbreak.market.bars import BarBuilder
from swingbreak.simulation.tape import ArrayTape

# Premium bands in rupees; most of the strategy's life happens in the last three.
BANDS = ((20, 50), (50, 100), (100, 150), (150, 200), (200, 300))
Band = tuple[int, int]
_OPENING, _MIDDAY, _CLOSING = slice(0, 30), slice(120, 240), slice(-30, None)


def by_seconds(prices: Sequence[float]) -> list[list[float]]:
    """Return whole minutes of prices that come once a second."""
    return [list(prices[i : i + 60]) for i in range(0, len(prices) - 59, 60)]


def spot_statistics(minutes: Sequence[Sequence[float]]) -> dict[str, float]:
    """Return statistics of one day of an index, given the prices of each minute."""
    closes = [minute[-1] for minute in minutes]
    returns = [log(late / early) for early, late in pairwise(closes)]
    squares = [r * r for r in returns]
    deviation = pstdev(returns)
    midday = fmean(squares[_MIDDAY])
    ranges = [(max(minute) - min(minute)) / minute[-1] for minute in minutes]
    return {
        "volatility": sqrt(sum(squares) * 252),
        "open_rise": sqrt(fmean(squares[_OPENING]) / midday),
        "close_rise": sqrt(fmean(squares[_CLOSING]) / midday),
        "kurtosis": _moment(returns, 4) / deviation**4,
        "lag1": correlation(returns[1:], returns[:-1]),
        "clustering": correlation([abs(r) for r in returns[1:]], [abs(r) for r in returns[:-1]]),
        "range": median(ranges) / deviation,
    }


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return the linear correlation of two equally long series."""
    mean_x, mean_y = fmean(xs), fmean(ys)
    together = fmean((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return together / (pstdev(xs) * pstdev(ys))


def medians(days: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return each statistic's median over *days*."""
    found = defaultdict(list)
    for day in days:
        for name, value in day.items():
            found[name].append(value)
    return {name: median(values) for name, values in found.items()}


def bar_statistics(tape: ArrayTape) -> dict[Band, dict[str, float]]:
    """Return, by premium band, how one-minute option bars move.

    ``range`` is the median of (high - low) / close, ``move`` the deviation of close-to-close
    changes over the mean close.
    """
    ranges, moves, closes = defaultdict(list), defaultdict(list), defaultdict(list)
    for series in _series(tape).values():
        for before, bar in pairwise(series):
            band = _band(bar.close)
            if band is not None:
                ranges[band].append((bar.high - bar.low) / bar.close)
                moves[band].append(float(bar.close - before.close))
                closes[band].append(bar.close)
    return {
        band: {"range": median(ranges[band]), "move": pstdev(moves[band]) / fmean(closes[band])}
        for band in BANDS
        if len(ranges[band]) >= 100
    }


def follow_statistics(tape: ArrayTape) -> dict[str, float]:
    """Return how option minutes follow the index and their own last minute (medians)."""
    spot = {b[tape.spot_symbol].minute: b[tape.spot_symbol].close for b in _slices(tape)}
    follows, lags = [], []
    bars = _series(tape)
    for contract in tape.contracts:
        series = [bar for bar in bars[contract.symbol] if bar.minute in spot]
        if len(series) < 100 or _band(round(fmean(bar.close for bar in series))) is None:
            continue
        own = [float(late.close - early.close) for early, late in pairwise(series)]
        index = [float(spot[b.minute] - spot[a.minute]) for a, b in pairwise(series)]
        follows.append(abs(correlation(own, index)))
        lags.append(correlation(own[1:], own[:-1]))
    return {"follow": median(follows), "lag1": median(lags)}


def book_statistics(tape: ArrayTape) -> dict[Band, dict[str, float]]:
    """Return, by premium band, spread in paise (median, 90th percentile) and lots at the bid."""
    lots = {contract.symbol: contract.lot for contract in tape.contracts}
    spreads, sizes = defaultdict(list), defaultdict(list)
    for tick in tape.ticks():
        band = _band((tick.bid + tick.ask) // 2)
        if tick.bid and tick.ask and band is not None:
            spreads[band].append(tick.ask - tick.bid)
            sizes[band].append(tick.bid_size / lots[tick.symbol])
    return {
        band: {
            "spread": median(spreads[band]),
            "wide": quantiles(spreads[band], n=10)[-1],
            "lots": median(sizes[band]),
        }
        for band in BANDS
        if len(spreads[band]) >= 100
    }


def parity_residuals(tape: ArrayTape, reach: int) -> tuple[float, float]:
    """Return median and 90th percentile of |call - put + strike - forward|, rupees.

    Last prices each minute; the forward is that of the strike nearest to the money. Strikes
    within *reach* rupees of the forward, itself left out.
    """
    found = []
    names = {(c.strike, c.right): c.symbol for c in tape.contracts}
    pairs = [(k, names[k, Right.CE], names.get((k, Right.PE))) for k, r in names if r is Right.CE]
    for bars in _slices(tape):
        parity = {}
        for strike, call, put in pairs:
            if call in bars and put in bars:
                carry = bars[call].close - bars[put].close
                parity[strike] = (abs(carry), strike + carry)
        if parity:
            money = min(parity, key=lambda strike: parity[strike][0])
            forward = parity[money][1]
            found += [
                abs(value - forward) / 100
                for strike, (_, value) in parity.items()
                if strike != money and abs(strike - forward) <= reach * 100
            ]
    return median(found), quantiles(found, n=10)[-1]


def turnover_statistics(tape: ArrayTape) -> dict[str, float]:
    """Return shares of the day's volume within 12 strikes of the money at the close.

    ``otm``: out of the money; ``near``: within 3 strikes; ``hundreds``: in strikes that are
    multiples of 100 rupees; ``opening``: in the first 30 minutes.
    """
    money = next(b[tape.spot_symbol].close for b in reversed(_slices(tape)) if b)
    total: dict[str, int] = defaultdict(int)
    opening = 0
    step = 50_00
    bars = _series(tape)
    for contract in tape.contracts:
        if abs(contract.strike - money) > 12 * step:
            continue
        series = bars[contract.symbol]
        volume = sum(bar.volume for bar in series)
        total["all"] += volume
        total["otm"] += volume * ((contract.strike > money) is (contract.right is Right.CE))
        total["near"] += volume * (abs(contract.strike - money) <= 3 * step)
        total["hundreds"] += volume * (contract.strike % 100_00 == 0)
        opening += sum(bar.volume for bar in series if bar.minute < 30)
    shares = {name: total[name] / total["all"] for name in ("otm", "near", "hundreds")}
    return {**shares, "opening": opening / total["all"]}


def off_grid(tape: ArrayTape) -> int:
    """Return how many option prices and quotes are no multiple of the price step."""
    step = tape.contracts[0].tick
    return sum(
        bool(tick.price % step or tick.bid % step or tick.ask % step)
        for tick in tape.ticks()
        if tick.symbol != tape.spot_symbol
    )


@lru_cache(maxsize=1)  # of one tape after the other, each measured in several ways
def minute_bars(tape: ArrayTape) -> list[dict[str, Bar]]:
    """Return each minute's bars, made by the live bar builder; the index has some, too."""
    builder = BarBuilder(tape.session)
    for one in tape.contracts:
        builder.baseline(one.symbol, 0)  # a tape's volumes count from the open
    for tick in tape.ticks():
        builder.add(tick)
    return [builder.forming(minute) for minute in range(tape.session.minutes)]


def _slices(tape: ArrayTape) -> list[dict[str, Bar]]:
    return [bars for bars in minute_bars(tape) if tape.spot_symbol in bars]


def _series(tape: ArrayTape) -> dict[str, list[Bar]]:
    found: dict[str, list[Bar]] = defaultdict(list)
    for bars in minute_bars(tape):
        for symbol, bar in bars.items():
            found[symbol].append(bar)
    return found


def _band(price: int) -> Band | None:
    return next((band for band in BANDS if band[0] * 100 < price <= band[1] * 100), None)


def _moment(values: Sequence[float], order: int) -> float:
    mean = fmean(values)
    return fmean((value - mean) ** order for value in values)
