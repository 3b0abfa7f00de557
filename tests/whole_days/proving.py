"""What is claimed of every backtest, looked at on the days of a store.

    python -m tests.whole_days.proving --store DIR [--underlying NIFTY] [--fills pessimistic]
    python -m tests.whole_days.proving --store DIR --days 0 --look-ahead 20

Of each day that a backtest would take, under each fill model:

1. Its own trades priced by the three models: pessimistic <= calibrated <= optimistic.
2. Every fill comes after its order; of bars it lies inside its bar, or at the limit at which it
   rested; of snapshots and ticks it is no better than what was quoted.
3. Run again without knowing any swing ahead, with a live process's ledger and event tape: the same
   decisions and trades; and the replay of that journal decides the same.
4. With ``--look-ahead N``, of the first N days of bars, pessimistic: cut at any bar it decides till
   there as the whole.

Ends with 1 where a claim is wrong.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from swingbreak import __version__
from swingbreak.adapters.dayfolder import DayFolder
from swingbreak.adapters.event_tape import EventTapeFile
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.bootstrap.backtest.choosing import Wanted, choose_days
from swingbreak.bootstrap.backtest.prepared import (
    Followed,
    Prepared,
    Preparer,
    RanDay,
    run_prepared,
)
from swingbreak.bootstrap.replaying import replay_day
from swingbreak.domain.orders import Side
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.told import DayTerms, ProcessBegan, ProcessEnded
from swingbreak.market.day_bars import DayBars
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inprocess import InProcessDay
from swingbreak.runtime.local_check import LocalCheck
from swingbreak.runtime.lookahead import prefixes
from swingbreak.runtime.trader import Trader
from swingbreak.simulation.bar_day import BarDay, BarSheet
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.exchange import ExchangeRules
from swingbreak.simulation.fills import FillModel, Passage
from swingbreak.simulation.funded import funded_exchange
from swingbreak.simulation.venue import VenueTrade, Way
from tests.bar_days import bars_until, sheet_of
from tests.charging import package_facts

PARAMETERS = Parameters()
MS = timedelta(milliseconds=1)


class Journal:
    """A day run as a live process runs it, in a state folder."""

    def __init__(self, folder: Path, prepared: Prepared, model: FillModel) -> None:
        self.folder = folder
        source = prepared.source
        passage = None
        self.seen: BarDay | CutDay
        if isinstance(source, BarSheet):
            passage = Passage(model, source.session, prepared.spreads)
            self.seen = BarDay(source, passage)
        else:
            self.seen = source
        given = source.session, prepared.contracts, PARAMETERS, prepared.charges
        self.terms = DayTerms(*given, prepared.window)
        self._moves = prepared.moves
        self.engine = self.terms.engine()
        self.record = DayRecord(self.engine)
        ground = source if isinstance(source, BarSheet) else source.tape
        rules = ExchangeRules(prices=prepared.prices, passage=passage)
        self.venue, cash = funded_exchange(ground, source.spot, rules, rates=prepared.margin)
        self._check = LocalCheck(cash, EntryMargin.of(self.engine, prepared.headroom_bp))

    def run(self) -> None:
        """Run the day to its end."""
        session = self.terms.session
        day = DayFolder(self.folder, session.day, "swingbreak")
        with open_writer(day.database) as database:
            ledger = SqliteLedger(database)
            with EventTapeFile(day.events, lambda: ledger.head, self._torn) as tape:
                tape.begin(ProcessBegan(session.opens, __version__, "a store", self.terms, 0))
                trader = Trader(self.engine, ledger, self.record, tape)
                parts = self.seen, trader, self.venue, PARAMETERS, self._check
                InProcessDay(*parts, None, self._moves).run()
                tape.end(ProcessEnded(session.closes))
        day.write_decisions(self.record.decisions)

    @staticmethod
    def _torn(why: str) -> None:
        raise AssertionError(why)


def check_model(prepared: Prepared, model: FillModel, folder: Path) -> Counter[str]:
    """Look at one day under one fill model; return what was seen."""
    ran = run_prepared(prepared, PARAMETERS, model)
    check_order_of_models(ran, model)
    journal = Journal(folder, prepared, model)
    journal.run()
    assert tuple(journal.record.decisions) == ran.decisions, "the backtest decides otherwise"
    trades = tuple(journal.engine.state.holdings.trades.values())
    assert trades == tuple(each.trade for each in ran.run.trades), "the backtest trades otherwise"
    check_fills(journal)
    replayed = replay_day(folder, prepared.day)
    assert replayed.is_equal, replayed.outcome.mismatch or replayed.parting
    assert replayed.is_whole, replayed.notes
    assert replayed.digest == ran.run.decisions, "the replay comes to another hash"
    return Counter(
        runs=1, trades=len(trades), fills=len(journal.venue.trades()), decisions=len(ran.decisions)
    )


def check_order_of_models(ran: RanDay, model: FillModel) -> None:
    """Every trade is worst under the pessimistic model and best under the optimistic one."""
    for trade, priced in zip(ran.run.trades, ran.repriced, strict=True):
        nets = [priced.nets[each] for each in FillModel]
        assert nets == sorted(nets), (trade.trade.trade_id, nets)
        assert priced.nets[model] == trade.trade.net, trade.trade.trade_id


def check_fills(journal: Journal) -> None:
    """No fill comes before its order or at a price that was not to be had."""
    for trade in journal.venue.trades():
        order = journal.venue.order(trade.orderid)
        assert order is not None, trade
        assert order.placed_at < trade.at, trade
        is_buy = trade.side is Side.BUY
        beyond = trade.price - trade.limit if is_buy else trade.limit - trade.price
        assert beyond <= 0, trade
        if trade.way is Way.RESTED:
            assert beyond == 0, trade
        else:
            check_price(journal, trade, is_buy=is_buy)


def check_price(journal: Journal, trade: VenueTrade, *, is_buy: bool) -> None:
    """A fill that took what was there took it at its price."""
    seen = journal.seen
    if isinstance(seen, BarDay):
        track = seen.sheet.tracks[trade.symbol]
        row = track.row_at((trade.at - seen.session.opens) // MS)
        assert track.low[row] <= trade.price <= track.high[row], trade
        return
    tick = seen.last(trade.symbol, trade.at)
    assert tick is not None, trade
    quoted = (tick.ask if is_buy else tick.bid) or tick.price
    assert trade.price >= quoted if is_buy else trade.price <= quoted, (trade, tick)


def check_prefixes(prepared: Prepared, bars: DayBars) -> Counter[str]:
    """Cut a day at every bar; return how many there were and what was decided."""
    session = bars.session
    followed = {contract.symbol for contract in prepared.contracts}

    def decide(ends: datetime | None) -> Sequence[str]:
        known = bars if ends is None else bars_until(bars, session.minute_of(ends))
        sheet = sheet_of(known)
        sheet.follow([each for each in bars.contracts if each.symbol in followed])
        return run_prepared(replace(prepared, source=sheet), PARAMETERS).decisions

    cuts = [session.start_of(minute + 1) - MS for minute in range(session.minutes)]
    cut = [*prefixes(decide, cuts)]
    wrong = [each for each in cut if each.parting is not None]
    assert not wrong, wrong[0]
    return Counter(days=1, cuts=len(cut), decisions=cut[-1].alike)


def looked_at(
    places: Sequence[Place], preparer: Preparer, models: Sequence[FillModel]
) -> Iterator[tuple[str, Counter[str]]]:
    """Look at every day under every model; yield what was looked at and what was seen."""
    for place in places:
        prepared = preparer.prepare(place)
        for model in models if place.kind is Kind.BARS else models[:1]:
            with TemporaryDirectory() as folder:
                yield f"{place.day} {model}", attempted(check_model, prepared, model, Path(folder))


def cut_short(
    places: Sequence[Place], preparer: Preparer, reader: DayReader
) -> Iterator[tuple[str, Counter[str]]]:
    """Cut days of bars at every bar; yield likewise."""
    for place in places:
        bars = reader.day(place.underlying, place.day)
        yield f"{place.day}", attempted(check_prefixes, preparer.prepare(place), bars)


def attempted(check: Callable[..., Counter[str]], *given: object) -> Counter[str]:
    """Return what *check* saw, or that it was wrong."""
    try:
        return check(*given)
    except AssertionError as error:
        sys.stdout.write(f"wrong: {error}\n")
        return Counter(wrong=1)


def told(title: str, results: Iterator[tuple[str, Counter[str]]]) -> bool:
    """Print what was seen in all; return whether all of it was right."""
    began, seen = process_time(), Counter[str](wrong=0)
    for name, counts in results:
        seen += counts
        if counts["wrong"]:
            sys.stdout.write(f"  {name}\n")
    counted = ", ".join(f"{count} {what}" for what, count in sorted(seen.items()))
    wrong = seen["wrong"]
    sys.stdout.write(f"{title}: {counted}, {wrong} wrong; {process_time() - began:.0f} CPU s\n")
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--underlying", default="NIFTY")
    parser.add_argument("--days", type=int, help="the first so many; default: all")
    parser.add_argument("--strikes", type=int, default=10, help="each side of the money")
    parser.add_argument("--fills", type=FillModel, nargs="*", default=list(FillModel))
    parser.add_argument("--recentre-after", type=int, default=0, help="strikes; 0: never")
    parser.add_argument("--look-ahead", type=int, default=0, help="days to cut at every bar")
    given = parser.parse_args()
    store, facts = Store(given.store), package_facts()
    terms = 2000, 1000, PARAMETERS.bar_grace_ms, given.recentre_after
    followed = Followed(given.strikes, None, None, *terms)
    preparer = Preparer(store, facts, followed)
    places = choose_days(store, facts, Wanted(given.underlying)).places
    of_bars = [place for place in places if place.kind is Kind.BARS][: given.look_ahead]
    shown = looked_at(places[: given.days], preparer, given.fills)
    is_right = told("under each fill model, and replayed", shown)
    if of_bars:
        reader = DayReader(store, facts)
        is_right &= told("cut at every bar", cut_short(of_bars, preparer, reader))
    return int(not is_right)


if __name__ == "__main__":
    sys.exit(main())
