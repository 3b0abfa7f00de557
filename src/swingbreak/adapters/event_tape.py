"""The event tape: a file a day of all that the engine was told, which only grows.

Rules of this file:

1. After the first line comes frame after frame: four bytes of length and four of CRC-32, little
   end first, then a MessagePack array of an item's name and its fields by name. Names and fields
   are data on people's disks: none is given another meaning.
2. A frame that is not whole ends the tape; whoever goes on with it cuts that off, and says so.
3. Keeping the tape never stops the day: what cannot be written ends the tape of this process, with
   a warning. Nothing but a replay needs it.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, Final, NamedTuple, Self, cast, get_args

import msgspec

from swingbreak.domain.account import Discrepancy
from swingbreak.domain.errors import DataError
from swingbreak.domain.events import AccountSeen, Event, MinuteClosed
from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import Session
from swingbreak.engine.told import (
    DayTerms,
    LookAwaited,
    ProcessBegan,
    ProcessEnded,
    RowsKept,
    Told,
)
from swingbreak.facts.charges import ChargeRate, ChargeRates
from swingbreak.market.window import Window

__all__ = ["EventTapeFile", "TapeRead", "read_tape"]

_FIRST_LINE: Final = b"swingbreak events 1\n"
_FRAME: Final = Struct("<II")
_MOST_WAITING: Final = 1 << 16  # bytes
_ITEMS: Final[dict[str, type[Any]]] = {each.__name__: each for each in get_args(Told)}
_DISCREPANCIES: Final[dict[str, type[Any]]] = {
    each.__name__: each for each in get_args(Discrepancy)
}


class EventTapeFile:
    """The growing tape of a day: ``ports.EventTape``. One writer.

    Args:
        path: The file; made where there is none.
        head: Says which row the ledger ends with, and its link.
        warn: Told, once, that the tape cannot be kept.
    """

    def __init__(
        self, path: Path, head: Callable[[], tuple[int, str]], warn: Callable[[str], None]
    ) -> None:
        self.path = path
        self._head = head
        self._warn = warn
        self._file: BinaryIO | None = None
        self._waiting = bytearray()
        self._encode = msgspec.msgpack.Encoder().encode
        self._seq = -1  # the last row of the ledger that the tape knows of

    def begin(self, began: ProcessBegan) -> None:
        """Open the file, cut off what is not whole, and note that a process *began*."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file, lost = _opened(self.path)
        except (OSError, DataError) as error:
            self._give_up(str(error))
            return
        self._add("ProcessBegan", _plain(replace(began, lost=lost)))
        self.settle()

    def hear(self, told: Event | LookAwaited) -> None:
        """Keep *told*; it may wait in this process for a while."""
        if self._file is None:
            return
        self._note_rows()
        body = _plain_look(told) if isinstance(told, AccountSeen) else told
        self._add(type(told).__name__, body)
        if isinstance(told, MinuteClosed) or len(self._waiting) > _MOST_WAITING:
            self.settle()

    def settle(self) -> None:
        """Hand what waits to the operating system, which survives this process."""
        if self._file is None:
            return
        try:
            # unbuffered: a disk that fills up may take a part
            while self._waiting:
                del self._waiting[: self._file.write(self._waiting)]
        except OSError as error:
            self._give_up(f"{self.path}: {error.strerror}")

    def end(self, ended: ProcessEnded) -> None:
        """Note that nothing is missing."""
        if self._file is not None:
            self._note_rows()
            self._add("ProcessEnded", ended)
            self.settle()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Hand over what waits and close the file."""
        self.settle()
        self._shut()

    def _note_rows(self) -> None:
        seq, link = self._head()
        if seq != self._seq:
            self._seq = seq
            self._add("RowsKept", RowsKept(seq, link))

    def _add(self, name: str, body: object) -> None:
        frame = self._encode((name, body))
        self._waiting += _FRAME.pack(len(frame), zlib.crc32(frame))
        self._waiting += frame

    def _give_up(self, why: str) -> None:
        self._shut()
        self._warn(f"{why}: what happens from now on cannot be replayed; trading goes on")

    def _shut(self) -> None:
        self._waiting.clear()
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None


class TapeRead(NamedTuple):
    """A tape as it is now.

    Attributes:
        items: In the order in which they were kept.
        lost: Bytes at its end that are no whole item.
    """

    items: list[Told]
    lost: int


def read_tape(path: Path) -> TapeRead:
    """Return what is on the tape at *path*.

    Raises:
        DataError: There is none, or it holds what this version cannot read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: there is no event tape ({error.strerror})") from error
    _require_ours(path, data)
    items: list[Told] = []
    end = len(_FIRST_LINE)
    for start, end in _frames(data):
        items.append(_item(f"{path}: byte {start}", data[start:end]))
    return TapeRead(items, len(data) - end)


