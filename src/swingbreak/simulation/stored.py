"""Makes a tape of a stored day of bars, so that whatever trades on tapes trades on it too."""

from collections.abc import Iterator

from swingbreak.domain.errors import DataError
from swingbreak.facts.contracts import ContractTerms
from swingbreak.market.day_bars import DayBars, Origin, traded_bars
from swingbreak.simulation.recorded import IndexBar, OptionBar, RecordedDay, tape_of_bars
from swingbreak.simulation.tape import ArrayTape

__all__ = ["tape_of_stored"]


def tape_of_stored(day: DayBars, terms: ContractTerms) -> ArrayTape:
    """Return the tape of *day*: four ticks a bar, as :func:`tape_of_bars` lays them.

    A bar without volume is none where its contract has volumes, for nothing traded; nor is one
    outside the session.

    Args:
        day: Of one expiry.
        terms: Contract facts of the day and expiry.

    Raises:
        DataError: It has contracts of several expiries, or no bar in its session.
    """
    if len(day.expiries) != 1:
        listed = ", ".join(map(str, day.expiries)) or "none"
        raise DataError(f"{day.label}: a tape has one expiry; found: {listed}")
    head = RecordedDay(
        label=f"{day.label} (1-minute bars)",
        session=day.session,
        terms=terms,
        expiry=day.expiries[0],
        notes=day.notes,
    )
    tape = tape_of_bars(head, list(_options(day)), list(_index(day)))
    tape.synthetic = day.origin is not Origin.RECORDED
    return tape


def _options(day: DayBars) -> Iterator[OptionBar]:
    start_of = [day.session.start_of(minute) for minute in range(day.session.minutes)]
    for place, contract in enumerate(day.contracts):
        for bar in traded_bars(list(day.bars(place)), day.session.minutes):
            at = start_of[bar.minute]
            prices = bar.open, bar.high, bar.low, bar.close
            yield OptionBar(at, contract.strike, contract.right, *prices, bar.volume)


def _index(day: DayBars) -> Iterator[IndexBar]:
    index = day.index
    columns = (index.open, index.high, index.low, index.close)
    for minute, *prices in zip(index.minute, *columns, strict=True):
        yield IndexBar(day.session.start_of(minute), *prices)
