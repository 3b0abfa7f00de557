"""Which settings a sweep tries: axes, and the points made of them.

Rules of this file:

1. A value is text as the configuration file has it; what it means is for the settings to check.
2. The same axes and seed give the same points, in the same order; no point comes twice.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import product
from math import prod
from random import Random
from typing import Final, NamedTuple, TypeAlias

from swingbreak.config_file import ConfigFile
from swingbreak.domain.errors import ConfigError

__all__ = ["Axis", "Point", "grid", "listed", "ranged", "sampled"]

# A value for each axis, by the key of its setting.
Point: TypeAlias = Mapping[str, str]

_MOST_POINTS: Final = 100_000
# what is no matter of the strategy, or of which days there are
_FIXED: Final = frozenset(
    {
        *("mode", "openalgo_host", "openalgo_ws_url", "gateway_profile", "state_dir", "log_name"),
        *("facts_files", "underlying", "expiry", "atm"),
    }
)


class Axis(NamedTuple):
    """One setting and the values to try."""

    key: str
    values: tuple[str, ...]


def listed(text: str) -> Axis:
    """Return the axis of ``KEY=VALUE,VALUE``.

    Raises:
        ConfigError: It is none.
    """
    key, values = _parted(text, "KEY=VALUE,VALUE")
    return Axis(key, tuple(dict.fromkeys(each.strip() for each in values.split(","))))


def ranged(text: str) -> Axis:
    """Return the axis of ``KEY=LOW..HIGH:STEP``, both ends included where the steps meet them.

    Raises:
        ConfigError: It is none, or has no values.
    """
    key, span = _parted(text, "KEY=LOW..HIGH:STEP")
    ends, _, step = span.partition(":")
    low, _, high = ends.partition("..")
    try:
        first, last, by = Decimal(low), Decimal(high), Decimal(step or "1")
    except InvalidOperation as error:
        raise ConfigError(f"--range {text}: write KEY=LOW..HIGH:STEP with numbers") from error
    if by <= 0 or last < first:
        raise ConfigError(f"--range {text}: the step must be above 0, and HIGH not below LOW")
    steps = int((last - first) / by)
    if steps >= _MOST_POINTS:
        raise ConfigError(f"--range {text}: {steps + 1} values; at most {_MOST_POINTS} are tried")
    return Axis(key, tuple(f"{(first + n * by).normalize():f}" for n in range(steps + 1)))


def grid(axes: Sequence[Axis]) -> tuple[Point, ...]:
    """Return every combination of the values of *axes*; the last axis moves first.

    Raises:
        ConfigError: A key comes twice, or there are too many.
    """
    count = _count(axes)
    if count > _MOST_POINTS:
        raise ConfigError(
            f"{count} combinations; at most {_MOST_POINTS} are tried: fewer values, or --random"
        )
    keys = [axis.key for axis in axes]
    return tuple(
        dict(zip(keys, values, strict=True)) for values in product(*(axis.values for axis in axes))
    )


def sampled(axes: Sequence[Axis], number: int, seed: int) -> tuple[Point, ...]:
    """Return *number* different combinations of *axes*, drawn from *seed*; all of few.

    Raises:
        ConfigError: A key comes twice.
    """
    count = _count(axes)
    if number >= count:
        return grid(axes)
    drawn = Random(seed).sample(range(count), number)  # noqa: S311 - a seeded search, no secret
    return tuple(_numbered(axes, each) for each in drawn)


def _numbered(axes: Iterable[Axis], number: int) -> Point:
    point = {}
    for key, values in reversed([*axes]):
        number, place = divmod(number, len(values))
        point[key] = values[place]
    return dict(reversed(point.items()))


def _count(axes: Sequence[Axis]) -> int:
    keys = [axis.key for axis in axes]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise ConfigError(f"{twice} is given twice: name all its values at once")
    return prod(len(axis.values) for axis in axes)


def _parted(text: str, form: str) -> tuple[str, str]:
    key, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not key or not values:
        raise ConfigError(f"{text!r} is no axis: write {form}")
    if key in _FIXED:
        raise ConfigError(f"{key} cannot be swept: it decides nothing of a past day, or its data")
    if key not in ConfigFile.model_fields:
        near = difflib.get_close_matches(key, ConfigFile.model_fields, n=1)
        hint = f"did you mean {near[0]}?" if near else "`swingbreak config show` lists every key"
        raise ConfigError(f"{key}: unknown key; {hint}")
    return key, values