def _opened(path: Path) -> tuple[BinaryIO, int]:
    """Open *path* to add frames; return it and how many bytes at its end were no frame."""
    file = path.open("a+b", buffering=0)
    try:
        file.seek(0)
        data = file.read()
        if not data:
            file.write(_FIRST_LINE)
            return cast(BinaryIO, file), 0
        _require_ours(path, data)
        whole = max((end for _, end in _frames(data)), default=len(_FIRST_LINE))
        file.truncate(whole)
    except (OSError, DataError):
        file.close()
        raise
    return cast(BinaryIO, file), len(data) - whole


def _require_ours(path: Path, data: bytes) -> None:
    if not data.startswith(_FIRST_LINE):
        raise DataError(f"{path}: is no event tape of this swingbreak's; move it away")


def _frames(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each whole frame's content starts and ends."""
    at = len(_FIRST_LINE)
    while at + _FRAME.size <= len(data):
        length, crc = _FRAME.unpack_from(data, at)
        start, end = at + _FRAME.size, at + _FRAME.size + length
        if end > len(data) or zlib.crc32(data[start:end]) != crc:
            return
        yield start, end
        at = end


def _item(where: str, frame: bytes) -> Told:
    try:
        name, body = msgspec.msgpack.decode(frame, type=tuple[str, msgspec.Raw])
        if name == "ProcessBegan":
            return _began(msgspec.msgpack.decode(body))
        if name == "AccountSeen":
            return _look(msgspec.msgpack.decode(body))
        return cast(Told, msgspec.msgpack.decode(body, type=_ITEMS[name]))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{where}: this swingbreak cannot read it ({error}); use the one that wrote it"
        ) from error


def _plain_look(seen: AccountSeen) -> dict[str, object]:
    found = [(type(each).__name__, each) for each in seen.discrepancies]
    return {"at": seen.at, "discrepancies": found, "unread": seen.unread}


def _look(plain: dict[str, Any]) -> AccountSeen:
    found = (msgspec.convert(body, _DISCREPANCIES[name]) for name, body in plain["discrepancies"])
    return AccountSeen(plain["at"], tuple(found), plain["unread"])


def _plain(began: ProcessBegan) -> dict[str, object]:
    terms = began.terms
    own = {field.name: getattr(began, field.name) for field in fields(began)}
    rates = terms.rates
    return {
        **own,
        "terms": {
            "session": terms.session,
            "contracts": terms.contracts,
            "parameters": terms.parameters,
            "rates": {
                "exchange": rates.exchange,
                "day": rates.day,
                "rates": rates.rates,
                "taxed": sorted(rates.taxed),
            },
            "window": terms.window,
        },
    }


def _began(plain: dict[str, Any]) -> ProcessBegan:
    terms = plain.pop("terms")
    rates = terms["rates"]
    return ProcessBegan(
        terms=DayTerms(
            msgspec.convert(terms["session"], Session),
            msgspec.convert(terms["contracts"], tuple[OptionContract, ...]),
            msgspec.convert(terms["parameters"], Parameters),
            ChargeRates(
                rates["exchange"],
                date.fromisoformat(rates["day"]),
                msgspec.convert(rates["rates"], tuple[ChargeRate, ...]),
                rates["taxed"],
            ),
            # tapes from before there was one follow all
            msgspec.convert(terms.get("window"), Window | None),
        ),
        **plain,
    )
