"""A run's trades parted by one thing: weekday, time to expiry, hour, side, exit, underlying."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

from swingbreak.domain.money import Paise
from swingbreak.domain.session import IST
from swingbreak.reporting.run_view import RunDay, RunTrade
from swingbreak.reporting.wording import WEEKDAYS, closed_because

__all__ = ["Breakdown", "Group", "breakdowns_of"]


@dataclass(frozen=True, slots=True)
class Group:
    """The trades that have one thing in common.

    Attributes:
        name: What they have in common.
        trades: How many; ``wins`` have a net profit.
        net: Paise.
        mean_r: Mean R of a trade.
    """

    name: str
    trades: int
    wins: int
    net: Paise
    mean_r: float


@dataclass(frozen=True, slots=True)
class Breakdown:
    """All trades of a run, in groups; ``key`` is its name for programs, ``title`` for people."""

    key: str
    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    key: str
    title: str
    sort: Callable[[RunDay, RunTrade], Any]
    name: Callable[[Any], str]


def breakdowns_of(days: Sequence[RunDay]) -> tuple[Breakdown, ...]:
    """Return the trades of *days* parted in every way there is, groups in their natural order."""
    return tuple(Breakdown(way.key, way.title, _groups(days, way)) for way in _WAYS)


def _groups(days: Iterable[RunDay], way: _Way) -> tuple[Group, ...]:
    found: dict[Any, list[RunTrade]] = {}
    for day in days:
        for each in day.trades:
            found.setdefault(way.sort(day, each), []).append(each)
    return tuple(_group(way.name(key), found[key]) for key in sorted(found))


def _group(name: str, trades: Sequence[RunTrade]) -> Group:
    return Group(
        name=name,
        trades=len(trades),
        wins=sum(each.trade.net > 0 for each in trades),
        net=sum(each.trade.net for each in trades),
        mean_r=fmean(each.trade.r for each in trades),
    )


def _hour(_: RunDay, each: RunTrade) -> int:
    return each.trade.opened_at.astimezone(IST).hour


def _days_left(day: RunDay, each: RunTrade) -> int:
    return (each.contract.expiry - day.day).days


def _left_text(days: int) -> str:
    if days == 0:
        return "expiry day"
    return "1 day before" if days == 1 else f"{days} days before"


_WAYS: Final = (
    _Way("weekday", "Weekday", lambda day, _: day.day.weekday(), lambda key: WEEKDAYS[key]),
    _Way("days_to_expiry", "Time to expiry", _days_left, _left_text),
    _Way("hour", "Hour of entry", _hour, lambda key: f"{key:02d}:00 to {key + 1:02d}:00"),
    _Way("right", "Call or put", lambda _, each: each.contract.right.value, str),
    _Way("exit_reason", "Closed because", lambda _, each: each.trade.exit_reason, closed_because),
    _Way("underlying", "Underlying", lambda _, each: each.contract.underlying, str),
)
