"""A tape as rows of the store: its bars, its index, and its ticks if wanted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from swingbreak.adapters.data_layer import Frame, pl
from swingbreak.adapters.store.files import About
from swingbreak.adapters.store.intake import Portion
from swingbreak.adapters.store.layout import KEYS, Kind, Place, columns_of
from swingbreak.domain.market import Bar
from swingbreak.market.bars import BarBuilder
from swingbreak.market.day_bars import Origin
from swingbreak.simulation.tape import ArrayTape

__all__ = ["about_tape", "portions_of_tape"]

_OHLC = ("open", "high", "low", "close")
_BOOK = ("price", "volume", "bid", "ask", "bid_size", "ask_size")


def portions_of_tape(
    tape: ArrayTape, grace_ms: int, about: About, *, with_ticks: bool = False
) -> Iterator[Portion]:
    """Yield what the store keeps of *tape*.

    Args:
        tape: The day.
        grace_ms: How long after its end a minute closes: its bars are those of the live builder.
        about: What the day is; see :func:`about_tape`.
        with_ticks: Whether every tick is kept too, at some 3 MB a day.
    """
    of_day = partial(Place, tape.underlying, tape.session.day)
    yield Portion(of_day(Kind.BARS), _bars(tape, grace_ms), about)
    ticks = _ticks(tape)
    index = _index(ticks, tape.spot_symbol)
    if len(index):
        yield Portion(of_day(Kind.SPOT), index, about)
    if with_ticks:
        closes = {name: tape.previous_close(name) for name in tape.symbols}
        yield Portion(of_day(Kind.TICKS), ticks, replace(about, previous_closes=closes))


def about_tape(tape: ArrayTape, origin: Origin) -> About:
    """Return what files say of *tape* that nothing more is known of than its label."""
    return About(tape.label, origin, (tape.label,))


def _bars(tape: ArrayTape, grace_ms: int) -> Frame:
    start_of = tape.session.start_of
    contracts = {contract.symbol: contract for contract in tape.contracts}
    rows = [
        (c.expiry, c.strike, c.right.value, start_of(bar.minute), *bar[1:], None)
        for closed in _closed(tape, timedelta(milliseconds=grace_ms))
        for symbol, bar in closed.items()
        if (c := contracts.get(symbol)) is not None
    ]
    names = ("expiry", "strike", "right", "ts", *_OHLC, "volume", "ticks", "oi")
    types = columns_of(Kind.BARS)
    frame = pl.DataFrame(rows, schema={name: types[name] for name in names}, orient="row")
    return frame.select(list(types)).sort(*KEYS[Kind.BARS])


def _closed(tape: ArrayTape, grace: timedelta) -> Iterator[dict[str, Bar]]:
    """Yield each minute's bars as the live day closes them."""
    session, builder, minute = tape.session, BarBuilder(tape.session), 0
    closes = session.start_of(1) + grace
    known: set[str] = set()
    for tick in tape.ticks():
        while tick.at >= closes and minute < session.minutes:
            yield builder.close(minute)
            minute += 1
            closes = session.start_of(minute + 1) + grace
        if minute == 0 and tick.symbol not in known:
            # what a symbol had traded before a recording began late is in none of its bars
            known.add(tick.symbol)
            builder.baseline(tick.symbol, 0)
        builder.add(tick)
    for rest in range(minute, session.minutes):
        yield builder.close(rest)


def _ticks(tape: ArrayTape) -> Frame:
    columns, types = tape.columns, columns_of(Kind.TICKS)
    opens = pl.lit(tape.session.opens).cast(types["ts"])
    symbols = pl.Series("symbol", tape.symbols, dtype=pl.Categorical)
    numbers = pl.Series("symbol", columns.symbol, dtype=pl.UInt32)
    data = {name: pl.Series(name, getattr(columns, name)) for name in ("time_ms", *_BOOK)}
    frame = pl.DataFrame(data).with_columns(
        (opens + pl.duration(milliseconds="time_ms")).alias("ts"),
        symbols.gather(numbers).alias("symbol"),
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in types.items())


def _index(ticks: Frame, spot_symbol: str) -> Frame:
    price = pl.col("price")
    minutes = (
        ticks.filter(pl.col("symbol").cast(pl.String) == spot_symbol)
        .group_by(pl.col("ts").dt.truncate("1m"), maintain_order=True)
        .agg(
            price.first().alias("open"),
            price.max().alias("high"),
            price.min().alias("low"),
            price.last().alias("close"),
        )
    )
    return minutes.select(list(columns_of(Kind.SPOT)))
