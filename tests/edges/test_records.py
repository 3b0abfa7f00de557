import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from types import UnionType
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.adapters.sqlite.records import KINDS, Row, decode, encode
from swingbreak.domain.commands import HaltDay, MoveWindow, ReplaceOrder, SubmitOrder
from swingbreak.domain.errors import LedgerError
from swingbreak.domain.events import OrderFilled, OrderRejected
from swingbreak.domain.orders import OrderIntent, Purpose, Side, Slot
from swingbreak.domain.records import Record
from tests.recorded import AT, ENTRY, batch

TEXTS = st.text(max_size=30)
WHOLE = st.integers(-(2**63), 2**63 - 1)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds have no zone
SLOTS = st.builds(Slot, purpose=st.sampled_from(Purpose), key=TEXTS, number=st.integers(1, 99))
INTENTS = st.builds(
    OrderIntent,
    slot=SLOTS,
    symbol=TEXTS,
    side=st.sampled_from(Side),
    quantity=WHOLE,
    limit=WHOLE,
    trigger=st.none() | WHOLE,
    reason=TEXTS,
    level=TEXTS,
    points=WHOLE,
)
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: WHOLE,
    bool: st.booleans(),
    datetime: INSTANTS,
    OrderIntent: INTENTS,
}


def members(record: Any) -> set[type[Any]]:
    if isinstance(record, UnionType) or get_args(record):
        return {one for part in get_args(record) for one in members(part)}
    return {record}


def any_of(record: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(record, **{field.name: BY_TYPE[field.type] for field in fields(record)})


RECORDS: st.SearchStrategy[Record] = st.one_of(
    *(any_of(record) for record in sorted(members(Record), key=lambda r: r.__name__))
)


@given(RECORDS)
def test_always_reads_back_what_was_written(record: Record) -> None:
    read = decode("here", encode(record))
    assert read == record
    assert type(read) is type(record)


@given(RECORDS)
def test_never_a_value_by_position(record: Record) -> None:
    def arrays_in(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [found for item in value.values() for found in arrays_in(item)]
        return [value] if isinstance(value, list) else []

    assert arrays_in(json.loads(encode(record).body)) == []


def test_every_record_has_exactly_one_kind() -> None:
    assert {kind.record for kind in KINDS} == members(Record)
    assert len({kind.name for kind in KINDS}) == len(KINDS)


# Rows as version 1 wrote them: these must be readable for ever.
STORED: list[tuple[Row, Record]] = [
    (
        Row(
            "submit_order",
            1,
            "o1",
            '{"order_id":"o1","intent":{"slot":{"purpose":"entry","key":"PE"},'
            '"symbol":"NIFTY01DEC2624500PE","side":"SELL","quantity":650,"limit":17195,'
            '"trigger":17495,"reason":"break","level":"L1","points":1000}}',
        ),
        SubmitOrder("o1", ENTRY),
    ),
    (
        Row(
            "replace_order",
            1,
            "o1",
            '{"order_id":"o1","intent":{"slot":{"purpose":"entry","key":"PE","number":2},'
            '"symbol":"NIFTY01DEC2624500PE","side":"SELL","quantity":650,"limit":17195,'
            '"trigger":17495,"reason":"break","level":"L1","points":1000},"filled":65}',
        ),
        ReplaceOrder("o1", replace(ENTRY, slot=Slot(Purpose.ENTRY, "PE", 2)), 65),
    ),
    (
        Row(
            "order_filled",
            1,
            "o1",
            '{"at":"2026-11-20T04:01:05.250000Z","order_id":"o1","fill_id":"f1","quantity":650,'
            '"value":11371750}',
        ),
        OrderFilled(AT, "o1", "f1", 650, 650 * 174_95),
    ),
    (
        Row(
            "order_rejected",
            1,
            "o1",
            '{"at":"2026-11-20T04:01:05.250000Z","order_id":"o1","reason":"margin"}',
        ),
        OrderRejected(AT, "o1", "margin"),
    ),
    (
        Row("move_window", 1, None, '{"centre":2425000,"before":2400000}'),
        MoveWindow(24250_00, before=24000_00),
    ),
    (Row("halt_day", 1, None, '{"reason":"daily_stop"}'), HaltDay("daily_stop")),
]


@pytest.mark.parametrize(("row", "record"), STORED, ids=[row.kind for row, _ in STORED])
def test_a_stored_row_stays_readable(row: Row, record: Record) -> None:
    assert decode("here", row) == record


def test_only_a_further_slice_is_numbered() -> None:
    first, further = (encode(record) for _, record in STORED[:2])
    assert (first.body, further.body) == (STORED[0][0].body, STORED[1][0].body)


def test_the_body_names_every_field() -> None:
    for record in batch(1):
        assert set(json.loads(encode(record).body)) == {field.name for field in fields(record)}


@pytest.mark.parametrize(
    ("row", "names"),
    [
        pytest.param(
            Row("order_teleported", 1, "o1", "{}"), ("order_teleported", "halt_day"), id="kind"
        ),
        pytest.param(Row("halt_day", 2, None, "{}"), ("version 2", "version 1"), id="newer"),
        pytest.param(Row("halt_day", 0, None, "{}"), ("version 0", "version 1"), id="version-zero"),
        pytest.param(Row("halt_day", 1, None, "{}"), ("damaged", "reason"), id="field-missing"),
        pytest.param(Row("halt_day", 1, None, '{"rea'), ("damaged",), id="cut"),
        pytest.param(Row("halt_day", 1, None, "[]"), ("damaged",), id="no-object"),
        pytest.param(
            Row("submit_order", 1, "o1", '{"order_id":"o1","intent":{"slot":5}}'),
            ("damaged", "slot"),
            id="slot",
        ),
        pytest.param(Row("halt_day", 1, None, '{"reason":5}'), ("damaged",), id="wrong-type"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row: Row, names: tuple[str, ...]) -> None:
    with pytest.raises(LedgerError) as caught:
        decode("state.db: ledger row 7", row)
    for name in ("state.db: ledger row 7", *names):
        assert name in str(caught.value)


def test_half_a_character_is_refused_before_it_is_written() -> None:
    with pytest.raises(LedgerError, match="cannot be kept"):
        encode(HaltDay("\ud800"))
