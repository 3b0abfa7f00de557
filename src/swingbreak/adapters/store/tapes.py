"""A stored day as a tape: of its ticks where they are kept, else of snapshots, else of its bars."""

from array import array
from datetime import date

from swingbreak.adapters.data_layer import Frame, pl
from swingbreak.adapters.store.files import About, read_about, read_place
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import OptionContract, Right, parse_option_symbol
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.dated import Facts
from swingbreak.market.day_bars import Origin
from swingbreak.simulation.chain import contract
from swingbreak.simulation.recorded import OptionQuote, RecordedDay, tape_of_quotes
from swingbreak.simulation.stored import tape_of_stored
from swingbreak.simulation.tape import ArrayTape, TapeColumns

__all__ = ["finest", "load_tape", "tape_of_ticks"]

_CADENCE_S = 10
_NARROW = ("price", "bid", "ask")
_WIDE = ("volume", "bid_size", "ask_size")
_PREFERRED = (Kind.TICKS, Kind.SNAPSHOTS, Kind.BARS)


def finest(store: Store, underlying: str, day: date) -> Place:
    """Return the finest that is stored of a day.

    Raises:
        DataError: Nothing is.
    """
    for kind in _PREFERRED:
        place = Place(underlying, day, kind)
        if store.has(place):
            return place
    raise DataError(
        f"{store.root}: nothing of {underlying} on {day}: `swingbreak data list` says what there is"
    )


def load_tape(store: Store, facts: Facts, place: Place, *, expiry: date | None = None) -> ArrayTape:
    """Return the tape of *place*.

    Args:
        store: Where it is.
        facts: Where contracts and hours come from.
        place: What to make it of; :func:`finest` chooses.
        expiry: Of the contracts to play; the nearest that is stored by default. Of ticks all
            contracts are played.

    Raises:
        DataError: It is not there, damaged, or holds no contract of *expiry*.
    """
    underlying, day = place.underlying, place.day
    if place.kind is Kind.BARS:
        bars = DayReader(store, facts).day(underlying, day, expiry=expiry)
        return tape_of_stored(bars, Contracts(facts).terms(underlying, bars.expiries[0], day))
    about, frame = read_about(store.path(place)), read_place(store, place)
    if place.kind is Kind.TICKS:
        return tape_of_ticks(place, frame, about, facts)
    return _of_snapshots(place, frame, about, facts, expiry)


def tape_of_ticks(place: Place, frame: Frame, about: About, facts: Facts) -> ArrayTape:
    """Return the tape of *frame*, ticks in order of time."""
    session, known = Calendar(facts).session(place.day), Contracts(facts)
    listing = known.listing(place.underlying, place.day)
    names = frame["symbol"].cast(pl.String).unique().sort().to_list()
    options = sorted(
        (_contract(name, place.day, known) for name in names if _is_option(name)),
        key=lambda option: (option.expiry, option.strike, option.right),
    )
    indices = sorted(
        (name for name in names if not _is_option(name)), key=lambda n: n != listing.spot_symbol
    )
    symbols = (*indices, *(option.symbol for option in options))
    numbers = {name: number for number, name in enumerate(symbols)}
    opens = int(session.opens.timestamp()) * 1000
    cut = frame.select(
        (pl.col("ts").dt.epoch("ms") - opens).cast(pl.Int32).alias("time_ms"),
        pl.col("symbol").cast(pl.String).replace_strict(numbers, return_dtype=pl.Int32),
        *_NARROW,
        *_WIDE,
    )
    columns = TapeColumns(**{name: _array(cut, name) for name in cut.columns})
    return ArrayTape(
        label=about.label,
        synthetic=about.origin is not Origin.RECORDED,
        session=session,
        underlying=place.underlying,
        spot_symbol=listing.spot_symbol,
        contracts=tuple(options),
        symbols=symbols,
        columns=columns,
        cadence_s=_CADENCE_S,
        previous_closes=about.previous_closes,
        notes=about.notes,
    )


def _is_option(symbol: str) -> bool:
    try:
        parse_option_symbol(symbol)
    except DataError:
        return False
    return True


def _contract(symbol: str, day: date, known: Contracts) -> OptionContract:
    underlying, expiry, strike, right = parse_option_symbol(symbol)
    return contract(known.terms(underlying, expiry, day), expiry, strike, right)


def _array(frame: Frame, name: str) -> "array[int]":
    return array("q" if name in _WIDE else "i", frame[name].to_list())


def _of_snapshots(
    place: Place, frame: Frame, about: About, facts: Facts, expiry: date | None
) -> ArrayTape:
    coming = frame.filter(pl.col("expiry") >= place.day)["expiry"].min()
    chosen = expiry or coming
    if not isinstance(chosen, date) or not (frame["expiry"] == chosen).any():
        listed = ", ".join(map(str, frame["expiry"].unique().sort().to_list()))
        wanted = expiry or "or after that day"
        raise DataError(f"{about.label}: no contract expires on {wanted}; found: {listed}")
    rows = frame.filter(pl.col("expiry") == chosen, pl.col("volume") > 0).select(
        *("ts", "strike", "right", "ltp", "volume"),
        *("bid", "ask", "bid_size", "ask_size", "spot"),
    )
    quotes = [
        OptionQuote(at, strike, Right(right), *more)
        for at, strike, right, *more in rows.iter_rows()
    ]
    head = RecordedDay(
        label=f"{about.label} (chain snapshots)",
        session=Calendar(facts).session(place.day),
        terms=Contracts(facts).terms(place.underlying, chosen, place.day),
        expiry=chosen,
        notes=about.notes,
    )
    tape = tape_of_quotes(head, quotes)
    tape.synthetic = about.origin is not Origin.RECORDED
    return tape
