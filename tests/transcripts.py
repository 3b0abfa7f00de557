"""Comparing a recorded exchange with ours: structure, types, and texts free of values."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from swingbreak.gateway.frames import BROKER

FOLDER = Path(__file__).parents[2] / "shared" / "transcripts"

# Fields whose text is part of the contract; numbers in it are not.
_WORDS = frozenset(
    {
        "action",
        "adapter_status",
        "broker",
        "code",
        "exchange",
        "holiday_type",
        "instrumenttype",
        "label",
        "message",
        "mode",
        "order_status",
        "price_type",
        "pricetype",
        "product",
        "status",
        "type",
    }
)
# In a list of rows these depend on what happened to be traded.
_ROW_VALUES = frozenset({"order_status", "action", "pricetype", "product", "exchange", "label"})


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]


def differences(recorded: Any, ours: Any, path: str = "", *, row: bool = False) -> Iterator[str]:
    """Say where *ours* is not shaped like *recorded*."""
    field = path.rpartition(".")[2]
    if isinstance(recorded, dict) and isinstance(ours, dict):
        for name in sorted(recorded.keys() ^ ours.keys()):
            yield f"{path}.{name} is only in the {'recording' if name in recorded else 'answer'}"
        for name in recorded.keys() & ours.keys():
            yield from differences(recorded[name], ours[name], f"{path}.{name}", row=row)
    elif isinstance(recorded, list) and isinstance(ours, list):
        yield from _rows(recorded, ours, path)
    elif _kind(recorded) != _kind(ours) or _words_differ(recorded, ours, field, row=row):
        yield f"{path}: {recorded!r} was recorded, {ours!r} is answered"


def _words_differ(recorded: Any, ours: Any, field: str, *, row: bool) -> bool:
    compared = field in _WORDS and not (row and field in _ROW_VALUES)
    return compared and bool(_plain(recorded) != _plain(ours))


def _rows(recorded: list[Any], ours: list[Any], path: str) -> Iterator[str]:
    if not recorded or not isinstance(recorded[0], dict):
        if bool(recorded) < bool(ours) and ours and isinstance(ours[0], dict):
            yield f"{path}: no row was recorded, {len(ours)} are answered"
        return
    shapes = {frozenset(one): one for one in recorded}
    found = {frozenset(one): one for one in ours}
    if shapes.keys() != found.keys():
        yield f"{path}: rows {_names(shapes)} were recorded, {_names(found)} are answered"
    for shape in shapes.keys() & found.keys():
        yield from differences(shapes[shape], found[shape], f"{path}[]", row=True)


def _names(shapes: Any) -> list[list[str]]:
    return sorted(sorted(shape) for shape in shapes)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    return "number" if isinstance(value, int | float) else type(value).__name__


def _plain(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    named = value.replace("simbroker", BROKER).replace("simx", BROKER)
    return re.sub(r"\d[\d.,]*", "#", named)


class Ids:
    """Our order ids for the recorded ones."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}

    def learn(self, recorded: Any, ours: Any) -> None:
        """Pair the ids that stand in the same place."""
        if isinstance(recorded, dict) and isinstance(ours, dict):
            for name in recorded.keys() & ours.keys():
                if name == "orderid":
                    self._ours.setdefault(recorded[name], ours[name])
                else:
                    self.learn(recorded[name], ours[name])
        elif isinstance(recorded, list) and isinstance(ours, list):
            for one, other in zip(recorded, ours, strict=False):
                self.learn(one, other)

    def pair(self, recorded: str, ours: str) -> None:
        self._ours[recorded] = ours

    def translate(self, text: str) -> str:
        for recorded, ours in self._ours.items():
            text = text.replace(f'"{recorded}"', f'"{ours}"')
        return text


def moved(request: Any, recorded_last: int, our_last: int, reach: float = 1.0) -> Any:
    """Return *request* with its prices as far from our market as they were from the recorded one.

    What a price was off its step it stays off; *reach* scales the distance. Lasts are paise.
    """
    if isinstance(request, list):
        return [moved(one, recorded_last, our_last, reach) for one in request]
    if not isinstance(request, dict):
        return request
    result = {}
    for name, value in request.items():
        is_price = name in {"price", "trigger_price"} and float(value) > 0
        if is_price:
            paise = round(float(value) * 100)
            target = our_last * (1 + (paise / recorded_last - 1) * reach)
            result[name] = (max(5, round(target / 5) * 5) + paise % 5) / 100
        else:
            result[name] = moved(value, recorded_last, our_last, reach)
    return result
