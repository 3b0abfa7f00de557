"""Ledger records as JSON and back, exactly.

Rules of this file:

1. A kind's name is data on people's disks: it is never renamed, and does not follow the class.
2. A field added without a default, removed, renamed or given another meaning needs the next
   version of its kind here, and code that still reads the earlier one.
3. Everything is stored by field name, never by position.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from swingbreak.domain.commands import (
    AdoptPosition,
    BookByHand,
    CancelOrder,
    CancelStray,
    DayCommand,
    HaltDay,
    MoveWindow,
    PauseDay,
    ReplaceOrder,
    ResumeDay,
    SubmitOrder,
)
from swingbreak.domain.errors import LedgerError
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderFilled,
    OrderPriced,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.records import Record

__all__ = ["KINDS", "Kind", "Row", "decode", "encode"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    Attributes:
        name: As stored.
        record: The class it holds.
        version: The version written; every earlier one must stay readable.
    """

    name: str
    record: type[Record]
    version: int = 1


class Row(NamedTuple):
    """A record as the ledger table holds it."""

    kind: str
    version: int
    order_id: str | None
    body: str


KINDS = (
    Kind("submit_order", SubmitOrder),
    Kind("replace_order", ReplaceOrder),
    Kind("cancel_order", CancelOrder),
    Kind("halt_day", HaltDay),
    Kind("pause_day", PauseDay),
    Kind("resume_day", ResumeDay),
    Kind("book_by_hand", BookByHand),
    Kind("adopt_position", AdoptPosition),
    Kind("cancel_stray", CancelStray),
    Kind("move_window", MoveWindow),
    Kind("order_accepted", OrderAccepted),
    Kind("order_rejected", OrderRejected),
    Kind("order_unconfirmed", OrderUnconfirmed),
    Kind("order_filled", OrderFilled),
    Kind("order_priced", OrderPriced),
    Kind("order_canceled", OrderCanceled),
    Kind("order_cancel_refused", OrderCancelRefused),
    Kind("order_replaced", OrderReplaced),
    Kind("order_replace_refused", OrderReplaceRefused),
)

_BY_RECORD = {kind.record: kind for kind in KINDS}
_BY_NAME = {kind.name: kind for kind in KINDS}


def encode(record: Record) -> Row:
    """Return *record* as a row.

    Raises:
        LedgerError: It holds what JSON cannot, such as half a character.
    """
    kind = _BY_RECORD[type(record)]
    try:
        body = msgspec.json.encode(_by_name(record)).decode()
    except (TypeError, ValueError, OverflowError) as error:
        raise LedgerError(f"{record!r} cannot be kept: {error}") from error
    order_id = None if isinstance(record, DayCommand) else record.order_id
    return Row(kind.name, kind.version, order_id, body)


def decode(where: str, row: Row) -> Record:
    """Return the record of *row*, equal to the one that was encoded.

    Args:
        where: File and row, for messages.
        row: What the table holds.

    Raises:
        LedgerError: Its kind or version is not known here, or its body is damaged.
    """
    kind = _BY_NAME.get(row.kind)
    if kind is None or not 1 <= row.version <= kind.version:
        supported = f"up to version {kind.version}" if kind else f"only {', '.join(_BY_NAME)}"
        raise LedgerError(
            f"{where}: holds a {row.kind!r} record of version {row.version}, this swingbreak reads "
            f"{supported}; use the newer swingbreak that wrote it"
        )
    try:
        return msgspec.convert(_by_position(msgspec.json.decode(row.body)), kind.record)
    except ValueError as error:
        raise LedgerError(
            f"{where}: {row.kind} record is damaged: {error}; restore a copy of the file"
        ) from error


def _by_name(record: Record) -> Any:
    plain = msgspec.to_builtins(record)
    if isinstance(record, SubmitOrder | ReplaceOrder):
        # a slot is a named tuple, which msgspec would write as an array
        slot = plain["intent"]["slot"] = record.intent.slot._asdict()
        if record.intent.slot.number == 1:
            del slot["number"]
    return plain


def _by_position(plain: Any) -> Any:
    match plain:
        case {"intent": {"slot": {"purpose": purpose, "key": key} as slot} as intent}:
            number = slot.get("number", 1)  # only written of further slices
            return {**plain, "intent": {**intent, "slot": (purpose, key, number)}}
        case _:
            return plain
