"""What the strategy sees in bars, as plain records: swings, levels and the best of each minute."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, assert_never

from swingbreak.domain.instrument import OptionContract, Right
from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters
from swingbreak.market.swings import Swing
from swingbreak.strategy.baseline import Baseline
from swingbreak.strategy.levels import Level
from swingbreak.strategy.selection import Choice
from swingbreak.strategy.watch import Sighting

__all__ = ["Signal", "signals"]

# One line of output: JSON values by name, prices in rupees.
Signal: TypeAlias = dict[str, str | int | float | None]

_NO_CHOICE: Signal = dict.fromkeys(
    (
        "symbol", "price", "highest_high", "stop", "points", "lots", "quantity", "trigger",
        "limit",
    )
)  # fmt: skip


def signals(
    contracts: Iterable[OptionContract],
    bars: Mapping[str, Sequence[Bar]],
    parameters: Parameters,
) -> Iterator[Signal]:
    """Yield what the bars of one day show, minute by minute.

    Args:
        contracts: Every option with bars.
        bars: Bars by symbol, oldest first.
        parameters: Settings.

    Raises:
        DataError: A symbol's bars are not in order.
    """
    strategy = Baseline(contracts, parameters)
    by_minute: dict[int, list[tuple[str, Bar]]] = {}
    for symbol, rows in bars.items():
        for bar in rows:
            by_minute.setdefault(bar.minute, []).append((symbol, bar))
    closed = dict.fromkeys(bars, 0)
    for minute in sorted(by_minute):
        for symbol, bar in by_minute[minute]:
            for sighting in strategy.close(symbol, bar):
                yield _seen(symbol, sighting, closed[symbol])
            closed[symbol] += 1
        for right in Right:
            yield _best(minute, right, strategy.best(right, {}))


def _seen(symbol: str, sighting: Sighting, position: int) -> Signal:
    match sighting:
        case Swing() as swing:
            return {
                "event": "swing",
                "kind": "update" if swing.is_update else "new",
                "type": swing.kind.value,
                "symbol": symbol,
                "bar": position,
                "index": swing.index,
                "price": _rupees(swing.price),
                "vwap": swing.vwap[0] / swing.vwap[1] / 100,
            }
        case Level() as level:
            return {
                "event": "level",
                "symbol": symbol,
                "state": level.state.value,
                "reason": level.reason,
                "price": _rupees(level.price),
                "level": level.level_id,
                "bar": position,
            }
        case _:
            assert_never(sighting)


def _best(minute: int, right: Right, choice: Choice | None) -> Signal:
    head: Signal = {"event": "best", "minute": minute, "right": right.value}
    if choice is None:
        return head | _NO_CHOICE
    return head | {
        "symbol": choice.contract.symbol,
        "price": _rupees(choice.level.price),
        "highest_high": _rupees(choice.highest),
        "stop": _rupees(choice.stop),
        "points": _rupees(choice.points),
        "lots": choice.lots,
        "quantity": choice.quantity,
        "trigger": _rupees(choice.trigger),
        "limit": _rupees(choice.limit),
    }


def _rupees(price: Paise) -> float:
    # two decimals print as they should: 174.95, not 174.95000000000002
    return price / 100
