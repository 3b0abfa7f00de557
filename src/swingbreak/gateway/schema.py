"""Request validation with OpenAlgo's rules and its exact words.

Rules of this file:

1. Numbers may arrive as numeric text; text may not arrive as a number.
2. A field that is not declared is an error. Messages follow the order of declaration.

Source: OpenAlgo 2.0.2.1 (marshmallow 3.26), recorded 2026-11-22.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

__all__ = [
    "EXCHANGES",
    "ORDER_EXCHANGE",
    "Field",
    "Fields",
    "Invalid",
    "Messages",
    "Parse",
    "Shape",
    "choice",
    "day",
    "flag",
    "integer",
    "load",
    "many",
    "number",
    "text",
]

Fields: TypeAlias = dict[str, Any]
Messages: TypeAlias = dict[Any, Any]
Parse: TypeAlias = Callable[[Any], Any]

EXCHANGES = (
    "NSE", "NFO", "CDS", "BSE", "BFO", "BCD", "MCX", "NCDEX", "NCO",
    "NSE_INDEX", "BSE_INDEX", "MCX_INDEX", "GLOBAL_INDEX", "CRYPTO",
)  # fmt: skip
_TRUTHS = {"true": True, "t": True, "1": True, "yes": True, "on": True, "y": True}
_TRUTHS |= {"false": False, "f": False, "0": False, "no": False, "off": False, "n": False}


class Invalid(Exception):
    """A request broke its shape.

    Attributes:
        messages: A list of texts for a value; texts by field, or by index and field, for a whole.
    """

    def __init__(self, messages: Messages | list[str]) -> None:
        """Keep *messages* as they go on the wire."""
        super().__init__(messages)
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request.

    Attributes:
        parse: Turns what arrived into the value; raises ``Invalid``.
        required: Whether its absence is an error.
        default: The value when absent.
        nullable: Whether ``null`` is a value.
    """

    parse: Parse
    required: bool = False
    default: Any = None
    nullable: bool = False


Shape: TypeAlias = Mapping[str, Field]


def load(shape: Shape, payload: Mapping[str, Any]) -> Fields:
    """Return the validated fields of *payload*, defaults filled in.

    Raises:
        Invalid: With the messages by field.
    """
    values: Fields = {}
    messages: Messages = {}
    for name, field in shape.items():
        try:
            values[name] = _value(field, payload, name)
        except Invalid as error:
            messages[name] = error.messages
    messages |= {name: ["Unknown field."] for name in payload if name not in shape}
    if messages:
        raise Invalid(messages)
    return values


def _value(field: Field, payload: Mapping[str, Any], name: str) -> Any:
    if name not in payload:
        if field.required:
            raise Invalid(["Missing data for required field."])
        return field.default
    if payload[name] is None:
        if field.nullable:
            return None
        raise Invalid(["Field may not be null."])
    return field.parse(payload[name])


def text(shortest: int = 0, longest: int | None = None) -> Parse:
    """Return a parser of text, optionally of a bounded length."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise Invalid(["Not a valid string."])
        if longest is not None and not shortest <= len(value) <= longest:
            raise Invalid([f"Length must be between {shortest} and {longest}."])
        return value

    return parse


def choice(*allowed: str) -> Parse:
    """Return a parser of one of *allowed*, exactly as spelled."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise Invalid(["Not a valid string."])
        if value not in allowed:
            raise Invalid([f"Must be one of: {', '.join(allowed)}."])
        return value

    return parse


def number(*, above: float = -math.inf, least: float = -math.inf, refusal: str = "") -> Parse:
    """Return a parser of a number > *above* and >= *least*; *refusal* says what it must be."""

    def parse(value: Any) -> float:
        parsed = _float(value)
        if not math.isfinite(parsed):
            raise Invalid(["Special numeric values (nan or infinity) are not permitted."])
        if parsed <= above or parsed < least:
            raise Invalid([refusal])
        return parsed

    return parse


def _float(value: Any) -> float:
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Invalid(["Not a valid number."])
        return float(value)
    except ValueError:
        raise Invalid(["Not a valid number."]) from None


def integer(*, least: float = -math.inf, most: float = math.inf, refusal: str = "") -> Parse:
    """Return a parser of a whole number between *least* and *most*; a fraction is cut off."""

    def parse(value: Any) -> int:
        try:
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise Invalid(["Not a valid integer."])
            parsed = int(value)
        except (ValueError, OverflowError):
            raise Invalid(["Not a valid integer."]) from None
        if not least <= parsed <= most:
            raise Invalid([refusal])
        return parsed

    return parse


def flag() -> Parse:
    """Return a parser of a truth value in any of the usual spellings."""

    def parse(value: Any) -> bool:
        truth = _TRUTHS.get(str(value).lower())
        if truth is None:
            raise Invalid(["Not a valid boolean."])
        return truth

    return parse


def day() -> Parse:
    """Return a parser of ``YYYY-MM-DD``."""

    def parse(value: Any) -> date:
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise Invalid(["Not a valid date."]) from None

    return parse


def many(shape: Shape, *, least: int = 0, most: float = math.inf, refusal: str = "") -> Parse:
    """Return a parser of a list of objects of *shape*; messages are keyed by index."""

    def parse(value: Any) -> list[Fields]:
        if not isinstance(value, list):
            raise Invalid(["Not a valid list."])
        rows: list[Fields] = []
        messages: Messages = {}
        for index, item in enumerate(value):
            try:
                rows.append(_item(shape, item))
            except Invalid as error:
                messages[index] = error.messages
        if messages:
            raise Invalid(messages)
        if not least <= len(rows) <= most:
            raise Invalid([refusal])
        return rows

    return parse


def _item(shape: Shape, item: Any) -> Fields:
    if not isinstance(item, dict):
        raise Invalid({"_schema": ["Invalid input type."]})
    return load(shape, item)


ORDER_EXCHANGE = Field(choice(*EXCHANGES), required=True)
