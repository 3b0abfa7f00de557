"""Verifies a ledger: its own chain, and what the day's tapes and logs noted of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from swingbreak.adapters.event_tape import read_tape
from swingbreak.adapters.sqlite.audit import Audit, audit
from swingbreak.adapters.sqlite.database import open_reader
from swingbreak.adapters.sqlite.ledger import Head
from swingbreak.bootstrap.taping import HEAD_NOTED
from swingbreak.domain.errors import DataError
from swingbreak.engine.told import RowsKept

__all__ = ["Note", "Verified", "verify_ledger"]


class Note(NamedTuple):
    """The ledger's last row as it once was, and who noted it."""

    head: Head
    where: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What is known of a ledger now.

    Attributes:
        path: The database.
        audit: Of its chain.
        notes: How many notes of its head were found elsewhere.
        last: The latest of them; ``None`` where there is none.
        denied: The earliest note that the ledger denies; ``None`` where it bears all of them out.
        unread: Tapes that could not be read, and why.
    """

    path: Path
    audit: Audit
    notes: int
    last: Note | None
    denied: Note | None
    unread: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every row is as it was kept, as far as anybody can tell."""
        return self.audit.first is None and self.denied is None

    @property
    def finding(self) -> str:
        """What was found, in a sentence."""
        if self.audit.first is not None:
            return self.audit.first.what
        if self.denied is None:
            return "every row is as it was kept"
        seq, where = self.denied.head.seq, self.denied.where
        head = self.audit.head
        if seq > head.seq:
            gone = f"row {seq} is" if seq == head.seq + 1 else f"rows {head.seq + 1} to {seq} are"
            return f"{gone} missing from the end: {where} knows of row {seq}"
        return (
            f"the ledger was written anew: row {seq} is not the one that {where} knows of, "
            "though the chain fits"
        )

    @property
    def doubt(self) -> str:
        """What cannot be known of its end, in a sentence; empty where nothing is in doubt."""
        noted = self.last.head.seq if self.last else 0
        if noted >= self.audit.head.seq:
            return ""
        return (
            f"nothing but the ledger knows of rows after {noted}: those that were removed behind "
            f"row {self.audit.head.seq} would not be missed"
        )


def verify_ledger(database: Path, *, noted: Head | None = None) -> Verified:
    """Verify the ledger in *database*.

    Args:
        database: The file; tapes and logs are looked for beside it.
        noted: A head that somebody wrote down.

    Raises:
        DataError: There is no such file.
        LedgerError: It cannot be read.
    """
    if not database.exists():
        raise DataError(f"{database}: is not there; give --state-dir, or the database itself")
    with open_reader(database) as reader:
        found = audit(reader)
    unread: list[str] = []
    notes = [*_notes_of_tapes(database.parent, unread), *_notes_of_logs(database.parent)]
    if noted is not None:
        notes.append(Note(noted, "the head that you gave"))
    denied = [note for note in notes if not _bears_out(found, note.head)]
    return Verified(
        database,
        found,
        len(notes),
        max(notes, key=_seq, default=None),
        min(denied, key=_seq, default=None),
        tuple(unread),
    )


def _seq(note: Note) -> int:
    return note.head.seq


def _bears_out(found: Audit, head: Head) -> bool:
    # a head may be given short, as it is printed
    return not head.seq or found.links.get(head.seq, "").startswith(head.link or "-")


def _notes_of_tapes(folder: Path, unread: list[str]) -> Iterator[Note]:
    for path in sorted((folder / "events").glob("*.tape")):
        try:
            items = read_tape(path).items
        except DataError as error:
            unread.append(str(error))
            continue
        for item in items:
            if isinstance(item, RowsKept):
                yield Note(Head(item.seq, item.link), f"{path.parent.name}/{path.name}")


def _notes_of_logs(folder: Path) -> Iterator[Note]:
    for path in sorted((folder / "logs").glob("*.log")):
        for line in _lines(path):
            yield Note(Head(line["seq"], line["link"]), f"{path.parent.name}/{path.name}")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if HEAD_NOTED in line:
                try:
                    told = json.loads(line)
                except ValueError:
                    continue  # the end of a line may be lost with the power
                if told.get("event") == HEAD_NOTED:
                    yield told
