"""Whatever bars are stored, the same bars are read."""

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.files import Staged
from swingbreak.adapters.store.intake import Intake, Wanted
from swingbreak.adapters.store.keeping import Judge, finish, keep
from swingbreak.adapters.store.layout import Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.domain.market import Bar
from swingbreak.domain.money import rupees
from swingbreak.facts.calendar import Calendar

FACTS = load_facts()
DAY = date(2021, 6, 11)
SESSION = Calendar(FACTS).session(DAY)
NAMES = ("NIFTY17JUN2115750CE", "NIFTY17JUN2115750PE", "NIFTY17JUN2115800CE")

PRICES = st.lists(st.integers(1, 2**31 - 1), min_size=4, max_size=4).map(sorted)


@st.composite
def some_bars(draw: st.DrawFn) -> Bar:
    low, one, other, high = draw(PRICES)
    rises = draw(st.booleans())
    volume = draw(st.integers(0, 2**40))
    return Bar(0, one if rises else other, high, low, other if rises else one, volume)


DAYS = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.integers(0, SESSION.minutes - 1)),
    some_bars(),
    min_size=1,
    max_size=12,
)


def at(minute: int) -> str:
    return datetime.isoformat(SESSION.start_of(minute))


def write(path: Path, bars: dict[tuple[str, int], Bar], *, as_csv: bool) -> None:
    rows = [
        {"ts": at(minute), "symbol": name, **prices(bar, as_text=as_csv), "volume": bar.volume}
        for (name, minute), bar in bars.items()
    ]
    frame = pl.DataFrame(rows)
    if as_csv:
        frame.write_csv(path)
    else:
        frame.write_parquet(path)


def prices(bar: Bar, *, as_text: bool) -> dict[str, str | float]:
    columns = ("open", "high", "low", "close")
    texts = {name: rupees(getattr(bar, name)) for name in columns}
    return {**texts} if as_text else {name: float(text) for name, text in texts.items()}


def spaced(bars: dict[tuple[str, int], Bar]) -> dict[tuple[str, int], Bar]:
    """Bars that are a minute apart somewhere, as a file of minutes is."""
    name, minute = min(bars)
    return {**bars, (name, minute + 1 if minute < SESSION.minutes - 1 else 0): bars[name, minute]}


@settings(max_examples=40, deadline=None)
@given(bars=DAYS.map(spaced), as_csv=st.booleans())
def test_bars_survive_the_store(bars: dict[tuple[str, int], Bar], *, as_csv: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("a.csv" if as_csv else "a.parquet")
        write(path, bars, as_csv=as_csv)
        store = Store(Path(folder) / "store")
        times = sorted({minute for _, minute in bars})
        if min((late - early for early, late in pairwise(times)), default=1) > 1:
            return  # no file of minutes
        with Staged(store) as staged:
            keep(staged, Intake(FACTS, Wanted()).file(path))
            finish(staged, Judge(store, FACTS))
        day = DayReader(store, FACTS).day("NIFTY", DAY)
    read = {
        (contract.symbol, bar.minute): bar
        for place, contract in enumerate(day.contracts)
        for bar in day.bars(place)
    }
    wanted = {key: bar._replace(minute=key[1]) for key, bar in bars.items()}
    assert read == wanted
    assert [c.symbol for c in day.contracts] == sorted({name for name, _ in bars})
