"""Many settings over one prepared day of bars, through the kernel."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

import numpy as np

from swingbreak.domain.parameters import Parameters, SwingRule
from swingbreak.research.kernel import run_sets
from swingbreak.research.preparing import Costs, rules_of, sheet_of
from swingbreak.research.tables import (
    BEYOND,
    DESK,
    REASONS,
    RULES,
    SCORES,
    SETTINGS,
    TRADE,
    Numbers,
    Record,
    new_records,
)
from swingbreak.simulation.bar_day import BarSheet

__all__ = ["CameTo", "Costs", "run_fast"]

_ROOM = 1 << 16  # trades that are kept at once
_SUMS = [name for name in SCORES.names or () if name != "beyond"]
_LARGE = "a day too large"
_REASONS = np.array([crc32(reason.encode()) for reason in REASONS], np.int64)


class CameTo(NamedTuple):
    """What a set came to on a day.

    Attributes:
        sums: By the names of SCORES.
        deals: Of each trade: symbol, seconds from the open, units, value sold, seconds, value
            bought, reason; 64-bit integers, ordered by the first two.
        left: Why the kernel cannot say it, empty where it can.
    """

    sums: Mapping[str, int]
    deals: bytes = b""
    left: str = ""


@dataclass(frozen=True, slots=True)
class _Ran:
    scores: Record
    trades: Record
    ends: Numbers


def run_fast(
    source: BarSheet, costs: Costs, sets: Mapping[int, Parameters]
) -> Iterator[tuple[int, CameTo]]:
    """Yield what *source* comes to under each of *sets*, by number."""
    by_rule: dict[SwingRule, list[int]] = {}
    for number, parameters in sets.items():
        by_rule.setdefault(parameters.swing_rule, []).append(number)
    for rule, numbers in by_rule.items():
        sheet = sheet_of(source, rule, costs)
        rules = {number: rules_of(sets[number], source.session) for number in numbers}
        known = {
            number: each for number, each in rules.items() if each is not None and sheet is not None
        }
        for number in numbers:
            if number not in known:
                yield number, CameTo({}, left=_LARGE if sheet is None else BEYOND[SETTINGS])
        if sheet is not None:
            yield from zip(known, _ran(sheet, [*known.values()]), strict=True)


def _ran(sheet: Record, rows: list[tuple[int, ...]]) -> Iterator[CameTo]:
    rules = np.array(rows, RULES).view(np.recarray)
    done, room = 0, _ROOM
    desks = new_records(DESK)
    while done < len(rules):
        ran = _Ran(
            np.recarray(len(rules) - done, SCORES),
            np.recarray(room, TRADE),
            np.zeros(len(rules) - done, np.int64),
        )
        count = run_sets(sheet, rules[done:], desks, ran.scores, ran.trades, ran.ends)
        yield from _told(ran, count)
        done += count


def _told(ran: _Ran, count: int) -> Iterator[CameTo]:
    ends = ran.ends[:count]
    trades = ran.trades[: ends[-1] if count else 0]
    deals = np.column_stack(
        (
            trades.symbol,
            trades.sold_ms // 1000,
            trades.units,
            trades.units * trades.sold_at,
            trades.bought_ms // 1000,
            trades.units * trades.bought_at,
            _REASONS[trades.reason],
        )
    )
    owner = np.repeat(np.arange(count), np.diff(ends, prepend=0))
    deals = deals[np.lexsort((trades.sold_ms, trades.symbol, owner))]
    first = 0
    for row, end in zip(ran.scores[:count].tolist(), ends.tolist(), strict=True):
        *sums, beyond = row
        named = dict(zip(_SUMS, sums, strict=True))
        yield CameTo(named, deals[first:end].tobytes(), BEYOND[beyond])
        first = end
