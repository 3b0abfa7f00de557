"""Notable trades of a run on the minutes that a data store has of them."""

from collections.abc import Iterator
from pathlib import Path

from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.domain.market import Bar
from swingbreak.facts.dated import Facts
from swingbreak.market.day_bars import DayBars, traded_bars
from swingbreak.reporting.day_view import LevelMark
from swingbreak.reporting.notable import notable_trades
from swingbreak.reporting.run_view import RunTrade, RunView
from swingbreak.reporting.trade_picture import TradePicture, picture_of
from swingbreak.strategy.levels import facts_of_id

__all__ = ["stored_pictures"]


def stored_pictures(run: RunView, root: Path, facts: Facts) -> tuple[TradePicture, ...]:
    """Return the notable trades of *run* whose minutes are in the store at *root*.

    Raises:
        DataError: There is no store, or a day of it is damaged.
        NeedsExtra: The data layer is not installed.
    """
    return tuple(_pictures(run, Store(root), facts))


def _pictures(run: RunView, store: Store, facts: Facts) -> Iterator[TradePicture]:
    reader, number = DayReader(store, facts), 0
    stored = set(store.places(Kind.BARS))
    for day, each in notable_trades(run):
        if Place(each.contract.underlying, day.day, Kind.BARS) in stored:
            bars = reader.day(each.contract.underlying, day.day, expiry=each.contract.expiry)
            minutes = _minutes(bars, each)
            if minutes:
                number += 1
                mark = _mark(each.trade.level)
                yield picture_of(number, bars.session, each.trade, mark, minutes)


def _minutes(bars: DayBars, each: RunTrade) -> tuple[Bar, ...]:
    symbols = [contract.symbol for contract in bars.contracts]
    if each.trade.symbol not in symbols:
        return ()
    found = list(bars.bars(symbols.index(each.trade.symbol)))
    return tuple(traded_bars(found, bars.session.minutes))


def _mark(level_id: str) -> LevelMark | None:
    known = facts_of_id(level_id)
    if known is None:
        return None
    confirmed, minute, price = known
    return LevelMark(price, minute, confirmed)
