"""Request validation in OpenAlgo's words."""

from datetime import date
from typing import Any

import pytest

from swingbreak.gateway.limits import ORDERS, QUERIES, RateLimiter
from swingbreak.gateway.placing import TERMS, quantity
from swingbreak.gateway.schema import (
    Field,
    Invalid,
    Parse,
    choice,
    day,
    flag,
    integer,
    load,
    many,
    number,
    text,
)

POSITIVE = number(above=0, refusal="Quantity must be a positive number.")
COUNT = integer(least=0, refusal="Disclosed quantity must be a non-negative integer.")
ROW = {"symbol": Field(text(), required=True)}


@pytest.mark.parametrize(
    ("parse", "value", "parsed"),
    [
        (text(), "x", "x"),
        (text(1, 3), "abc", "abc"),
        (choice("NSE", "NFO"), "NFO", "NFO"),
        (number(), "120.5", 120.5),
        (number(), 65, 65.0),
        (integer(), "65", 65),
        (integer(), 65.9, 65),
        (flag(), True, True),
        (flag(), "false", False),
        (flag(), 1, True),
        (flag(), "Yes", True),
        (day(), "2026-11-20", date(2026, 11, 20)),
        (many(ROW), [{"symbol": "A"}], [{"symbol": "A"}]),
        (quantity(), "65", 65),
        (quantity(least=0), 0, 0),
    ],
)
def test_values_are_parsed(parse: Parse, value: Any, parsed: Any) -> None:
    assert parse(value) == parsed


NAN = "Special numeric values (nan or infinity) are not permitted."


@pytest.mark.parametrize(
    ("parse", "value", "messages"),
    [
        (text(), 999, ["Not a valid string."]),
        (text(1, 256), "", ["Length must be between 1 and 256."]),
        (choice("BUY", "SELL"), "Buy", ["Must be one of: BUY, SELL."]),
        (choice("BUY"), 1, ["Not a valid string."]),
        (number(), "abc", ["Not a valid number."]),
        (number(), True, ["Not a valid number."]),
        (number(), [1], ["Not a valid number."]),
        (number(), "nan", [NAN]),
        (number(), float("inf"), [NAN]),
        (POSITIVE, 0, ["Quantity must be a positive number."]),
        (POSITIVE, "-65", ["Quantity must be a positive number."]),
        (COUNT, "0.0", ["Not a valid integer."]),
        (COUNT, True, ["Not a valid integer."]),
        (COUNT, float("inf"), ["Not a valid integer."]),
        (COUNT, -1, ["Disclosed quantity must be a non-negative integer."]),
        (flag(), "maybe", ["Not a valid boolean."]),
        (flag(), None, ["Not a valid boolean."]),
        (day(), "20-11-2026", ["Not a valid date."]),
        (day(), 20261120, ["Not a valid date."]),
        (many(ROW), "x", ["Not a valid list."]),
        (many(ROW), [1], {0: {"_schema": ["Invalid input type."]}}),
        (many(ROW, least=1, refusal="too few"), [], ["too few"]),
        (
            quantity(),
            65.5,
            ["Fractional quantity (65.5) is not allowed for non-crypto exchanges."],
        ),
        (quantity(), 0.5, ["Quantity must be a positive number."]),
    ],
)
def test_values_are_refused_in_the_servers_words(parse: Parse, value: Any, messages: Any) -> None:
    with pytest.raises(Invalid) as caught:
        parse(value)
    assert caught.value.messages == messages


def test_messages_follow_the_declaration_and_unknown_fields_come_last() -> None:
    with pytest.raises(Invalid) as caught:
        load(TERMS, {"foo": 1, "symbol": None, "exchange": "NFO", "price": -1})
    assert str(caught.value.messages) == (
        "{'symbol': ['Field may not be null.'], 'action': ['Missing data for required field.'], "
        "'quantity': ['Missing data for required field.'], "
        "'price': ['Price must be a non-negative number.'], 'foo': ['Unknown field.']}"
    )


def test_defaults_fill_in_and_null_passes_where_it_may() -> None:
    shape = {"a": Field(text(), default="x"), "b": Field(text(), nullable=True)}
    assert load(shape, {"b": None}) == {"a": "x", "b": None}


def test_messages_of_rows_are_keyed_by_their_place() -> None:
    with pytest.raises(Invalid) as caught:
        load({"rows": Field(many(ROW))}, {"rows": [{"symbol": "A"}, {}]})
    assert str(caught.value.messages) == (
        "{'rows': {1: {'symbol': ['Missing data for required field.']}}}"
    )


def test_a_window_moves_and_each_endpoint_and_caller_has_its_own() -> None:
    limiter = RateLimiter()
    times = [*(0.1 * n for n in range(10)), 0.99, 1.0]
    assert [limiter.admit(ORDERS, "placeorder", "a", at) for at in times] == (
        [True] * 10 + [False, True]
    )
    assert limiter.admit(ORDERS, "cancelorder", "a", 1.1)
    assert limiter.admit(ORDERS, "placeorder", "b", 1.1)
    assert (str(ORDERS), str(QUERIES)) == ("10 per 1 second", "50 per 1 second")
